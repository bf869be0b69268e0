"""Versions of a configuration: staged, in force, rolled back to, and what a start with a file makes of them."""

from __future__ import annotations

import copy
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from adapters import registry
from crypto.jwk import DecryptionKey
from gateway.bootstrap import Gateway, note_start
from gateway.configuration.reading import digest
from schemas.errors import Conflict, Refused, Rejected, Unknown
from schemas.vocabulary import Rating
from tests.gateway import borough
from tests.gateway.natives import child, notice
from tests.unit.gateway.case import asked, opened, rated
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import document, entries, put_together

Started = Callable[[borough.Document], AbstractAsyncContextManager[Gateway]]
"""Starts a process of the hub with a file: the gateway, its start noted, until the block ends."""


@pytest.fixture
def plain() -> borough.Document:
    return document("https://id.example")


@pytest.fixture
def started(
    tmp_path: Path, clock: Clock, rsa_pairs: Iterator[DecryptionKey], monkeypatch: pytest.MonkeyPatch
) -> Started:
    """Processes of one hub, one after the other or side by side: the same database, the same master key."""
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    master, url = os.urandom(32), f"sqlite:///{tmp_path / 'whole.sqlite3'}"

    @asynccontextmanager
    async def process(made: borough.Document) -> AsyncIterator[Gateway]:
        async with put_together(tmp_path, clock, made, database_url=url, master=master) as gateway:
            await note_start(gateway)
            yield gateway

    return process


def red(made: borough.Document, hours: float) -> borough.Document:
    """The file with another time for red."""
    changed = copy.deepcopy(made)
    changed["ratings"][0] |= {"hours": hours, "reply_hours": hours / 2}
    return changed


def data(made: borough.Document) -> bytes:
    return borough.text(made).encode()


def hours(gateway: Gateway) -> float:
    return next(rule.hours for rule in gateway.hub.ratings if rule.rating is Rating.RED)


async def configured(gateway: Gateway) -> list[tuple[int, str, str]]:
    """What the log tells of configurations: version, origin, actor."""
    told = await entries(gateway, "hub.configured")
    return sorted((one["detail"]["version"], one["detail"]["origin"], one["actor"]) for one in told)


async def test_a_file_comes_into_force_with_the_first_start_and_its_digest_is_in_the_log(
    started: Started, plain: borough.Document
) -> None:
    async with started(plain) as gateway:
        assert await configured(gateway) == [(1, "file", "hub")]
    async with started(plain) as gateway:
        assert await configured(gateway) == [(1, "file", "hub")]
        told = await entries(gateway, "hub.started")
        assert [one["detail"]["digest"] for one in told] == [digest(data(plain))] * 2
    async with started(red(plain, 5)) as gateway:
        assert await configured(gateway) == [(1, "file", "hub"), (2, "file", "hub")]
        told = await entries(gateway, "hub.started")
        assert digest(data(red(plain, 5))) in [one["detail"]["digest"] for one in told]


async def test_what_is_staged_counts_only_once_it_is_applied(started: Started, plain: borough.Document) -> None:
    async with started(plain) as gateway:
        named = await gateway.versions.stage(data(red(plain, 6)), "new.toml", actor="operator")
        assert named == digest(data(red(plain, 6)))
        assert hours(gateway) == 4
        assert [one["detail"] for one in await entries(gateway, "configuration.staged")] == [{"digest": named}]
        with pytest.raises(Conflict, match=r"config\.staged_other"):
            await gateway.versions.apply("0000", actor="operator")
        record = await gateway.versions.apply(named[:8], actor="operator")
        assert (record.version, record.digest, hours(gateway)) == (2, named, 6)
        with pytest.raises(Unknown, match=r"config\.nothing_staged"):
            await gateway.versions.apply(None, actor="operator")
        assert await configured(gateway) == [(1, "file", "hub"), (2, "applied", "operator")]


async def test_a_version_is_rolled_back_to_as_a_new_one_and_open_referrals_keep_their_promise(
    started: Started, plain: borough.Document
) -> None:
    async with started(plain) as gateway:
        referral = await opened(gateway)
        before = await rated(gateway, referral, Rating.RED)
        request = await asked(gateway, referral)
        async with gateway.store.reading() as work:
            due = (await work.requests.get(request)).due_at
        await gateway.versions.stage(data(red(plain, 6)), "new.toml", actor="operator")
        await gateway.versions.apply(None, actor="operator")
        again = await rated(gateway, referral, Rating.RED)
        assert (again.due_at, again.redated) == (before.due_at, ()), "a slower clock gives an open referral nothing"
        other = await rated(gateway, await opened_afresh(gateway), Rating.RED)
        assert other.due_at > before.due_at
        record = await gateway.versions.roll_back(None, actor="operator")
        assert (record.version, record.origin, hours(gateway)) == (3, "rolled_back", 4)
        async with gateway.store.reading() as work:
            assert (await work.requests.get(request)).due_at == due
            assert (await work.referrals.get(referral)).due_at == before.due_at
        await gateway.versions.roll_back(2, actor="operator")
        assert hours(gateway) == 6
        with pytest.raises(Conflict, match=r"config\.in_force"):
            await gateway.versions.roll_back(2, actor="operator")
        with pytest.raises(Unknown, match=r"configuration\.unknown"):
            await gateway.versions.roll_back(9, actor="operator")


