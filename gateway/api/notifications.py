"""Notifications in native formats, and what became of them."""

from __future__ import annotations

from aiohttp import web

from gateway.api import answers
from gateway.api.callers import Caller, ClientCaller, Grant, authorise, identify
from gateway.api.route import Asked, answer
from gateway.bootstrap import Gateway
from gateway.intake.intake import Answered, Feed
from gateway.people import PersonCaller
from gateway.store.records import EndState, ItemRecord, MessageRecord
from schemas import opaque
from schemas.errors import MashError, Refused, Rejected, TooLarge, Unauthenticated, Unknown
from schemas.vocabulary import Role

MESSAGE_HEADER = "Mash-Message-Id"
NOTED = "noted"


async def notify(asked: Asked) -> web.Response:
    """Take one native message: authenticated before it is read, stored before it is answered.

    Whoever is not authenticated, not enrolled for the feed, or sends too much is refused in the feed's own format.
    """
    gateway = asked.gateway
    feed = gateway.feeds.get(asked.name("feed"))
    try:
        caller = await identify(asked.request, gateway)
    except Unauthenticated as error:
        await gateway.refusals.unauthenticated("feeds", getattr(error, "reason", error.code))
        if feed is None:
            raise
        return _natively(feed, asked, error, 401)
    if feed is None or feed.section.authentication != "dpop":
        raise Unknown("feed.unknown", "ask the hub for the feed's name", at="feed")
    try:
        _authorise(caller, feed)
    except Refused as error:
        # A known caller at a feed that is not its own: in the log by name, and refused in the feed's own words.
        return _native(await gateway.intake.refuse(feed, error, caller.actor), 403)
    client = caller.client.client_id if isinstance(caller, ClientCaller) else caller.actor
    try:
        payload = await asked.body(gateway.hub.limits.message_bytes)
    except TooLarge as error:
        return _native(await gateway.intake.refuse(feed, error, client), 413)
    except Rejected as error:
        return _native(await gateway.intake.refuse(feed, error, client), 422)
    return _native(await gateway.intake.receive(feed, payload, client))


async def fate(asked: Asked) -> web.Response:
    """Tell a sender (or an integration engineer) what became of a message."""
    name = asked.name()
    if not opaque.is_name(name, opaque.Prefix.MESSAGE):
        raise Unknown("message.unknown", at="id")
    async with asked.gateway.store.reading() as work:
        message = await work.messages.get(name)
        # Before anything else is read: another's message costs the same statements as one that is not there.
        caller = asked.caller
        if isinstance(caller, ClientCaller) and caller.client.agency != message.agency:
            raise Unknown("message.unknown", at="id")
        if isinstance(caller, PersonCaller) and not _theirs(asked.gateway, caller, message):
            raise Unknown("message.unknown", at="id")
        items = await work.messages.items(name)
    problem = {"code": message.reason_code, "at": message.reason_at or ""} if message.reason_code else None
    return answer(
        answers.MessageFate(
            id=message.id,
            feed=message.feed,
            received_at=message.received_at,
            fate=message.fate,
            problem=problem,
            items=tuple(_ended(one, caller) for one in items),
        )
    )


def _ended(item: ItemRecord, caller: Caller | None) -> answers.MessageItem:
    """An item's end. Its sender learns whether it became a referral, and not whether the hub knew the people in it."""
    told = item.end_state
    if isinstance(caller, ClientCaller) and item.end_state != EndState.REFERRAL:
        told = NOTED
    return answers.MessageItem(kind=item.kind, end_state=told)


def _theirs(gateway: Gateway, caller: PersonCaller, message: MessageRecord) -> bool:
    """Whether the message is of a feed that this engineer looks at, or of the caller's own agency."""
    if Role.INTEGRATION_ENGINEER in caller.roles:
        own = gateway.feeds_of(caller)
        return own is None or message.feed in own
    return caller.agency == message.agency


def _authorise(caller: ClientCaller | PersonCaller, feed: Feed) -> None:
    authorise(caller, frozenset({Grant.NOTIFY}), frozenset())
    section = feed.section
    if not isinstance(caller, ClientCaller) or caller.client.agency != section.agency:
        raise Refused("feed.not_yours", "send to a feed of your own agency", at="feed")
    if section.client and caller.client.client_id != section.client:
        raise Refused("feed.not_yours", "another client sends to this feed", at="feed")


def _natively(feed: Feed, asked: Asked, error: MashError, status: int) -> web.Response:
    told = asked.gateway.intake.turned_away(feed, error)
    headers = dict(getattr(error, "headers", {}))
    return web.Response(status=status, body=told.body, headers=headers | {"Content-Type": told.media_type})


def _native(answered: Answered, status: int | None = None) -> web.Response:
    told = answered.answer
    headers = {MESSAGE_HEADER: answered.message_id} if answered.message_id else {}
    return web.Response(
        status=status or told.status, body=told.body, headers=headers | {"Content-Type": told.media_type}
    )
