"""Opening an envelope: the token and its proof in, the content key out, once, with the proof that this is in the log.

The steps are in two commits, because the proof of an entry exists only once the entry is in the tree. The first
commit settles who got it; everything after it can be finished again, by the same caller, with the same result.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crypto import base64url, binding, jwe
from crypto.failure import SealFailed
from crypto.jwk import parse_public_jwk
from crypto.opentoken import OpenToken
from gateway.agencies import Agencies
from gateway.delivery.progress import Progress
from gateway.delivery.readers import Readers
from gateway.keys import Keys
from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store, Work
from gateway.store.records import ClientRow, EnvelopeRecord, EnvelopeState
from gateway.vault import Vault
from gateway.world import World
from schemas.envelope import RELEASE_CTY, KeyRelease
from schemas.errors import Conflict, MashError, Refused, Unknown
from schemas.hub import Hub


class NotStanding(Unknown):
    """To a reader without standing there is no envelope. The reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__("envelope.unknown", at="id")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Redeems the tokens of envelopes."""

    hub: Hub
    world: World
    store: Store
    keys: Keys
    vault: Vault
    log: Log
    agencies: Agencies
    readers: Readers
    progress: Progress

    async def redeem(self, name: str, token: OpenToken, jkt: str) -> bytes:
        """The release for the holder of ``token``, whose possession of the key ``jkt`` was proven for this request.

        (1) the token is of this envelope, as it was cut; (2) its reader and the reader's agency stand; (3) it was not
        revoked, replaced or outlived; (4) it was not released, or to this key within the time for a retry; (5) the
        policy that it was cut under is untouched and still allows every group in it; (6) the opening is committed to
        the log; (7) its proof is there; (8) the release is sealed to the registered key and kept.

        Raises:
            Unknown: no such envelope for this reader.
            Conflict: it was released already (``envelope.released``) or is gone (``envelope.revoked``, ``.expired``).
            Refused: policy no longer allows it (``envelope.policy``).
        """
        now = self.world.now()
        outcome: EnvelopeRecord | MashError
        async with self.store.work() as work:
            record = await self._locked(work, name, token)
            try:
                await self._may_open(work, record, jkt, now)
            except (Unknown, Conflict, Refused, SealFailed) as error:
                outcome = error
                await self._refuse(work, record, error, now)
            else:
                outcome = await self._release(work, record, jkt, now)
            await work.commit()
        if isinstance(outcome, MashError):
            raise outcome
        return await self._finish(outcome, jkt)

    async def _locked(self, work: Work, name: str, token: OpenToken) -> EnvelopeRecord:
        # (1) the token is of this envelope, as it was cut
        record = await work.envelopes.lock(name)
        if token.mid != name or token.sub != record.recipient or token.jti != record.token_jti:
            raise Unknown("envelope.unknown", at="id")
        if (token.cdg, token.pdg, token.rdg) != (record.body_digest, record.policy_digest, record.request_digest):
            raise Unknown("envelope.unknown", at="id")
        return record

    async def _refuse(self, work: Work, record: EnvelopeRecord, error: MashError, now: datetime) -> None:
        await self.log.append(
            work,
            event=Event.ENVELOPE_OPENING_REFUSED,
            actor=record.recipient,
            now=now,
            referral=record.referral_id,
            subject=record.id,
            detail={"code": getattr(error, "reason", error.code)},
        )

    async def _reader(self, work: Work, record: EnvelopeRecord, jkt: str) -> ClientRow:
        # (2) the reader stands, until this work ends; the key that was enrolled last counts, not the token's
        client = await self.agencies.held_client(work, record.agency, record.recipient)
        if client is None:
            raise NotStanding("client.standing")
        if client.dpop_jkt != jkt:
            raise NotStanding("client.key")
        return client

    async def _may_open(self, work: Work, record: EnvelopeRecord, jkt: str, now: datetime) -> None:
        client = await self._reader(work, record, jkt)
        # (3) it is not gone
        if record.state in {EnvelopeState.REVOKED, EnvelopeState.REPLACED}:
            raise Conflict("envelope.revoked", "it was revoked; ask the hub if you still need it")
        if record.state == EnvelopeState.EXPIRED or now >= record.token_expires_at:
            raise Conflict("envelope.expired", "its time is over; ask the hub for a new one")
        # (4) once, or again for an honest retry
        if record.state == EnvelopeState.RELEASED:
            if record.released_to != jkt or record.release_until is None or now > record.release_until:
                raise Conflict("envelope.released", "its key was released already")
            return
        # (5) the policy is the one that it was cut under, and still allows it
        await self._still_allowed(work, record, client)

    async def _release(self, work: Work, record: EnvelopeRecord, jkt: str, now: datetime) -> EnvelopeRecord:
        if record.state == EnvelopeState.RELEASED:
            return record
        # (6) in the log, with its state, before anything leaves
        entry = await self.log.append(
            work,
            event=Event.ENVELOPE_OPENED,
            actor=record.recipient,
            now=now,
            referral=record.referral_id,
            subject=record.id,
            detail={"kind": record.kind, "about": record.subject, "policy": record.policy_digest, "key": jkt},
        )
        released = replace(
            record,
            state=EnvelopeState.RELEASED,
            released_at=now,
            released_to=jkt,
            release_until=now + timedelta(minutes=self.hub.tokens.retry_minutes),
            entry_id=entry,
        )
        await work.envelopes.save(released)
        await self.progress.opened(work, released, now)
        return released

    async def _still_allowed(self, work: Work, record: EnvelopeRecord, client: ClientRow) -> None:
        if not any(self._bound(record, key) for key in self.keys.policy_keys()):
            raise SealFailed("binding.mismatch")
        policy = await self.vault.open(work, record.scope, record.policy, aad=f"envelopes.policy.{record.id}")
        if not await self.readers.still_allows(work, record, client, policy):
            raise Refused("envelope.policy", "what it holds may no longer be read; a newly cut one may follow")

    @staticmethod
    def _bound(record: EnvelopeRecord, key: bytes) -> bool:
        try:
            binding.verify_binding(
                record.binding,
                key,
                envelope_id=record.id,
                policy_digest=record.policy_digest,
                wrapped_key=record.wrapped_key or b"",
            )
        except SealFailed:
            return False
        return True

    async def _finish(self, record: EnvelopeRecord, jkt: str) -> bytes:
        if record.release is not None:
            return record.release
        # (7) the proof that this opening is in the log
        proof = await self.log.proof(str(record.entry_id))
        async with self.store.work() as work:
            locked = await work.envelopes.lock(record.id)
            if locked.release is not None:
                return locked.release
            try:
                # It may have lost its standing since the entry was written: then the entry stays, and no key leaves.
                client = await self._reader(work, locked, jkt)
            except NotStanding as error:
                await self._refuse(work, locked, error, self.world.now())
                await work.commit()
                raise
            key = await self.vault.open(
                work, record.scope, record.wrapped_key or b"", aad=f"envelopes.wrapped_key.{record.id}"
            )
            # (8) sealed to the registered key, and kept for an honest retry
            plain = KeyRelease(envelope=record.id, key=base64url.encode(key), opened_at=_at(record), proof=proof)
            recipient = parse_public_jwk(json.loads(str(client.encryption_jwk)), use="enc")
            release = jwe.seal_to(plain.model_dump_json().encode(), recipient, cty=RELEASE_CTY).encode()
            await work.envelopes.save(replace(locked, release=release))
            await work.commit()
        return release


def _at(record: EnvelopeRecord) -> datetime:
    if record.released_at is None:
        raise AssertionError("a released envelope knows when")
    return record.released_at
