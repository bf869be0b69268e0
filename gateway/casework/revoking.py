"""Calling an envelope back, and cutting a new one where the old can't be opened any more."""

from __future__ import annotations

from dataclasses import replace

from gateway.casework.notes import Act
from gateway.casework.office import Office, require_assigned
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import EnvelopeRecord, EnvelopeState
from routing import lifecycle
from routing.lifecycle import ProductState, Step
from schemas import opaque
from schemas.envelope import EnvelopeKind
from schemas.errors import Conflict, Rejected, Unknown
from schemas.vocabulary import Role


class RevokingDesk:
    """Where envelopes are revoked."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def revoke(self, caller: PersonCaller, name: str, reason: str) -> None:
        """Revoke an envelope before it is opened: its token redeems nothing from this commit on.

        Raises:
            Unknown: no such envelope. Conflict: it was opened already, or is gone. Rejected: no reason.
        """
        office = self._office
        if not opaque.is_name(name, opaque.Prefix.ENVELOPE):
            raise Unknown("envelope.unknown", at="id")
        if not reason.strip():
            raise Rejected("envelope.no_reason", "say why it is called back", at="reason")
        async with office.store.work() as work:
            record = await work.envelopes.lock(name)
            if record.state == EnvelopeState.RELEASED:
                raise Conflict("envelope.released", "its reader has opened it; ask for its deletion instead")
            if record.state != EnvelopeState.SEALED:
                raise Conflict("envelope.gone", "it opens no more already")
            referral = await work.referrals.get(str(record.referral_id))
            await office.keep_reason(
                work, referral, Act.ENVELOPE_REVOKED, subject=name, reason=reason, by=caller.subject
            )
            await self.call_back(work, record, caller)
            await work.commit()

    async def call_back(self, work: Work, record: EnvelopeRecord, caller: PersonCaller) -> None:
        """Revoke a locked envelope that nobody has opened, and what it brought; it commits with ``work``."""
        office = self._office
        await work.envelopes.save(replace(record, state=EnvelopeState.REVOKED))
        if record.kind == EnvelopeKind.PRODUCT:
            product = await work.products.lock(record.subject)
            role = Role.SOCIAL_WORK_MANAGER if Role.SOCIAL_WORK_MANAGER in caller.roles else Role.SECURITY_OFFICER
            state = lifecycle.advance(ProductState(product.state), Step.REVOKE_PRODUCT, role)
            await work.products.save(replace(product, state=state))
            await office.clear_alarm(
                work,
                "product_unaccepted",
                referral=product.referral_id,
                subject=product.id,
                actor=caller.actor,
            )
        await office.log.append(
            work,
            event=Event.ENVELOPE_REVOKED,
            actor=caller.actor,
            now=office.now(),
            referral=record.referral_id,
            subject=record.id,
        )

    async def reissue(self, caller: PersonCaller, name: str) -> str:
        """Cut a new envelope with the same content, after policy, for a reader whose old one expired or was lost.

        The old one opens no more. Returns the new one's name.

        Raises:
            Unknown: no such envelope. Conflict: it was opened already, called back or replaced.
            Refused: policy no longer allows it, or the case is another manager's.
        """
        office = self._office
        if not opaque.is_name(name, opaque.Prefix.ENVELOPE):
            raise Unknown("envelope.unknown", at="id")
        async with office.store.work() as work:
            record = await work.envelopes.lock(name)
            if record.state == EnvelopeState.RELEASED:
                raise Conflict("envelope.released", "its reader has opened it")
            if record.state not in {EnvelopeState.SEALED, EnvelopeState.EXPIRED}:
                # What was called back stays so, and of one content there is never more than one that opens.
                raise Conflict("envelope.revoked", "it was called back or replaced: send what is needed anew")
            if record.referral_id is not None:
                require_assigned(await work.referrals.get(record.referral_id), caller)
            client = await office.agencies.client(work, record.recipient)
            if client is None:
                raise Conflict("recipient.not_enrolled", "enrol this recipient first", at="recipient")
            fresh = await office.sealer.again(work, record, client, actor=caller.actor)
            await work.envelopes.save(replace(record, state=EnvelopeState.REPLACED))
            await office.log.append(
                work,
                event=Event.ENVELOPE_REISSUED,
                actor=caller.actor,
                now=office.now(),
                referral=record.referral_id,
                subject=fresh.id,
                detail={"replaces": name},
            )
            await work.commit()
        return fresh.id
