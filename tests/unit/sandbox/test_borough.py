from __future__ import annotations

import tomllib

from routing import components, hub_rules
from sandbox.borough import FEEDS, PARTNERS, ROLES, Place, hub_file, people
from schemas.hub import Hub


def place(**changes: str) -> Place:
    known = {"channel": "mailbox", "broker_prefix": ""} | changes
    return Place(http_port=8001, mllp_port=8002, issuer="http://127.0.0.1:8003", **known)  # type: ignore[arg-type]


def test_the_hubs_file_is_one_that_a_hub_takes() -> None:
    for where in (place(), place(channel="amqp", broker_prefix="demo-ab12.")):
        raw = tomllib.loads(hub_file(where))
        components.check(raw)
        hub = Hub.model_validate(raw)
        assert list(hub_rules.problems(hub)) == []
        assert {recipient.channel for agency in hub.agencies for recipient in agency.recipients} == {where.channel}


def test_every_sector_of_the_core_sends_its_own_format() -> None:
    sectors = {partner.id: partner.sector for partner in PARTNERS}
    # What people fill in at the console comes from no system.
    sent = [feed for feed in FEEDS if feed.authentication != "console"]
    formats = {sectors[feed.agency]: feed.adapter.split(".")[0] for feed in sent}
    assert formats == {"police": "police", "health": "nhs", "education": "schools", "probation": "probation"}


def test_everybody_who_signs_in_has_a_role_and_a_password_of_this_run() -> None:
    first, second = people(), people()
    assert {role for user in first for role in user.roles} == ROLES.keys()
    assert not {user.password for user in first} & {user.password for user in second}
    assert all(user.password not in repr(user) for user in first)
