"""An officer's share as text: what a slip of the pen, a mix-up and a forger run into."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import master, sharing
from crypto.share import Share, joined
from schemas.errors import MashError, Rejected

SECRET = os.urandom(32)


def shares(secret: bytes = SECRET, *, hub: str = "harbour", ceremony: str = "00" * 8) -> list[Share]:
    made = sharing.split(secret, threshold=2, shares=3, random=os.urandom)
    return [
        Share(hub=hub, key=master.id_of(secret), ceremony=ceremony, threshold=2, of=3, number=number, value=value)
        for number, value in made.items()
    ]


def test_what_is_printed_is_read_again() -> None:
    for share in shares():
        assert Share.parse(share.text()) == share
        bare = "\n".join(line for line in share.text().splitlines() if not line.startswith("#"))
        assert Share.parse(bare.lower().replace("O", "0").replace("i", "1").replace("b", "8")) == share
        assert share.value.hex() not in repr(share)


def test_any_two_give_the_key_and_one_does_not() -> None:
    one, two, three = shares()
    assert joined([one, two]) == joined([three, one]) == joined([two, three, one]) == SECRET
    with pytest.raises(Rejected, match="2 are needed and 1 here: bring 1 more"):
        joined([one])


def test_shares_that_do_not_belong_together_are_refused_by_name() -> None:
    one, two, _ = shares()
    for other, says in (
        (shares(hub="river")[1], "different hubs"),
        (shares(os.urandom(32))[1], "different master keys"),
        (shares(ceremony="11" * 8)[1], "different ceremonies"),
        (one, "share 1 is here twice"),
        (replace(two, value=os.urandom(32)), "one of them was altered"),
        (replace(two, of=4), "do not belong together"),
    ):
        with pytest.raises(Rejected, match=says):
            joined([one, other])
    with pytest.raises(Rejected, match="there is none"):
        joined([])


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_mistyped_letter_is_found_in_its_line(data: st.DataObject) -> None:
    lines = [line for line in shares()[0].text().splitlines() if not line.startswith("#")]
    place = data.draw(st.integers(0, len(lines) - 1))
    letters = [at for at, letter in enumerate(lines[place]) if letter.isalnum() and at > 2]
    at = data.draw(st.sampled_from(letters))
    other = data.draw(st.sampled_from([one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if one != lines[place][at]]))
    lines[place] = lines[place][:at] + other + lines[place][at + 1 :]
    with pytest.raises(Rejected) as caught:
        Share.parse("\n".join(lines))
    # Two letters of check find all but one slip in a thousand by its line; the whole's check finds the rest.
    assert "look at line" in str(caught.value) or "not whole" in str(caught.value)


def test_lines_that_are_missing_or_exchanged_are_refused() -> None:
    lines = [line for line in shares()[0].text().splitlines() if not line.startswith("#")]
    for wrong in (lines[1:], lines[:-1], [lines[1], lines[0], *lines[2:]], [*lines, lines[-1]], []):
        with pytest.raises(Rejected):
            Share.parse("\n".join(wrong))


@given(text=st.text(max_size=300))
def test_anything_else_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(MashError) as caught:
        Share.parse(text)
    assert len(text) < 4 or text not in str(caught.value)
