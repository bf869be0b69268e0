"""What each role may do through any of the hub's doors: rows, and nothing beyond them.

A permission opens a door, not a drawer: what of a case is shown behind it is cut again by ``need_to_know``, and
whether the case is the caller's own is checked by whoever knows the case.
Source: the hub's roles and what each may see; core components 2, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import Refused
from schemas.vocabulary import Role


class Action(StrEnum):
    """Everything that somebody may ask of the hub."""

    # A referrer
    NOTIFY = "notify"
    READ_MESSAGE_FATE = "read_message_fate"
    READ_OWN_SUBMISSION = "read_own_submission"
    READ_OWN_OUTCOME = "read_own_outcome"
    TAKE_CALL = "take_call"
    # A referral
    LIST_REFERRALS = "list_referrals"
    READ_REFERRAL = "read_referral"
    READ_IDENTITIES = "read_identities"
    READ_NARRATIVES = "read_narratives"
    READ_REPLY_STATUS = "read_reply_status"
    READ_ALERTS = "read_alerts"
    READ_ALARMS = "read_alarms"
    READ_WHO_LOOKED = "read_who_looked"
    IDENTIFY = "identify"
    REVIEW_LINKS = "review_links"
    SEPARATE_PERSONS = "separate_persons"
    SCREEN = "screen"
    RATE = "rate"
    REQUEST = "request"
    WITHDRAW_REQUEST = "withdraw_request"
    VIEW_DISCLOSURES = "view_disclosures"
    DECIDE = "decide"
    ASSEMBLE_PRODUCT = "assemble_product"
    SEND_PRODUCT = "send_product"
    SEND_FEEDBACK = "send_feedback"
    CLOSE = "close"
    REOPEN = "reopen"
    BREAK_GLASS = "break_glass"
    REVIEW_BREAK_GLASS = "review_break_glass"
    # An owner of information
    READ_OWN_REQUESTS = "read_own_requests"
    READ_OWN_DISCLOSURES = "read_own_disclosures"
    ANSWER = "answer"
    RELEASE = "release"
    # A recipient
    READ_MAILBOX = "read_mailbox"
    OPEN_ENVELOPE = "open_envelope"
    READ_PRODUCT = "read_product"
    ACCEPT_PRODUCT = "accept_product"
    REVOKE_ENVELOPE = "revoke_envelope"
    REISSUE_ENVELOPE = "reissue_envelope"
    # Research
    READ_LINKS = "read_links"
    ASK_REIDENTIFICATION = "ask_reidentification"
    APPROVE_REIDENTIFICATION = "approve_reidentification"
    READ_METRICS = "read_metrics"
    # Feeds
    READ_FEEDS_STATUS = "read_feeds_status"
    READ_QUARANTINE = "read_quarantine"
    REPLAY = "replay"
    SAMPLE_NO_CONCERN = "sample_no_concern"
    # Trust
    LIST_AGENCIES = "list_agencies"
    ENROL_AGENCY = "enrol_agency"
    SUSPEND_AGENCY = "suspend_agency"
    LIST_KEYS = "list_keys"
    ROTATE_KEYS = "rotate_keys"
    REVOKE_KEYS = "revoke_keys"
    DRILL_KEYS = "drill_keys"
    READ_SECURITY_ALARMS = "read_security_alarms"
    CLEAR_SECURITY_ALARM = "clear_security_alarm"
    # Retention
    READ_DUE = "read_due"
    ERASE = "erase"
    # Data subjects
    ANSWER_SUBJECT = "answer_subject"
    ANNOTATE = "annotate"
    # Account
    READ_EVENTS = "read_events"
    VERIFY_LOG = "verify_log"
    EXPORT_LOG = "export_log"
    READ_CONFORMANCE = "read_conformance"
    EXPLAIN_POLICY = "explain_policy"
    # The installation
    BACK_UP = "back_up"
    READ_CONFIGURATION = "read_configuration"


@dataclass(frozen=True, kw_only=True)
class Permission:
    """These roles may do these things, for this reason."""

    roles: frozenset[Role]
    actions: tuple[Action, ...]
    because: str


def _row(roles: Collection[Role], actions: Collection[Action], because: str) -> Permission:
    return Permission(roles=frozenset(roles), actions=tuple(actions), because=because)


_R, _A = Role, Action
_DESK = (_R.COORDINATOR, _R.SCREENING_OFFICER, _R.SOCIAL_WORK_MANAGER)
_SCREENERS = (_R.SCREENING_OFFICER, _R.SOCIAL_WORK_MANAGER)

# fmt: off
PERMISSIONS: tuple[Permission, ...] = (
    _row((_R.REFERRER, _R.PROFESSIONAL_LEAD), (_A.NOTIFY, _A.READ_OWN_SUBMISSION, _A.READ_OWN_OUTCOME),
         "whoever notifies knows what was said and hears the outcome"),
    _row((_R.REFERRER, _R.PROFESSIONAL_LEAD, _R.INTEGRATION_ENGINEER), (_A.READ_MESSAGE_FATE,),
         "a sender learns what became of a message; an engineer mends what failed"),
    _row(_DESK, (_A.LIST_REFERRALS, _A.READ_REFERRAL, _A.READ_IDENTITIES, _A.READ_REPLY_STATUS, _A.IDENTIFY,
                 _A.READ_ALARMS),
         "the desk keeps the process moving: metadata, identities and reply status"),
    _row(_DESK, (_A.TAKE_CALL,),
         "whoever has no system rings; what they say goes through the same front door"),
    _row(_SCREENERS, (_A.READ_NARRATIVES, _A.SCREEN, _A.READ_ALERTS, _A.REVIEW_LINKS, _A.SAMPLE_NO_CONCERN),
         "screening reads what was notified, its history and its repeats"),
    _row((_R.SOCIAL_WORK_MANAGER,), (_A.RATE, _A.DECIDE),
         "core component 4: only a social work manager rates and decides"),
    _row((_R.SOCIAL_WORK_MANAGER,), (_A.REQUEST, _A.WITHDRAW_REQUEST, _A.VIEW_DISCLOSURES, _A.ASSEMBLE_PRODUCT,
                                     _A.SEND_PRODUCT, _A.READ_PRODUCT, _A.SEND_FEEDBACK, _A.CLOSE, _A.REOPEN,
                                     _A.REISSUE_ENVELOPE, _A.APPROVE_REIDENTIFICATION),
         "the manager of a case carries it"),
    _row((_R.SOCIAL_WORK_MANAGER,), (_A.SEPARATE_PERSONS,),
         "a wrong link showed one family to another's readers: who carries cases takes it back"),
    _row((_R.SOCIAL_WORK_MANAGER,), (_A.BREAK_GLASS, _A.REVIEW_BREAK_GLASS),
         "a child does not wait for the manager of the case; another manager looks at why, never the same one"),
    _row((_R.PROFESSIONAL_LEAD,), (_A.READ_OWN_REQUESTS, _A.READ_OWN_DISCLOSURES, _A.ANSWER, _A.RELEASE),
         "core component 2: the owner decides what is shared"),
    _row((_R.RECEIVING_TEAM,), (_A.READ_PRODUCT, _A.ACCEPT_PRODUCT),
         "the receiving team sees the product alone"),
    _row((_R.REFERRER, _R.PROFESSIONAL_LEAD, _R.SOCIAL_WORK_MANAGER, _R.RECEIVING_TEAM),
         (_A.READ_MAILBOX, _A.OPEN_ENVELOPE),
         "these are sent envelopes"),
    _row((_R.SOCIAL_WORK_MANAGER, _R.SECURITY_OFFICER), (_A.REVOKE_ENVELOPE,),
         "a mistake or a breach is stopped by whoever sees it first"),
    _row((_R.ANALYST,), (_A.READ_LINKS, _A.ASK_REIDENTIFICATION),
         "research works on pseudonyms"),
    _row((_R.ANALYST, _R.SOCIAL_WORK_MANAGER, _R.AUDITOR), (_A.READ_METRICS,),
         "figures name nobody"),
    _row((_R.INTEGRATION_ENGINEER,), (_A.READ_QUARANTINE, _A.REPLAY),
         "structure and errors of messages, no case contents"),
    _row((_R.INTEGRATION_ENGINEER, _R.ADMINISTRATOR), (_A.READ_FEEDS_STATUS,),
         "counts and states, no contents"),
    _row((_R.SECURITY_OFFICER,), (_A.ENROL_AGENCY, _A.SUSPEND_AGENCY, _A.LIST_KEYS, _A.ROTATE_KEYS, _A.REVOKE_KEYS,
                                  _A.DRILL_KEYS),
         "keys and trust, no contents"),
    _row((_R.SECURITY_OFFICER, _R.AUDITOR), (_A.READ_SECURITY_ALARMS,),
         "who opened in bulk or broke the glass: names of people and systems, no contents"),
    _row((_R.SECURITY_OFFICER,), (_A.CLEAR_SECURITY_ALARM,),
         "somebody looked at it; an alarm on oneself is another's to clear"),
    _row((_R.SECURITY_OFFICER, _R.ADMINISTRATOR, _R.INTEGRATION_ENGINEER, _R.SOCIAL_WORK_MANAGER),
         (_A.LIST_AGENCIES,),
         "who takes part is no secret inside the hub"),
    _row((_R.SOCIAL_WORK_MANAGER,), (_A.ERASE,),
         "whoever carries cases knows whether one is still needed; two of them erase, by a list of ids"),
    _row((_R.SOCIAL_WORK_MANAGER,), (_A.ANSWER_SUBJECT, _A.ANNOTATE),
         "whether telling would harm a child is a manager's judgement, and a second one's"),
    _row((_R.SOCIAL_WORK_MANAGER, _R.AUDITOR), (_A.READ_DUE,),
         "what is kept for too long is the hub's to answer for: ids and classes, no contents"),
    _row((_R.AUDITOR,), (_A.READ_EVENTS, _A.EXPORT_LOG),
         "events, no contents"),
    _row((_R.AUDITOR,), (_A.EXPLAIN_POLICY,),
         "why somebody may read: the row and its reason, no contents"),
    _row((_R.AUDITOR, _R.SOCIAL_WORK_MANAGER), (_A.READ_WHO_LOOKED,),
         "a hub can show later who saw what, and why"),
    _row((_R.AUDITOR, _R.SECURITY_OFFICER, _R.ADMINISTRATOR), (_A.VERIFY_LOG, _A.READ_CONFORMANCE),
         "anybody who answers for the hub may check it"),
    _row((_R.ADMINISTRATOR,), (_A.BACK_UP, _A.READ_CONFIGURATION),
         "the installation, no contents"),
)
# fmt: on


def permit(action: Action, roles: Role | Collection[Role]) -> None:
    """Return if any of ``roles`` may do ``action``.

    Raises:
        Refused: no row allows it (``permission.denied``).
    """
    held = frozenset({roles}) if isinstance(roles, Role) else frozenset(roles)
    if not held & allowed_roles(action):
        raise Refused("permission.denied", "your role does not do this in this hub", at=action)


def allowed_roles(action: Action) -> frozenset[Role]:
    """Who may do ``action``: nobody, where no row names it."""
    return frozenset(role for row in PERMISSIONS if action in row.actions for role in row.roles)
