"""An agency changes its own keys: asked for under a key in force, with the new ones proved, and nothing else changed.

Source: docs/wire.md, section 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crypto.jwk import parse_public_jwk
from gateway.configuration import Configuration
from gateway.enrolment import Enrolment, parse_succession
from gateway.log import Event, Log
from gateway.roll import Standing, client_row, put_keys
from gateway.store import Store
from gateway.store.records import AgencyKeyRow, ClientRow
from schemas.errors import Conflict, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """What is in force from now on: ``retired`` are the kids of signing keys that verify only, from this change on."""

    agency: str
    signing_keys: tuple[str, ...]
    retired: tuple[str, ...]
    clients: tuple[str, ...]


class Succession:
    """Takes the requests. Every change is an entry of the log in the same transaction."""

    def __init__(self, store: Store, configuration: Configuration, log: Log) -> None:
        self._store = store
        self._configuration = configuration
        self._log = log

    async def succeed(self, client: ClientRow, data: bytes, now: datetime) -> Succeeded:
        """Put the keys of this request in force, for the agency of the client that calls: ``now`` is aware UTC.

        (1) the request is sound, signed by a signing key in force and by every new key (see ``parse_succession``);
        (2) it is about the caller's own agency, which stands; (3) it was signed after what is in force; (4) keys alone
        differ; (5) a key that was replaced does not come back.

        Raises:
            Rejected: (1). Refused: (2). Conflict: (3) to (5), or a kid that means another key.
            Unavailable: the store is not there.
        """
        async with self._store.work() as work:
            # (2) of the caller's own agency, as this transaction sees it
            agency = await work.agencies.find(client.agency)
            if agency is None or agency.status != Standing.ACTIVE:
                raise Refused("agency.suspended", "only an agency in good standing changes its keys")
            keys = await work.agencies.keys(client.agency)
            clients = {row.client_id: row for row in await work.agencies.clients(client.agency)}
            # (1) signed and proved
            active = [row for row in keys if row.state == Standing.ACTIVE]
            found = parse_succession(
                data,
                self._configuration.hub,
                now,
                in_force={row.kid: parse_public_jwk(json.loads(row.jwk), use="sig") for row in active},
                held=_held(active, clients),
                skew=timedelta(seconds=self._configuration.hub.clocks.skew_seconds),
            )
            if found.agency != client.agency:
                raise Refused("agency.not_yours", "an agency changes its own keys alone", at="agency")
            # (3) newer than what is in force
            if agency.signed_at is not None and found.signed_at <= agency.signed_at:
                raise Conflict("agency.older", "keys that were signed later are in force", at="iat")
            # (4) keys alone differ
            until = now + timedelta(hours=self._configuration.hub.tokens.open_hours)
            changed = _changed(found, clients, until)
            # (5) what was replaced stays replaced
            wanted = {key.kid for key in found.signing}
            if not wanted:
                raise Conflict("agency.no_key", "without a signing key an agency can't speak", at="signing_keys")
            if wanted & {row.kid for row in keys if row.state != Standing.ACTIVE}:
                raise Conflict("agency.retired", "a key that was replaced does not come back", at="signing_keys")
            retired = tuple(row.kid for row in active if row.kid not in wanted)
            await work.agencies.put(replace(agency, signed_at=found.signed_at))
            await put_keys(work, found, now)
            for row in changed:
                await work.agencies.put_client(row)
            await self._log.append(
                work,
                event=Event.AGENCY_KEYS_CHANGED,
                actor=client.client_id,
                now=now,
                subject=found.agency,
                detail={
                    "keys": sorted(wanted),
                    "retired": list(retired),
                    "clients": [row.client_id for row in changed],
                },
            )
            await work.commit()
        return Succeeded(
            agency=found.agency,
            signing_keys=tuple(sorted(wanted)),
            retired=retired,
            clients=tuple(row.client_id for row in changed),
        )


def _held(keys: list[AgencyKeyRow], clients: Mapping[str, ClientRow]) -> frozenset[str]:
    """The thumbprints of the keys in force: each was proved to be held when it came."""
    jwks = [(row.jwk, "sig") for row in keys]
    thumbprints = set[str]()
    for row in clients.values():
        if row.state == Standing.ACTIVE:
            thumbprints.add(row.dpop_jkt)
            jwks += [(row.authentication_jwk, "sig")]
            jwks += [(row.encryption_jwk, "enc")] if row.encryption_jwk else []
    for jwk, use in jwks:
        thumbprints.add(parse_public_jwk(json.loads(jwk), use="enc" if use == "enc" else "sig").thumbprint)
    return frozenset(thumbprints)


def _changed(found: Enrolment, clients: Mapping[str, ClientRow], until: datetime) -> list[ClientRow]:
    """The clients whose keys differ, each as it is to be.

    Raises:
        Conflict: something other than a key differs.
    """
    standing = {name: row for name, row in clients.items() if row.state == Standing.ACTIVE}
    if standing.keys() != {one.client_id for one in found.clients}:
        raise Conflict("agency.officers", "the hub's officers add and remove clients", at="clients")
    changed: list[ClientRow] = []
    for place, one in enumerate(found.clients):
        before, asked = standing[one.client_id], client_row(one, found.agency)
        wanted = replace(
            before,
            authentication_jwk=asked.authentication_jwk,
            dpop_jkt=asked.dpop_jkt,
            encryption_jwk=asked.encryption_jwk,
        )
        plain = replace(asked, former_jkt=before.former_jkt, former_until=before.former_until)
        if plain != replace(wanted, role=plain.role, channel=plain.channel):
            raise Conflict("agency.officers", "the hub's officers change all but keys", at=f"clients.{place}")
        if wanted.dpop_jkt != before.dpop_jkt:
            wanted = replace(wanted, former_jkt=before.dpop_jkt, former_until=until)
        if wanted != before:
            changed.append(wanted)
    return changed
