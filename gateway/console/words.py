"""The field's own lists in plain words. What is not named here says its own name, with spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from routing.lifecycle import ProductState, ReferralState, RequestState
from schemas.identifiers import IdentifierKind
from schemas.vocabulary import Concern, DataCategory, LegalGround, Outcome, Rating, RefusalReason, ReplyDecision, Role

_BASE32 = 8
_NHS_DIGITS = 10
CONCERNS: Mapping[str, str] = {
    Concern.FGM: "Female genital mutilation (FGM)",
    Concern.CHILD_SEXUAL_EXPLOITATION: "Child sexual exploitation",
    Concern.MENTAL_HEALTH_CRISIS: "Mental-health crisis",
    Concern.SELF_HARM: "Self-harm",
}
OUTCOMES: Mapping[str, str] = {
    Outcome.SECTION_47: "Section 47 enquiry",
    Outcome.SECTION_17: "Section 17 assessment",
    Outcome.PRE_BIRTH_ASSESSMENT: "Pre-birth assessment",
}
GROUNDS: Mapping[str, str] = {
    LegalGround.LEGAL_OBLIGATION: "Legal obligation (UK GDPR article 6(1)(c))",
    LegalGround.PUBLIC_TASK: "Public task (UK GDPR article 6(1)(e))",
    LegalGround.CHILDREN_ACT_1989_S17: "Children Act 1989, section 17: children in need",
    LegalGround.CHILDREN_ACT_1989_S47: "Children Act 1989, section 47: duty to investigate",
    LegalGround.CHILDREN_ACT_2004_S10: "Children Act 2004, section 10: co-operation",
    LegalGround.CHILDREN_ACT_2004_S11: "Children Act 2004, section 11: safeguarding",
    LegalGround.CHILDREN_ACT_2004_S16LA: "Children Act 2004, section 16LA: duty to disclose",
    LegalGround.CRIME_AND_DISORDER_ACT_1998_S115: "Crime and Disorder Act 1998, section 115",
    LegalGround.CONSENT: "Consent",
    LegalGround.PUBLIC_INTEREST: "Public-interest override",
}
REASONS: Mapping[str, str] = {
    RefusalReason.MORE_DETRIMENTAL: "Disclosing would be more detrimental to the child",
    RefusalReason.NOT_BEST_INTERESTS: "Not in the child's best interests",
    RefusalReason.LIVE_INVESTIGATION: "A live police investigation",
    RefusalReason.IDENTITY_PROTECTION: "Somebody's identity must be protected",
    RefusalReason.NOT_RELEVANT: "Not relevant",
    RefusalReason.EXCESSIVE_REQUEST: "More is asked than is needed",
    RefusalReason.THIRD_PARTY: "It is about a third party",
    RefusalReason.SOURCE_PROTECTION: "A source must be protected",
    RefusalReason.PRIVILEGE: "Legal privilege",
    RefusalReason.WRONG_OWNER: "We do not own this information",
}
CATEGORIES: Mapping[str, str] = {
    DataCategory.REPLY_REASONS: "Reasons of the reply",
    DataCategory.HEALTH_MENTAL: "Mental health",
    DataCategory.HEALTH_HISTORY: "Health history",
}
DECISIONS: Mapping[str, str] = {
    ReplyDecision.DISCLOSE: "Disclosed",
    ReplyDecision.PARTIAL: "Disclosed in part",
    ReplyDecision.REFUSE: "Refused",
    ReplyDecision.NOTHING_HELD: "Nothing held",
    ReplyDecision.CLARIFY: "Asks what is meant",
}
REFERRAL_STATES: Mapping[str, str] = {
    ReferralState.RECEIVED: "Received",
    ReferralState.PRODUCT_SENT: "Product sent",
}
REQUEST_STATES: Mapping[str, str] = {
    RequestState.ASKED: "Asked",
    RequestState.ANSWERED: "Answered",
    RequestState.OVERDUE: "Overdue",
    RequestState.WITHDRAWN: "Withdrawn",
}
PRODUCT_STATES: Mapping[str, str] = {ProductState.SENT: "Sent", ProductState.ACTED_ON: "Acted on"}
ALARMS: Mapping[str, str] = {
    "unrated": "Not rated in time",
    "decision_overdue": "The decision is overdue",
    "request_overdue": "A reply is overdue",
    "product_unaccepted": "A product waits for somebody to accept it",
    "break_glass": "Somebody else's manager looked in: review it",
}
ROLES: Mapping[str, str] = {
    Role.SOCIAL_WORK_MANAGER: "Social work manager",
    Role.PROFESSIONAL_LEAD: "Professional lead",
}
IDENTIFIERS: Mapping[str, str] = {
    IdentifierKind.NHS: "NHS number",
    IdentifierKind.UPN: "UPN",
    IdentifierKind.PNC: "PNC id",
    IdentifierKind.CRO: "CRO number",
    IdentifierKind.CRN: "CRN",
    IdentifierKind.NOMS: "NOMS number",
    IdentifierKind.LOCAL: "Number with the sender",
}
RATINGS: Mapping[str, str] = {Rating.RED: "Red", Rating.AMBER: "Amber", Rating.GREEN: "Green", Rating.BLUE: "Blue"}


def _speaker(named: Mapping[str, str]) -> Callable[[str], str]:
    def spoken(value: str) -> str:
        return named.get(value) or str(value).replace("_", " ").capitalize()

    return spoken


def reference(name: str) -> str:
    """A name as people read it out: the first eight letters of its random part, such as 7K3M-Q2XA."""
    letters = name.partition("_")[2][:_BASE32].upper()
    return f"{letters[:4]}-{letters[4:]}"


def long_day(value: date | str) -> str:
    """A date of a person's record in words; a partial one (a year, a month) as far as it goes."""
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if not value:
        return ""
    parts = value.split("-")
    if len(parts) == 3:
        return long_day(date.fromisoformat(value))
    return f"{date(int(parts[0]), int(parts[1]), 1):%B %Y}" if len(parts) == 2 else value


def identifier(kind: str, value: str) -> tuple[str, str]:
    """What a number is called, and the number as people read it out: NHS numbers in groups."""
    if kind == IdentifierKind.NHS and len(value) == _NHS_DIGITS:
        return "NHS number", f"{value[:3]} {value[3:6]} {value[6:]}"
    return IDENTIFIERS.get(kind) or kind.replace("_", " ").capitalize(), value


FILTERS: Mapping[str, Callable[..., str]] = {
    "concern": _speaker(CONCERNS),
    "outcome": _speaker(OUTCOMES),
    "ground": _speaker(GROUNDS),
    "refusal_reason": _speaker(REASONS),
    "category": _speaker(CATEGORIES),
    "decision": _speaker(DECISIONS),
    "referral_state": _speaker(REFERRAL_STATES),
    "request_state": _speaker(REQUEST_STATES),
    "product_state": _speaker(PRODUCT_STATES),
    "alarm": _speaker(ALARMS),
    "role": _speaker(ROLES),
    "rating": _speaker(RATINGS),
}
"""What templates say of each list."""
