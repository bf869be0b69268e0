from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from crypto.jwk import DecryptionKey, generate_sealing_key
from sandbox.agency import Client
from sandbox.door import Door
from sandbox.hub_keys import HubKeys
from sandbox.inbox import MailboxInbox
from sandbox.keys import AgencyKeys, agency_keys, client_keys
from sandbox.transcript import Transcript
from tests.unit.sandbox.fake_hub import FakeHub


@dataclass(frozen=True, kw_only=True)
class Wire:
    """A small hub, and two clients of one agency that speak to it."""

    hub: FakeHub
    lead: Client
    desk: Client


@pytest.fixture(scope="session")
def police() -> AgencyKeys:
    lead = client_keys("police", "lead", recipient=True, grants=("mailbox", "open", "disclose"))
    return agency_keys("police", [lead, client_keys("police", "desk", recipient=True, grants=("notify",))])


@pytest.fixture(scope="session")
def hub_sealing() -> DecryptionKey:
    return generate_sealing_key("hub-seal-1")


@pytest.fixture
async def wire(police: AgencyKeys, hub_sealing: DecryptionKey) -> AsyncIterator[Wire]:
    hub = FakeHub(police, hub_sealing)
    async with TestServer(hub.application()) as server, aiohttp.ClientSession() as session:
        hub.url = str(server.make_url("")).rstrip("/")
        keys = HubKeys(session, hub.url)
        clients = {}
        for name, own in police.clients.items():
            door = Door(session, hub.url, own, Transcript())
            clients[name] = Client(own, police, door, keys, MailboxInbox(door))
        yield Wire(hub=hub, lead=clients["police.lead"], desk=clients["police.desk"])
