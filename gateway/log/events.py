"""What the log tells of: one name per event, with what it means.

An entry holds opaque ids, codes, digests and times, never a person's data and never free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """What happened; the ``event`` member of an entry. Names stay: old entries hold them."""

    HUB_STARTED = "hub.started"
    HUB_CONFIGURED = "hub.configured"
    CONFIGURATION_STAGED = "configuration.staged"
    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_DUPLICATE = "message.duplicate"
    MESSAGE_CONFLICT = "message.conflict"
    MESSAGE_QUARANTINED = "message.quarantined"
    MESSAGE_REFUSED = "message.refused"
    MESSAGE_REPLAYED = "message.replayed"
    REPLAY_PROPOSED = "replay.proposed"
    REPLAY_APPROVED = "replay.approved"
    MESSAGE_COMPLETED = "message.completed"
    MESSAGE_DETAIL_PARKED = "message.detail_parked"
    CALLER_REFUSED = "caller.refused"
    REFERRAL_CREATED = "referral.created"
    REFERRAL_JOINED = "referral.joined"
    REFERRAL_VIEWED = "referral.viewed"
    REFERRAL_SCREENED = "referral.screened"
    REFERRAL_PERSON_ADDED = "referral.person_added"
    REFERRAL_LINKED = "referral.linked"
    REFERRAL_ASSIGNED = "referral.assigned"
    REFERRAL_CLOSED = "referral.closed"
    REFERRAL_REOPENED = "referral.reopened"
    PERSON_MERGED = "person.merged"
    PERSON_MERGE_WAITING = "person.merge_waiting"
    PERSON_SEPARATED = "person.separated"
    RATING_SUGGESTED = "rating.suggested"
    RATING_GIVEN = "rating.given"
    RATING_RELAXED = "rating.relaxed"
    ALERT_RAISED = "alert.raised"
    LINKS_VIEWED = "links.viewed"
    REIDENTIFICATION_ASKED = "reidentification.asked"
    REIDENTIFICATION_APPROVED = "reidentification.approved"
    REIDENTIFICATION_VIEWED = "reidentification.viewed"
    METRICS_VIEWED = "metrics.viewed"
    ALARM_RAISED = "alarm.raised"
    ALARM_CLEARED = "alarm.cleared"
    ALARM_ESCALATED = "alarm.escalated"
    REQUEST_PROPOSED = "request.proposed"
    REQUEST_SENT = "request.sent"
    REQUEST_REFUSED = "request.refused"
    REQUEST_CHASED = "request.chased"
    REQUEST_ESCALATED = "request.escalated"
    REQUEST_WITHDRAWN = "request.withdrawn"
    DISCLOSURE_RECEIVED = "disclosure.received"
    DISCLOSURE_REFUSED = "disclosure.refused"
    DISCLOSURE_VIEWED = "disclosure.viewed"
    DISCLOSURE_RELEASED = "disclosure.released"
    DECISION_MADE = "decision.made"
    PRODUCT_PREVIEWED = "product.previewed"
    POLICY_EXPLAINED = "policy.explained"
    POLICY_SIMULATED = "policy.simulated"
    PRODUCT_MADE = "product.made"
    PRODUCT_ACCEPTED = "product.accepted"
    PRODUCT_ACTED_ON = "product.acted_on"
    FEEDBACK_SENT = "feedback.sent"
    ENVELOPE_SEALED = "envelope.sealed"
    ENVELOPE_DELIVERED = "envelope.delivered"
    ENVELOPE_PARKED = "envelope.parked"
    ENVELOPE_OPENED = "envelope.opened"
    ENVELOPE_OPENING_REFUSED = "envelope.opening_refused"
    ENVELOPE_REVOKED = "envelope.revoked"
    ENVELOPE_EXPIRED = "envelope.expired"
    ENVELOPE_REISSUED = "envelope.reissued"
    GLASS_BROKEN = "glass.broken"
    GLASS_REVIEWED = "glass.reviewed"
    VIEW_REFUSED = "view.refused"
    ACTION_REFUSED = "action.refused"
    ACTION_NOT_TAKEN = "action.not_taken"
    KEY_CREATED = "key.created"
    KEY_PROMOTED = "key.promoted"
    KEY_RETIRED = "key.retired"
    KEY_REVOKED = "key.revoked"
    KEY_SUSPENDED = "key.suspended"
    KEY_RESUMED = "key.resumed"
    KEY_DESTROYED = "key.destroyed"
    KEY_TOUCHED = "key.touched"
    KEYS_REWRAPPED = "keys.rewrapped"
    MASTER_MOVED = "master.moved"
    CEREMONY_BEGUN = "ceremony.begun"
    CEREMONY_SHARE_GIVEN = "ceremony.share_given"
    CEREMONY_RESTORED = "ceremony.restored"
    KEYS_REHASHED = "keys.rehashed"
    KEYS_DRILLED = "keys.drilled"
    SCOPE_DESTROYED = "scope.destroyed"
    HOLD_PLACED = "hold.placed"
    HOLD_LIFTED = "hold.lifted"
    ERASURE_DUE = "erasure.due"
    ERASURE_PROPOSED = "erasure.proposed"
    ERASURE_APPROVED = "erasure.approved"
    ERASURE_DONE = "erasure.done"
    ACCESS_ASKED = "access.asked"
    ACCESS_APPROVED = "access.approved"
    ACCESS_EXPORTED = "access.exported"
    ANNOTATION_MADE = "annotation.made"
    AGENCY_ENROLLED = "agency.enrolled"
    AGENCY_KEYS_CHANGED = "agency.keys_changed"
    AGENCY_SUSPENDED = "agency.suspended"
    AGENCY_RESTORED = "agency.restored"
    TRUST_LIST_APPLIED = "trust.list_applied"
    LOG_EXPORTED = "log.exported"
    PERSON_SIGNED_IN = "person.signed_in"
    PERSON_SIGNED_OUT = "person.signed_out"


MEANINGS: Mapping[Event, str] = {
    Event.HUB_STARTED: "A gateway process of this hub started.",
    Event.HUB_CONFIGURED: "A configuration of this digest came into force: at a start, applied, or rolled back to.",
    Event.CONFIGURATION_STAGED: "A configuration of this digest was staged: checked and kept, not in force.",
    Event.MESSAGE_ACCEPTED: "A message was stored and an acceptance was answered.",
    Event.MESSAGE_DUPLICATE: "A message came again with the same bytes and got its first answer again.",
    Event.MESSAGE_CONFLICT: "A message bore the identity of an earlier one and other bytes; it was kept.",
    Event.MESSAGE_QUARANTINED: "A message could not be read; it was kept with the reason, for a person to look at.",
    Event.MESSAGE_REFUSED: "A message from a known sender was refused and not kept.",
    Event.MESSAGE_REPLAYED: "A quarantined message was put through again under its own identity, to this fate.",
    Event.REPLAY_PROPOSED: "Somebody proposed to put several quarantined messages through again.",
    Event.REPLAY_APPROVED: "A second person approved a replay of this list of messages.",
    Event.MESSAGE_COMPLETED: "The detail of a thin message was fetched, and came in as a message of its own.",
    Event.MESSAGE_DETAIL_PARKED: "The detail of a thin message could not be had; it waits for a person.",
    Event.CALLER_REFUSED: "Callers without a valid credential were refused; one entry counts a minute of them.",
    Event.REFERRAL_CREATED: "A concern opened a referral.",
    Event.REFERRAL_JOINED: "A concern joined a referral that was open for the same person.",
    Event.REFERRAL_VIEWED: "Somebody was shown a referral, cut to their role.",
    Event.REFERRAL_SCREENED: "The screening checks of a referral were recorded.",
    Event.REFERRAL_PERSON_ADDED: "A person was added to a referral.",
    Event.REFERRAL_ASSIGNED: "A manager took a case over.",
    Event.REFERRAL_LINKED: "A referral was linked to another.",
    Event.REFERRAL_CLOSED: "A referral was closed.",
    Event.REFERRAL_REOPENED: "A closed referral was opened again.",
    Event.PERSON_MERGED: "A source said that two records are one person's, and the hub made one person of its two.",
    Event.PERSON_MERGE_WAITING: "A source said that two records are one person's; it waits for a person to look.",
    Event.PERSON_SEPARATED: "A manager took two people apart who were taken for one; what had left was called back.",
    Event.RATING_SUGGESTED: "The software suggested a rating, with its reasons.",
    Event.RATING_GIVEN: "A social work manager rated a referral.",
    Event.RATING_RELAXED: "A manager allowed a later due time than the clock gives, with a recorded reason.",
    Event.ALERT_RAISED: "A repeat or cumulative rule raised an alert, with its evidence.",
    Event.LINKS_VIEWED: "An analyst looked at alerts or at the graph around one, under pseudonyms.",
    Event.REIDENTIFICATION_ASKED: "An analyst asked whom an alert is about, with a reason.",
    Event.REIDENTIFICATION_APPROVED: "A manager let the analyst who asked see whom an alert is about, for some days.",
    Event.REIDENTIFICATION_VIEWED: "The analyst who asked saw whom an alert is about.",
    Event.METRICS_VIEWED: "Somebody looked at the hub's figures, or took them out.",
    Event.ALARM_RAISED: "Something that should have happened by now had not.",
    Event.ALARM_CLEARED: "The cause of an alarm was gone.",
    Event.ALARM_ESCALATED: "An alarm stood for so long that the next post of the hub's chain was turned to.",
    Event.REQUEST_PROPOSED: "The software proposed whom to ask, with its reasons.",
    Event.REQUEST_SENT: "An information request was signed and sealed for an agency.",
    Event.REQUEST_REFUSED: "An information request was refused: no purpose, no legal ground, or not allowed.",
    Event.REQUEST_CHASED: "An agency was reminded of a request that it had not answered.",
    Event.REQUEST_ESCALATED: "An unanswered request was escalated: the next post of the chain was turned to.",
    Event.REQUEST_WITHDRAWN: "An information request was withdrawn.",
    Event.DISCLOSURE_RECEIVED: "An owner's signed answer to a request was verified and stored.",
    Event.DISCLOSURE_REFUSED: "An answer to a request was refused: its seal, its signature or its place was wrong.",
    Event.DISCLOSURE_VIEWED: "Somebody was shown a disclosure, cut to what policy allows.",
    Event.DISCLOSURE_RELEASED: "An owner released parts of a disclosure to more readers.",
    Event.DECISION_MADE: "A social work manager decided.",
    Event.PRODUCT_PREVIEWED: "A manager looked at a product as its recipient would see it.",
    Event.POLICY_EXPLAINED: "Somebody asked why a reader sees something or does not.",
    Event.POLICY_SIMULATED: "Somebody tried a change of policy on past referrals; nothing was changed.",
    Event.PRODUCT_MADE: "An information product was made for a recipient.",
    Event.PRODUCT_ACCEPTED: "A recipient accepted a product.",
    Event.PRODUCT_ACTED_ON: "A recipient acted on a product.",
    Event.FEEDBACK_SENT: "The referrer was told the outcome.",
    Event.ENVELOPE_SEALED: "An envelope was sealed and its token minted; it waits to be delivered.",
    Event.ENVELOPE_DELIVERED: "The broker confirmed an envelope, or its reader took it from the mailbox.",
    Event.ENVELOPE_PARKED: "An envelope could not be delivered; it waits for a person.",
    Event.ENVELOPE_OPENED: "An envelope's key was released to its reader, once.",
    Event.ENVELOPE_OPENING_REFUSED: "An opening was refused.",
    Event.ENVELOPE_REVOKED: "An envelope was revoked before it was opened.",
    Event.ENVELOPE_EXPIRED: "An envelope's token expired unopened.",
    Event.ENVELOPE_REISSUED: "An envelope was cut anew after policy; the old one no longer opens.",
    Event.GLASS_BROKEN: "A manager looked into a case that is not theirs, with a reason; somebody else reviews it.",
    Event.GLASS_REVIEWED: "Somebody else said whether a look into a case was justified.",
    Event.ACTION_REFUSED: "Somebody known asked for what law, policy or role forbids.",
    Event.ACTION_NOT_TAKEN: "Somebody known asked for what can't be done so: it was incomplete, or not its time.",
    Event.VIEW_REFUSED: "Somebody asked for what they may not see.",
    Event.KEY_CREATED: "A key of the hub was made and published.",
    Event.KEY_PROMOTED: "A key of the hub became the one in use for its purpose.",
    Event.KEY_RETIRED: "A key of the hub signs and seals no more; what it made still verifies and opens.",
    Event.KEY_REVOKED: "A key of the hub is no longer trusted for anything.",
    Event.KEY_SUSPENDED: "A key of the hub is in doubt: nothing of it is trusted until it is cleared.",
    Event.KEY_RESUMED: "A suspended key of the hub was cleared.",
    Event.KEY_DESTROYED: "The material of a key of the hub was wiped.",
    Event.KEY_TOUCHED: "What a key of the hub signed or sealed was listed; the entry has counts and the list's digest.",
    Event.KEYS_REWRAPPED: "Scopes were wrapped anew under the current key-encryption key.",
    Event.MASTER_MOVED: "The hub's keys were wrapped anew under another master key.",
    Event.CEREMONY_BEGUN: "The master key was split into shares, one for each officer.",
    Event.CEREMONY_SHARE_GIVEN: "An officer took a share of the master key; it is not given again.",
    Event.CEREMONY_RESTORED: "The master key was put together again from officers' shares.",
    Event.KEYS_REHASHED: "Look-up hashes were made anew under the current key.",
    Event.KEYS_DRILLED: "A rotation and a compromise of the hub's keys were rehearsed on a copy, with this result.",
    Event.SCOPE_DESTROYED: "The key of a scope was destroyed; what it sealed is unreadable.",
    Event.HOLD_PLACED: "A referral was put under legal hold: nothing of it is erased.",
    Event.HOLD_LIFTED: "The legal hold of a referral was lifted.",
    Event.ERASURE_DUE: "The retention period of a referral or message was found to be over; people decide.",
    Event.ERASURE_PROPOSED: "Somebody proposed to erase a referral, or a message that belongs to none.",
    Event.ERASURE_APPROVED: "A second person approved an erasure; it is owed from then on.",
    Event.ERASURE_DONE: "Keys were destroyed for an erasure, and the entries at these places say nothing any more.",
    Event.ACCESS_ASKED: "Somebody recorded that a person asks what the hub holds on them.",
    Event.ACCESS_APPROVED: "A second person approved an answer to a data subject.",
    Event.ACCESS_EXPORTED: "What a data subject may be told of what is held on them was written out.",
    Event.ANNOTATION_MADE: "A correction or a disagreement was put beside what is held; so many readers were told.",
    Event.AGENCY_ENROLLED: "An agency's keys and clients were enrolled.",
    Event.AGENCY_KEYS_CHANGED: "An agency changed its own keys, under one that was in force.",
    Event.AGENCY_SUSPENDED: "An agency was suspended: its calls and signatures are refused.",
    Event.AGENCY_RESTORED: "A suspended agency was restored, by as many officers as it takes.",
    Event.TRUST_LIST_APPLIED: "A trust list came into force: its version, its digest, and which officers signed it.",
    Event.LOG_EXPORTED: "The log was exported as a bundle.",
    Event.PERSON_SIGNED_IN: "Somebody signed in at the console, in these roles.",
    Event.PERSON_SIGNED_OUT: "Somebody signed out of the console.",
}
"""A sentence for each event, for whoever reads the log."""
