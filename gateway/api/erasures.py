"""What is due to be erased, and lists of it that two people erase: ids, classes and times. No contents."""

from __future__ import annotations

from aiohttp import web

from gateway.api import bodies
from gateway.api.route import Asked, answer
from gateway.erasure.bulk import MOST, Bulk
from schemas.base import Frozen, Instant


class DueLine(Frozen):
    """A referral, or a message that belongs to none, whose retention is over; ``bulk`` is the list that it is on."""

    subject: str
    retention_class: str
    found_at: Instant
    held: bool
    proposed_by: str | None
    bulk: str | None


class DueShown(Frozen):
    """What is due to be erased, the longest known first."""

    due: tuple[DueLine, ...]


class ErasureList(Frozen):
    """A list that was proposed to be erased; whoever approves gives its digest."""

    id: str
    digest: str
    subjects: tuple[str, ...]


class ErasureLeft(Frozen):
    """What was left as it is, and a code why."""

    subject: str
    code: str


class ErasureRun(Frozen):
    """What was erased, what was left, and how many wait for the same approval to be given again."""

    erased: tuple[str, ...]
    left: tuple[ErasureLeft, ...]
    waiting: int


async def due(asked: Asked) -> web.Response:
    """What is kept no longer, of one ``class`` or of all."""
    found = await asked.gateway.due.listed(asked.request.query.get("class"), limit=MOST)
    return answer(
        DueShown(
            due=tuple(
                DueLine(
                    subject=one.record.subject,
                    retention_class=one.record.retention_class,
                    found_at=one.record.found_at,
                    held=one.held,
                    proposed_by=one.erasure.proposed_by if one.erasure else None,
                    bulk=one.erasure.bulk if one.erasure else None,
                )
                for one in found
            )
        )
    )


async def propose(asked: Asked) -> web.Response:
    """Propose to erase what is due."""
    body = await asked.json(bodies.DueBody)
    made = await asked.gateway.bulk_erasure.propose(body.retention_class, actor=asked.person.actor)
    return answer(_shown(made), 201)


async def whole(asked: Asked) -> web.Response:
    """A list as it stands."""
    return answer(_shown(await asked.gateway.bulk_erasure.shown(asked.name())))


async def approve(asked: Asked) -> web.Response:
    """Approve a list that somebody else proposed, and erase the next of it."""
    body = await asked.json(bodies.ApprovalBody)
    run = await asked.gateway.bulk_erasure.approve(asked.name(), body.digest, actor=asked.person.actor)
    left = tuple(ErasureLeft(subject=subject, code=code) for subject, code in run.left)
    return answer(ErasureRun(erased=run.erased, left=left, waiting=run.waiting))


def _shown(made: Bulk) -> ErasureList:
    return ErasureList(id=made.id, digest=made.digest, subjects=made.subjects)
