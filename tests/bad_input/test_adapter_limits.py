"""The dearest messages that we know for each adapter: read or refused within bounded time and memory.

One row a shape, at the adapter's limit or past it. A process of its own reads them, so that its peak is theirs.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import pytest

from adapters import registry
from adapters.kit import receipt
from adapters.port import Fate, FeedContext
from schemas.errors import MashError
from tests.fixtures.regenerate import HERE, natives

SECONDS = 2.0
"""Of processor, for reading and answering; the better of two, where others use the machine."""
MEBIBYTES = 200
CONTEXT = FeedContext(feed="limits", agency="example")


class Cost(NamedTuple):
    """What a message came to (the error's code, empty where it was accepted), and what that took."""

    code: str
    items: int
    seconds: float
    grown: int


class Row(NamedTuple):
    """A shape: the adapter, what is many in it, its bytes, the end of the error's code (empty: it is accepted)."""

    adapter: str
    many: str
    make: Callable[[], bytes]
    refused: str = ""


def measured(name: str, payload: bytes) -> Cost:
    """Read and answer once, in the process that this is called in."""
    adapter = registry.get(name)
    code, items = "", 0
    began = time.process_time()
    try:
        items = len(adapter.read(payload, CONTEXT).items)
    except MashError as error:
        code = error.code
    adapter.answer(payload, receipt(Fate.REFUSED if code else Fate.ACCEPTED), CONTEXT)
    took = time.process_time() - began
    return Cost(code, items, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _nothing_read() -> int:
    for name in registry.names():
        registry.get(name)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Reader:
    """A process that reads, and what it needed before it read anything."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self._before = pool.submit(_nothing_read).result()

    def cost(self, name: str, payload: bytes) -> Cost:
        """What one message costs there; the memory is that of the dearest so far."""
        cost = self._pool.submit(measured, name, payload).result()
        return cost._replace(grown=cost.grown - self._before)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield Reader(pool)


def packed(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def fixture(name: str, file: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((HERE / name / file).read_bytes())


def hl7(*segments: bytes, kind: bytes = b"ADT^A28", number: int = 1) -> bytes:
    header = b"MSH|^~\\&|A|B|C|D|20260302101500||" + kind + b"|ID-%d|P|2.4" % number
    return b"\r".join([header, *segments])


PID = b"PID|1||9990012024^^^NHS^NH||Fern^Ada||20150101|F"
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "2015-03-14"}


def patients(count: int) -> bytes:
    entries = [{"resource": {**PATIENT, "id": str(number)}} for number in range(count)]
    return packed({"resourceType": "Bundle", "type": "collection", "entry": entries})


def xml_with(name: str, file: str, before: bytes, what: bytes) -> bytes:
    """A fixture with ``what`` right before the first ``before``."""
    whole = (HERE / name / file).read_bytes()
    assert before in whole
    return whole.replace(before, what + before, 1)


def table(rows: int, columns: int) -> bytes:
    head = b"Surname,Forename,DOB,UPN," + b",".join(b"c%d" % number for number in range(columns - 4))
    return head + b"\n" + (b"Ash,Robin,2015-01-01,," + b",".join([b"abc"] * (columns - 4)) + b"\n") * rows


def mail(body: bytes, kind: bytes = b"text/plain") -> bytes:
    headers = b"Message-ID: <1@b.example>\nFrom: a@b.example\nSubject: x\nContent-Type: " + kind
    return headers + b"\n\n" + body


def grown(name: str, file: str, path: tuple[str | int, ...], more: Callable[[Any], Any]) -> bytes:
    """A JSON fixture where the value along ``path`` is replaced by what ``more`` makes of it."""
    whole = fixture(name, file)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = more(holder[path[-1]])
    return packed(whole)


def first_again(count: int) -> Callable[[Any], Any]:
    return lambda several: [*several, *[several[0]] * count]


ROWS = (
    Row("nhs.hl7v2", "kin", lambda: hl7(PID, *[b"NK1|1|ASH^ANN|MTH"] * 5_900)),
    Row("nhs.hl7v2", "kin past it", lambda: hl7(PID, *[b"NK1|1|ASH^ANN|MTH"] * 19_000), "people"),
    Row("nhs.hl7v2", "merges past it", lambda: hl7(PID, *[b"MRG|1^^^A~2^^^B"] * 9_000, kind=b"ADT^A40"), "people"),
    Row("nhs.hl7v2", "patients past it", lambda: hl7(*[b"PID|1"] * 19_000), "people"),
    Row("nhs.hl7v2", "words", lambda: hl7(PID, b"OBX|1|TX|1||" + b"~".join([b"safeguarding"] * 40_000))),
    Row("nhs.hl7v2", "words past it", lambda: hl7(PID, b"OBX|1|TX|1||" + b"~".join([b"a"] * 90_000)), "repetitions"),
    Row("nhs.hl7v2", "escapes", lambda: hl7(PID, b"NTE|1||" + b"\\.br\\" * 900_000)),
    Row("nhs.fhir", "names", lambda: packed({**PATIENT, "name": [{"family": "A"}] * 23_500})),
    Row("nhs.fhir", "names past it", lambda: packed({**PATIENT, "name": [{"family": "A"}] * 45_000}), "values"),
    Row("nhs.fhir", "identifiers", lambda: packed({**PATIENT, "identifier": [{"value": "A"}] * 23_500})),
    Row("nhs.fhir", "patients past it", lambda: patients(24_000), "values"),
    Row(
        "nhs.cpis",
        "numbers past it",
        lambda: xml_with("nhs.cpis", "access-notification.xml", b"<id ", b'<id root="1.2" extension="1"/>' * 80_000),
        "elements",
    ),
    Row(
        "nhs.cpis",
        "empty elements",
        lambda: xml_with("nhs.cpis", "access-notification.xml", b"<creationTime", b"<creationTime/>" * 59_000),
    ),
    Row(
        "police.ppn",
        "elements past it",
        lambda: xml_with("police.ppn", "came-to-notice.xml", b"<report>", b"<x/>" * 190_000),
        "elements",
    ),
    Row(
        "police.spi",
        "elements past it",
        lambda: b"<NewCaseMessage>" + b"<Case><Offence/></Case>" * 95_000 + b"</NewCaseMessage>",
        "elements",
    ),
    Row("police.email", "lines", lambda: mail(b"Circumstances: x\n" + b"more\n" * 99_000)),
    Row("police.email", "lines past it", lambda: mail(b"more\n" * 119_000), "lines"),
    Row("police.email", "cells", lambda: mail(b"<td>" * 120_000, b"text/html")),
    Row(
        "police.cpp",
        "markers",
        lambda: grown("police.cpp", "case-file-household.json", ("caseDetails", "caseMarkers"), first_again(16_500)),
    ),
    Row(
        "probation.alert",
        "limits on access",
        lambda: grown(
            "probation.alert", "prisoner-restricted.json", ("restrictedTo",), lambda _: [{"team": "x"}] * 49_900
        ),
    ),
    Row(
        "probation.event",
        "numbers",
        lambda: grown(
            "probation.event",
            "personal-details-updated.json",
            ("personReference", "identifiers"),
            lambda _: [{"type": "CRN", "value": f"X{number:06}"} for number in range(24_900)],
        ),
    ),
    Row(
        "probation.oasys",
        "assessments",
        lambda: grown("probation.oasys", "full-children.json", ("assessments",), first_again(2_700)),
    ),
    Row(
        "schools.json",
        "records past it",
        lambda: grown("schools.json", "attendance.json", ("records",), first_again(4_500)),
        "values",
    ),
    Row("schools.csv", "cells", lambda: table(2_000, 64)),
    Row("schools.csv", "cells past it", lambda: table(4_900, 60), "cells"),
    Row(
        "schools.ctf",
        "empty elements",
        lambda: xml_with("schools.ctf", "leavers.xml", b"<UPN>", b"<X/>" * 129_000),
    ),
    Row(
        "schools.ctf",
        "elements past it",
        lambda: xml_with("schools.ctf", "leavers.xml", b"<UPN>", b"<X/>" * 190_000),
        "elements",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.adapter}-{row.many}".replace(" ", "-"))
def test_the_dearest_messages_take_bounded_time_and_memory(row: Row, reader: Reader) -> None:
    payload = row.make()
    assert len(payload) <= 5 * 1024 * 1024
    cost = reader.cost(row.adapter, payload)
    if cost.seconds > SECONDS:
        again = reader.cost(row.adapter, payload)
        cost = again._replace(seconds=min(cost.seconds, again.seconds))
    assert cost.code == (f"{row.adapter}.{row.refused}" if row.refused else "")
    assert cost.seconds < SECONDS
    assert cost.grown < MEBIBYTES


RUNS: dict[str, bytes] = {
    "blanks": b" ",
    "line ends": b"\r\n",
    "quotes that never close": b'[\\"',
    "signs": b"-",
    "digits": b"0",
    "brackets": b"<",
    "bars": b"|",
}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", registry.names())
def test_a_run_of_anything_in_the_midst_costs_no_more_than_its_length(name: str, run: str, reader: Reader) -> None:
    sample = natives(name)[0].read_bytes()
    many = RUNS[run] * (1_000_000 // len(RUNS[run]))
    # In several places: in the midst of a value too, wherever the values are.
    for place in (len(sample) * tenth // 11 for tenth in (3, 5, 7, 9)):
        for payload in (sample[:place] + many, sample[:place] + many + sample[place:]):
            cost = min((reader.cost(name, payload) for _ in range(2)), key=lambda each: each.seconds)
            assert cost.seconds < SECONDS


def pupils(count: int) -> bytes:
    one = (
        "<Pupil><UPN>A999000126001</UPN><Surname>Ash</Surname><Forename>Robin</Forename><DOB>2015-01-01</DOB>"
        "<Gender>F</Gender><BasicDetails><LegalSurname>Ash</LegalSurname><PreferredForename>Rob</PreferredForename>"
        "<Ethnicity>WBRI</Ethnicity><FSMeligible>N</FSMeligible></BasicDetails><Contacts><Contact><Order>1</Order>"
        "<Surname>Ash</Surname><Forename>Kim</Forename><Relationship>PAM</Relationship><Responsibility>Y"
        "</Responsibility><Address><PAON>1</PAON><Street>Elm Row</Street><Town>Ashby</Town><PostCode>ZZ99 1AA"
        "</PostCode></Address></Contact></Contacts></Pupil>"
    )
    head = "<Header><DocumentName>Common Transfer File</DocumentName><CTFversion>25.0</CTFversion></Header>"
    return f"<CTfile>{head}<CTFpupilData>{one * count}</CTFpupilData></CTfile>".encode()


def batch(count: int) -> bytes:
    kin = (b"NK1|1|ASH^ANN|MTH|1 Elm Row^^Ashby^^ZZ99 1AA", b"NK1|2|ASH^BEN|FTH")
    messages = [hl7(b"EVN|A28|20260302", PID, b"PD1||||G1^Oak", *kin, number=number) for number in range(count)]
    return b"\r".join([b"BHS|^~\\&|A", *messages, b"BTS|%d" % count])


def resources(count: int) -> bytes:
    name = [{"family": "Ash", "given": ["Robin", "Lee"], "prefix": ["Mx"], "use": "official"}]
    address = [{"line": ["1 Elm Row"], "city": "Ashby", "postalCode": "ZZ99 1AA", "use": "home"}]
    numbers = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990012024"}]
    entries = [
        {"resource": {**PATIENT, "id": str(number), "name": name, "address": address, "identifier": numbers}}
        for number in range(count)
    ]
    return packed({"resourceType": "Bundle", "type": "collection", "entry": entries})


@pytest.mark.parametrize(
    "name,make,items",
    [
        ("nhs.hl7v2", lambda: batch(1_000), 1_000),
        ("nhs.fhir", lambda: resources(500), 500),
        ("schools.csv", lambda: table(2_000, 60), 2_000),
        ("schools.ctf", lambda: pupils(2_000), 2_000),
        (
            "schools.json",
            lambda: grown("schools.json", "attendance.json", ("records",), first_again(2_000)),
            len(fixture("schools.json", "attendance.json")["records"]) + 2_000,
        ),
    ],
    ids=["hl7-batch", "fhir-bundle", "class-list", "transfer-file", "attendance"],
)
def test_a_large_file_that_is_ordinary_is_read_whole(
    name: str, make: Callable[[], bytes], items: int, reader: Reader
) -> None:
    cost = reader.cost(name, make())
    assert (cost.code, cost.items) == ("", items)
    assert cost.grown < MEBIBYTES
