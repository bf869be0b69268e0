"""A batch of openings within one transaction: each decided in its turn, in the sight of those before it. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crypto import base64url, jwe
from crypto.failure import SealFailed
from gateway.delivery.judging import Asked, Granted, Judge, Known, Waits
from gateway.log import Log
from gateway.log.events import Event
from gateway.single_use import Replayed
from gateway.store.records import EnvelopeState, LogRecord, Openable, Subject
from schemas.envelope import RELEASE_CTY, EnvelopeKind, KeyRelease, LogProof
from schemas.errors import Conflict, MashError, Refused, Unknown


@dataclass(frozen=True, slots=True)
class Unfinished:
    """It was released by a gateway that did so in two commits and ended between them: its entry is in the log."""

    entry: str


@dataclass(frozen=True, slots=True)
class _AsIn:
    """It gets what the envelope of this name holds in the end."""

    name: str


Outcome = bytes | Unfinished | Exception


class Batch:
    """What is to be written and answered. ``retry``: for how long its reader may have a released key again."""

    def __init__(self, known: Known, *, judge: Judge, log: Log, now: datetime, retry: timedelta) -> None:
        self._known = known
        self._judge = judge
        self._log = log
        self._now = now
        self._retry = retry
        self._outcomes: list[_AsIn | Exception] = []
        self._granted: dict[str, tuple[Granted, LogProof | None]] = {}
        self._releases: dict[str, bytes] = {}
        self.uses: dict[str, datetime] = {}
        """What was used up by this batch: digests, each with the time until which it is remembered."""
        self.drafts: list[LogRecord] = []
        """The entries of what was decided, to be placed in the log."""

    def decide(self, asked: Asked) -> None:
        """Decide one. Its opening, or its refusal, is among the ``drafts``."""
        try:
            self._outcomes.append(self._decided(asked))
        except (MashError, Waits) as error:
            self._outcomes.append(error)

    def _decided(self, asked: Asked) -> _AsIn:
        if asked.use is not None:
            if asked.use.digest in self._known.used or asked.use.digest in self.uses:  # of two, one is the first
                raise Replayed("dpop.replayed")
            self.uses[asked.use.digest] = asked.use.expires_at
        record = self._judge.find(asked, self._known)
        try:
            granted = self._judge.grant(asked, record, self._known, self._now)
        except (Unknown, Conflict, Refused, SealFailed) as error:
            self.drafts.append(self._refusal(record, error))
            raise
        if granted is not None:
            self._take(record, granted, asked)
        return _AsIn(record.id)

    def _take(self, record: Openable, granted: Granted, asked: Asked) -> None:
        if asked.proof is None:
            entry = self._opening(record, asked.jkt)
            self.drafts.append(entry)
            self._known.envelopes[record.id] = replace(
                record,
                state=EnvelopeState.RELEASED,
                released_at=self._now,
                released_to=asked.jkt,
                release_until=self._now + self._retry,
                entry_id=entry.id,
            )
        self._granted[record.id] = (granted, asked.proof)
        if granted.subject is not None:
            subjects = self._known.requests if record.kind == EnvelopeKind.REQUEST else self._known.products
            subjects[granted.subject.id] = granted.subject

    def release(self, proofs: Sequence[LogProof]) -> None:
        """Seal what was granted to the registered keys. ``proofs`` are those of the ``drafts``."""
        by_entry = dict(zip((draft.id for draft in self.drafts), proofs, strict=True))
        for name, (granted, proof) in self._granted.items():
            record = self._known.envelopes[name]
            self._releases[name] = _sealed(record, granted, proof or by_entry[str(record.entry_id)])

    def released(self) -> list[Openable]:
        """The envelopes to be written, with their releases."""
        return [replace(self._known.envelopes[name], release=release) for name, release in self._releases.items()]

    def moved(self, kind: EnvelopeKind) -> list[Subject]:
        """The subjects of this kind that their opening moved on."""
        subjects = self._known.requests if kind is EnvelopeKind.REQUEST else self._known.products
        names = {one.subject.id for one, _ in self._granted.values() if one.subject is not None}
        return [subjects[name] for name in sorted(names) if name in subjects]

    def outcomes(self) -> list[Outcome]:
        """What each one gets, in the order in which they were decided."""
        return [self._outcome(one) for one in self._outcomes]

    def _outcome(self, decided: _AsIn | Exception) -> Outcome:
        if isinstance(decided, Exception):
            return decided
        record = self._known.envelopes[decided.name]
        release = self._releases.get(decided.name, record.release)
        return release if release is not None else Unfinished(str(record.entry_id))

    def _refusal(self, record: Openable, error: MashError) -> LogRecord:
        return self._log.draft(
            event=Event.ENVELOPE_OPENING_REFUSED,
            actor=record.recipient,
            now=self._now,
            referral=record.referral_id,
            subject=record.id,
            detail={"code": getattr(error, "reason", error.code)},
        )

    def _opening(self, record: Openable, jkt: str) -> LogRecord:
        return self._log.draft(
            event=Event.ENVELOPE_OPENED,
            actor=record.recipient,
            now=self._now,
            referral=record.referral_id,
            subject=record.id,
            detail={
                "kind": record.kind,
                "about": record.subject,
                "policy": record.policy_digest,
                "key": jkt,
            },
        )


def _sealed(record: Openable, granted: Granted, proof: LogProof) -> bytes:
    if record.released_at is None:
        raise AssertionError("a released envelope knows when")
    plain = KeyRelease(
        envelope=record.id, key=base64url.encode(granted.content_key), opened_at=record.released_at, proof=proof
    )
    return jwe.seal_to(plain.model_dump_json().encode(), granted.recipient, cty=RELEASE_CTY).encode()
