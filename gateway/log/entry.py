"""One entry of the log: its bytes, its salt and the commitment that the tree holds.

The bytes are canonical JSON::

    {"v": 1, "id", "event", "at", "actor", "referral", "subject", "detail"}

``at`` is RFC 3339 in UTC with microseconds. ``actor`` is a client id, a person's subject or ``hub``; ``subject`` is the
opaque id of what it happened to. ``detail`` holds codes, counts, ids and digests. The salt hides what an entry
says from whoever has the tree alone, and destroying it leaves the tree whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from crypto import canonical
from crypto.canonical import JsonInput
from crypto.commitment import SALT_BYTES, commit
from gateway.log.events import Event
from schemas import opaque

VERSION = 1
HUB = "hub"
"""The actor of what the hub does by itself."""
_CODE = re.compile(r"[!-~]{0,300}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it goes to the store. ``salt`` and ``commitment`` are 32 bytes each; ``at`` is aware UTC."""

    id: str
    event: Event
    at: datetime
    actor: str
    referral: str | None
    subject: str | None
    text: bytes
    salt: bytes
    commitment: bytes


def render(
    event: Event,
    *,
    actor: str,
    now: datetime,
    random: Callable[[int], bytes],
    referral: str | None = None,
    subject: str | None = None,
    detail: Mapping[str, JsonInput] | None = None,
) -> Entry:
    """The entry for this event, committed to under a fresh salt.

    Raises:
        ValueError: ``now`` is not aware, or an actor, id or detail is free text instead of a code: a bug of the caller,
            because free text may hold a person's data and the log must not.
    """
    if now.tzinfo is None:
        raise ValueError("a time needs its zone")
    at = now.astimezone(UTC)
    body: dict[str, JsonInput] = {
        "actor": actor,
        "referral": referral,
        "subject": subject,
        "detail": dict(detail or {}),
    }
    _require_codes(body, "entry")
    name = opaque.timed(opaque.Prefix.ENTRY, at, random(opaque.TIMED_RANDOM_BYTES))
    text = canonical.dumps({"v": VERSION, "id": name, "event": str(event), "at": instant(at), **body})
    salt = random(SALT_BYTES)
    return Entry(
        id=name,
        event=event,
        at=at,
        actor=actor,
        referral=referral,
        subject=subject,
        text=text,
        salt=salt,
        commitment=commit(salt, text),
    )


def instant(at: datetime) -> str:
    """The one spelling of a time in an entry: RFC 3339, UTC, microseconds, ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def _require_codes(value: JsonInput, at: str) -> None:
    if value is None or isinstance(value, int):
        return
    if isinstance(value, str):
        if not _CODE.fullmatch(value):
            raise ValueError(f"{at}: the log takes codes, ids and digests, not free text")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            _require_codes(name, at)
            if not (isinstance(member, str) and _CODE.fullmatch(member)):  # its place is named only where it matters
                _require_codes(member, f"{at}.{name}")
    elif isinstance(value, float):
        raise TypeError(f"{at}: the log takes whole numbers")
    else:
        for position, member in enumerate(value):
            _require_codes(member, f"{at}[{position}]")
