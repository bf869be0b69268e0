"""Looks into others' cases with their reviews, and the alarms on how the hub is used."""

from __future__ import annotations

from aiohttp import web

from gateway.api import answers, bodies
from gateway.api.route import Asked, answer, nothing


async def break_glass(asked: Asked) -> web.Response:
    """Look into a case that is not the caller's."""
    body = await asked.json(bodies.ReasonBody)
    made = await asked.gateway.glass.break_glass(asked.person, asked.name(), body.reason)
    return answer(
        answers.GlassShown(id=made.id, referral=made.referral_id, by=made.by, at=made.at, until=made.until), 201
    )


async def waiting(asked: Asked) -> web.Response:
    """The looks that wait for a review."""
    found = await asked.gateway.glass.waiting()
    return answer(
        answers.GlassesShown(
            break_glass=tuple(
                answers.GlassShown(
                    id=one.id, referral=one.referral_id, by=one.by, at=one.at, until=one.until, reason=reason
                )
                for one, reason in found
            )
        )
    )


async def review(asked: Asked) -> web.Response:
    """Review somebody else's look."""
    body = await asked.json(bodies.GlassReviewBody)
    await asked.gateway.glass.review(asked.person, asked.name(), body.finding, body.text)
    return nothing()


async def alarms(asked: Asked) -> web.Response:
    """The alarms on how the hub is used."""
    return answer(
        answers.SecurityAlarms(
            alarms=tuple(
                answers.SecurityAlarmShown(
                    id=one.id, kind=one.kind, referral=one.referral_id, subject=one.subject, raised_at=one.raised_at
                )
                for one in await asked.gateway.bulk_opening.alarms()
            )
        )
    )


async def clear(asked: Asked) -> web.Response:
    """Clear an alarm on somebody who opened in bulk: it was looked at."""
    await asked.gateway.bulk_opening.clear(asked.person, asked.name())
    return nothing()
