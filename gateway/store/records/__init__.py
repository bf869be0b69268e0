"""What the store keeps, as values: opaque ids, keyed hashes, times, states, and bytes that were sealed before.

Every time is an aware datetime in UTC, to the microsecond. Every field named ``sealed``, or ending in it, is
ciphertext. Nothing personal stands in any other field: ids are opaque, hashes are keyed, people who act are named by
the subject of their sign-in.
"""

from gateway.store.records.casework import (
    AlarmRecord,
    AlertRecord,
    BreakGlassRecord,
    DecisionRecord,
    FeedbackRecord,
    RatingRecord,
    ReasonRecord,
    ScreeningRecord,
    SuggestionRecord,
)
from gateway.store.records.console import DraftRecord, SessionRecord, SubmissionRecord
from gateway.store.records.details import DetailRecord, DetailState
from gateway.store.records.envelopes import EnvelopeRecord, EnvelopeState, MailboxRecord, OutboxRecord
from gateway.store.records.erasures import DueRecord, ErasureRecord, HoldRecord
from gateway.store.records.exchange import DisclosureRecord, ProductRecord, ReleaseRecord, RequestRecord
from gateway.store.records.identities import AgencyKeyRow, AgencyRow, ClientRow, TrustListRow
from gateway.store.records.keys import KeyRow, ScopeKey
from gateway.store.records.log import CheckpointRecord, CosignatureRecord, LogRecord
from gateway.store.records.messages import (
    EndState,
    Fate,
    FeedCounts,
    ItemRecord,
    MessageOutline,
    MessageRecord,
    RefusalCount,
)
from gateway.store.records.notices import NoticeRecord
from gateway.store.records.openings import Openable, Subject
from gateway.store.records.persons import (
    How,
    LinkRecord,
    MergeRecord,
    MergeState,
    PastNotification,
    PersonRecord,
    RecallRecord,
)
from gateway.store.records.referrals import PersonReferral, ReferralPerson, ReferralRecord
from gateway.store.records.replays import ReplayMessage, ReplayRecord
from gateway.store.records.research import PlaceKind, ReidentificationRecord, TracePlace, TraceRead, TraceRecord
from gateway.store.records.subjects import AccessRecord, AnnotationRecord
from gateway.store.records.timing import (
    AcceptedProduct,
    ChaseRecord,
    ConfigurationRecord,
    EscalationRecord,
    StandingAlarm,
    StepFacts,
    WaitingRequest,
)

__all__ = [
    "AcceptedProduct",
    "AccessRecord",
    "AgencyKeyRow",
    "AgencyRow",
    "AlarmRecord",
    "AlertRecord",
    "AnnotationRecord",
    "BreakGlassRecord",
    "ChaseRecord",
    "CheckpointRecord",
    "ClientRow",
    "ConfigurationRecord",
    "CosignatureRecord",
    "DecisionRecord",
    "DetailRecord",
    "DetailState",
    "DisclosureRecord",
    "DraftRecord",
    "DueRecord",
    "EndState",
    "EnvelopeRecord",
    "EnvelopeState",
    "ErasureRecord",
    "EscalationRecord",
    "Fate",
    "FeedCounts",
    "FeedbackRecord",
    "HoldRecord",
    "How",
    "ItemRecord",
    "KeyRow",
    "LinkRecord",
    "LogRecord",
    "MailboxRecord",
    "MergeRecord",
    "MergeState",
    "MessageOutline",
    "MessageRecord",
    "NoticeRecord",
    "Openable",
    "OutboxRecord",
    "PastNotification",
    "PersonRecord",
    "PersonReferral",
    "PlaceKind",
    "ProductRecord",
    "RatingRecord",
    "ReasonRecord",
    "RecallRecord",
    "ReferralPerson",
    "ReferralRecord",
    "RefusalCount",
    "ReidentificationRecord",
    "ReleaseRecord",
    "ReplayMessage",
    "ReplayRecord",
    "RequestRecord",
    "ScopeKey",
    "ScreeningRecord",
    "SessionRecord",
    "StandingAlarm",
    "StepFacts",
    "Subject",
    "SubmissionRecord",
    "SuggestionRecord",
    "TracePlace",
    "TraceRead",
    "TraceRecord",
    "TrustListRow",
    "WaitingRequest",
]
