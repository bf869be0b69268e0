"""Why somebody is who the hub takes them for, and taking it back."""

from __future__ import annotations

from aiohttp import web

from gateway.api import bodies, linked
from gateway.api.route import Asked, answer
from gateway.casework.separating import Explained
from gateway.store.records import RecallRecord
from schemas.errors import Rejected


async def links(asked: Asked) -> web.Response:
    """Every link of a person with its reasons."""
    name = asked.name()
    found, merges, recalls = await asked.gateway.separating.links(name)
    return answer(
        linked.LinksShown(
            person=name,
            links=tuple(link_shown(one) for one in found),
            merges=tuple(
                linked.MergeShown(
                    id=one.id,
                    state=one.state,
                    because=one.because,
                    at=one.at,
                    surviving=one.surviving_id,
                    prior=one.prior_id,
                )
                for one in merges
            ),
            recalls=tuple(_recall(one) for one in recalls),
        )
    )


async def separate(asked: Asked) -> web.Response:
    """Take back a merge or a link."""
    body = await asked.json(bodies.SeparationBody)
    desk = asked.gateway.separating
    if bool(body.merge) == bool(body.item and body.ref):
        raise Rejected("separation.what", "name a merge, or an item and a ref", at="merge")
    if body.merge:
        return answer(_recall(await desk.undo_merge(asked.person, body.merge, body.reason)), 201)
    return answer(_recall(await desk.undo_link(asked.person, body.item, body.ref, body.reason)), 201)


def link_shown(one: Explained) -> linked.LinkShown:
    """A link as it is shown: nothing of the person but how the fields compare."""
    record, note = one.record, one.note
    return linked.LinkShown(
        item=record.item_id,
        ref=record.ref,
        how=record.how,
        at=record.at,
        because=note.because if note else "erased",
        weight=None if record.weight is None else record.weight / 100,
        prior=note.prior if note else 0.0,
        reasons=tuple(
            linked.ReasonShown(field=each.field, level=each.level, weight=each.weight, because=each.because)
            for each in (note.reasons if note else ())
        ),
        doubts=record.doubts,
    )


def _recall(one: RecallRecord) -> linked.RecallShown:
    return linked.RecallShown(
        id=one.id,
        wrong=one.subject,
        kept=one.kept_id,
        restored=one.restored_id,
        since=one.since,
        at=one.at,
        by=one.by,
        referrals=one.referrals,
        revoked=one.revoked,
        opened=one.opened,
        notices=one.notices,
        looked=one.looked,
    )
