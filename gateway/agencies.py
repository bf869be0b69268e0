"""The agencies of a hub: enrolled with their keys and clients, looked up by whoever checks a call, suspended.

The hub's file says which agencies and recipients there are; enrolment adds keys, grants and standing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crypto.jwk import PublicKey, parse_public_jwk
from gateway.configuration import Configuration
from gateway.enrolment import Enrolment, is_agency_id, is_client_id, parse
from gateway.log import HUB, Event, Log
from gateway.roll import Standing, put_clients, put_keys
from gateway.store import Reading, Store
from gateway.store.records import AgencyKeyRow, AgencyRow, ClientRow
from schemas.errors import Conflict, Refused, Unknown

__all__ = ["Agencies", "Listed", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One agency of the hub's file as enrolment left it; ``agency`` is None if it did not enrol."""

    id: str
    name: str
    agency: AgencyRow | None
    keys: tuple[AgencyKeyRow, ...]
    clients: tuple[ClientRow, ...]


class Agencies:
    """Who may speak to this hub. Every change is an entry of the log in the same transaction."""

    def __init__(self, store: Store, configuration: Configuration, log: Log) -> None:
        self._store = store
        self._configuration = configuration
        self._log = log
        self._skew = timedelta(seconds=configuration.hub.clocks.skew_seconds)

    # --- looked up by whoever checks a call ---

    async def standing(self, client_id: str) -> ClientRow | None:
        """The client, if it and its agency are in good standing; else None.

        Raises:
            Unavailable: the store is not there.
        """
        if not is_client_id(client_id):
            return None
        async with self._store.reading() as work:
            return await self._in_standing(work, await work.agencies.find_client(client_id))

    async def client(self, work: Reading, client_id: str) -> ClientRow | None:
        """The client, as this transaction sees it, if it and its agency are in good standing; else None."""
        if not is_client_id(client_id):
            return None
        return await self._in_standing(work, await work.agencies.find_client(client_id))

    async def recipient(self, work: Reading, agency: str, recipient: str) -> ClientRow | None:
        """The client that opens what this recipient is sent, if it and its agency are in good standing; else None."""
        return await self._in_standing(work, await work.agencies.client_of_recipient(agency, recipient))

    async def amqp_client(self, work: Reading, user: str) -> ClientRow | None:
        """The client that signs in to the broker as this user, if it and its agency are in good standing; else None."""
        return await self._in_standing(work, await work.agencies.client_of_amqp_user(user))

    async def signing_keys(self, work: Reading, agency: str) -> dict[str, PublicKey]:
        """The keys, by kid, whose new signatures are taken from this agency: none, unless it is in good standing."""
        if not await self._stands(work, agency):
            return {}
        return _parsed(await work.agencies.keys(agency), {Standing.ACTIVE})

    async def published_keys(self, work: Reading, agency: str) -> dict[str, PublicKey]:
        """The keys, by kid, that what the agency signed is verified with, replaced ones too.

        Raises:
            Unknown: no such agency enrolled.
        """
        if not is_agency_id(agency) or await work.agencies.find(agency) is None:
            raise Unknown("agency.unknown")
        return _parsed(await work.agencies.keys(agency), {Standing.ACTIVE, Standing.VERIFY_ONLY})

    # --- changed by the hub's officers ---

    async def enrol(self, data: bytes, now: datetime, *, actor: str = HUB) -> Enrolment:
        """Enrol an agency from its file, or enrol it anew: ``now`` is aware UTC.

        A signing key that the file leaves out verifies only from now on; a client that it leaves out is withdrawn.

        Raises:
            Refused: the hub has officers, whose trust list this goes by.
            Rejected: the file; see ``gateway.enrolment``.
            Conflict: the agency is suspended; a newer file is in force; a kid was enrolled with another key; a
                broker's user is taken.
            Unavailable: the store is not there.
        """
        enrolment = parse(data, self._configuration.hub, now, skew=self._skew)
        async with self._store.work() as work:
            await self._require_no_officers(work)
            before = await work.agencies.find(enrolment.agency)
            if before is not None and before.status == Standing.SUSPENDED:
                raise Conflict("agency.suspended", "a suspended agency is restored first", at="agency")
            _require_newer(before, enrolment)
            row = before or AgencyRow(id=enrolment.agency, status=Standing.ACTIVE, enrolled_at=now)
            await work.agencies.put(replace(row, signed_at=enrolment.signed_at))
            await put_keys(work, enrolment, now)
            await put_clients(work, enrolment)
            await self._log.append(
                work,
                event=Event.AGENCY_ENROLLED,
                actor=actor,
                now=now,
                subject=enrolment.agency,
                detail={
                    "keys": [key.kid for key in enrolment.signing],
                    "clients": [client.client_id for client in enrolment.clients],
                },
            )
            await work.commit()
        return enrolment

    async def suspend(self, agency: str, now: datetime, *, actor: str = HUB) -> None:
        """Refuse this agency's calls and new signatures from now on (aware UTC).

        Raises:
            Refused: the hub has officers, one of whom orders this.
            Unknown: no such agency enrolled.
            Conflict: it is suspended already.
            Unavailable: the store is not there.
        """
        async with self._store.work() as work:
            await self._require_no_officers(work)
            row = await work.agencies.find(agency)
            if row is None:
                raise Unknown("agency.unknown", "no such agency enrolled", at="agency")
            if row.status == Standing.SUSPENDED:
                raise Conflict("agency.suspended", "it is suspended already", at="agency")
            await work.agencies.put(replace(row, status=Standing.SUSPENDED))
            await self._log.append(work, event=Event.AGENCY_SUSPENDED, actor=actor, now=now, subject=agency)
            await work.commit()

    async def listing(self) -> tuple[Listed, ...]:
        """Every agency of the hub's file, in its order.

        Raises:
            Unavailable: the store is not there.
        """
        async with self._store.reading() as work:
            return tuple(
                [
                    Listed(
                        id=section.id,
                        name=section.name,
                        agency=await work.agencies.find(section.id),
                        keys=tuple(await work.agencies.keys(section.id)),
                        clients=tuple(await work.agencies.clients(section.id)),
                    )
                    for section in self._configuration.hub.agencies
                ]
            )

    # --- behind ---

    async def _require_no_officers(self, work: Reading) -> None:
        # A list in force counts, too: officers are not done away with by taking them out of the hub's file.
        if self._configuration.hub.trust is not None or await work.trust_lists.latest() is not None:
            raise Refused("agency.officers", "this hub has officers: `mash trust` draws up what they sign", at="trust")

    async def _stands(self, work: Reading, agency: str) -> bool:
        row = await work.agencies.find(agency)
        return row is not None and row.status == Standing.ACTIVE

    async def _in_standing(self, work: Reading, client: ClientRow | None) -> ClientRow | None:
        if client is None or client.state != Standing.ACTIVE or not await self._stands(work, client.agency):
            return None
        return client


def _require_newer(before: AgencyRow | None, enrolment: Enrolment) -> None:
    """Refuse what was signed before that which is in force: an old file would bring old keys back."""
    if before is not None and before.signed_at is not None and enrolment.signed_at < before.signed_at:
        raise Conflict("agency.older", "a file that was signed later is in force", at="iat")


def _parsed(rows: list[AgencyKeyRow], states: set[Standing]) -> dict[str, PublicKey]:
    shown: Mapping[str, str] = {row.kid: row.jwk for row in rows if row.state in states}
    return {kid: parse_public_jwk(json.loads(jwk), use="sig") for kid, jwk in shown.items()}
