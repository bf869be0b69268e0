"""Owners' answers: opened, verified under the agency's own signature, kept sealed, and sent on to the manager.

Source: the wire form of ``schemas.disclosure``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import ValidationError

from crypto import canonical, digests, jwe, jws
from crypto.failure import SealFailed
from crypto.jwk import PublicKey
from gateway.casework.dossier import DISCLOSURE_PLACE, RELEASE_PLACE
from gateway.casework.notes import ReleaseNote, RequestNote
from gateway.casework.office import Office
from gateway.delivery.sealing import Parcel, digest
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import ClientRow, DisclosureRecord, ReferralRecord, ReleaseRecord, RequestRecord
from routing import lifecycle, need_to_know, replies
from routing.lifecycle import RequestState, Step
from schemas import disclosure as wire
from schemas import opaque
from schemas.base import Frozen, place_of
from schemas.envelope import DisclosureContent, EnvelopeKind
from schemas.errors import Conflict, MashError, Rejected, Unknown
from schemas.vocabulary import ReplyDecision, Role

M = TypeVar("M", bound=Frozen)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Where a request stands after an answer."""

    disclosure: str
    request: str
    state: RequestState


class AnswerDesk:
    """Where answers and later releases arrive."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def receive(self, client: ClientRow, request_id: str, sealed: bytes) -> Answered:
        """Take one answer. The same bytes again get the same result.

        Raises:
            Unknown: no such request of this agency. SealFailed: a seal or signature does not hold.
            Rejected: it does not fit the request. Conflict: the request was answered already.
        """
        try:
            return await self._receive(client, request_id, sealed)
        except (SealFailed, Rejected, Conflict) as error:
            await self._note(client, request_id, error)
            raise

    async def release(self, client: ClientRow, disclosure_id: str, signed: bytes) -> None:
        """Take an owner's later release of groups to more readers. The same claims again change nothing.

        Raises:
            Unknown: no such disclosure of this agency. SealFailed: the signature does not hold.
            Rejected: it names groups that the disclosure does not have.
        """
        try:
            await self._release(client, disclosure_id, signed)
        except (SealFailed, Rejected) as error:
            await self._note(client, disclosure_id, error)
            raise

    async def _release(self, client: ClientRow, disclosure_id: str, signed: bytes) -> None:
        office, now = self._office, self._office.now()
        if not opaque.is_name(disclosure_id, opaque.Prefix.DISCLOSURE):
            raise Unknown("disclosure.unknown", at="id")
        async with office.store.work() as work:
            record = await work.disclosures.get(disclosure_id)
            if record.agency != client.agency:
                raise Unknown("disclosure.unknown", at="id")
            keys = await office.agencies.signing_keys(work, client.agency)
            verified = jws.verify(signed, keys, typ=wire.RELEASE_TYP)
            claims = _parsed(wire.ReleaseClaims, verified.payload, "release.form")
            disclosure = await office.dossier.disclosure(work, record)
            if (claims.iss, claims.aud) != (client.agency, office.hub.hub.id):
                raise SealFailed("release.addressed")
            if claims.disclosure not in {disclosure.id, disclosure.claims.jti}:
                raise Rejected("release.disclosure", "name the disclosure that it is posted to", at="disclosure")
            if not set(claims.digests) <= {group.digest for group in disclosure.groups}:
                raise Rejected("release.digests", "release groups of this disclosure", at="digests")
            # By what was signed and not by the signature, which anybody may turn into its twin (r, n - s).
            release_id = digest(signed.rpartition(b".")[0])
            note = ReleaseNote(claims=claims, signed=signed.decode("ascii"))
            fresh = await work.releases.add(
                ReleaseRecord(
                    id=release_id,
                    disclosure_id=record.id,
                    agency=client.agency,
                    received_at=now,
                    digest=digest(signed),
                    audiences=tuple(str(one) for one in claims.audiences),
                    sealed=await office.strongbox.put(work, record.referral_id, RELEASE_PLACE, release_id, note),
                )
            )
            if fresh:
                await office.log.append(
                    work,
                    event=Event.DISCLOSURE_RELEASED,
                    actor=client.client_id,
                    now=now,
                    referral=record.referral_id,
                    subject=record.id,
                    detail={"digest": digest(signed), "audiences": [str(one) for one in claims.audiences]},
                )
            await work.commit()

    async def _receive(self, client: ClientRow, request_id: str, sealed: bytes) -> Answered:
        office, now = self._office, self._office.now()
        if not opaque.is_name(request_id, opaque.Prefix.REQUEST):
            raise Unknown("request.unknown", at="id")
        async with office.store.work() as work:
            # (1) a request to this agency
            record = await work.requests.lock(request_id)
            if record.agency != client.agency:
                raise Unknown("request.unknown", at="id")
            # (2) the same answer again is answered the same
            before = await work.disclosures.find(request_id, digest(sealed))
            if before is not None:
                return Answered(disclosure=before.id, request=request_id, state=RequestState(record.state))
            if record.state == RequestState.WITHDRAWN:
                raise Conflict("request.withdrawn", "the hub took this request back; nothing need be answered")
            # (3) sealed to the hub, signed by the agency, whole
            keys = await office.agencies.signing_keys(work, client.agency)
            received, sealed_to = self._opened(sealed, keys, client, request_id)
            # (4) a fitting answer to what was asked
            note = await office.dossier.request(work, record)
            replies.check(received, note.request, _digest_answered(received, record, note))
            # (5) the request's next state
            clarify = received.claims.decision is ReplyDecision.CLARIFY
            step = Step.ASK_TO_CLARIFY if clarify else Step.ANSWER
            state = lifecycle.advance(RequestState(record.state), step, Role.PROFESSIONAL_LEAD)
            await work.requests.save(replace(record, state=state, closed_at=None if clarify else now))
            await office.clear_alarm(
                work, "request_overdue", referral=record.referral_id, subject=request_id, actor=client.client_id
            )
            # (6) kept, sent on, recorded
            referral = await work.referrals.get(record.referral_id)
            await self._keep(work, referral, received, sealed, sealed_to)
            await self._send_on(work, referral, received)
            await office.log.append(
                work,
                event=Event.DISCLOSURE_RECEIVED,
                actor=client.client_id,
                now=now,
                referral=referral.id,
                subject=received.id,
                detail={
                    "request": request_id,
                    "decision": str(received.claims.decision),
                    "signed": digest(received.signed.encode()),
                },
            )
            await work.commit()
        return Answered(disclosure=received.id, request=request_id, state=state)

    def _opened(
        self, sealed: bytes, keys: dict[str, PublicKey], client: ClientRow, request_id: str
    ) -> tuple[wire.ReceivedDisclosure, str]:
        office = self._office
        opened = jwe.open_with(sealed, office.keys.ring.decryption_keys(), cty=wire.SEALED_CTY)
        answer = _parsed(wire.SealedAnswer, opened.payload, "disclosure.form")
        verified = jws.verify(answer.disclosure, keys, typ=wire.TYP)
        claims = _parsed(wire.DisclosureClaims, verified.payload, "disclosure.claims")
        if claims.digest_alg != "sha-256" or len(claims.digests) % digests.PADDED_TO:
            raise Rejected("disclosure.digests", "sign sha-256 digests, padded to a multiple of 8", at="digests")
        groups = digests.matches(answer.groups, claims.digests)
        encoded = {digests.digest(text): text for text in answer.groups}
        reply = [group for group in groups if group.name == replies.REPLY_GROUP]
        if len(reply) != 1:
            raise Rejected("disclosure.reply", "send exactly one group named reply", at="groups")
        received = wire.ReceivedDisclosure(
            id=office.world.name(opaque.Prefix.DISCLOSURE),
            request=request_id,
            agency=client.agency,
            received_at=office.now(),
            claims=claims,
            signed=answer.disclosure,
            reply=_content(wire.Reply, reply[0]),
            reply_encoded=encoded[reply[0].digest],
            groups=tuple(
                wire.OpenedGroup(
                    digest=group.digest,
                    encoded=encoded[group.digest],
                    name=group.name,
                    content=_content(wire.DisclosedGroup, group),
                )
                for group in groups
                if group.name != replies.REPLY_GROUP
            ),
        )
        return received, opened.kid

    async def _keep(
        self, work: Work, referral: ReferralRecord, received: wire.ReceivedDisclosure, sealed: bytes, sealed_to: str
    ) -> None:
        office = self._office
        await work.disclosures.add(
            DisclosureRecord(
                id=received.id,
                request_id=received.request,
                referral_id=referral.id,
                agency=received.agency,
                decision=received.claims.decision,
                received_at=received.received_at,
                digest=digest(sealed),
                sealed_to=sealed_to,
                sealed=await office.strongbox.put(work, referral.scope, DISCLOSURE_PLACE, received.id, received),
            )
        )

    async def _send_on(self, work: Work, referral: ReferralRecord, received: wire.ReceivedDisclosure) -> None:
        """To each case system of the managers: the disclosure cut to what its reader may see."""
        office = self._office
        for client in await self._case_systems(work):
            reader = office.readers.reader(client, EnvelopeKind.DISCLOSURE)
            cut = need_to_know.view(reader, [received], ask=office.readers.whom_to_ask())
            if not cut.shown:
                continue
            parcel = Parcel(
                client=client,
                content=DisclosureContent(request=received.request, view=cut.shown[0].as_sent(), withheld=cut.withheld),
                referral=referral.id,
                scope=referral.scope,
                reference=office.pseudonym(client.agency, referral.id),
                subject=received.id,
                policy=need_to_know.policy_document(cut),
                request_digest=received.claims.request_digest,
            )
            await office.sealer.cut(work, parcel, actor="hub")

    async def _case_systems(self, work: Work) -> list[ClientRow]:
        found: list[ClientRow] = []
        for agency in self._office.hub.agencies:
            for recipient in agency.recipients:
                if recipient.role is Role.SOCIAL_WORK_MANAGER:
                    client = await self._office.agencies.recipient(work, agency.id, recipient.name)
                    found += [client] if client is not None else []
        return found

    async def _note(self, client: ClientRow, request_id: str, error: MashError) -> None:
        office = self._office
        async with office.store.work() as work:
            await office.log.append(
                work,
                event=Event.DISCLOSURE_REFUSED,
                actor=client.client_id,
                now=office.now(),
                subject=request_id,
                detail={"code": error.code, "reason": getattr(error, "reason", "")},
            )
            await work.commit()


def _digest_answered(received: wire.ReceivedDisclosure, record: RequestRecord, note: RequestNote) -> str:
    """The digest of the form that was answered, if the hub signed such a form; else that of the present one."""
    named = received.claims.request_digest
    return named if named in note.superseded else record.digest


def _parsed(model: type[M], payload: bytes, code: str) -> M:
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        raise Rejected(code, "send the documented form", at=place_of(error)) from None


def _content(model: type[M], group: digests.DisclosedGroup) -> M:
    return _parsed(model, canonical.dumps(group.content), "disclosure.group")
