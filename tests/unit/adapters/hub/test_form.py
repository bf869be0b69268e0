"""hub.form: what a referrer or a call brought, as a concern."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.hub.form import ADAPTER, MAX_PEOPLE
from adapters.port import FeedContext
from schemas.errors import Rejected, TooLarge
from schemas.notification import Normalised
from schemas.vocabulary import Concern, ItemKind

CONTEXT = FeedContext(feed="forms", agency="council")
SAMPLE = Path(__file__).parents[3] / "fixtures" / "hub.form" / "call.json"


def read(**changed: Any) -> Normalised:  # noqa: ANN401 - whatever JSON holds
    form = json.loads(SAMPLE.read_text(encoding="utf-8")) | changed
    (item,) = ADAPTER.read(json.dumps(form).encode(), CONTEXT).items
    return item


def test_everything_that_was_said_is_carried_over() -> None:
    told = read().notification
    assert told.kind is ItemKind.CONCERN
    assert told.concern is not None
    assert told.concern.categories == (Concern.NEGLECT, Concern.DOMESTIC_ABUSE)
    assert told.incident is not None
    assert told.incident.narrative.endswith("crying.")
    assert [child.birth_date for child in told.children] == ["2019-03", None]
    assert told.adults[0].relation == "mother"
    assert told.referrer is not None
    assert told.referrer.contacts[0].value == "01632 960123"
    assert told.consent is not None
    assert told.consent.informed is False
    assert (told.handling.source_protection, told.handling.hidden_location) == (True, False)


def test_a_category_that_is_none_of_ours_is_kept_in_its_own_words() -> None:
    concern = read(categories=["something else"]).notification.concern
    assert concern is not None
    assert (concern.categories, concern.source_categories) == ((), ("something else",))


@pytest.mark.parametrize("said", ["yes", "maybe", "true"])
def test_what_might_hide_a_family_hides_it(said: str) -> None:
    assert read(hidden_location=said).notification.handling.hidden_location


def test_a_form_without_a_worry_is_a_concern_all_the_same() -> None:
    assert read(worry="", categories=[]).notification.kind is ItemKind.CONCERN


@pytest.mark.parametrize("payload,code", [(b"[]", "hub.form.object"), (b'{"worry": "x"}', "hub.form.id")])
def test_what_is_no_form_is_rejected(payload: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, CONTEXT)
    assert refused.value.code == code


def test_more_people_than_any_family_has_are_too_many() -> None:
    with pytest.raises(TooLarge):
        read(children=[{"given": "A"}] * (MAX_PEOPLE + 1))
