"""A simulated agency: its clients notify, receive, open, answer, release and accept, over the wire alone."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc.jwk import ECKey

from sandbox import base64url, disclosure, jose
from sandbox.disclosure import Answer, View
from sandbox.door import Door, Reply
from sandbox.failures import NothingArrived, NotTrusted
from sandbox.hub_keys import HubKeys
from sandbox.inbox import Delivery, Inbox
from sandbox.keys import AgencyKeys, ClientKeys
from sandbox.log_proof import Logged, LogKey, check, check_cosigned
from sandbox.publisher import Publisher
from sandbox.transcript import Transcript

ENVELOPE = "mash-envelope+jws"
RELEASE = "mash-release+json"
REQUEST = "mash-request+jws"
WAIT_SECONDS = 20.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An envelope whose opening was proven to be in the log, opened and verified. ``release`` is as it came."""

    envelope: str
    reference: str
    content: Mapping[str, Any] = field(repr=False)
    logged: Logged
    release: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request for information that the hub signed: its compact JWS and its claims."""

    id: str
    signed: str = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)

    @property
    def given_names(self) -> frozenset[str]:
        """The given names of those it asks about."""
        return frozenset(" ".join(name["given"]) for person in self.claims["persons"] for name in person["names"])


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer that the hub was given: the hub's id for it, and the digests by which the owner may release more later.

    Over the broker nobody says the id: it is empty.
    """

    disclosure: str
    request: str
    answer: Answer
    sealed: str = field(repr=False)


