"""What one of the hub's keys signed or sealed, as ids: the list that a security team works through after a compromise.

Where a stored thing names its key, it is taken by that name: the token that left with an envelope, a signed request,
the key that an answer came sealed to. Where nothing names one, it is taken by the time in which the key was in use,
and a little longer, so that doubt adds to the list and never takes from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crypto import base64url, canonical, jws
from crypto.canonical import JsonInput
from crypto.failure import SealFailed
from crypto.keys import Purpose
from gateway.casework.dossier import REQUEST_PLACE
from gateway.casework.notes import RequestNote
from gateway.keys import REFRESH_EVERY
from gateway.log import Event, Log
from gateway.store import Reading, Work
from gateway.store.records import KeyRow
from gateway.store.repositories.made_under import While
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from schemas.errors import Unknown

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Ids by what they are of, each sorted and named once."""

    kid: str
    purpose: str
    ids: dict[str, tuple[str, ...]]

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical list, base64url: how the log names it."""
        listed: dict[str, JsonInput] = {name: list(ids) for name, ids in self.ids.items()}
        return base64url.encode(hashlib.sha256(canonical.dumps({"kid": self.kid, "ids": listed})).digest())

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(ids) for name, ids in self.ids.items()}

    def document(self) -> dict[str, object]:
        """The list as JSON."""
        return {
            "kid": self.kid,
            "purpose": self.purpose,
            "counts": self.counts,
            "digest": self.digest,
            "ids": {name: list(ids) for name, ids in self.ids.items()},
        }

    def sentence(self) -> str:
        """The counts in words."""
        told = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"touched {told} (list {self.digest}; mash keys touched {self.kid} --json shows it)"


async def list_touched(work: Reading, vault: Vault, row: KeyRow) -> Touched:
    """What this key touched. Linear in what is stored of the kinds that it may have touched; read page by page."""
    purpose, found = Purpose(row.purpose), dict[str, Sequence[str]]()
    known = While(since=row.promoted_at, until=_ended(row))
    if purpose is Purpose.SIGNING:
        envelopes, subjects = await _signed_envelopes(work, row.kid)
        found["envelopes"] = envelopes
        found["requests"] = [*await _signed_requests(work, vault, row.kid), *_of(subjects, "request")]
        found["disclosures"] = _of(subjects, "disclosure")
        found["products"] = _of(subjects, "product")
    elif purpose is Purpose.SEALING:
        # Sealed to as soon as it is published, not only once it is promoted.
        published = While(since=row.published_at, until=known.until)
        found["disclosures"] = await work.made_under.disclosures(row.kid, published)
    elif purpose is Purpose.POLICY:
        found["envelopes"] = await work.made_under.envelopes(known)
    elif purpose is Purpose.CHECKPOINT:
        found["checkpoints"] = await work.made_under.checkpoints(known)
    elif purpose is Purpose.AT_REST:
        # Whatever was there when it took over was wrapped under it then: the end of its use alone counts.
        found["scopes"] = await work.made_under.scopes(While(until=known.until))
    elif purpose is Purpose.LOOKUP:
        until = While(until=known.until)
        found["messages"] = await work.made_under.messages(until)
        found["persons"] = await work.made_under.persons(until)
    ids = {name: tuple(sorted(set(several))) for name, several in found.items()}
    return Touched(kid=row.kid, purpose=row.purpose, ids=ids)


async def note_touched(work: Work, log: Log, found: Touched, *, actor: str, now: datetime) -> None:
    """An entry of the log with the counts and the digest of the list; it commits with ``work``."""
    detail: dict[str, JsonInput] = {"purpose": found.purpose, "digest": found.digest, "counts": dict(found.counts)}
    await log.append(work, event=Event.KEY_TOUCHED, actor=actor, now=now, subject=found.kid, detail=detail)


def _ended(row: KeyRow) -> datetime | None:
    times = [at for at in (row.retired_at, row.revoked_at) if at is not None]
    if row.state in {"suspended", "destroyed"} and row.changed_at is not None:
        times.append(row.changed_at)
    # Another process may have used it until it looked again.
    return min(times) + REFRESH_EVERY * 2 if times else None


async def _signed_envelopes(work: Reading, kid: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The envelopes whose token this key signed, and what they brought: kind and subject."""
    names, subjects, after = list[str](), list[tuple[str, str]](), ""
    while page := await work.made_under.tokens(after=after, limit=_PAGE):
        for name, kind, subject, headers in page:
            if _claims(headers.get("access-token", ""), kid):
                names.append(name)
                subjects.append((kind, subject))
        after = page[-1][0]
    return names, subjects


async def _signed_requests(work: Reading, vault: Vault, kid: str) -> list[str]:
    strongbox, names, after = Strongbox(vault), list[str](), ""
    while page := await work.made_under.requests(after=after, limit=_PAGE):
        for name, scope, sealed in page:
            try:
                note = await strongbox.take(work, scope, REQUEST_PLACE, name, sealed, RequestNote)
            except (Unknown, SealFailed):
                continue  # erased: its envelope still tells of it
            if _claims(note.signed, kid):
                names.append(name)
        after = page[-1][0]
    return names


def _claims(token: str, kid: str) -> bool:
    try:
        return jws.claimed_kid(token) == kid
    except SealFailed:
        return False


def _of(subjects: Sequence[tuple[str, str]], kind: str) -> list[str]:
    return [subject for found, subject in subjects if found == kind]
