"""What an enrolment comes to in rows: an agency's keys and clients written, and those that it leaves out retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from crypto import canonical
from gateway.enrolment import EnrolledClient, Enrolment
from gateway.store import Work
from gateway.store.records import AgencyKeyRow, ClientRow
from schemas.errors import Conflict

DEFAULT_CHANNEL = "mailbox"


class Standing(StrEnum):
    """Where an agency, a client or an agency's key stands."""

    ACTIVE = "active"
    VERIFY_ONLY = "verify_only"
    """Of a key: replaced; what it signed still verifies, and nothing new is taken."""
    WITHDRAWN = "withdrawn"
    """Of a client: a later enrolment left it out."""
    SUSPENDED = "suspended"


async def put_keys(work: Work, enrolment: Enrolment, now: datetime) -> None:
    """Write the signing keys; one that the enrolment leaves out verifies only from now on (aware UTC).

    Raises:
        Conflict: ``agency.kid``: a kid was enrolled with another key.
    """
    known = {row.kid: row for row in await work.agencies.keys(enrolment.agency)}
    enrolled = {key.kid: key for key in enrolment.signing}
    for kid, key in enrolled.items():
        jwk = canonical.dumps(key.jwk()).decode()
        if kid in known and known[kid].jwk != jwk:
            raise Conflict("agency.kid", "this kid was enrolled with another key: give the new key its own", at=kid)
        at = known[kid].enrolled_at if kid in known else now
        await work.agencies.put_key(
            AgencyKeyRow(kid=kid, agency=enrolment.agency, jwk=jwk, state=Standing.ACTIVE, enrolled_at=at)
        )
    for kid in known.keys() - enrolled.keys():
        await work.agencies.put_key(replace(known[kid], state=Standing.VERIFY_ONLY))


async def put_clients(work: Work, enrolment: Enrolment) -> None:
    """Write the clients; one that the enrolment leaves out is withdrawn.

    Raises:
        Conflict: ``client.taken``: another client has this recipient or this user of the broker.
    """
    enrolled = {client.client_id for client in enrolment.clients}
    for row in await work.agencies.clients(enrolment.agency):
        if row.client_id not in enrolled:
            # Its user of the broker is free for another client from now on.
            await work.agencies.put_client(replace(row, state=Standing.WITHDRAWN, amqp_user=None))
    for client in enrolment.clients:
        await work.agencies.put_client(client_row(client, enrolment.agency))


def client_row(client: EnrolledClient, agency: str) -> ClientRow:
    """An enrolled client as the store keeps it."""
    section = client.section
    return ClientRow(
        client_id=client.client_id,
        agency=agency,
        recipient=section.name if section else None,
        role=str(section.role) if section else None,
        grants=client.grants,
        authentication_jwk=canonical.dumps(client.authentication.jwk()).decode(),
        dpop_jkt=client.dpop.thumbprint,
        encryption_jwk=canonical.dumps(client.encryption.jwk()).decode() if client.encryption else None,
        channel=section.channel if section else DEFAULT_CHANNEL,
        amqp_user=client.amqp_user,
        state=Standing.ACTIVE,
        tls_subject=client.tls_subject,
    )
