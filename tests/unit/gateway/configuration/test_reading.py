"""A hub's file that will not do: everything that is wrong, by line and column, with what to do and no value."""

from __future__ import annotations

import re

import pytest

from gateway.configuration import reading
from gateway.configuration.places import Place
from schemas.errors import Refused
from schemas.hub import Hub

GOOD = """\
[hub]
id = "harbour"
name = "Harbour"
public_url = "https://hub.example"

[http]
port = 8080

[people]
issuer = "https://id.example"
audience = "harbour"
roles = { managers = "social_work_manager" }

[[ratings]]
rating = "red"
hours = 4
reply_hours = 2

[[ratings]]
rating = "amber"
hours = 24
reply_hours = 6

[[ratings]]
rating = "green"
hours = 72
reply_hours = 24

[[agencies]]
id = "police"
name = "Police"
sector = "police"
recipients = [{ name = "lead", role = "professional_lead" }]

[[feeds]]
name = "police-ppn"
agency = "police"
adapter = "police.ppn"
"""


def found(text: str) -> list[str]:
    checked = reading.check_installed(text.encode(), "hub.toml")
    assert not isinstance(checked, Hub)
    return [one.line for one in checked]


def test_a_good_file_is_the_hub() -> None:
    made = reading.check_installed(GOOD.encode(), "hub.toml")
    assert isinstance(made, Hub)
    assert made.hub.id == "harbour"


@pytest.mark.parametrize(
    "old, new, line",
    [
        ("hours = 4\n", "hours = 0\n", "16:1: ratings.0.hours: Input should be greater than 0 [config.invalid]"),
        ('name = "Harbour"', 'nane = "Harbour"', "3:1: hub.nane: there is no such key: did you mean name?"),
        (
            'role = "professional_lead"',
            'role = "zephyrine"',
            "33:32: agencies.0.recipients.0.role: Input should be ",
        ),
        ("port = 8080\n", "", "6:1: http.port: is missing: add it [config.invalid]"),
        ('agency = "police"', 'agency = "nobody"', "37:1: feeds[0].agency: no such agency [config.inconsistent]"),
        ("reply_hours = 2\n", "reply_hours = 9\n", "17:1: ratings[0].reply_hours: replies come before the decision"),
        ('"police.ppn"', '"zephyrine"', "38:1: feeds[0].adapter: no such adapter is installed: `mash adapters list`"),
        ("[http]", "[working_hours]\ndays = [0, 9]\n[http]", "7:1: working_hours.days: name working days"),
        ("[http]", "[audit]\nenabled = false\n[http]", "7:1: audit.enabled: core component 3, a sealed hub"),
        ('sector = "police"', 'sector = "police"\nauto-disclose = true', "33:1: agencies.auto_disclose: core compo"),
        ('"https://hub.example"', '"https://hub.example"\ntimezone = "Zephyrine"', "5:1: hub.timezone: name a time z"),
        ("port = 8080", "port = = 8080", "7:8: hub.toml: mend the TOML: Invalid value (at line 7, column 8)"),
        ('name = "Harbour"', 'name = "Harbour"\nname = "H"', "4:11: hub.toml: mend the TOML: Cannot overwrite a value"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_by_line_and_column_with_what_to_do(old: str, new: str, line: str) -> None:
    assert old in GOOD
    told = found(GOOD.replace(old, new, 1))
    assert any(one.startswith(line) for one in told), told
    assert not any("zephyrine" in one.lower() for one in told)


def test_all_mistakes_are_told_in_one_go() -> None:
    broken = GOOD.replace("hours = 4", "hours = 0").replace("port = 8080", "prt = 8080").replace("= 24\n", '= "x"\n')
    assert [one.partition(": ")[0] for one in found(broken)] == ["6:1", "7:1", "16:1", "21:1", "27:1"]


def test_a_file_that_ends_too_early_is_told_where() -> None:
    (told,) = found(GOOD + "[broken")
    assert re.match(r"39:8: hub.toml: mend the TOML", told), told


def test_bytes_that_are_no_text_are_told_where() -> None:
    checked = reading.check(b'[hub]\nid = "\xff"\n', "hub.toml")
    assert not isinstance(checked, Hub)
    (one,) = checked
    assert one.place == Place(2, 7)
    assert "UTF-8" in one.line


def test_a_component_taken_away_is_told_before_all_else_and_refused() -> None:
    text = GOOD.replace("hours = 4", "hours = 0") + "\n[repeats]\nenabled = false\n"
    with pytest.raises(Refused) as refused:
        reading.parse(text.encode(), "hub.toml")
    assert refused.value.code == "component.5"
    assert [one.split(":")[0] for one in found(text)] == ["41", "16", "41"]


def test_the_key_that_was_meant_is_looked_for_in_the_table_where_it_stands() -> None:
    text = GOOD.replace('{ name = "lead",', '{ nme = "lead",')
    assert any("did you mean name?" in one for one in found(text))
    listed = found(GOOD.replace("[http]", "[http]\nqqq = 1"))
    assert any("those here are certificate, client_ca, host, port, private_key" in one for one in listed)
