"""Owners' answers, made by hand: what a professional lead signs and seals before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from sandbox import disclosure, jose
from sandbox.agency import Asked, Given
from sandbox.disclosure import Reply
from tests.gateway import borough
from tests.gateway.town import HELD, Town


async def answer(
    town: Town,
    asked: Asked,
    reply: Reply = HELD,
    *,
    agency: str = "health",
    key: ECKey | None = None,
    claims: Mapping[str, Any] | None = None,
) -> Given:
    """The agency's answer, signed and sealed and not sent; by another ``key``, or to other ``claims``, if told."""
    signed = disclosure.answer(
        reply,
        request=asked.signed,
        claims={**asked.claims, **(claims or {})},
        agency=agency,
        lead="a professional lead",
        key=key or borough.keys_of(agency).signing,
        now=town.clock(),
    )
    return Given(disclosure="", request=asked.id, answer=signed, sealed=await sealed(town, signed))


async def sealed(town: Town, signed: disclosure.Answer, *, key: RSAKey | None = None) -> str:
    """A signed answer, sealed to the hub, or to somebody else's ``key``."""
    return jose.seal_to(signed.plaintext(), key or await town.stage.hub_keys.sealing(), cty=disclosure.SEALED_CTY)


async def send(town: Town, given: Given, *, client: str = "health.lead") -> Given:
    """Send it, as it must be taken; with the hub's id for it."""
    reply = await town.client(client).send_answer(given.request, given.sealed)
    return replace(given, disclosure=str(reply.expect("an answer", 201).json()["id"]))
