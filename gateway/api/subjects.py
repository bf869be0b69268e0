"""Data subjects: a request for access by one person, its approval by another, and the document."""

from __future__ import annotations

from aiohttp import web

from gateway.api import bodies
from gateway.api.route import Asked, answer, nothing
from gateway.store.records import AccessRecord
from gateway.subjects.printed import printed
from gateway.subjects.rectifying import Wrong
from schemas.base import Frozen, Instant


class AccessRequestShown(Frozen):
    """A data subject's request, who recorded it, and the referrals that are not to be told of."""

    id: str
    person: str
    asked_by: str
    asked_at: Instant
    left_out: tuple[str, ...]


class AccessRequests(Frozen):
    """Requests that wait for a second person, oldest first."""

    requests: tuple[AccessRequestShown, ...]


async def ask(asked: Asked) -> web.Response:
    """Record that a person asks what is held on them."""
    body = await asked.json(bodies.AccessBody)
    made = await asked.gateway.access.ask(asked.name(), body.left_out, actor=asked.person.actor)
    return answer(_shown(made), 201)


async def waiting(asked: Asked) -> web.Response:
    """What waits for a second person."""
    found = await asked.gateway.access.waiting()
    return answer(AccessRequests(requests=tuple(map(_shown, found))))


async def approve(asked: Asked) -> web.Response:
    """Approve an answer as somebody else asked for it."""
    await asked.gateway.access.approve(asked.name(), actor=asked.person.actor)
    return nothing()


async def export(asked: Asked) -> web.Response:
    """What the person may be told; with ``?form=print`` as a page to print."""
    document = await asked.gateway.access.export(asked.name(), actor=asked.person.actor)
    if asked.request.query.get("form") != "print":
        return answer(document)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(body=printed(document).encode(), content_type="text/html", charset="utf-8", headers=headers)


class AnnotationMade(Frozen):
    """Who was told by an envelope, who could not be, who had looked, and which owner was asked to correct it."""

    id: str
    told: tuple[str, ...]
    untold: tuple[str, ...]
    people: tuple[str, ...]
    owner: str | None


async def annotate(asked: Asked) -> web.Response:
    """Put a correction, or that the person disagrees, beside what is held on them."""
    body = await asked.json(bodies.AnnotationBody)
    wrong = Wrong(kind=body.kind, field=body.field, disclosure=body.disclosure, text=body.text)
    made = await asked.gateway.rectifying.annotate(asked.name(), wrong, actor=asked.person.actor)
    return answer(
        AnnotationMade(id=made.id, told=made.told, untold=made.untold, people=made.people, owner=made.owner), 201
    )


def _shown(made: AccessRecord) -> AccessRequestShown:
    return AccessRequestShown(
        id=made.id, person=made.person_id, asked_by=made.asked_by, asked_at=made.asked_at, left_out=made.left_out
    )
