"""The board: filtered, sorted and counted by the database."""

from __future__ import annotations

from datetime import timedelta

from gateway.bootstrap import Gateway
from gateway.store.repositories.listing import Listing, Order, Which
from schemas.vocabulary import Rating
from tests.gateway.natives import child, notice
from tests.unit.gateway import case
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import person


async def opened(gateway: Gateway, number: int) -> str:
    """A referral about a child of its own."""
    answered = await gateway.intake.receive(gateway.feeds["police-ppn"], notice(child(number)), "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(answered.message_id)
    return str(item.referral_id)


async def listed(gateway: Gateway, wanted: Listing | None = None) -> list[str]:
    return [line.id for line in (await gateway.board.listed(wanted or Listing())).referrals]


async def test_what_is_late_stands_first_and_the_unrated_among_it(gateway: Gateway, clock: Clock) -> None:
    green, unrated, red = [await opened(gateway, number) for number in (81, 82, 83)]
    await case.rated(gateway, green, Rating.GREEN)
    clock.pass_by(timedelta(minutes=1))
    await case.rated(gateway, red, Rating.RED)
    assert await listed(gateway) == [unrated, red, green]
    clock.pass_by(timedelta(hours=100))
    late = await opened(gateway, 84)
    assert await listed(gateway) == [unrated, red, green, late]


async def test_it_is_sorted_as_it_is_asked_for(gateway: Gateway, clock: Clock) -> None:
    received = []
    for number in (81, 82, 83):
        received.append(await opened(gateway, number))
        clock.pass_by(timedelta(seconds=1))
    first, second, third = received
    await case.rated(gateway, first, Rating.GREEN)
    await case.rated(gateway, second, Rating.RED)
    assert await listed(gateway, Listing(order=Order.RECEIVED)) == [first, second, third]
    assert await listed(gateway, Listing(order=Order.RATING)) == [third, second, first]


async def test_filters_leave_out_what_does_not_fit(gateway: Gateway, clock: Clock) -> None:
    red, unrated, decided = [await opened(gateway, number) for number in (81, 82, 83)]
    await case.rated(gateway, red, Rating.RED)
    await case.rated(gateway, decided, Rating.RED)
    await case.decided(gateway, decided)
    assert set(await listed(gateway)) == {red, unrated}
    assert await listed(gateway, Listing(rating=Rating.RED)) == [red]
    assert await listed(gateway, Listing(unrated=True)) == [unrated]
    assert set(await listed(gateway, Listing(which=Which.MINE, mine="t.manager"))) == {red, decided}
    assert await listed(gateway, Listing(which=Which.MINE, mine="t.othermanager")) == []
    assert await listed(gateway, Listing(which=Which.UNASSIGNED)) == [unrated]
    assert await listed(gateway, Listing(which=Which.DECIDED)) == [decided]
    assert await listed(gateway, Listing(which=Which.CLOSED)) == []
    now = clock()
    assert await listed(gateway, Listing(late=now, rated_by=now - timedelta(hours=1))) == []
    now = clock.pass_by(timedelta(hours=5))
    assert await listed(gateway, Listing(late=now, rated_by=now - timedelta(hours=1))) == [unrated, red]


async def test_a_closed_referral_is_under_closed_alone(gateway: Gateway) -> None:
    closed = await opened(gateway, 81)
    await case.rated(gateway, closed)
    await case.decided(gateway, closed)
    await gateway.deciding.close(person("manager"), closed, "Nothing more to do")
    assert await listed(gateway, Listing(which=Which.CLOSED)) == [closed]
    assert await listed(gateway, Listing(which=Which.MINE, mine="t.manager")) == []


async def test_pages_are_counted_and_a_page_beyond_the_last_is_the_last(gateway: Gateway) -> None:
    for number in range(52):
        await opened(gateway, 8_100 + number)
    first, second = [await gateway.board.listed(Listing(page=page)) for page in (1, 9)]
    assert (len(first.referrals), first.total, first.page, first.pages) == (50, 52, 1, 2)
    assert (len(second.referrals), second.page) == (2, 2)
    assert not {one.id for one in first.referrals} & {one.id for one in second.referrals}


async def test_a_line_counts_the_replies(gateway: Gateway) -> None:
    asked = await opened(gateway, 81)
    await case.rated(gateway, asked)
    await case.asked(gateway, asked)
    (line,) = (await gateway.board.listed(Listing())).referrals
    assert line.replies == (0, 1)
    assert (line.rating, line.assigned_to, line.repeat) == (Rating.GREEN, "t.manager", False)
