"""What agencies' systems do beside notifying: fetch, open, answer, release, accept."""

from __future__ import annotations

from aiohttp import web

from crypto import opentoken
from crypto.failure import SealFailed
from crypto.opentoken import OpenToken
from gateway.api import answers, bodies
from gateway.api.possession import NONCE_HEADER, Checked, CredentialWanted, check, fresh_nonce
from gateway.api.route import Asked, answer, nothing
from gateway.bootstrap import Gateway
from gateway.casework.notes import AcceptanceNote
from gateway.delivery.sealing import open_url
from gateway.enrolment import SIZE_LIMIT
from gateway.single_use import Replayed
from schemas.errors import Rejected

JOSE = "application/jose"
JOSE_JSON = "application/jose+json"
_LARGEST_PAGE = 200


async def mailbox(asked: Asked) -> web.Response:
    """What waits for the caller, oldest first."""
    page = await asked.gateway.mailbox.page(asked.client, _limit(asked))
    return answer(
        answers.MailboxPage(
            messages=tuple(
                answers.MailboxMessage(id=one.id, headers=dict(one.headers), body=one.body.decode("ascii"))
                for one in page.messages
            )
        )
    )


async def acknowledge(asked: Asked) -> web.Response:
    """Take one message off the caller's mailbox."""
    await asked.gateway.mailbox.acknowledge(asked.client, asked.name())
    return nothing()


async def disclose(asked: Asked) -> web.Response:
    """Take an owner's answer to a request."""
    sealed = await asked.body(asked.gateway.hub.limits.answer_bytes)
    taken = await asked.gateway.answers.receive(asked.client, asked.name(), sealed)
    return answer(answers.DisclosureTaken(id=taken.disclosure, request=taken.request, state=taken.state), 201)


async def release(asked: Asked) -> web.Response:
    """Take an owner's later release to more readers."""
    signed = await asked.body(asked.gateway.hub.limits.answer_bytes)
    await asked.gateway.answers.release(asked.client, asked.name(), signed)
    return nothing()


async def succeed(asked: Asked) -> web.Response:
    """Put an agency's next keys in force, asked for under one that is in force."""
    gateway = asked.gateway
    data = await asked.body(SIZE_LIMIT)
    done = await gateway.succession.succeed(asked.client, data, gateway.world.now())
    return answer(
        answers.KeysTaken(
            agency=done.agency, signing_keys=done.signing_keys, retired=done.retired, clients=done.clients
        )
    )


async def accept(asked: Asked) -> web.Response:
    """Record that a person at the recipient took the product on, or acted on it."""
    body = await asked.json(bodies.AcceptanceBody)
    if not body.accepted_by.strip():
        raise Rejected("product.nobody", "a person accepts a product: say who", at="accepted_by")
    note = AcceptanceNote(accepted_by=body.accepted_by, action=body.action)
    await asked.gateway.products.accept(asked.client, asked.name(), note, acted_on=body.acted_on)
    return nothing()


async def open_envelope(asked: Asked) -> web.Response:
    """Release the content key of an envelope to the holder of its token, once.

    The token is the message's own, so this route identifies its caller by it and not by an access token.
    """
    gateway, name = asked.gateway, asked.name()
    try:
        claims, checked = _presented(asked.request, gateway, name)
    except CredentialWanted as error:
        await gateway.refusals.unauthenticated("envelopes.open", error.reason)
        raise
    try:
        released = await gateway.opening.redeem(name, claims, checked.proof.jkt, checked.use)
    except Replayed as error:
        await gateway.refusals.unauthenticated("envelopes.open", error.reason)
        raise CredentialWanted(error.reason) from None
    headers = {"Cache-Control": "no-store", NONCE_HEADER: fresh_nonce(gateway)}
    return web.Response(body=released, content_type=JOSE, headers=headers)


def _presented(request: web.Request, gateway: Gateway, name: str) -> tuple[OpenToken, Checked]:
    """The message's token and the proof of possession for it, both of which hold; the proof is not used up as yet.

    Raises:
        NonceWanted, CredentialWanted: one of them does not.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "dpop":
        raise CredentialWanted("open.scheme")
    try:
        claims = opentoken.verify_open_token(
            token,
            gateway.keys.verification_keys(),
            iss=gateway.hub_id,
            aud=open_url(gateway.hub, name),
            now=gateway.world.now(),
            leeway=gateway.skew,
        )
    except SealFailed as error:
        raise CredentialWanted(error.reason) from None
    return claims, check(request, gateway, token=token, expected_jkt=claims.jkt)


def _limit(asked: Asked) -> int:
    text = asked.request.query.get("limit", "50")
    if not (text.isascii() and text.isdecimal() and len(text) <= 3) or not 1 <= int(text) <= _LARGEST_PAGE:
        raise Rejected("mailbox.limit", f"ask for 1 to {_LARGEST_PAGE}", at="limit")
    return int(text)
