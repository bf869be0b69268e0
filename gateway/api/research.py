"""What analysts look at, under pseudonyms, and whom an alert is about once a manager approved."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from gateway.api import bodies
from gateway.api import research_answers as answers
from gateway.api.evaluation import day
from gateway.api.route import Asked, answer
from gateway.store.records import ReidentificationRecord

_LARGEST_PAGE = 500
_DAYS = timedelta(days=30)


async def alerts(asked: Asked) -> web.Response:
    """The alerts of some days, the last thirty unless the query says otherwise."""
    now = asked.gateway.world.now()
    since = _day(asked, "since") or now - _DAYS
    until = _day(asked, "until") or now + timedelta(seconds=1)
    found, erased = await asked.gateway.research.alerts(asked.person, since=since, until=until, limit=_LARGEST_PAGE)
    return answer(
        answers.ResearchAlerts(
            erased=erased,
            alerts=tuple(
                answers.ResearchAlertShown(
                    at=one.at,
                    referral=one.referral,
                    reasons=tuple(
                        answers.ResearchReason(
                            alert=reason.alert,
                            kind=reason.kind,
                            count=reason.count,
                            person=reason.person,
                            because=reason.because,
                            evidence=reason.evidence,
                        )
                        for reason in one.reasons
                    ),
                )
                for one in found
            ),
        )
    )


async def graph(asked: Asked) -> web.Response:
    """The people and places around an alert."""
    found = await asked.gateway.research.graph(asked.person, asked.name())
    return answer(
        answers.GraphShown(
            nodes=tuple(answers.NodeShown(id=one.id, kind=one.kind, concerns=one.concerns) for one in found.nodes),
            edges=tuple(
                answers.EdgeShown(
                    first=one.first,
                    second=one.second,
                    kind=one.kind,
                    concerns=one.concerns,
                    since=one.since,
                    until=one.until,
                )
                for one in found.edges
            ),
        )
    )


async def ask(asked: Asked) -> web.Response:
    """Ask whom an alert is about."""
    body = await asked.json(bodies.ReasonBody)
    made = await asked.gateway.reidentifying.ask(asked.person, asked.name(), body.reason)
    return answer(_shown(made), 201)


async def waiting(asked: Asked) -> web.Response:
    """What waits for a manager's approval."""
    found = await asked.gateway.reidentifying.waiting()
    return answer(answers.Reidentifications(reidentifications=tuple(_shown(one, reason) for one, reason in found)))


async def approve(asked: Asked) -> web.Response:
    """Approve what an analyst asked."""
    return answer(_shown(await asked.gateway.reidentifying.approve(asked.person, asked.name())))


async def opened(asked: Asked) -> web.Response:
    """Whom an alert is about, for the analyst who asked."""
    found = await asked.gateway.reidentifying.open(asked.person, asked.name())
    return answer(
        answers.Reidentified(
            alert=found.alert,
            referral=found.referral,
            until=found.until,
            people=tuple(
                answers.ReidentifiedPerson(
                    pseudonym=one.pseudonym, person=one.person, name=one.name, birth_date=one.birth_date
                )
                for one in found.people
            ),
        )
    )


def _shown(one: ReidentificationRecord, reason: str | None = None) -> answers.ReidentificationShown:
    return answers.ReidentificationShown(
        id=one.id,
        alert=one.alert_id,
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        reason=reason,
        approved_by=one.approved_by,
        until=one.until,
    )


def _day(asked: Asked, name: str) -> datetime | None:
    """The beginning of the day that the query names, in UTC.

    Raises:
        Rejected: it is no date.
    """
    if name not in asked.request.query:
        return None
    return datetime.combine(day(asked, name), time(), tzinfo=UTC)
