"""The field's own lists: what may be said of a notification, a request, a disclosure and an outcome."""

from __future__ import annotations

from enum import StrEnum


class Sector(StrEnum):
    """The kind of agency, which decides the identifiers that it knows first."""

    POLICE = "police"
    HEALTH = "health"
    EDUCATION = "education"
    PROBATION = "probation"
    LOCAL_AUTHORITY = "local_authority"
    HOUSING = "housing"
    YOUTH_JUSTICE = "youth_justice"
    VOLUNTARY = "voluntary"


class Role(StrEnum):
    """Who somebody is to the hub; what each may see stands in ``routing``."""

    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    SCREENING_OFFICER = "screening_officer"
    PROFESSIONAL_LEAD = "professional_lead"
    SOCIAL_WORK_MANAGER = "social_work_manager"
    RECEIVING_TEAM = "receiving_team"
    ANALYST = "analyst"
    INTEGRATION_ENGINEER = "integration_engineer"
    SECURITY_OFFICER = "security_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class ItemKind(StrEnum):
    """What an adapter takes an item for. Doubt means concern."""

    CONCERN = "concern"
    UPDATE = "update"
    CONTEXT = "context"


class Rating(StrEnum):
    """The level of risk, worst first. Blue is used by hubs with a four-step scheme."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    BLUE = "blue"


class Concern(StrEnum):
    """Canonical categories of concern."""

    PHYSICAL = "physical"
    EMOTIONAL = "emotional"
    SEXUAL = "sexual"
    NEGLECT = "neglect"
    DOMESTIC_ABUSE = "domestic_abuse"
    MISSING = "missing"
    CHILD_SEXUAL_EXPLOITATION = "child_sexual_exploitation"
    CRIMINAL_EXPLOITATION = "criminal_exploitation"
    GANGS = "gangs"
    DRUGS = "drugs"
    FORCED_MARRIAGE = "forced_marriage"
    FGM = "fgm"
    MENTAL_HEALTH_CRISIS = "mental_health_crisis"
    SELF_HARM = "self_harm"
    SCHOOL_ATTENDANCE = "school_attendance"
    RADICALISATION = "radicalisation"
    TRAFFICKING = "trafficking"
    ONLINE_HARM = "online_harm"
    UNBORN_CHILD = "unborn_child"
    OTHER = "other"


class Outcome(StrEnum):
    """What a manager may decide; several may hold."""

    IMMEDIATE_PROTECTION = "immediate_protection"
    STRATEGY_DISCUSSION = "strategy_discussion"
    SECTION_47 = "section_47_enquiry"
    SECTION_17 = "section_17_assessment"
    PRE_BIRTH_ASSESSMENT = "pre_birth_assessment"
    EARLY_HELP = "early_help"
    PASS_TO_AGENCY = "pass_to_another_agency"  # noqa: S105 - an outcome, not a password
    EXISTING_WORKER = "existing_worker"
    INFORMATION_AND_ADVICE = "information_and_advice"
    NO_FURTHER_ACTION = "no_further_action"


class LegalGround(StrEnum):
    """Why information may lawfully be asked for or shared."""

    LEGAL_OBLIGATION = "uk_gdpr_art_6_1_c"
    PUBLIC_TASK = "uk_gdpr_art_6_1_e"
    CHILDREN_ACT_1989_S17 = "children_act_1989_s17"
    CHILDREN_ACT_1989_S47 = "children_act_1989_s47"
    CHILDREN_ACT_2004_S10 = "children_act_2004_s10"
    CHILDREN_ACT_2004_S11 = "children_act_2004_s11"
    CHILDREN_ACT_2004_S16LA = "children_act_2004_s16la"
    CRIME_AND_DISORDER_ACT_1998_S115 = "crime_and_disorder_act_1998_s115"
    CONSENT = "consent"
    PUBLIC_INTEREST = "public_interest_override"


class ReplyDecision(StrEnum):
    """What the owner of information answers to a request."""

    DISCLOSE = "disclose"
    PARTIAL = "partial"
    REFUSE = "refuse"
    NOTHING_HELD = "nothing_held"
    CLARIFY = "clarify"


class RefusalReason(StrEnum):
    """Why an owner refuses, in whole or in part."""

    MORE_DETRIMENTAL = "more_detrimental_to_the_child"
    NOT_BEST_INTERESTS = "not_in_the_childs_best_interests"
    LIVE_INVESTIGATION = "live_police_investigation"
    IDENTITY_PROTECTION = "identity_protection"
    NOT_RELEVANT = "not_relevant"
    EXCESSIVE_REQUEST = "excessive_request"
    THIRD_PARTY = "third_party"
    SOURCE_PROTECTION = "source_protection"
    PRIVILEGE = "privilege"
    WRONG_OWNER = "wrong_owner"


class DataCategory(StrEnum):
    """What kind of information a request asks for and a disclosed group holds."""

    IDENTITY = "identity"
    HOUSEHOLD = "household"
    REPLY_REASONS = "reply_reasons"
    POLICE_INTELLIGENCE = "police_intelligence"
    POLICE_CONVICTIONS = "police_convictions"
    POLICE_INCIDENTS = "police_incidents"
    HEALTH_HISTORY = "health_history"
    HEALTH_MENTAL = "health_mental"
    MATERNITY = "maternity"
    EDUCATION_ATTENDANCE = "education_attendance"
    EDUCATION_WELFARE = "education_welfare"
    SOCIAL_CARE_HISTORY = "social_care_history"
    PROBATION_RISK = "probation_risk"
    PROBATION_SUPERVISION = "probation_supervision"
    HOUSING = "housing"


class Datum(StrEnum):
    """What a notification and the record of its people hold, as far as one reader may need it and another not.

    ``local_numbers`` tell which school, surgery or office gave them; ``place`` is where an incident happened;
    ``source`` is who told.
    """

    NAMES = "names"
    NUMBERS = "numbers"
    LOCAL_NUMBERS = "local_numbers"
    ADDRESS = "address"
    CONFIDENTIAL_ADDRESS = "confidential_address"
    CONTACTS = "contacts"
    SCHOOL = "school"
    SURGERY = "surgery"
    NOTES = "notes"
    CONCERN = "concern"
    NARRATIVE = "narrative"
    PLACE = "place"
    SOURCE = "source"


class HandlingMark(StrEnum):
    """What limits who may read: a family in hiding, limited access at the source, a source to be protected."""

    HIDDEN_LOCATION = "hidden_location"
    RESTRICTED = "restricted"
    SOURCE_PROTECTION = "source_protection"


class Marking(StrEnum):
    """Government security classification of what is handled."""

    OFFICIAL = "OFFICIAL"
    OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"


class GlassFinding(StrEnum):
    """What the review of a look into somebody else's case came to."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"
