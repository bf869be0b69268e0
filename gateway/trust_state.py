"""What a trust list says of agencies, from the store's rows and back to them, and the changes that officers make."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from crypto import canonical, tokens
from crypto.trust import digest
from gateway.enrolment import Enrolment
from gateway.roll import Standing, client_row
from gateway.store import Reading, Work
from gateway.store.records import AgencyKeyRow, AgencyRow, ClientRow
from schemas.errors import Conflict, Unknown
from schemas.hub import Hub
from schemas.trust import TrustedAgency, TrustedClient, TrustedKey, TrustedOfficer


async def standing(work: Reading) -> tuple[TrustedAgency, ...]:
    """Every enrolled agency as it stands in this transaction, by id."""
    return tuple(
        [
            _agency(row, await work.agencies.keys(row.id), await work.agencies.clients(row.id))
            for row in await work.agencies.all()
        ]
    )


def base(agencies: Iterable[TrustedAgency]) -> str:
    """The digest of what stands: a list that was drawn up on something else would undo what came between."""
    return digest(canonical.dumps([one.model_dump(mode="json") for one in agencies]))


def with_status(
    agencies: tuple[TrustedAgency, ...], name: str, status: Literal["active", "suspended"]
) -> tuple[TrustedAgency, ...]:
    """The agencies with this one suspended, or restored.

    Raises:
        Unknown: it is not enrolled. Conflict: it stands so already.
    """
    if name not in {one.id for one in agencies}:
        raise Unknown("agency.unknown", "no such agency enrolled", at="agency")
    if any(one.id == name and one.status == status for one in agencies):
        raise Conflict("agency.standing", f"it is {status} already", at="agency")
    return tuple(one.model_copy(update={"status": status}) if one.id == name else one for one in agencies)


def with_roles(agencies: tuple[TrustedAgency, ...], hub: Hub) -> tuple[TrustedAgency, ...]:
    """The agencies with every recipient in the role that the hub's file gives it; who it does not name stays."""
    roles = {(one.id, it.name): it.role for one in hub.agencies for it in one.recipients}

    def placed(agency: str, client: TrustedClient) -> TrustedClient:
        role = roles.get((agency, client.recipient or ""), client.role)
        return client.model_copy(update={"role": role})

    return tuple(
        agency.model_copy(update={"clients": tuple(placed(agency.id, one) for one in agency.clients)})
        for agency in agencies
    )


def with_officer(officers: tuple[TrustedOfficer, ...], officer: TrustedOfficer) -> tuple[TrustedOfficer, ...]:
    """The officers with this one; who has the post already gets the new key in it."""
    return (*(one for one in officers if one.id != officer.id), officer)


def without_officer(officers: tuple[TrustedOfficer, ...], post: str) -> tuple[TrustedOfficer, ...]:
    """The officers without this one.

    Raises:
        Unknown: nobody has the post.
    """
    if post not in {one.id for one in officers}:
        raise Unknown("trust.unknown_officer", "no officer has this post", at="officers")
    return tuple(one for one in officers if one.id != post)


def with_enrolment(agencies: tuple[TrustedAgency, ...], enrolment: Enrolment) -> tuple[TrustedAgency, ...]:
    """The agencies with this one enrolled, or enrolled anew: what its file leaves out verifies only, or is withdrawn.

    Raises:
        Conflict: it is suspended; a newer file is in force; a kid was enrolled with another key.
    """
    before = next((one for one in agencies if one.id == enrolment.agency), None)
    if before is not None and before.status == "suspended":
        raise Conflict("agency.suspended", "a suspended agency is restored first", at="agency")
    signed_at = tokens.numeric_date(enrolment.signed_at)
    if before is not None and before.signed_at is not None and signed_at < before.signed_at:
        raise Conflict("agency.older", "a file that was signed later is in force", at="iat")
    enrolled = {key.kid: key.jwk() for key in enrolment.signing}
    known = {one.key["kid"]: one for one in before.signing_keys} if before else {}
    for kid in enrolled.keys() & known.keys():
        if known[kid].key != enrolled[kid]:
            raise Conflict("agency.kid", "this kid was enrolled with another key: give the new key its own", at=kid)
    keys = [TrustedKey(key=key, state="active") for key in enrolled.values()]
    keys += [TrustedKey(key=one.key, state="verify_only") for kid, one in known.items() if kid not in enrolled]
    names = {one.client_id for one in enrolment.clients}
    clients = [_client(client_row(one, enrolment.agency)) for one in enrolment.clients]
    clients += [
        one.model_copy(update={"state": "withdrawn", "amqp_user": None})
        for one in (before.clients if before else ())
        if one.client_id not in names
    ]
    made = TrustedAgency(
        id=enrolment.agency,
        status="active",
        signed_at=signed_at,
        signing_keys=tuple(sorted(keys, key=lambda one: one.key["kid"])),
        clients=tuple(sorted(clients, key=lambda one: one.client_id)),
    )
    others = [one for one in agencies if one.id != enrolment.agency]
    return tuple(sorted([*others, made], key=lambda one: one.id))


