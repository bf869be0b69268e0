"""Cutting an envelope: signed by the hub, sealed under a fresh content key, on its way with a token of its own.

No key material leaves with it, not even wrapped. The content key stays here, wrapped under the referral's scope and
bound to the policy that the envelope was cut under.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import base64url, binding, jwe, jws, opentoken, tokens
from gateway.delivery.readers import Readers
from gateway.keys import Keys
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import ClientRow, EnvelopeRecord, EnvelopeState, MailboxRecord, OutboxRecord
from gateway.vault import Vault
from gateway.world import World
from schemas import envelope, opaque
from schemas.errors import Conflict, Refused
from schemas.hub import Hub

CONTENT_KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What an envelope is to bring: to whom, of which referral, about what (``subject``), under which policy.

    ``policy`` is the document that ``routing.need_to_know`` wrote; ``request_digest`` names the request that it
    answers, where there is one.
    """

    client: ClientRow
    content: envelope.Content
    referral: str
    scope: str
    reference: str
    subject: str
    policy: bytes
    request_digest: str
    replaces: str | None = None


class Sealer:
    """Cuts envelopes within a unit of work that the caller commits."""

    def __init__(self, *, hub: Hub, world: World, keys: Keys, vault: Vault, log: Log, readers: Readers) -> None:
        self._readers = readers
        self._hub = hub
        self._world = world
        self._keys = keys
        self._vault = vault
        self._log = log

    async def cut(self, work: Work, parcel: Parcel, *, actor: str) -> EnvelopeRecord:
        """Seal ``parcel``, mint its token, and put it on its way (outbox or mailbox), all in ``work``.

        Raises:
            Conflict: the recipient has no encryption key enrolled.
            TooLarge: the content exceeds what one envelope carries.
        """
        client = parcel.client
        if client.encryption_jwk is None:
            raise Conflict("recipient.no_key", "enrol an encryption key for this recipient", at=client.client_id)
        now = self._world.now()
        name = self._world.name(opaque.Prefix.ENVELOPE)
        content_key = self._world.random(CONTENT_KEY_BYTES)
        body = self._seal(name, parcel, content_key, now).encode()
        wrapped = await self._vault.seal(work, parcel.scope, content_key, aad=f"envelopes.wrapped_key.{name}")
        policy_digest = digest(parcel.policy)
        token, claims = self._token(name, parcel, body, policy_digest, now)
        record = EnvelopeRecord(
            id=name,
            kind=parcel.content.kind,
            recipient=client.client_id,
            agency=client.agency,
            referral_id=parcel.referral,
            subject=parcel.subject,
            state=EnvelopeState.SEALED,
            scope=parcel.scope,
            body=body,
            headers=self._headers(name, parcel.content.kind, token, now),
            token_jti=claims.jti,
            token_expires_at=claims.exp,
            wrapped_key=wrapped,
            binding=binding.bind(
                self._keys.policy_key(), envelope_id=name, policy_digest=policy_digest, wrapped_key=wrapped
            ),
            policy=await self._vault.seal(work, parcel.scope, parcel.policy, aad=f"envelopes.policy.{name}"),
            policy_digest=policy_digest,
            body_digest=claims.cdg,
            request_digest=parcel.request_digest,
            created_at=now,
            replaces=parcel.replaces,
        )
        await work.envelopes.add(record)
        await self._dispatch(work, record, client, now)
        await self._log.append(
            work,
            event=Event.ENVELOPE_SEALED,
            actor=actor,
            now=now,
            referral=parcel.referral,
            subject=name,
            detail={
                "kind": str(record.kind),
                "recipient": client.client_id,
                "about": parcel.subject,
                "policy": policy_digest,
            },
        )
        return record

    async def again(self, work: Work, record: EnvelopeRecord, client: ClientRow, *, actor: str) -> EnvelopeRecord:
        """Cut the content of ``record`` anew for the same reader, if policy still allows all of it.

        Raises:
            Refused: it does not. Conflict, TooLarge: as :meth:`cut`.
        """
        policy = await self._vault.open(work, record.scope, record.policy, aad=f"envelopes.policy.{record.id}")
        if not await self._readers.still_allows(work, record, client, policy):
            raise Refused("envelope.policy", "what it holds may no longer be read by this recipient")
        key = await self._vault.open(
            work, record.scope, record.wrapped_key or b"", aad=f"envelopes.wrapped_key.{record.id}"
        )
        signed = jwe.open_direct(record.body, key, kid=record.id, cty=envelope.CTY)
        # Our own ciphertext under our own key: its signature was ours and needs no second check.
        claims = envelope.EnvelopeClaims.model_validate_json(jws.claimed_payload(signed))
        parcel = Parcel(
            client=client,
            content=claims.content,
            referral=str(record.referral_id),
            scope=record.scope,
            reference=claims.reference,
            subject=record.subject,
            policy=policy,
            request_digest=str(record.request_digest),
            replaces=record.id,
        )
        return await self.cut(work, parcel, actor=actor)

    def _seal(self, name: str, parcel: Parcel, content_key: bytes, now: datetime) -> str:
        claims = envelope.EnvelopeClaims(
            iss=self._hub.hub.id,
            aud=parcel.client.client_id,
            jti=name,
            iat=tokens.numeric_date(now),
            reference=parcel.reference,
            content=parcel.content,
        )
        signed = jws.sign(claims.model_dump_json().encode(), self._keys.ring.signing_key(), typ=envelope.TYP)
        return jwe.seal_direct(signed.encode(), content_key, kid=name, cty=envelope.CTY)

    def _token(
        self, name: str, parcel: Parcel, body: bytes, policy_digest: str, now: datetime
    ) -> tuple[str, opentoken.OpenToken]:
        claims = opentoken.OpenToken(
            iss=self._hub.hub.id,
            aud=open_url(self._hub, name),
            sub=parcel.client.client_id,
            jti=self._world.random(16).hex(),
            iat=now,
            nbf=now,
            exp=now + timedelta(hours=self._hub.tokens.open_hours),
            jkt=parcel.client.dpop_jkt,
            mid=name,
            cdg=digest(body),
            rdg=parcel.request_digest,
            pdg=policy_digest,
        )
        return opentoken.mint_open_token(claims, self._keys.ring.signing_key()), claims

    def _headers(self, name: str, kind: str, token: str, now: datetime) -> dict[str, str]:
        return {
            "cloudEvents_specversion": "1.0",
            "cloudEvents_id": name,
            "cloudEvents_source": self._hub.hub.id,
            "cloudEvents_type": f"uk.mash.envelope.{kind}",
            "cloudEvents_time": now.isoformat().replace("+00:00", "Z"),
            "cloudEvents_datacontenttype": "application/jose",
            "access-token": token,
        }

    async def _dispatch(self, work: Work, record: EnvelopeRecord, client: ClientRow, now: datetime) -> None:
        if client.channel == "mailbox":
            await work.mailbox.add(MailboxRecord(id=record.id, recipient=client.client_id, created_at=now))
            return
        await work.outbox.add(
            OutboxRecord(
                id=record.id,
                envelope_id=record.id,
                channel="amqp",
                routing_key=f"recipient.{client.agency}.{client.recipient}.inbox",
                created_at=now,
                next_at=now,
            )
        )


def digest(data: bytes) -> str:
    """SHA-256, base64url: how the wire names bytes."""
    return base64url.encode(hashlib.sha256(data).digest())


def open_url(hub: Hub, name: str) -> str:
    """Where the envelope of this name is opened: its token's audience and its proof's target."""
    return f"{hub.hub.public_url.rstrip('/')}/v1/envelopes/{name}/open"
