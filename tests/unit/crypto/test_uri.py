from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.uri import normalised, same_target


@pytest.mark.parametrize(
    "one, other",
    [
        ("https://hub.example/open", "HTTPS://HUB.Example:443/open"),
        ("http://hub.example", "http://hub.example:80/"),
        ("https://hub.example/a/../open", "https://hub.example/./open"),
        ("https://hub.example/%7Eann/%2f", "https://hub.example/~ann/%2F"),
        ("https://hub.example/open?x=1#y", "https://hub.example/open"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]:443"),
        ("https://hub.example/a/..", "https://hub.example/"),
    ],
)
def test_two_spellings_of_one_target_are_the_same(one: str, other: str) -> None:
    assert same_target(one, other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("https://hub.example/open", "http://hub.example/open"),
        ("https://hub.example/open", "https://hub.example:8443/open"),
        ("https://hub.example/open", "https://hub.example/open/"),
        ("https://hub.example/open", "https://hub.example/Open"),
        ("https://hub.example/a%2Fb", "https://hub.example/a/b"),
        ("https://hub.example.evil/", "https://hub.example/"),
        ("https://hub.example//open", "https://hub.example/open"),
    ],
)
def test_other_targets_are_not_the_same(one: str, other: str) -> None:
    assert not same_target(one, other)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/open",
        "hub.example",
        "ftp://hub.example/",
        "https://",
        "https://user@hub.example/",
        "https://hub.example:port/",
        "https://hub.example:99999/",
        "https://hub.example/%zz",
        "https://hub.example/%2",
        "https://hub.example/a b",
        "https://hub.example/\n",
        "https://hub.example\\@evil.example/",
        "https://h\u00fcb.example/",
        "https://[::1/",
    ],
)
def test_what_is_no_target_equals_nothing_not_even_itself(uri: str) -> None:
    assert normalised(uri) is None
    assert not same_target(uri, uri)


@given(st.lists(st.sampled_from(["a", ".", "..", "", "%41", "%2f", "~"]), max_size=6))
def test_normalising_twice_changes_nothing(segments: list[str]) -> None:
    once = normalised("https://hub.example/" + "/".join(segments))
    assert once is not None
    assert normalised(once) == once


@given(st.from_regex(r"https?://[a-z0-9.-]{0,9}(:[0-9]{0,5})?(/[A-Za-z0-9_.%-]{0,4}){0,4}", fullmatch=True))
def test_the_quick_answer_for_what_is_spelt_alike_is_the_long_one(uri: str) -> None:
    assert same_target(uri, uri) is (normalised(uri) is not None)
