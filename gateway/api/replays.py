"""Quarantine and replay for integration engineers: structure, reasons and outcomes. No contents."""

from __future__ import annotations

from aiohttp import web

from gateway.api import answers, bodies
from gateway.api.route import Asked, answer
from gateway.intake.bulk_replay import BulkReplay, Selection, Standing
from gateway.intake.moments import moment
from gateway.intake.replay import Replayed
from gateway.store.records import MessageOutline
from schemas import opaque
from schemas.errors import Rejected, Unknown

_PAGE = 200


async def quarantine(asked: Asked) -> web.Response:
    """A page of what waits in quarantine, with its reasons: by ``feed``, ``since``, ``until``, ``after``, ``limit``."""
    query = asked.request.query
    feed, after = query.get("feed"), query.get("after")
    own = asked.gateway.feeds_of(asked.person)
    if feed is not None and (feed not in asked.gateway.feeds or (own is not None and feed not in own)):
        return answer(answers.Quarantine(messages=()))
    if after is not None and not opaque.is_name(after, opaque.Prefix.MESSAGE):
        raise Unknown("message.unknown", at="after")
    limit = _limit(query.get("limit", str(_PAGE)))
    async with asked.gateway.store.reading() as work:
        waiting = await work.messages.quarantined(
            feed,
            among=own,
            since=moment(query["since"], at="since") if "since" in query else None,
            until=moment(query["until"], at="until") if "until" in query else None,
            after=after,
            limit=limit + 1,
        )
    more = len(waiting) > limit
    return answer(
        answers.Quarantine(
            messages=tuple(_quarantined(one) for one in waiting[:limit]), next=waiting[limit - 1].id if more else None
        )
    )


async def one(asked: Asked) -> web.Response:
    """Put a quarantined message through again; with ``?dry_run=true`` only say what would happen."""
    name = asked.name()
    if not opaque.is_name(name, opaque.Prefix.MESSAGE):
        raise Unknown("message.unknown", at="id")
    dry_run = asked.request.query.get("dry_run") == "true"
    done = await _replays(asked).one(name, actor=asked.person.actor, dry_run=dry_run)
    return answer(_replayed(done, dry_run=dry_run))


async def preview(asked: Asked) -> web.Response:
    """What a replay of several messages would do."""
    chosen = _selection(await asked.json(bodies.SelectionBody))
    seen, count = await _replays(asked).preview(chosen, actor=asked.person.actor)
    return answer(answers.ReplayPreview(count=count, messages=tuple(_replayed(each, dry_run=True) for each in seen)))


async def propose(asked: Asked) -> web.Response:
    """Propose to replay several messages."""
    chosen = _selection(await asked.json(bodies.SelectionBody))
    return answer(_shown(await _replays(asked).propose(chosen, actor=asked.person.actor)), 201)


async def latest(asked: Asked) -> web.Response:
    """The replays that were proposed last."""
    return answer(answers.BulkReplays(replays=tuple(map(_shown, await _replays(asked).latest()))))


async def whole(asked: Asked) -> web.Response:
    """A replay with its messages."""
    standing = await _replays(asked).standing(asked.name())
    messages = await _replays(asked).messages(asked.name())
    return answer(
        answers.BulkReplayWhole(
            replay=_shown(standing),
            messages=tuple(
                answers.ReplayedMessage(message=each.message_id, outcome=each.outcome or "", code=each.code or "")
                for each in messages
            ),
        )
    )


async def approve(asked: Asked) -> web.Response:
    """Approve a replay that somebody else proposed."""
    body = await asked.json(bodies.ApprovalBody)
    return answer(_shown(await _replays(asked).approve(asked.name(), body.digest, actor=asked.person.actor)))


async def run(asked: Asked) -> web.Response:
    """Put the next messages of an approved replay through."""
    return answer(_shown(await _replays(asked).run(asked.name(), actor=asked.person.actor)))


def _replays(asked: Asked) -> BulkReplay:
    """Replays as far as the caller's own feeds go."""
    return asked.gateway.bulk_replay.within(asked.gateway.feeds_of(asked.person))


def _selection(body: bodies.SelectionBody) -> Selection:
    return Selection(messages=body.messages, feed=body.feed, since=body.since, until=body.until)


def _quarantined(message: MessageOutline) -> answers.QuarantinedMessage:
    return answers.QuarantinedMessage(
        id=message.id,
        feed=message.feed,
        adapter=message.adapter,
        received_at=message.received_at,
        code=message.reason_code or "",
        at=message.reason_at or "",
        conflict_with=message.conflict_with,
    )


def _replayed(done: Replayed, *, dry_run: bool) -> answers.ReplayShown:
    return answers.ReplayShown(
        message=done.message_id,
        feed=done.feed,
        was_code=done.was.code,
        was_at=done.was.at,
        was_version=done.was.adapter_version,
        fate=done.fate,
        code=done.code,
        at=done.at,
        items=done.items,
        dry_run=dry_run,
        seen=tuple(
            answers.ItemOutline(
                kind=each.kind,
                end_state=each.end_state,
                fields=each.fields,
                unmapped=each.unmapped,
                quality=each.quality,
            )
            for each in done.seen
        ),
    )


def _shown(standing: Standing) -> answers.BulkReplayShown:
    record = standing.record
    return answers.BulkReplayShown(
        id=record.id,
        digest=record.digest,
        count=record.count,
        waiting=standing.waiting,
        outcomes={name: number for name, number in standing.outcomes.items() if name},
        proposed_by=record.proposed_by,
        proposed_at=record.proposed_at,
        expires_at=record.expires_at,
        approved_by=record.approved_by,
        approved_at=record.approved_at,
    )


def _limit(text: str) -> int:
    if not text.isdecimal() or len(text) > 6 or int(text) == 0:
        raise Rejected("query.number", "a whole number from 1 on, please", at="limit")
    return min(int(text), _PAGE)