class Client:
    """One system of an agency."""

    def __init__(  # noqa: PLR0917 - a client's parts
        self,
        keys: ClientKeys,
        agency: AgencyKeys,
        door: Door,
        hub: HubKeys,
        inbox: Inbox,
        publisher: Publisher | None = None,
    ) -> None:
        self.keys = keys
        self.agency = agency
        self.door = door
        self.inbox = inbox
        self.publisher = publisher
        self.requests: list[Asked] = []
        self.witnesses: tuple[LogKey, ...] = ()
        """Where any are named, no key is used before one of them cosigned a tree that the opening lies in."""
        self._hub = hub
        self._waiting: list[Delivery] = []

    @property
    def transcript(self) -> Transcript:
        """Everything that this client received, sealed and opened."""
        return self.door.transcript

    # Notify ---------------------------------------------------------------------------------------------------

    async def notify(self, feed: str, message: bytes, media_type: str) -> Reply:
        """Push native bytes; the answer is in the sender's own format."""
        return await self.door.call("POST", f"/v1/feeds/{feed}/notifications", body=message, media_type=media_type)

    async def fate(self, message_id: str) -> dict[str, Any]:
        """What became of a message."""
        reply = await self.door.call("GET", f"/v1/messages/{message_id}")
        return dict(reply.expect("a message's fate", 200).json())

    # Receive --------------------------------------------------------------------------------------------------

    async def pending(self) -> list[Delivery]:
        """Everything that has arrived and is not opened yet, oldest first."""
        self._waiting.extend(await self.inbox.take())
        return list(self._waiting)

    async def next(self, kind: str, *, within: float = WAIT_SECONDS) -> Delivery:
        """The oldest unopened envelope of this kind.

        Raises:
            NothingArrived: none came in time.
        """
        until = time.monotonic() + within
        while True:
            for waiting in await self.pending():
                if waiting.kind == kind:
                    return waiting
            if time.monotonic() > until:
                raise NothingArrived(f"{self.keys.client_id}: no {kind} within {within:g} s")
            await asyncio.sleep(POLL_SECONDS)

    async def redeem(self, delivery: Delivery) -> Reply:
        """Present the token of a message, this client's or not, with a fresh proof by this client's key."""
        return await self.door.call("POST", f"/v1/envelopes/{delivery.envelope}/open", token=delivery.token)

    async def _witnessed(self, note: str, size: int) -> None:
        """Return once a witness cosigned a tree that begins with this one.

        Raises:
            NotTrusted: none did in time, or what was cosigned is another history.
        """
        until = time.monotonic() + WAIT_SECONDS
        while (reply := await self.door.call("GET", f"/v1/log/cosigned?size={size}")).status == 404:
            if time.monotonic() > until:
                raise NotTrusted("no witness has cosigned the log so far")
            await asyncio.sleep(POLL_SECONDS)
        shown = reply.expect("a cosigned checkpoint", 200).json()
        check_cosigned(note, shown, key=await self._hub.log(), witnesses=self.witnesses)

    async def open(self, delivery: Delivery) -> Opened:
        """Open an envelope and take it off.

        (1) the hub releases the key to this client; (2) the release is of this envelope, and its opening is in the
        log; (3) the body opens with the key; (4) the hub signed what it holds, for this client.

        Raises:
            HubRefused: the hub does not release the key.
            NotTrusted: the release, its log proof, the body or the signature does not hold.
        """
        # (1) the release
        reply = (await self.redeem(delivery)).expect("an opening", 200)
        plain = jose.open_with(reply.body.decode("ascii"), self.keys.encryption, cty=RELEASE)
        released = jose.json_object(plain)
        # (2) the log, before the key is used
        if released.get("envelope") != delivery.envelope:
            raise NotTrusted("the release is of another envelope")
        proof = released.get("proof")
        note = str(proof.get("checkpoint", "")) if isinstance(proof, dict) else ""
        logged = check(
            released["proof"], key=await self._hub.log(note), envelope=delivery.envelope, client_id=self.keys.client_id
        )
        if self.witnesses:
            await self._witnessed(str(released["proof"]["checkpoint"]), logged.size)
        # (3) the body
        content_key = base64url.decode(released["key"])
        body = jose.open_direct(delivery.body, content_key, kid=delivery.envelope, cty=ENVELOPE)
        # (4) the signature
        payload = await self._hub.verify(body.decode("ascii"), typ=ENVELOPE)
        claims = jose.json_object(payload)
        if claims.get("aud") != self.keys.client_id or claims.get("jti") != delivery.envelope:
            raise NotTrusted("the envelope is for somebody else")
        for layer in (plain, body, payload):
            self.transcript.add(layer)
        await self.settle(delivery)
        return Opened(
            envelope=delivery.envelope,
            reference=str(claims["reference"]),
            content=claims["content"],
            logged=logged,
            release=reply.body,
        )

    async def settle(self, delivery: Delivery) -> None:
        """Take a delivery off without opening it, or after."""
        await delivery.settle()
        self._waiting = [waiting for waiting in self._waiting if waiting.envelope != delivery.envelope]

    # Answer ---------------------------------------------------------------------------------------------------

    async def asked(self, opened: Opened) -> Asked:
        """The request inside an opened envelope, verified.

        Raises:
            NotTrusted: the hub did not sign it, or it is for another agency.
        """
        signed = str(opened.content["request"])
        claims = jose.json_object(await self._hub.verify(signed, typ=REQUEST))
        if claims.get("aud") != self.agency.agency:
            raise NotTrusted("the request is for another agency")
        self.transcript.add(json.dumps(claims).encode())
        self.requests.append(Asked(id=str(claims["jti"]), signed=signed, claims=claims))
        return self.requests[-1]

    async def answer(self, asked: Asked, reply: disclosure.Reply, *, lead: str) -> Given:
        """Sign and seal what the professional lead decided, and send it: over the broker where the client uses it.

        Raises:
            HubRefused: the hub did not take it.
        """
        signed = disclosure.answer(
            reply,
            request=asked.signed,
            claims=asked.claims,
            agency=self.agency.agency,
            lead=lead,
            key=self.agency.signing,
            now=datetime.now(UTC),
        )
        sealed = jose.seal_to(signed.plaintext(), await self._hub.sealing(), cty=disclosure.SEALED_CTY)
        if self.publisher is not None:
            await self.publisher.answer(self.agency.agency, asked.id, sealed)
            return Given(disclosure="", request=asked.id, answer=signed, sealed=sealed)
        taken = (await self.send_answer(asked.id, sealed)).expect("an answer", 201).json()
        return Given(disclosure=str(taken["id"]), request=asked.id, answer=signed, sealed=sealed)

    async def send_answer(self, request: str, sealed: str) -> Reply:
        """Send these sealed bytes as the answer to a request, for the first time or again."""
        return await self.door.call(
            "POST", f"/v1/requests/{request}/disclosure", body=sealed.encode("ascii"), media_type="application/jose"
        )

    async def release(self, given: Given, groups: Sequence[str], audiences: Sequence[str], *, lead: str) -> Reply:
        """Release groups of an earlier answer, by name, to more readers."""
        signed = disclosure.release(
            disclosure=given.disclosure,
            digests=[given.answer.digests[name] for name in groups],
            audiences=audiences,
            agency=self.agency.agency,
            hub=str(jose.json_object(base64url.decode(given.answer.disclosure.split(".")[1]))["aud"]),
            lead=lead,
            key=self.agency.signing,
            now=datetime.now(UTC),
        )
        path = f"/v1/disclosures/{given.disclosure}/releases"
        return await self.door.call("POST", path, body=signed.encode("ascii"), media_type="application/jose")

    # Read -----------------------------------------------------------------------------------------------------

    async def view(self, shown: Mapping[str, Any]) -> View:
        """What a disclosure or a product shows of one owner's answer, checked with the owner's own keys."""
        reply = await self.door.call("GET", f"/v1/agencies/{shown['agency']}/jwks.json")
        keys = {jwk["kid"]: ECKey.import_key(jwk) for jwk in reply.expect("an owner's keys", 200).json()["keys"]}
        return disclosure.read_view(shown, keys)

    async def accept(self, product: str, *, by: str, action: str, acted_on: bool = False) -> Reply:
        """Say that a person took a product on, and later that it was acted on."""
        body: dict[str, Any] = {"accepted_by": by, "action": action}
        if acted_on:
            body["acted_on"] = True
        return await self.door.call(
            "POST", f"/v1/products/{product}/acceptance", body=jose.compact_json(body), media_type="application/json"
        )


@dataclass(frozen=True, kw_only=True)
class Agency:
    """An agency with its clients by short name: ``lead``, ``desk``. ``spokesman`` is who decides, as it is signed."""

    keys: AgencyKeys
    clients: Mapping[str, Client]
    spokesman: str

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    def received(self, phrase: str) -> bool:
        """Whether any client of the agency ever received this phrase."""
        return any(client.transcript.holds(phrase) for client in self.clients.values())

    @property
    def bytes_received(self) -> int:
        """How many bytes its clients ever received, sealed and opened."""
        return sum(len(client.transcript) for client in self.clients.values())
