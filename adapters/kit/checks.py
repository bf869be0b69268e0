"""What an adapter must do to count as one: a check takes the adapter and a sample of its own, and raises if it fails.

An adapter's whole core test is one parametrised line over :data:`CHECKS`. A check raises
:class:`~adapters.kit.sample.Failed` with where and what to do; anything else that escapes it is a bug of the adapter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from adapters.kit.accounting import fields_of, missing
from adapters.kit.acknowledgement import told
from adapters.kit.hostile import hostile
from adapters.kit.sample import Failed, Sample
from adapters.kit.sealed import Leak, sealed
from adapters.kit.walks import values
from adapters.port import STATUS, Adapter, Answer, Fate, Problem, Receipt
from schemas.errors import MashError
from schemas.notification import Reading
from schemas.vocabulary import Sector

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
MESSAGE_ID = "msg_0123456789abcdefghjkmnpqrs"

DERIVED = re.compile(r"ref|kind|kind_reason|format|validity|verified|marking|use|unborn|system")
"""Last parts of fields that an adapter decides itself or that follow from the field beside them."""
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_VERSION = re.compile(r"\d+(\.\d+)+")
_SECRET = 8
_MASK = b"zqxj9zqxj9"
_SURNAME = 4
_UNWALKED = "name its syntax in the quality file (csv, hl7, json, mime, text, xml): the walk can't read it"
_GARBAGE = b"\x00\xff\xfe garbage"


def says_what_it_is(adapter: Adapter, sample: Sample) -> None:
    """It has a name, a version, a sector and a summary, and its readings carry its name and an identity."""
    _hold(_NAME.fullmatch(adapter.name), "name", "write it as acme.notes: small letters, digits, dots")
    _hold(_VERSION.fullmatch(adapter.version), "version", "write it as 1.0 or 1.0.0")
    _hold(isinstance(adapter.sector, Sector), "sector", "take one of schemas.vocabulary.Sector")
    _hold(adapter.summary, "summary", "say in a line what the adapter reads")
    reading = _read(adapter, sample)
    _hold(reading.format.startswith(adapter.name), "format", "start the reading's format with the adapter's name")
    _hold(reading.items, "items", "a message that holds nothing is refused, not read as nothing")
    for number, item in enumerate(reading.items):
        _hold(
            item.notification.native_id,
            f"items[{number}].native_id",
            "take the sender's id, else a digest of the bytes",
        )


def is_pure(adapter: Adapter, sample: Sample) -> None:
    """It opens nothing, connects to nothing, and reads neither clock nor random source."""
    before = _read(adapter, sample)
    adapter.answer(sample.payload, receipt(Fate.ACCEPTED), sample.context)
    noted: list[str] = []
    try:
        with sealed(noted):
            after = adapter.read(sample.payload, sample.context)
            adapter.answer(sample.payload, receipt(Fate.ACCEPTED), sample.context)
    except Leak:
        after = before
    _hold(not noted, ", ".join(dict.fromkeys(noted)), "take it out: what the adapter needs of the world is an argument")
    _hold(after == before, "read", "give the same reading for the same bytes")


def is_stable(adapter: Adapter, sample: Sample) -> None:
    """The same bytes give the same reading and the same answer, whatever was read between."""
    first = _read(adapter, sample).model_dump_json()
    for _, payload in hostile(sample.payload[:200]):
        if len(payload) < 1_000:
            refusal(adapter, payload, sample)
    same = _read(adapter, sample).model_dump_json() == first
    _hold(same, "read", "keep nothing of one message for the next")
    asked = receipt(Fate.QUARANTINED)
    answers = [adapter.answer(sample.payload, asked, sample.context) for _ in range(2)]
    _hold(answers[0] == answers[1], "answer", "make it of the payload and the receipt alone")


def tells_where_every_field_came_from(adapter: Adapter, sample: Sample) -> None:
    """Each canonical value has its own provenance, or is part of one that has."""
    for number, item in enumerate(_read(adapter, sample).items):
        known = {mapped.field for mapped in item.provenance}
        for field, value in fields_of(item.notification.model_dump(mode="json")):
            derived = DERIVED.fullmatch(field.rpartition(".")[2]) or field.startswith("quality")
            # A digest of the whole came from no one place in it.
            if derived or (field == "native_id" and value.startswith("sha256:")):
                continue
            told_of = any(parent in known for parent in _parents(field))
            _hold(told_of, f"items[{number}].{field}", "record where it came from, with the recorder's take()")


def leaves_nothing_unaccounted(adapter: Adapter, sample: Sample) -> None:
    """Every value of an independent walk stands in the notification or on the unmapped list."""
    reading = _read(adapter, sample)
    try:
        lost = list(missing(reading, sample.payload, walk=sample.walk, syntax=sample.syntax))
    except (ValueError, KeyError) as error:
        raise Failed("the sample", _UNWALKED) from error
    _hold(
        not lost, ", ".join(lost[:5]), f"map or leave every value ({len(lost)} lost); see Recorder.sweep and leave_rest"
    )


def reads_as_agreed(adapter: Adapter, sample: Sample) -> None:
    """The reading says what its golden file says, where it has one."""
    if not sample.golden:
        return
    # A field that says nothing counts for nothing: a later version of the model may have more of them.
    differing = _differing(_read(adapter, sample).model_dump(mode="json"), json.loads(sample.golden))
    _hold(not differing, ", ".join(differing[:5]), "mend the mapping, or agree on the new reading and write it down")


def withstands_hostile_input(adapter: Adapter, sample: Sample) -> None:
    """Whatever the bytes are, it reads them or raises one of our errors, which hold none of the values."""
    secrets = {value for _, value in _walked(sample) if len(value) >= _SECRET}
    for kind, payload in hostile(sample.payload):
        try:
            error = refusal(adapter, payload, sample)
        except Exception as bug:
            raise Failed(f"{kind} ({len(payload)} bytes)", f"refuse it; it raised {type(bug).__name__}") from bug
        if error is not None:
            _hold(error.code.startswith(f"{adapter.name}."), f"{kind}: code", "start each code with the adapter's name")
            _hold(error.detail, f"{kind}: {error.code}", "say what the sender must change")
            echoed = any(value in str(error) and _echoes(adapter, payload, sample, value) for value in secrets)
            _hold(not echoed, f"{kind}: {error.code}", "name fields, never values")


def answers_every_fate(adapter: Adapter, sample: Sample) -> None:
    """Every fate has an answer with its status, whatever the bytes are, and the answer tells nobody's name."""
    named = {
        name.family
        for item in _read(adapter, sample).items
        for person in item.notification.people
        for name in person.names
        if len(name.family) >= _SURNAME
    }
    for payload in (sample.payload, b"", _GARBAGE, sample.payload[: len(sample.payload) // 2]):
        for fate in Fate:
            answer = _answer(adapter, payload, fate, sample)
            _hold(answer.status == STATUS[fate], f"{fate}: status", f"answer with {STATUS[fate]}: take port.STATUS")
            _hold(answer.body, f"{fate}: body", "answer in the sender's own format")
            _hold("/" in answer.media_type, f"{fate}: media type", "name the answer's media type")
            text = answer.body.decode("utf-8", errors="replace")
            _hold(not any(name in text for name in named), f"{fate}: body", "repeat nothing that was said of people")


def answers_what_it_was_sent(adapter: Adapter, sample: Sample) -> None:
    """The answer, parsed by somebody else, names the message it is about; a refusal names its reason."""
    reading = _read(adapter, sample)
    names = {MESSAGE_ID, reading.native_id, *(item.notification.native_id for item in reading.items)}
    for fate in Fate:
        asked = receipt(fate)
        answer = _answer(adapter, sample.payload, fate, sample)
        try:
            accounts = told(answer)
        except (ValueError, KeyError) as error:
            raise Failed(f"{fate}: body", f"it can't be parsed as {answer.media_type}") from error
        # A name of two parts, such as a root and an extension, may be told as two values.
        _hold(
            any(all(accounts.hold(part) for part in name.split("/")) for name in names),
            f"{fate}: body",
            "name the sender's id or the receipt's",
        )
        if asked.problem is not None:
            reasons = (asked.problem.code, asked.problem.detail)
            _hold(
                any(accounts.hold(reason) for reason in reasons),
                f"{fate}: body",
                "give the problem's code or its detail",
            )


Check = Callable[[Adapter, Sample], None]
CHECKS: tuple[Check, ...] = (
    says_what_it_is,
    is_pure,
    is_stable,
    tells_where_every_field_came_from,
    leaves_nothing_unaccounted,
    reads_as_agreed,
    withstands_hostile_input,
    answers_every_fate,
    answers_what_it_was_sent,
)


def refusal(adapter: Adapter, payload: bytes, sample: Sample) -> MashError | None:
    """Why the adapter refuses these bytes, or None where it reads them. Any other error is a bug and passes."""
    try:
        adapter.read(payload, sample.context)
    except MashError as error:
        return error
    return None


def _echoes(adapter: Adapter, payload: bytes, sample: Sample, value: str) -> bool:
    """Whether the refusal says the value because it was sent, and not as a word of its own that it always says."""
    masked = payload.replace(value.encode("utf-8"), _MASK)
    if masked == payload:
        return False
    again = refusal(adapter, masked, sample)
    return again is None or value not in str(again)


def receipt(fate: Fate) -> Receipt:
    """What the hub would say of a message with this fate."""
    bad = fate not in (Fate.ACCEPTED, Fate.DUPLICATE)
    problem = Problem(code="example.code", at="PID-3", detail="Change what the place names.") if bad else None
    return Receipt(fate=fate, at=AT, message_id=MESSAGE_ID, problem=problem)


def _hold(holds: object, where: str, todo: str) -> None:
    if not holds:
        raise Failed(where, todo)


def _read(adapter: Adapter, sample: Sample) -> Reading:
    try:
        return adapter.read(sample.payload, sample.context)
    except MashError as error:
        raise Failed(f"{error.code} {error.at}".strip(), "name a file that the adapter accepts") from error


def _answer(adapter: Adapter, payload: bytes, fate: Fate, sample: Sample) -> Answer:
    try:
        return adapter.answer(payload, receipt(fate), sample.context)
    except Exception as bug:
        raise Failed(f"{fate}: answer", f"answer whatever the bytes are; it raised {type(bug).__name__}") from bug


def _walked(sample: Sample) -> list[tuple[str, str]]:
    try:
        walk = sample.walk
        return list(walk(sample.payload) if walk is not None else values(sample.payload, sample.syntax))
    except (ValueError, KeyError) as error:
        raise Failed("the sample", _UNWALKED) from error


def _parents(field: str) -> Iterator[str]:
    """The field and all that it is a part of: an identifier is recorded as a whole, a joined text by its own name."""
    yield field
    for at in range(len(field) - 1, 0, -1):
        if field[at] in ".[":
            yield field[:at]


def _differing(made: object, agreed: object) -> list[str]:
    """The places at which two readings differ."""
    left, right = (dict(fields_of(each)) for each in (made, agreed))
    return [field for field in {**left, **right} if left.get(field) != right.get(field)]
