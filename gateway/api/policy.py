"""Looking before something is sent, and asking the policy why. Handlers over casework's desks."""

from __future__ import annotations

from aiohttp import web

from gateway.api import bodies
from gateway.api.route import Asked, answer
from gateway.casework.explaining import Question
from routing import readership
from routing.need_to_know import Reader
from schemas.errors import Rejected


async def preview_product(asked: Asked) -> web.Response:
    """What a recipient would see of a product."""
    body = await asked.json(bodies.ProductPreviewBody)
    return answer(
        await asked.gateway.previewing.product(
            asked.person,
            asked.name(),
            recipient=body.recipient,
            parts={part.disclosure: part.digests for part in body.parts},
        )
    )


async def preview_release(asked: Asked) -> web.Response:
    """Who would see what after a release."""
    body = await asked.json(bodies.ReleasePreviewBody)
    return answer(
        await asked.gateway.previewing.release(
            asked.person, asked.name(), digests=body.digests, audiences=body.audiences
        )
    )


async def explain(asked: Asked) -> web.Response:
    """Why a reader sees something, or what stops it."""
    body = await asked.json(bodies.ExplanationBody)
    if (body.datum is None) == (not body.group):
        raise Rejected("policy.question", "ask about a datum or about a group", at="datum")
    question = Question(
        reader=Reader(
            role=body.role,
            agency=body.agency,
            sector=asked.gateway.sector_of(body.agency),
            relation=body.relation,
            purpose=readership.purpose_of(body.relation),
        ),
        datum=body.datum,
        about=body.about,
        group=body.group,
        in_product=body.in_product,
    )
    return answer(await asked.gateway.policy.explain(asked.person.actor, asked.name(), question))
