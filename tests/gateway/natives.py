"""What the senders of these tests write: synthetic children whose names and words stand nowhere else."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta

from sandbox.natives import health, police
from sandbox.natives.police import Notice
from sandbox.people import Character, nhs_number, pnc_id

GIVEN, FAMILY = "Zephyrine", "Quillfeather"
MOTHER = "Ottoline"
STREET = "Vermilion Passage"
NARRATIVE = "a velvet lighthouse was drawn on the wall"
NHS = nhs_number(654_000)
PNC = pnc_id(2021, 654_000)
POSTCODE = "ZZ99 3WZ"
CANARIES = (GIVEN, FAMILY, MOTHER, STREET, NARRATIVE, NHS, PNC, POSTCODE)
"""What must be readable nowhere outside. Each is long and odd enough that it stands nowhere by chance."""


def child(number: int = 0, *, born: date = date(2015, 3, 14)) -> Character:
    """A child, another one for each number; number 0 is the one whose words must be readable nowhere."""
    if number == 0:
        return Character(given=GIVEN, family=FAMILY, born=born, sex="2", nhs=NHS, pnc=PNC)
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    return Character(
        given=f"Given{letters}", family=f"Family{letters * 3}", born=born, sex="1", nhs=nhs_number(700_000 + number * 7)
    )


def notice(
    who: Character | None = None,
    *,
    reference: str = "",
    words: str = NARRATIVE,
    grade: str = "amber",
    adults: bool = True,
    mother: Character | None = None,
) -> bytes:
    """A notice of the police about one child and, unless told otherwise, its mother."""
    now = datetime.now(UTC)
    subject = who or child()
    beside = mother or Character(
        given=MOTHER if who is None else f"Mother{subject.given}", family=subject.family, born=None
    )
    return police.notice(
        Notice(
            reference=reference or f"T-{secrets.token_hex(6).upper()}",
            officer="PC S. Ynthetic",
            supervisor="PS S. Ynthetic",
            occurred=now - timedelta(hours=2),
            reported=now - timedelta(hours=1),
            address=(f"1 {STREET}", "Testborough"),
            postcode=POSTCODE,
            circumstances=f"Officers saw that {words}.",
            categories=("Drugs",),
            grade=grade,
            actions=("Words of advice given.",),
            children=(subject,),
            adults=(("mother", beside),) if adults else (),
        )
    )


def marked(message: bytes, **marks: str) -> bytes:
    """A notice with these attributes of its handling: ``hiddenLocation``, ``restricted``, ``sourceProtection``."""
    said = "".join(f' {name}="{value}"' for name, value in marks.items())
    assert message.count(b"<handling>") == 1
    return message.replace(b"<handling>", f"<handling{said}>".encode())


def registration(who: Character | None = None, *, control_id: str = "") -> bytes:
    """An HL7 message that registers a child: everyday traffic, and no concern."""
    return health.registration(
        control_id or f"T{secrets.token_hex(6).upper()}",
        datetime.now(UTC),
        who or child(),
        event="A28",
        address=(f"1 {STREET}", "Testborough", POSTCODE),
    )
