from __future__ import annotations

import pytest

from adapters import xml
from adapters.provenance import Recorder
from adapters.schools import flags
from schemas.vocabulary import Concern


def raised(inner: str) -> tuple[flags.Flag, ...]:
    return flags.raised(xml.parse(f"<Pupil>{inner}</Pupil>".encode(), code="x").root)


@pytest.mark.parametrize(
    "inner, words",
    [
        ("<InCare>true</InCare>", "looked after"),
        ("<LookedAfter><InCare>Y</InCare></LookedAfter>", "looked after"),
        ("<LookedAfter><CareAuthority>999</CareAuthority></LookedAfter>", "looked after"),
        ("<BasicDetails><CPP>1</CPP></BasicDetails>", "child protection plan"),
        ("<ChildProtectionPlan><StartDate>2026-01-01</StartDate></ChildProtectionPlan>", "child protection plan"),
        ("<CIN>yes</CIN>", "child in need"),
        ("<CMEflag>perhaps</CMEflag>", "child missing education"),
        ("<SupplierSafeguardingNote>see file</SupplierSafeguardingNote>", "safeguarding"),
        ('<Safeguarding level="2"/>', "safeguarding"),
    ],
)
def test_anything_but_a_clear_no_raises_a_flag(inner: str, words: str) -> None:
    assert [flag.meaning.words for flag in raised(inner)] == [words]


@pytest.mark.parametrize(
    "inner",
    [
        "<InCare>false</InCare>",
        "<LookedAfter><InCare>N</InCare><CareAuthority>999</CareAuthority></LookedAfter>",
        "<ChildProtectionPlan/>",
        "<Safeguarding><Held>no</Held><Shared>false</Shared></Safeguarding>",
        "<Surname>Care</Surname>",
    ],
)
def test_a_clear_no_and_an_empty_element_raise_none(inner: str) -> None:
    assert raised(inner) == ()


def test_a_flags_words_become_a_factor_and_a_known_category() -> None:
    recorder = Recorder()
    made = flags.concern(raised("<CPP>Emotional abuse</CPP><CIN>true</CIN>"), recorder)
    assert made is not None
    assert made.factors == ("child protection plan: Emotional abuse", "child in need")
    assert made.categories == (Concern.EMOTIONAL, Concern.OTHER)
    assert [each.value for each in recorder.unmapped] == ["true"]


def test_no_flags_make_no_concern() -> None:
    assert flags.concern((), Recorder()) is None


def test_only_flags_of_status_make_a_legal_status() -> None:
    recorder = Recorder()
    assert flags.legal_status(raised("<CME>true</CME><InCare>true</InCare><LAC>Y</LAC>"), recorder) == "looked after"
    assert {each.pointer for each in recorder.provenance} == {"/Pupil/InCare", "/Pupil/LAC"}
