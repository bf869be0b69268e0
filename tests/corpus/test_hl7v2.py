"""Public HL7 v2 samples that nobody here wrote: each is read whole, or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.nhs.hl7_reader import read
from adapters.nhs.hl7v2 import ADAPTER
from adapters.port import Fate, Problem, Receipt
from schemas.errors import MashError
from schemas.notification import Normalised
from tests.conformance import hl7_oracle
from tests.conformance.checks import AT, CONTEXT, accounted, refusal, texts_of
from tests.conformance.walks import hl7

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "nhs-hl7v2"
FILES = sorted(CORPUS.glob("*.hl7"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the corpus of public HL7 v2 samples is not beside this checkout"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_read_whole_or_refused_with_a_reason(path: Path) -> None:
    payload = path.read_bytes()
    error = refusal(ADAPTER, payload)
    if error is not None:
        assert error.code.startswith("nhs.hl7v2.")
        assert error.at
        assert error.detail
        return
    reading = ADAPTER.read(payload, CONTEXT)
    texts = [text for item in reading.items for text in texts_of(item)]
    pointers = {left.pointer for item in reading.items for left in item.unmapped}
    pointers |= {mapped.pointer for item in reading.items for mapped in item.provenance}
    for pointer, value in hl7(payload):
        assert pointer in pointers, pointer
        assert accounted(value, texts), pointer


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_acknowledged_under_its_own_control_id(path: Path) -> None:
    payload = path.read_bytes()
    problem = Problem(code="nhs.hl7v2.unsupported", at="MSH-9", detail="Send another type.")
    answer = ADAPTER.answer(payload, Receipt(fate=Fate.REFUSED, at=AT, problem=problem), CONTEXT)
    told = answer.body.decode("utf-8").split("\r")
    asked = {value for pointer, value in hl7(payload) if pointer in ("MSH-15", "MSH-16")}
    if asked and asked <= {"NE", "SU"}:  # nobody wants to hear of a refusal
        assert answer.body == b""
        return
    assert any(line.startswith("MSA") and line[4:6] in ("AR", "CR") for line in told)
    own = [value for pointer, value in hl7(payload) if pointer == "MSH-10"]
    assert all(any(value in line for line in told) for value in own) or "^~\\\\&" in payload.decode("latin-1")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_library_finds_the_same_values_in_a_sample(path: Path) -> None:
    payload = path.read_bytes()
    try:
        sent = read(payload)
    except MashError:
        assert refusal(ADAPTER, payload) is not None
        return
    theirs = hl7_oracle.messages(payload)
    assert len(sent.messages) == len(theirs)
    for ours, message in zip(sent.messages, theirs, strict=True):
        hl7_oracle.assert_same(ours, message)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_sample_became_is_valid_and_survives_json(path: Path) -> None:
    payload = path.read_bytes()
    if refusal(ADAPTER, payload) is not None:
        return
    for item in ADAPTER.read(payload, CONTEXT).items:
        assert Normalised.model_validate(item.model_dump()) == item
        assert Normalised.model_validate_json(item.model_dump_json()) == item


def test_the_corpus_holds_samples_of_both_outcomes() -> None:
    assert {refusal(ADAPTER, path.read_bytes()) is None for path in FILES} == {True, False}


def test_what_is_refused_names_no_patient_or_the_same_delimiter_twice() -> None:
    for path in FILES:
        payload = path.read_bytes()
        header = payload.lstrip(b"\xef\xbb\xbf\x0b\r\n ")[:9]
        error = refusal(ADAPTER, payload)
        well_formed = b"PID" in payload and len(set(header[3:8])) == 5
        assert well_formed is (error is None), (path.name, error)


def test_of_a_hundred_samples_ninety_five_are_accepted() -> None:
    accepted = sum(refusal(ADAPTER, path.read_bytes()) is None for path in FILES)
    assert accepted >= 0.95 * len(FILES)
