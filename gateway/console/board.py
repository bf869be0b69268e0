"""The board: all cases at once, sorted, filtered and cut into pages by the database, and what changed since."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web

from gateway.casework.shown import Listed, ReferralLine
from gateway.console.page import Visit
from gateway.store.repositories.listing import Listing, Order, Which
from schemas.vocabulary import Rating

PATH = "/console/referrals"
SHOWS: Mapping[str, str] = {
    Which.TO_DECIDE: "To decide",
    Which.MINE: "My own cases",
    Which.UNASSIGNED: "Nobody's yet",
    Which.DECIDED: "Decided, not closed",
    Which.CLOSED: "Closed",
}
ORDERS: Mapping[str, str] = {
    Order.DUE: "Due first",
    Order.RECEIVED: "Received first",
    Order.RATING: "Worst rating first",
}
_ANY, _UNRATED, _LATE = "", "unrated", "late"
_LONGEST_PAGE_NUMBER = 6
_LOOK_SECONDS = 3.0
_ALIVE_EVERY = 5
_VERSION_LETTERS = 12
STOPPING: web.AppKey[asyncio.Event] = web.AppKey("console_stopping", asyncio.Event)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the address asks for. Whatever it does not understand is as if it were not there."""

    show: str = Which.TO_DECIDE
    rating: str = _ANY
    order: str = Order.DUE
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Chosen:
        """Out of an address."""
        show, rating, order, page = (query.get(name, "") for name in ("show", "rating", "order", "page"))
        return cls(
            show=show if show in SHOWS else Which.TO_DECIDE,
            rating=rating if rating in {_UNRATED, _LATE, *Rating} else _ANY,
            order=order if order in ORDERS else Order.DUE,
            page=int(page) if page.isascii() and page.isdigit() and len(page) <= _LONGEST_PAGE_NUMBER else 1,
        )

    def address(self, path: str = PATH) -> str:
        """The address that asks for this, without what goes without saying."""
        usual = Chosen()
        asked = {
            name: str(getattr(self, name))
            for name in ("show", "rating", "order", "page")
            if getattr(self, name) != getattr(usual, name)
        }
        return f"{path}?{urlencode(asked)}" if asked else path

    def listing(self, visit: Visit) -> Listing:
        """What the desk is asked for."""
        now = visit.console.world.now()
        return Listing(
            which=Which(self.show),
            order=Order(self.order),
            rating=Rating(self.rating) if self.rating in set(Rating) else None,
            unrated=self.rating == _UNRATED,
            late=now if self.rating == _LATE else None,
            rated_by=now - timedelta(minutes=visit.gateway.hub.clocks.unrated_alarm_minutes),
            mine=visit.person.subject,
            page=self.page,
        )


async def board(visit: Visit) -> web.Response:
    """A page of the board."""
    chosen = Chosen.of(visit.request.query)
    listed = await visit.gateway.board.listed(chosen.listing(visit))
    chosen = replace(chosen, page=listed.page)
    late = await visit.gateway.board.count(Chosen(rating=_LATE).listing(visit))
    scheme = [rule.rating for rule in visit.gateway.hub.ratings]
    return await visit.page(
        "board.html",
        title="Board",
        listed=listed,
        late=late,
        chosen=chosen,
        shows=list(SHOWS.items()),
        orders=list(ORDERS.items()),
        ratings=[(_ANY, "Any"), (_LATE, "Late"), (_UNRATED, "Not rated"), *((one, one.capitalize()) for one in scheme)],
        order_said=ORDERS[chosen.order].lower(),
        here=chosen.address(),
        changes=chosen.address(f"{PATH}/changes"),
        versions=versions(listed),
        pagination=_pagination(chosen, listed),
        filtered=chosen != Chosen(),
        received=await visit.gateway.board.last_received() if not listed.referrals else None,
    )


async def changes(visit: Visit) -> web.StreamResponse:
    """What the page would show now, again and again: an event whenever that is another than before.

    It says which lines there are and their versions; the page compares and tells how many changed. Nothing moves by
    itself. Looking on counts as doing nothing: the sitting ends as it would have.
    """
    chosen = Chosen.of(visit.request.query)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(visit.request)
    with contextlib.suppress(ConnectionError):  # whoever looked on has gone
        await _tell(visit, chosen, response)
    return response


async def _tell(visit: Visit, chosen: Chosen, response: web.StreamResponse) -> None:
    """Write an event whenever the lines changed, until the sitting ends or the process stops."""
    stopping = visit.request.app[STOPPING]
    before, rounds = "", 0
    held = visit.sitting
    while not stopping.is_set() and visit.console.world.now() < held.ends_at:
        now = json.dumps(versions(await visit.gateway.board.listed(chosen.listing(visit))), separators=(",", ":"))
        if now != before:
            await response.write(f"event: lines\ndata: {now}\n\n".encode())
            before = now
        elif rounds % _ALIVE_EVERY == 0:
            # Whoever has gone is noticed only by writing to them.
            await response.write(b": alive\n\n")
        rounds += 1
        if not await _still_sits(visit):
            break
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await stopping.wait()
        except TimeoutError:
            continue


async def _still_sits(visit: Visit) -> bool:
    found = await visit.console.sittings.of(visit.sitting.id)
    return found is not None and not found.ended


def versions(listed: Listed) -> dict[str, str]:
    """A short digest of each line: another once anything that the line shows is another."""
    return {line.id: _version(line) for line in listed.referrals}


def _version(line: ReferralLine) -> str:
    return hashlib.sha256(line.model_dump_json().encode()).hexdigest()[:_VERSION_LETTERS]


def _pagination(chosen: Chosen, listed: Listed) -> dict[str, object]:
    def link(page: int) -> str:
        return replace(chosen, page=page).address()

    near = [page for page in range(listed.page - 1, listed.page + 2) if 1 <= page <= listed.pages]
    items: list[dict[str, object]] = []
    for page in sorted({1, *near, listed.pages}):
        if items and page - int(str(items[-1]["number"])) > 1:
            items.append({"ellipsis": True, "number": page - 1})
        items.append({"number": page, "href": link(page), "current": page == listed.page})
    made: dict[str, object] = {"items": items, "landmarkLabel": "Pages of the board"}
    if listed.page > 1:
        made["previous"] = {"href": link(listed.page - 1)}
    if listed.page < listed.pages:
        made["next"] = {"href": link(listed.page + 1)}
    return made
