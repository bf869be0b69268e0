"""What engineers, officers and auditors look at: counts, agencies, the log. No case contents."""

from __future__ import annotations

import json

from aiohttp import web

from gateway.api import answers
from gateway.api.route import Asked, answer
from schemas import opaque
from schemas.errors import Rejected, Unknown
from schemas.vocabulary import Role

_LARGEST_PAGE = 500


async def feeds(asked: Asked) -> web.Response:
    """Every feed with its reconciled counts; an engineer's own, where the hub's file says which they are."""
    shown = []
    own = None if Role.ADMINISTRATOR in asked.person.roles else asked.gateway.feeds_of(asked.person)
    async with asked.gateway.store.reading() as work:
        for name, feed in asked.gateway.feeds.items():
            if own is not None and name not in own:
                continue
            counts = await work.messages.counts(name)
            shown.append(
                answers.FeedShown(
                    feed=name,
                    agency=feed.section.agency,
                    adapter=feed.adapter.name,
                    received=counts.received,
                    accepted=counts.accepted,
                    duplicate=counts.duplicate,
                    quarantined=counts.quarantined,
                    refused=counts.refused,
                    items=counts.items,
                    referral=counts.referral,
                    refreshed=counts.refreshed,
                    no_concern=counts.no_concern,
                    reconciled=counts.reconciled,
                )
            )
    return answer(answers.FeedsShown(feeds=tuple(shown)))


async def agencies(asked: Asked) -> web.Response:
    """Every agency and its standing."""
    listed = await asked.gateway.agencies.listing()
    return answer(
        answers.AgenciesShown(
            agencies=tuple(
                answers.AgencyShown(
                    id=one.id,
                    name=one.name,
                    status=one.agency.status if one.agency else "not enrolled",
                    clients=tuple(client.client_id for client in one.clients),
                )
                for one in listed
            )
        )
    )


async def checkpoint(asked: Asked) -> web.Response:
    """The log's latest signed checkpoint."""
    await asked.gateway.log.sequence()
    latest = await asked.gateway.log.checkpoint()
    if latest is None:
        raise Unknown("log.empty", "nothing was recorded yet")
    return answer(answers.CheckpointShown(size=latest.size, checkpoint=latest.note))


async def cosigned(asked: Asked) -> web.Response:
    """The first checkpoint from ``size`` on that a witness cosigned, with the proof that it follows that size."""
    least = _number(asked.request.query.get("size", "1"), "start")
    if least < 1:
        raise Rejected("query.number", "a size is at least 1", at="size")
    async with asked.gateway.store.reading() as work:
        lines = await work.log.cosigned(least)
        found = await work.log.checkpoint_at(lines[0].size) if lines else None
    if found is None:
        raise Unknown("log.not_cosigned", "no witness has cosigned so much yet; ask again later", at="size")
    path = await asked.gateway.log.consistency(least, found.size)
    note = found.note + "".join(f"{one.line}\n" for one in lines)
    return answer(answers.CosignedShown(size=found.size, checkpoint=note, begins=least, consistency=path))


async def entries(asked: Asked) -> web.Response:
    """Entries of the log: of one referral, or a stretch of it by index."""
    query = asked.request.query
    async with asked.gateway.store.reading() as work:
        if "referral" in query:
            if not opaque.is_name(query["referral"], opaque.Prefix.REFERRAL):
                raise Unknown("referral.unknown", at="referral")
            found = await work.log.of_referral(query["referral"])
        else:
            start = _number(query.get("start", "0"), "start")
            found = await work.log.entries(start, start + _number(query.get("limit", "100"), "limit"))
    shown = []
    for one in found:
        # Of one that was erased the text is gone; that it stood there is no secret.
        detail = json.loads(one.entry)["detail"] if one.entry else {"erased": True}
        shown.append(
            answers.EntryShown(
                id=one.id,
                index=one.position,
                event=one.event,
                at=one.at,
                actor=one.actor,
                referral=one.referral_id,
                subject=one.subject,
                detail=detail,
            )
        )
    return answer(answers.Entries(entries=tuple(shown)))


def _number(text: str, at: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise Rejected("query.number", "a whole number, please", at=at)
    return int(text) if at == "start" else min(int(text), _LARGEST_PAGE)
