from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.hub import AgencySection, BrokerSection, Hub, RecipientSection, RepeatRule, Tokens
from schemas.timing import RatingRule

WHOLE: dict[str, object] = {
    "hub": {"id": "northmarsh", "name": "Northmarsh MASH", "public_url": "https://hub.example"},
    "http": {"port": 8080},
    "people": {"issuer": "https://id.example", "audience": "mash", "roles": {"managers": "social_work_manager"}},
    "ratings": [{"rating": "red", "hours": 4, "reply_hours": 2}],
    "agencies": [{"id": "police", "name": "Northmarsh Police", "sector": "police"}],
    "feeds": [{"name": "police-ppn", "agency": "police", "adapter": "police.ppn"}],
}


def test_a_small_file_is_whole_and_defaults_are_safe() -> None:
    hub = Hub.model_validate(WHOLE)
    assert hub.http.host == "127.0.0.1"
    assert hub.feeds[0].authentication == "dpop"
    assert hub.repeats == RepeatRule(count=3, window_months=12, lifetime=5)


@pytest.mark.parametrize("section", ["hub", "http", "people", "ratings", "agencies", "feeds"])
def test_a_section_that_the_hub_needs_cannot_be_left_out(section: str) -> None:
    with pytest.raises(ValidationError):
        Hub.model_validate({name: value for name, value in WHOLE.items() if name != section})


def test_a_misspelt_key_is_an_error_and_its_value_is_not_quoted() -> None:
    with pytest.raises(ValidationError) as caught:
        Hub.model_validate(WHOLE | {"repeat": {"count": "Testcase"}})
    assert "Testcase" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a" * 49, "a/b"])
def test_a_name_fits_into_a_path_and_a_queue(name: str) -> None:
    with pytest.raises(ValidationError):
        Hub.model_validate(WHOLE | {"feeds": [{"name": name, "agency": "police", "adapter": "police.ppn"}]})


def test_the_repeat_rule_cannot_be_set_to_catch_nothing_less_than_a_repeat() -> None:
    with pytest.raises(ValidationError):
        RepeatRule(count=1)


def test_limits_on_lives_and_periods_hold() -> None:
    with pytest.raises(ValidationError):
        Tokens(access_seconds=1)
    with pytest.raises(ValidationError):
        BrokerSection(queue_hours=0)
    with pytest.raises(ValidationError):
        RatingRule.model_validate({"rating": "red", "hours": 0, "reply_hours": 1})


def test_formats_are_for_a_receiving_team_each_once() -> None:
    team = {"name": "assessment-team", "role": "receiving_team"}
    assert RecipientSection.model_validate(team | {"formats": ["pdf", "json"]}).formats == ("pdf", "json")
    for recipient in (team | {"formats": ["pdf", "pdf"]}, team | {"formats": ["docx"]},
                      team | {"role": "referrer", "formats": ["pdf"]}):  # fmt: skip
        with pytest.raises(ValidationError):
            RecipientSection.model_validate(recipient)


@pytest.mark.parametrize("code", ["99", "9999", "99A"])
def test_a_councils_code_has_three_digits(code: str) -> None:
    with pytest.raises(ValidationError):
        AgencySection.model_validate({"id": "council", "name": "C", "sector": "local_authority", "la_code": code})
