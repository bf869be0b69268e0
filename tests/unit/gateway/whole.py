"""A whole gateway, put together for a test and not serving: its own store, a clock that the test moves, its people."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.people import PersonCaller
from gateway.world import World
from schemas.vocabulary import Role
from tests.gateway import borough

Now = Callable[[], datetime]
URL = "http://127.0.0.1:8080"


def document(issuer: str, *, channel: borough.Channel = "mailbox", prefix: str = "") -> borough.Document:
    """The hub's file: the borough of the tests, on addresses that nobody listens on."""
    return borough.document(http=8080, mllp=2575, issuer=issuer, channel=channel, prefix=prefix)


@asynccontextmanager
async def put_together(
    directory: Path,
    now: Now,
    made: borough.Document,
    *,
    database_url: str,
    broker_url: str | None = None,
    enrol: tuple[str, ...] = borough.AGENCIES,
    master: bytes = b"",
) -> AsyncIterator[Gateway]:
    """A gateway of this file on this database, with these agencies enrolled; ``master`` is shared by replicas."""
    path = directory / "hub.toml"
    path.write_text(borough.text(made), encoding="utf-8")
    environ = {
        "MASH_MASTER_KEY": base64.b64encode(master or os.urandom(32)).decode(),
        "MASH_DATABASE_URL": database_url,
    }
    if broker_url:
        environ["MASH_BROKER_URL"] = broker_url
    async with bootstrap(settings.load(path, environ), World(now=now)) as gateway:
        for agency in enrol:
            await gateway.agencies.enrol(borough.keys_of(agency).enrolment_file(borough.HUB, now()), now())
        yield gateway


def person(name: str) -> PersonCaller:
    """Somebody of ``borough.PEOPLE``, as the sign-in provider would have told the hub."""
    role, agency = borough.PEOPLE[name]
    return PersonCaller(subject=f"t.{name}", roles=frozenset({role}), agency=agency)


def claims_of(role: Role, *, agency: str = "council") -> dict[str, Any]:
    """The claims of a token for somebody in this role."""
    return {"sub": f"s-{role}", "aud": URL, "roles": [f"mash-{role}"], "agency": agency}


async def entries(gateway: Gateway, event: str = "") -> list[dict[str, Any]]:
    """The log's entries in their order, of one event or all, without those that were erased."""
    await gateway.log.sequence()
    async with gateway.store.reading() as work:
        rows = await work.log.entries(0, await work.log.size())
    found = [json.loads(one.entry) for one in rows if one.entry]
    return [one for one in found if not event or one["event"] == event]