async def write(work: Work, agency: TrustedAgency, now: datetime) -> None:
    """Make the rows of this agency what the list says; a key that the list no longer names is trusted for nothing.

    Raises:
        Conflict: ``client.taken``: another client has a recipient or a user of the broker.
    """
    before = await work.agencies.find(agency.id)
    signed_at = datetime.fromtimestamp(agency.signed_at, UTC) if agency.signed_at is not None else None
    row = before or AgencyRow(id=agency.id, status=agency.status, enrolled_at=now)
    await work.agencies.put(replace(row, status=agency.status, signed_at=signed_at))
    known = {one.kid: one for one in await work.agencies.keys(agency.id)}
    for key in agency.signing_keys:
        kid = key.key["kid"]
        at = known[kid].enrolled_at if kid in known else now
        jwk = canonical.dumps(key.key).decode()
        await work.agencies.put_key(
            AgencyKeyRow(kid=kid, agency=agency.id, jwk=jwk, state=Standing(key.state), enrolled_at=at)
        )
    for kid in known.keys() - {key.key["kid"] for key in agency.signing_keys}:
        await work.agencies.put_key(replace(known[kid], state=Standing.WITHDRAWN))
    rows = {one.client_id: one for one in await work.agencies.clients(agency.id)}
    # Those that lose a user of the broker before those that gain it.
    for client in sorted(agency.clients, key=lambda one: one.state != "withdrawn"):
        await work.agencies.put_client(_client_row(client, agency.id, rows))
    for name in rows.keys() - {one.client_id for one in agency.clients}:
        await work.agencies.put_client(replace(rows[name], state=Standing.WITHDRAWN, amqp_user=None))


def _agency(row: AgencyRow, keys: list[AgencyKeyRow], clients: list[ClientRow]) -> TrustedAgency:
    shown = [TrustedKey(key=json.loads(one.jwk), state=_state(one)) for one in keys if one.state != Standing.WITHDRAWN]
    return TrustedAgency(
        id=row.id,
        status="suspended" if row.status == Standing.SUSPENDED else "active",
        signed_at=tokens.numeric_date(row.signed_at) if row.signed_at is not None else None,
        signing_keys=tuple(sorted(shown, key=lambda one: one.key["kid"])),
        clients=tuple(_client(one) for one in clients),
    )


def _state(row: AgencyKeyRow) -> Any:  # noqa: ANN401 - one of two words, which the model checks
    return str(row.state)


def _client(row: ClientRow) -> TrustedClient:
    encryption = json.loads(row.encryption_jwk) if row.encryption_jwk is not None else None
    return TrustedClient.model_validate(
        {
            "client_id": row.client_id,
            "recipient": row.recipient,
            "role": row.role,
            "grants": tuple(row.grants),
            "authentication_key": json.loads(row.authentication_jwk),
            "dpop_jkt": row.dpop_jkt,
            "encryption_key": encryption,
            "channel": row.channel,
            "amqp_user": row.amqp_user,
            "tls_subject": row.tls_subject,
            "state": str(row.state),
        },
        strict=False,
    )


def _client_row(client: TrustedClient, agency: str, rows: Mapping[str, ClientRow]) -> ClientRow:
    before = rows.get(client.client_id)
    kept = before if before is not None and before.dpop_jkt == client.dpop_jkt else None
    encryption = canonical.dumps(client.encryption_key).decode() if client.encryption_key is not None else None
    return ClientRow(
        client_id=client.client_id,
        agency=agency,
        recipient=client.recipient,
        role=str(client.role) if client.role is not None else None,
        grants=client.grants,
        authentication_jwk=canonical.dumps(client.authentication_key).decode(),
        dpop_jkt=client.dpop_jkt,
        encryption_jwk=encryption,
        channel=client.channel,
        amqp_user=client.amqp_user,
        state=Standing(client.state),
        former_jkt=kept.former_jkt if kept else None,
        former_until=kept.former_until if kept else None,
        tls_subject=client.tls_subject,
    )
