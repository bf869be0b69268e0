"""Envelopes opened over HTTP: a token and its proof in, the sealed content key and its log proof out."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from benchmarks import beside, processes
from benchmarks.gateway import Gateway, credential, gateway
from benchmarks.load.messages import concern
from benchmarks.load.order import Order
from benchmarks.measuring import RUNS, Row, figure, in_turn
from benchmarks.sending import Load, load
from benchmarks.subject import Subject, Taken
from gateway import settings
from gateway.bootstrap import Gateway as Parts
from gateway.bootstrap import bootstrap
from gateway.casework.asking import Wanted, Why
from gateway.people import PersonCaller
from sandbox.hub import free_ports
from sandbox.keys import client_keys
from schemas.vocabulary import DataCategory, LegalGround, Rating, Role

READERS = (1, 64)
_FEED = "nhs-mllp"
_READER = "health.lead"
_TRIED = 60
"""Envelopes that the first run opens: how many a run takes afterwards follows from how long it took."""
_RUN_SECONDS = 0.8
_MOST = 320
_BOUNDS_RUN = 600
"""The bound is so much faster that it opens more in a run."""
_EACH_REFERRAL = 40
_BOUND_NAME = "two signatures verified, one shared commit, one RSA-OAEP seal, over HTTP"

Envelopes = list[tuple[str, str]]


async def rows(_: Callable[[str], None]) -> list[Row]:
    """One reader, and many at once, on SQLite."""
    made: list[Row] = []
    lead = client_keys("health", "lead", recipient=True, grants=("mailbox", "open", "disclose"))
    async with AsyncExitStack() as stack:
        sender = await stack.enter_async_context(load())
        hub = await stack.enter_async_context(gateway(None, more=[lead]))
        waiting = await prepare(hub, _TRIED)
        await hub.start()
        ours = hub.subject()
        ours.credential = credential(hub.hub, hub.keys.clients[_READER])
        tried = await _opened(sender, ours, waiting, max(READERS))
        each = max(*READERS, min(_MOST, int(tried.per_second * _RUN_SECONDS)))
        await hub.stop()
        waiting = await prepare(hub, len(READERS) * RUNS * each)
        await hub.start()
        ours.pid = hub.pid
        bound, theirs = await stack.enter_async_context(_bound(_TRIED + len(READERS) * RUNS * _BOUNDS_RUN))
        await _opened(sender, bound, _next(theirs, _TRIED), max(READERS))
        for readers in READERS:
            taken = await in_turn(
                {
                    "ours": lambda: _opened(sender, ours, _next(waiting, each), readers),  # noqa: B023 - awaited within
                    "bound": lambda: _opened(sender, bound, _next(theirs, _BOUNDS_RUN), readers),  # noqa: B023 - the same
                },
                warm=False,
            )
            made += _rows(readers, taken)
    return made


def title(readers: int) -> str:
    """The name of a row."""
    return f"envelope opened over HTTP, SQLite, {readers} reader{'s' * (readers > 1)}"


def _rows(readers: int, taken: dict[str, list[Taken]]) -> list[Row]:
    ours, bound = taken["ours"], taken["bound"]
    trouble = sum(run.trouble for run in ours)
    note = f"{trouble} not opened" if trouble else ""

    def row(more: str, unit: str, of: Callable[[Taken], float], *, less: bool = True) -> Row:
        return Row(
            name=title(readers) + more,
            unit=unit,
            figure=figure(ours, of),
            bound=figure(bound, of),
            bound_name=_BOUND_NAME,
            less_is_better=less,
            note=note,
        )

    return [
        row("", "openings/s", lambda run: run.per_second, less=False),
        row(", p50", "ms", lambda run: run.p50),
        row(", p99", "ms", lambda run: run.p99),
        row(", processor", "ms of processor an opening", lambda run: run.cpu),
    ]


async def _opened(sender: Load, subject: Subject, envelopes: Envelopes, readers: int) -> Taken:
    pid = subject.pid
    assert pid is not None
    before = processes.seconds(pid)
    told = await sender.perform(
        Order(
            over="http",
            shape="openings",
            port=subject.ports["http"],
            connections=readers,
            seconds=60.0,
            most=len(envelopes),
            ahead=len(envelopes),
            credential=subject.credential,
            envelopes=tuple(envelopes),
        )
    )
    spent = processes.seconds(pid) - before
    passed = max(told.last - told.first, 1e-9)
    return Taken(
        per_second=told.answered / passed,
        p50=told.p50 * 1000,
        p99=told.p99 * 1000,
        longest=told.longest * 1000,
        cpu=spent * 1000 / max(told.answered, 1),
        peak=processes.peak(pid),
        load=told.cpu / passed,
        answered=told.answered,
        trouble=told.refused + told.lost + told.owed,
    )


def _next(waiting: Envelopes, count: int) -> Envelopes:
    taken = waiting[:count]
    assert len(taken) == count
    del waiting[:count]
    return taken


async def prepare(hub: Gateway, count: int) -> Envelopes:
    """Have a manager ask the reader so often about a few referrals: an envelope for each, by id and token."""
    before = set(_envelopes(hub))
    loaded = settings.load(hub.hub.config, {**os.environ, **hub.hub.environment()})
    async with bootstrap(loaded) as parts:
        for first in range(0, count, _EACH_REFERRAL):
            await asked(parts, secrets.randbelow(1_000_000), min(_EACH_REFERRAL, count - first))
    return [one for one in _envelopes(hub) if one not in before]


async def asked(parts: Parts, number: int, times: int) -> None:
    """Have a manager ask the reader so often about one new referral."""
    manager = PersonCaller(subject="bench", roles=frozenset({Role.SOCIAL_WORK_MANAGER}), agency="council")
    message = concern(number, f"O{secrets.token_hex(3).upper()}")
    answered = await parts.intake.receive(parts.feeds[_FEED], message, None)
    async with parts.store.reading() as work:
        referral = str((await work.messages.items(answered.message_id))[0].referral_id)
    await parts.rating.rate(
        manager, referral, rating=Rating.AMBER, threshold=2, reasons=["A reason"], cites=[], relax_reason=None
    )
    wanted = Wanted(agency="health", categories=(DataCategory.HEALTH_HISTORY,), questions=("What do you know?",))
    await parts.asking.ask(
        manager,
        referral,
        [wanted] * times,
        persons=None,
        why=Why(
            purpose="To decide whether this child needs protection",
            legal_ground=LegalGround.CHILDREN_ACT_2004_S10,
            necessity="The referrer knows little",
        ),
    )


def _envelopes(hub: Gateway) -> Sequence[tuple[str, str]]:
    """Id and token of every envelope, as its reader would find them in its messages."""
    path = hub.hub.database_url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("SELECT id, headers FROM envelopes ORDER BY created_at, id").fetchall()
    finally:
        connection.close()
    return [(name, json.loads(headers)["access-token"]) for name, headers in found]


@asynccontextmanager
async def _bound(count: int) -> AsyncIterator[tuple[Subject, Envelopes]]:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mash-bound-")))
        port, keys = free_ports(1)[0], beside.Keys()
        names = [(f"env_{secrets.token_hex(16)}", secrets.token_hex(16)) for _ in range(count)]
        file = directory / "envelopes.json"
        file.write_text(json.dumps(names), encoding="utf-8")
        hub = f"http://127.0.0.1:{port}"
        command = ("benchmarks.bounds.opening", str(port), str(directory / "bound.sqlite3"))
        told = {"hub": hub, "envelopes": str(file), **keys.public()}
        pid = await stack.enter_async_context(beside.started(*command, told=told))
        await beside.listening(port)
        tokens = [(name, keys.token({"mid": name, "jti": jti})) for name, jti in names]
        subject = Subject(name="bound", pid=pid, ports={"http": port}, credential=keys.credential(hub, keys.token({})))
        yield subject, tokens
