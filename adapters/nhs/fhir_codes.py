"""The codes that the FHIR adapter reads, as tables. A feed's options add to those of concern.

Source: FHIR R4 (name-use, address-use, administrative-gender, contact-point-system); HL7 v3 RoleCode and
Confidentiality; SNOMED CT UK edition; BaRS flag categories and safeguarding codes; UK Core.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from adapters.nhs.hl7_codes import CONCERN_FAMILIES
from adapters.nhs.hl7_codes import CONCERNS as SHARED_CONCERNS
from schemas.persons import NameUse, Sex
from schemas.vocabulary import Concern

NHS_SYSTEMS = ("fhir.nhs.uk/id/nhs-number", "fhir.nhs.net/id/nhs-number", "2.16.840.1.113883.2.1.4.1")
"""How the system of an NHS number ends, in lower case."""
ODS_SYSTEMS = ("fhir.nhs.uk/id/ods-organization-code", "fhir.nhs.net/id/ods-organization-code")
VERIFIED = ("number-present-and-verified", "01")
"""Codes of the verification status that mean that the number was traced."""

SEX: Mapping[str, Sex] = {"other": Sex.INDETERMINATE}
"""AdministrativeGender, beside the words that every adapter reads."""
NAME_USE: Mapping[str, NameUse] = {
    "official": NameUse.OFFICIAL,
    "usual": NameUse.PREFERRED,
    "nickname": NameUse.ALIAS,
    "anonymous": NameUse.ALIAS,
    "temp": NameUse.ALIAS,
    "old": NameUse.FORMER,
    "maiden": NameUse.FORMER,
}
ADDRESS_USE: Mapping[str, str] = {"home": "home", "temp": "temporary", "old": "former", "billing": "mailing"}
ADDRESS_USE_OTHER = "other"
CONTACT_SYSTEM: Mapping[str, str] = {"phone": "phone", "sms": "phone", "email": "email"}

RELATIONS: Mapping[str, str] = {
    "MTH": "mother",
    "NMTH": "mother",
    "GESTM": "mother",
    "FTH": "father",
    "NFTH": "father",
    "PRN": "parent",
    "STPPRN": "step-parent",
    "STPMTH": "stepmother",
    "STPFTH": "stepfather",
    "PRNFOST": "foster parent",
    "GUARD": "guardian",
    "GRPRN": "grandparent",
    "GRMTH": "grandmother",
    "GRFTH": "grandfather",
    "SIB": "sibling",
    "BRO": "brother",
    "SIS": "sister",
    "HSIB": "half-sibling",
    "CHILD": "child",
    "NCHILD": "child",
    "SON": "son",
    "DAU": "daughter",
    "STPCHLD": "stepchild",
    "CHLDFOST": "foster child",
    "GRNDCHILD": "grandchild",
    "SPS": "spouse",
    "HUSB": "husband",
    "WIFE": "wife",
    "DOMPART": "partner",
    "SIGOTHR": "partner",
    "AUNT": "aunt",
    "UNCLE": "uncle",
    "FRND": "friend",
    "NBOR": "neighbour",
    "EP": "emergency contact",
    "ECON": "emergency contact",
    "NOK": "next of kin",
    "N": "next of kin",
    "U": "unknown",
    "C": "emergency contact",
}
"""Relationships whose code came without words. Numbers of national lists are not read without their words."""
SELF = ("ONESELF", "SELF")
MOTHERS = ("mother", "birth mother", "natural mother", "gestational mother")
SIBLINGS = ("sibling", "brother", "sister", "half-sibling", "half sibling", "half-brother", "half-sister")
CHILDREN = ("child", "natural child", "son", "daughter", "stepchild", "foster child", "grandchild", "adopted child")
RESPONSIBLE = "parental responsibility"

CONCERNS: Mapping[str, tuple[Concern, ...]] = {
    **SHARED_CONCERNS,
    "104586100000100": (Concern.TRAFFICKING,),  # as the BaRS list spells it
    "1045861000000100": (Concern.TRAFFICKING,),
    "1054321000000100": (Concern.FORCED_MARRIAGE,),
    "1076171000000100": (),  # a carer's behaviour
    "129707006": (),  # at risk of violence to others
    "162591001": (Concern.DRUGS,),
    "162596006": (),  # suspected victim of child abuse, of no one kind
    "224353004": (),  # child protection finding
    "248054003": (),  # self-neglect
    "287351000000105": (Concern.DRUGS,),
    "293161000000103": (Concern.DRUGS,),
    "297591000000108": (Concern.SEXUAL,),
    "300731000000106": (),  # the family is cause for concern
    "375041000000100": (),  # a family member has a child protection plan
    "401206008": (Concern.SELF_HARM,),
    "415685003": (Concern.DRUGS,),
    "416936003": (Concern.PHYSICAL,),
    "417361000": (Concern.SEXUAL,),
    "417427001": (),  # discriminatory abuse
    "417430008": (),  # a vulnerable adult
    "449889006": (),  # delay in seeking medical advice
    "697949003": (Concern.PHYSICAL,),
    "697950003": (Concern.DOMESTIC_ABUSE,),
    "697951004": (Concern.EMOTIONAL,),
    "700253008": (Concern.SEXUAL,),
    "700254002": (Concern.SEXUAL,),
    "700255001": (Concern.PHYSICAL,),
    "702579009": (Concern.SEXUAL,),
    "702953007": (Concern.NEGLECT,),
    "707087005": (Concern.DOMESTIC_ABUSE,),
    "713201008": (Concern.FGM,),
    "736792008": (),  # honour-based violence, which may be several of ours
    "761571000000106": (),  # financial abuse
    "766969008": (Concern.RADICALISATION,),
    "771385008": (),  # bullying
    "771983008": (Concern.EMOTIONAL,),
    "771984002": (Concern.EMOTIONAL,),
    "777996001": (),  # abuse of no one kind
    "826931000000104": (),  # a frequent attender of an emergency department
    "836881000000105": (),  # the child is cause for concern
    "838481000000106": (),  # institutional abuse
    "864491000000105": (),  # has a child with a child protection plan
    "881081000000100": (Concern.DOMESTIC_ABUSE,),
}
"""SNOMED CT codes that make a message a concern, with their categories of ours, wherever they stand."""


def categories_of(code: str, options: Mapping[str, object]) -> tuple[Concern, ...] | None:
    """The categories that a code stands for, none for a concern without one, None for no concern.

    A feed's option ``concern_codes`` goes first; codes of ICD-10 are read as in HL7 v2.
    """
    configured = options.get("concern_codes")
    if isinstance(configured, Mapping) and code in configured:
        named = str(configured[code])
        return (Concern(named),) if named in tuple(Concern) else ()
    if code in CONCERNS:
        return CONCERNS[code]
    for pattern, given in CONCERN_FAMILIES.get(code[:1], ()):
        if pattern.fullmatch(code):
            return given
    return None


NEGATIVE = frozenset({"861931000000100"})
"""No safeguarding issues identified: a concept with this code raises nothing, whatever its words are."""
SAFEGUARDING_CATEGORY = "SG"
"""Category of a Flag that is about safeguarding (BaRS)."""
UNBORN = frozenset({"878111000000109", "818901000000100"})
"""The concern, or the plan, is about an unborn child."""
DUE_DATES = frozenset({"11778-8", "11779-6", "11780-4", "161714006"})
"""Observation.code of an estimated date of delivery: LOINC and SNOMED CT."""


class Plan(NamedTuple):
    """What a child is subject to. ``codes`` name it, or words that fit ``pattern``."""

    codes: frozenset[str]
    pattern: re.Pattern[str]
    words: str
    grave: bool
    unborn: bool = False


PLANS = (
    Plan(
        frozenset({"818901000000100"}),
        re.compile(r"\bunborn\b.*\bplan\b|\bunborn child protection\b", re.IGNORECASE),
        "unborn child protection plan",
        grave=True,
        unborn=True,
    ),
    Plan(
        frozenset({"764841000000100"}),
        re.compile(r"\blooked[- ]after\b", re.IGNORECASE),
        "looked after child",
        grave=False,
    ),
    Plan(
        frozenset({"342191000000101"}),
        re.compile(r"^(?!.*\b(family member|has child)\b).*\bchild protection plan\b", re.IGNORECASE),
        "child protection plan",
        grave=True,
    ),
    Plan(
        frozenset({"CP-IS", "child-protection-information-system-flag"}),
        re.compile(r"\bcp-?is\b|\bchild protection\W+information\b", re.IGNORECASE),
        "known to Child Protection Information Sharing",
        grave=True,
    ),
)
"""Plans of Child Protection - Information Sharing, the most telling first. A grave one in force is a concern."""
PLAN_TYPES = ("CareTeam", "CarePlan", "Flag", "EpisodeOfCare", "Condition")

OVER: Mapping[str, frozenset[str]] = {
    "Flag": frozenset({"inactive", "entered-in-error"}),
    "CarePlan": frozenset({"completed", "revoked", "entered-in-error"}),
    "CareTeam": frozenset({"inactive", "entered-in-error"}),
    "EpisodeOfCare": frozenset({"finished", "cancelled", "entered-in-error"}),
    "Observation": frozenset({"cancelled", "entered-in-error"}),
    "Communication": frozenset({"not-done", "entered-in-error"}),
    "CommunicationRequest": frozenset({"revoked", "entered-in-error"}),
    "ServiceRequest": frozenset({"revoked", "entered-in-error"}),
    "Task": frozenset({"rejected", "cancelled", "entered-in-error"}),
    "Condition": frozenset({"refuted", "entered-in-error"}),
}
"""The status (of a Condition: verificationStatus) with which a resource no longer says what it says."""

ASKING = ("ServiceRequest", "Communication", "CommunicationRequest", "Task")
"""Types that ask the hub to act, or tell it something in words."""
CLINICAL = ("Encounter", "Condition", "Observation", "Procedure", "Immunization", "AllergyIntolerance", "CarePlan")
PEOPLE = ("Patient", "RelatedPerson", "Person", "Practitioner", "PractitionerRole", "Organization")

OPEN_LABELS = frozenset({"U", "L", "M", "N", "SUBSETTED", "HTEST", "TREAT", "HPAYMT", "HOPERAT"})
"""Security labels that restrict nothing. Any other does: doubt protects."""
RESTRICTING = re.compile(r"confidential|nondisclosure|non-disclosure|sensitiv|restrict|hiddenlocation|hidden-location")
"""Last parts of an extension's url, in lower case, that say that what it stands in must not be told."""
PERSONAL = ("Bundle", "MessageHeader", "Patient", "RelatedPerson", "Person", "Location")
"""Types that hold where somebody is: a label that restricts one hides its location too."""
