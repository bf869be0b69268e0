from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import codes
from schemas.persons import Sex
from schemas.vocabulary import Concern, LegalGround, Marking


@pytest.mark.parametrize(
    "text, sex",
    [
        ("0", Sex.UNKNOWN),
        ("1", Sex.MALE),
        ("2", Sex.FEMALE),
        ("9", Sex.INDETERMINATE),
        ("M", Sex.MALE),
        ("f", Sex.FEMALE),
        ("U", Sex.UNKNOWN),
        ("Not Specified", Sex.INDETERMINATE),
        ("Not known", Sex.UNKNOWN),
    ],
)
def test_the_codes_of_the_nhs_the_justice_system_and_others_are_read(text: str, sex: Sex) -> None:
    assert codes.sex(text) is sex


def test_a_code_that_nobody_knows_is_none() -> None:
    assert codes.sex("3") is None
    assert codes.answer("perhaps") is None
    assert codes.concern("something new") is None
    assert codes.legal_ground("because") is None
    assert codes.marking("SECRET") is None


@pytest.mark.parametrize("concern", list(Concern))
def test_every_category_is_known_by_our_own_word(concern: Concern) -> None:
    assert codes.concern(concern.value) is concern


@pytest.mark.parametrize("ground", list(LegalGround))
def test_every_legal_ground_is_known_by_our_own_word(ground: LegalGround) -> None:
    assert codes.legal_ground(ground.value) is ground


def test_no_word_stands_for_two_things() -> None:
    for rows in (codes._SEXES, codes._ANSWERS, codes._CONCERNS, codes._GROUNDS):
        words = [word for each in rows.values() for word in each]
        assert len(words) == len(set(words))
        assert all(word == codes._plain(word) for word in words)


def test_spelling_makes_no_difference() -> None:
    assert codes.concern("Self-Harm") is codes.concern(" SELF  harm ") is Concern.SELF_HARM
    assert codes.marking("official sensitive") is Marking.OFFICIAL_SENSITIVE


def test_the_feeds_own_words_go_before_ours() -> None:
    feed_map = {"Neglect": "emotional", "Cat 7": "gangs", "Cat 8": "nonsense"}
    assert codes.concern("neglect", feed_map) is Concern.EMOTIONAL
    assert codes.concern("CAT 7", feed_map) is Concern.GANGS
    assert codes.concern("Cat 8", feed_map) is None
    assert codes.concern("FGM", feed_map) is Concern.FGM


@pytest.mark.parametrize("text", ["no", "No.", "N", "none", "N/A", "0", "Nil"])
def test_a_bare_no_says_no(text: str) -> None:
    assert codes.says_no(text)


def test_a_sentence_that_starts_with_no_does_not_say_no() -> None:
    assert not codes.says_no("No adult is at home")
    assert not codes.says_no("")


def test_commas_belong_to_the_text_and_semicolons_part_it() -> None:
    assert codes.several(" one, two ; three|\nfour;") == ("one, two", "three", "four")


@given(st.text(max_size=60))
def test_no_text_makes_a_reader_raise(text: str) -> None:
    for reader in (codes.sex, codes.answer, codes.concern, codes.legal_ground, codes.marking, codes.several):
        reader(text)