async def opened_afresh(gateway: Gateway) -> str:
    """A referral of another child."""
    answered = await gateway.intake.receive(gateway.feeds["police-ppn"], notice(child(5)), "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(answered.message_id)
    return str(item.referral_id)


async def test_a_quicker_clock_counts_from_the_next_rating_on_and_moves_nothing_by_itself(
    started: Started, plain: borough.Document
) -> None:
    async with started(plain) as gateway:
        referral = await opened(gateway)
        before = await rated(gateway, referral, Rating.RED)
        await gateway.versions.stage(data(red(plain, 2)), "new.toml", actor="operator")
        await gateway.versions.apply(None, actor="operator")
        async with gateway.store.reading() as work:
            assert (await work.referrals.get(referral)).due_at == before.due_at
        assert (await rated(gateway, referral, Rating.RED)).due_at < before.due_at


async def test_another_process_takes_up_what_was_applied(started: Started, plain: borough.Document) -> None:
    async with started(plain) as one, started(plain) as other:
        await one.versions.stage(data(red(plain, 6)), "new.toml", actor="operator")
        await one.versions.apply(None, actor="operator")
        assert hours(other) == 4
        await other.versions.refresh()
        assert hours(other) == 6


async def test_what_needs_a_restart_is_named_and_the_rest_taken_up(started: Started, plain: borough.Document) -> None:
    async with started(plain) as gateway:
        wanted = red(plain, 6) | {"break_glass": {"minutes": 7}, "tokens": {"retry_minutes": 3}}
        await gateway.versions.stage(data(wanted), "new.toml", actor="operator")
        await gateway.versions.apply(None, actor="operator")
        assert (hours(gateway), gateway.hub.break_glass.minutes, gateway.hub.tokens.retry_minutes) == (6, 7, 10)
        assert gateway.configuration.restart == ("tokens",)


async def test_a_restart_with_the_file_of_before_does_not_bring_it_back(
    started: Started, plain: borough.Document
) -> None:
    async with started(plain) as gateway:
        await gateway.versions.stage(data(red(plain, 6)), "new.toml", actor="operator")
        await gateway.versions.apply(None, actor="operator")
    async with started(plain) as gateway:
        assert hours(gateway) == 6
        assert len(await configured(gateway)) == 2
        told = [one["detail"] for one in await entries(gateway, "hub.started")]
        assert {"digest": digest(data(red(plain, 6))), "file": digest(data(plain))} in told
    async with started(red(plain, 3)) as gateway:
        assert hours(gateway) == 3, "a file that the hub has not seen is a new version"
        assert (await configured(gateway))[-1] == (3, "file", "hub")


async def test_a_file_that_was_edited_back_counts_where_nothing_was_applied(
    started: Started, plain: borough.Document
) -> None:
    for made, wanted in ((plain, 4), (red(plain, 5), 5), (plain, 4)):
        async with started(made) as gateway:
            assert hours(gateway) == wanted
    assert wanted == 4


@pytest.mark.parametrize(
    "change, code, event",
    [
        (lambda made: made["ratings"].pop(), "config.inconsistent", "action.not_taken"),
        (lambda made: made["hub"].update(id="another"), "config.other_hub", "action.not_taken"),
        (lambda made: made.update(repeats={"enabled": False}), "component.5", "action.refused"),
        (lambda made: made.update(audit=False), "component.3", "action.refused"),
    ],
)
async def test_a_file_that_will_not_do_is_refused_and_recorded_and_changes_nothing(
    started: Started, plain: borough.Document, change: borough.Change, code: str, event: str
) -> None:
    async with started(plain) as gateway:
        before = len(await entries(gateway))
        wanted = copy.deepcopy(plain)
        change(wanted)
        with pytest.raises((Rejected, Refused)) as refused:
            await gateway.versions.stage(data(wanted), "new.toml", actor="operator")
        with pytest.raises(Unknown):
            await gateway.versions.staged()
        assert refused.value.code == code
        assert (hours(gateway), len(await entries(gateway))) == (4, before + 1)
        (told,) = [one for one in await entries(gateway, event) if one["actor"] == "operator"]
        assert told["detail"] == {"route": "config:stage", "code": code, "digest": digest(data(wanted))}


async def test_a_rating_that_open_referrals_bear_is_not_dropped(started: Started, plain: borough.Document) -> None:
    blue = copy.deepcopy(plain)
    blue["ratings"].append({"rating": "blue", "hours": 96.0, "reply_hours": 48.0})
    async with started(blue) as gateway:
        referral = await opened(gateway)
        await rated(gateway, referral, Rating.BLUE)
        await gateway.versions.stage(data(plain), "new.toml", actor="operator")
        with pytest.raises(Conflict, match=r"config\.rating_in_use"):
            await gateway.versions.apply(None, actor="operator")
        await rated(gateway, referral, Rating.GREEN)
        assert (await gateway.versions.apply(None, actor="operator")).version == 2
