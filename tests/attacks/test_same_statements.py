"""Whether the store's work tells a caller what the answer keeps from them: the same statements and the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway import serving
from gateway.store.direct import Query, Write
from gateway.store.direct.sqlite import SqliteWork
from gateway.store.transaction import Transaction
from sandbox.disclosure import Reply
from schemas import opaque
from tests.attacks.test_existence import SECRET, nothing
from tests.gateway.fixtures import Starter
from tests.gateway.natives import child, notice
from tests.gateway.town import HELD, Town

pytestmark = pytest.mark.parametrize("both", ["embedded"], indirect=True)
NAMES = re.compile(rb"\"(?:[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}|[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43})\"")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No background work beside what is asked for."""
    monkeypatch.setattr(serving, "_SEQUENCE_EVERY", 3600.0)
    monkeypatch.setattr(serving, "_KEYS_EVERY", 3600.0)


class Heard:
    """The statements that reached the database while it listened, in their order and without their parameters."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        self._listening = False
        execute, read, commit = Transaction.execute, SqliteWork.read, SqliteWork.commit

        async def executes(work: Transaction, statement: Any, values: Any = None) -> object:  # noqa: ANN401 - of any kind
            self._hear(str(statement))
            return await execute(work, statement, values)

        async def reads(work: SqliteWork, *queries: Query) -> object:
            self._hear(*(one.statement.sqlite for one in queries))
            return await read(work, *queries)

        async def commits(work: SqliteWork, *writes: Write) -> object:
            self._hear(*(f"{one.statement.sqlite} x{len(list(one.rows))}" for one in writes))
            return await commit(work, *writes)

        monkeypatch.setattr(Transaction, "execute", executes)
        monkeypatch.setattr(SqliteWork, "read", reads)
        monkeypatch.setattr(SqliteWork, "commit", commits)

    def _hear(self, *statements: str) -> None:
        if self._listening:
            self.statements.extend(statements)

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What is heard within the block."""
        self.statements, self._listening = [], True
        try:
            yield self.statements
        finally:
            self._listening = False


async def test_a_thing_of_others_costs_the_same_statements_and_bytes_as_one_that_is_not_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = (await town.notify(notice())).headers["Mash-Message-Id"]
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    gp, lead, given = town.client("health.gp"), town.client("police.lead"), case.given[0]
    tried: list[tuple[Any, str, str, str, opaque.Prefix]] = [
        (gp.door, "GET", "/v1/messages/{}", message, opaque.Prefix.MESSAGE),
        (gp.door, "POST", "/v1/mailbox/{}/ack", delivery.envelope, opaque.Prefix.ENVELOPE),
        (lead.door, "POST", "/v1/requests/{}/disclosure", given.request, opaque.Prefix.REQUEST),
        (lead.door, "POST", "/v1/disclosures/{}/releases", given.disclosure, opaque.Prefix.DISCLOSURE),
        (town.person("police_lead"), "GET", "/v1/disclosures/{}", given.disclosure, opaque.Prefix.DISCLOSURE),
        (town.person("other_manager"), "GET", "/v1/disclosures/{}", given.disclosure, opaque.Prefix.DISCLOSURE),
    ]
    heard = Heard(monkeypatch)
    for who, method, path, theirs, prefix in tried:
        (await who.call("GET", "/v1/mailbox")) if who in {gp.door, lead.door} else await who.call("GET", "/v1/feeds")
        cost: list[tuple[list[str], bytes]] = []
        for name in (theirs, nothing(prefix)):
            with heard.listening() as statements:
                answer = await who.call(method, path.format(name))
            assert answer.status == 404, path
            cost.append((list(statements), answer.body))
        assert cost[0][0], path
        assert cost[0] == cost[1], path


async def test_a_group_whose_existence_is_sensitive_costs_no_statement_and_no_byte(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as town:
        heard, seen = Heard(monkeypatch), []
        for number, groups in enumerate(((HELD.groups[0],), (HELD.groups[0], SECRET)), 1):
            case = await town.referral(notice(child(number)))
            await town.disclosed(case, Reply(decision="disclose", groups=groups))
            with heard.listening() as statements:
                answer = await town.manager.call("GET", f"/v1/disclosures/{case.given[0].disclosure}")
            seen.append((list(statements), answer.status, NAMES.sub(b"*", answer.body)))
        assert seen[0] == seen[1]
        assert seen[0][1] == 200
