"""Forms as browsers send them, and their tokens."""

from __future__ import annotations

import os
from urllib.parse import urlencode

import pytest

from gateway.console import form
from gateway.console.form import TOKEN_FIELD, Form
from schemas.errors import Rejected

SECRET = os.urandom(32)
PATH = "/console/referrals/x/rate"


def token(secret: bytes = SECRET, path: str = PATH) -> str:
    return form.mint(secret, path, os.urandom(16))


def test_a_token_names_its_form_at_its_own_path_under_its_own_secret_alone() -> None:
    made = token()
    assert form.named(SECRET, PATH, made) == made.partition(".")[0]
    assert form.named(SECRET, PATH + "/check", made) is None
    assert form.named(os.urandom(32), PATH, made) is None


def test_no_two_tokens_are_the_same() -> None:
    assert token() != token()


@pytest.mark.parametrize("spoilt", ["", "x", "." * 66, "a" * 22 + "." + "b" * 43, "ä" * 22 + "." + "b" * 43])
def test_what_is_no_token_names_nothing(spoilt: str) -> None:
    assert form.named(SECRET, PATH, spoilt) is None


def test_every_letter_of_a_token_counts() -> None:
    made = token()
    for place in (0, 21, 23, 60):
        other = "A" if made[place] != "A" else "B"
        assert form.named(SECRET, PATH, made[:place] + other + made[place + 1 :]) is None


def test_fields_are_read_as_they_were_typed_and_the_token_is_none_of_them() -> None:
    text = "<b>Ünïcode</b> \u202eright to left\u202c e\u0301 100%&=+"
    body = urlencode([("why", text), ("who", "a"), ("who", "b"), (TOKEN_FIELD, "t")]).encode()
    read, found = form.parse(body)
    assert read == Form(fields={"why": (text,), "who": ("a", "b")})
    assert found == "t"
    assert (read.text("why"), read.all("who"), read.text("who"), read.text("not there")) == (text, ("a", "b"), "b", "")


def test_line_ends_become_those_of_text_and_control_characters_go() -> None:
    read, _ = form.parse(urlencode({"why": "one\r\ntwo\rthree\n\x00\x1b[31mfour\tfive"}).encode())
    assert read.text("why") == "one\ntwo\nthree\n[31mfour\tfive"


@pytest.mark.parametrize("body", [b"why=%ff", b"\xff", b"a=1&" * (form.MOST_FIELDS + 1)])
def test_what_is_no_form_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        form.parse(body)


def test_a_form_survives_its_sealing_in_order() -> None:
    made = Form.of([("a", "1"), ("b", ""), ("a", "2")])
    assert Form.of(made.note().fields) == made
    assert not made.empty
    assert Form.of([("a", " "), ("b", "")]).empty
