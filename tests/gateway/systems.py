"""Those who deal with a hub of the tests: agencies' systems and people, each the sandbox's own code."""

from __future__ import annotations

import aiohttp
from aio_pika.abc import AbstractConnection

from sandbox.agency import Agency, Client
from sandbox.door import Door
from sandbox.hub_keys import HubKeys
from sandbox.inbox import BrokerInbox, Inbox, MailboxInbox
from sandbox.keys import AgencyKeys, ClientKeys
from sandbox.person import Person
from sandbox.scenarios.stage import Stage
from sandbox.transcript import Transcript
from tests.gateway import borough
from tests.gateway.ground import Ground


def stage(place: Ground, session: aiohttp.ClientSession, connection: AbstractConnection | None) -> Stage:
    """Everybody who deals with the hub on this ground: the agencies' systems and the people who sign in."""
    hub_keys = HubKeys(session, place.url)
    names = dict(zip(borough.PEOPLE, place.provider.users.values(), strict=True))
    return Stage(
        hub=place.command_line(),
        hub_keys=hub_keys,
        agencies={
            agency: _agency(place, borough.keys_of(agency), hub_keys, session, connection)
            for agency in borough.AGENCIES
        },
        people={
            name: Person(session, user, issuer=place.provider.issuer, hub_url=place.url) for name, user in names.items()
        },
    )


def _agency(
    place: Ground,
    keys: AgencyKeys,
    hub_keys: HubKeys,
    session: aiohttp.ClientSession,
    connection: AbstractConnection | None,
) -> Agency:
    clients = {
        client_id.partition(".")[2]: system(place.url, own, keys, hub_keys, session, connection, place.prefix)
        for client_id, own in keys.clients.items()
    }
    return Agency(keys=keys, clients=clients, spokesman="a professional lead")


def system(  # noqa: PLR0917 - what a system is made of
    url: str,
    own: ClientKeys,
    keys: AgencyKeys,
    hub_keys: HubKeys,
    session: aiohttp.ClientSession,
    connection: AbstractConnection | None,
    prefix: str,
) -> Client:
    """One system of an agency, calling the hub at this URL."""
    door = Door(session, url, own, Transcript())
    inbox: Inbox = MailboxInbox(door)
    if connection is not None and own.recipient is not None:
        inbox = BrokerInbox(connection, f"{prefix}recipient.{own.client_id}.inbox", door.transcript)
    return Client(own, keys, door, hub_keys, inbox)
