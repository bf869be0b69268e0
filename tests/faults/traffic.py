"""What the senders of a campaign send, drawn from its seed: synthetic, in three formats' ways, good and bad."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from gateway.store.records import Fate
from sandbox.natives import health, police
from sandbox.natives.police import Notice
from sandbox.people import Character, nhs_number

MLLP, HTTP, AMQP = "health-mllp", "police-ppn", "police-amqp"
"""The feeds, which are also the three ways in."""
BEGAN = datetime(2026, 5, 4, 9, tzinfo=UTC)
_STREET = ("7 Synthetic Row", "Testborough")
_KNOWN = 5


class Ending(StrEnum):
    """What must become of a letter."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message as its sender keeps it until it is answered.

    ``again`` is how often the sender sends the same bytes once more after the answer; ``other`` are other bytes under
    the same identity, sent last. ``case`` marks a concern about somebody new, which the manager then works on.
    """

    number: int
    feed: str
    body: bytes = field(repr=False)
    ending: Ending
    again: int = 0
    other: bytes = field(default=b"", repr=False)
    case: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex: how the store tells them."""
        return digest(self.body)

    @property
    def fate(self) -> Fate:
        """The fate that the store must give it."""
        return Fate(self.ending)


def digest(body: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(body).hexdigest()


def letters(seed: int, *, broker: bool) -> Iterator[Letter]:
    """An endless stream of letters; those over the broker come only where there is one."""
    draw = random.Random(f"letters:{seed}")  # noqa: S311 - repeatable on purpose
    number = 0
    while True:
        number += 1
        yield _letter(draw, number, broker=broker)


def cases(seed: int) -> Iterator[Letter]:
    """An endless stream of concerns, each about a child whom nobody else writes about."""
    number = 500_000
    while True:
        number += 1
        yield Letter(
            number=number,
            feed=HTTP,
            body=_notice(f"C{seed}-{number}", _child(number)),
            ending=Ending.ACCEPTED,
            case=True,
        )


def _letter(draw: random.Random, number: int, *, broker: bool) -> Letter:
    name = f"F{number:06d}"
    # Some write about the same few children, so that work on one referral meets.
    who = _child(draw.randint(1, _KNOWN) if draw.random() < 0.4 else 100 + number)
    kind = draw.choices(("registration", "notice", "broker", "broken_hl7", "broken_xml"), (5, 3, 2, 1, 1))[0]
    again = draw.choices((0, 1, 2), (6, 2, 1))[0]
    contradicted = draw.random() < 0.2
    if kind == "registration":
        other = _registration(name, who, minutes=number + 1) if contradicted else b""
        body = _registration(name, who, minutes=number)
        return Letter(number=number, feed=MLLP, body=body, ending=Ending.ACCEPTED, again=again, other=other)
    if kind == "broken_hl7":
        body = _registration(name, who, minutes=number).replace(b"PID|", b"ZZZ|")
        return Letter(number=number, feed=MLLP, body=body, ending=Ending.QUARANTINED, again=again)
    if kind == "broken_xml":
        body = _notice(name, who)[:-20]
        return Letter(number=number, feed=HTTP, body=body, ending=Ending.QUARANTINED, again=again)
    feed = AMQP if kind == "broker" and broker else HTTP
    return Letter(number=number, feed=feed, body=_notice(name, who), ending=Ending.ACCEPTED, again=again)


def _child(number: int) -> Character:
    letters_ = "".join(chr(ord("a") + int(one)) for one in str(number))
    return Character(
        given=f"Given{letters_}",
        family=f"Family{letters_ * 2}",
        born=date(2012, 1, 1) + timedelta(days=number % 2000),
        sex="1",
        nhs=nhs_number(100_000 + number),
    )


def _registration(name: str, who: Character, *, minutes: int) -> bytes:
    at = BEGAN + timedelta(minutes=minutes)
    return health.registration(name, at, who, event="A28", address=(*_STREET, "ZZ99 3VZ"))


def _notice(name: str, who: Character) -> bytes:
    return police.notice(
        Notice(
            reference=name,
            officer="PC S. Ynthetic",
            supervisor="PS S. Ynthetic",
            occurred=BEGAN,
            reported=BEGAN + timedelta(hours=1),
            address=_STREET,
            postcode="ZZ99 3VZ",
            circumstances="Officers attended and spoke to a child.",
            categories=("Drugs",),
            grade="amber",
            actions=("Words of advice given.",),
            children=(who,),
        )
    )
