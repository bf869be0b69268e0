"""The steps of a case that ask for one text and no more: each a row, with what it asks and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from gateway.casework.notes import ScreeningNote
from gateway.console import case as cases
from gateway.console.page import Act, Invalid, Page, Show, Visit, Wrong
from gateway.console.submissions import Done
from routing.permissions import Action

Do = Callable[[Visit, str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step: its page's words, whether its text may be empty, and what it does with it."""

    path: str
    action: Action
    title: str
    lead: str
    label: str
    hint: str
    button: str
    notice: str
    do: Do
    optional: bool = False
    warning: bool = False

    def page(self) -> Page:
        """The step as a page."""
        return Page(
            path=cases.PATH + "/{id}/" + self.path,
            show=self._show(),
            act=self._act(),
            actions=frozenset({self.action}),
        )

    def _show(self) -> Show:
        async def show(visit: Visit) -> web.Response:
            case = await cases.load(visit)
            return await cases.shown(visit, "small_step.html", self.title, case, step=self)

        return show

    def _act(self) -> Act:
        async def act(visit: Visit) -> Done:
            text = visit.form.text("reason")
            if not text and not self.optional:
                raise Invalid(Wrong(at="reason", text=f"{self.label}: write something"))
            await self.do(visit, text)
            return Done(location=f"{cases.PATH}/{visit.name()}", notice=self.notice)

        return act


async def _take_over(visit: Visit, text: str) -> None:
    await visit.gateway.involving.take_over(visit.person, visit.name(), text)


async def _look_in(visit: Visit, text: str) -> None:
    await visit.gateway.glass.break_glass(visit.person, visit.name(), text)


async def _feed_back(visit: Visit, text: str) -> None:
    await visit.gateway.deciding.feed_back(visit.person, visit.name(), text)


async def _close(visit: Visit, text: str) -> None:
    await visit.gateway.deciding.close(visit.person, visit.name(), text)


async def _clarify(visit: Visit, text: str) -> None:
    await visit.gateway.asking.clarify(visit.person, visit.name("request"), [text])


async def _withdraw(visit: Visit, _: str) -> None:
    await visit.gateway.asking.withdraw(visit.person, visit.name("request"))


async def _revoke(visit: Visit, text: str) -> None:
    await visit.gateway.revoking.revoke(visit.person, visit.name("envelope"), text)


async def _screen(visit: Visit, text: str) -> None:
    note = ScreeningNote(
        history=text, consent=visit.form.text("consent"), already_open=visit.form.text("already_open") == "yes"
    )
    await visit.gateway.involving.screen(visit.person, visit.name(), note)


STEPS: tuple[Step, ...] = (
    Step(
        path="take-over",
        action=Action.RATE,
        title="Take this case over",
        lead="You become its manager. The one who carried it is no longer.",
        label="Why you take it over",
        hint="For example that the other manager is on leave.",
        button="Take it over",
        notice="You carry this case now.",
        do=_take_over,
    ),
    Step(
        path="look-in",
        action=Action.BREAK_GLASS,
        title="Look into another manager's case",
        lead="You see what its manager may see, for a while. You can change nothing. Another manager will look at why.",
        label="Why you must look into it now",
        hint="It is recorded, and an alarm stands until it was reviewed.",
        button="Look into it",
        notice="You may look into this case now. Another manager will review why.",
        do=_look_in,
        warning=True,
    ),
    Step(
        path="feedback",
        action=Action.SEND_FEEDBACK,
        title="Tell the referrer",
        lead="Every referrer is told the outcome. What agencies disclosed is never told.",
        label="Words beside the outcome, if you like",
        hint="The referrer reads this. Name nobody whom they did not name.",
        button="Tell the referrer",
        notice="The referrer is told.",
        do=_feed_back,
        optional=True,
    ),
    Step(
        path="close",
        action=Action.CLOSE,
        title="Close this referral",
        lead="Its record stays. A later notification about the same child links back to it and may reopen it.",
        label="Why it closes",
        hint="Where no feedback was given, say why not.",
        button="Close it",
        notice="The referral is closed.",
        do=_close,
    ),
    Step(
        path="requests/{request}/clarify",
        action=Action.REQUEST,
        title="Say what is meant",
        lead="The owner asked what you mean. The request goes out again with what you write here.",
        label="What is meant",
        hint="The professional lead of that agency reads this.",
        button="Send it again",
        notice="The request went out again.",
        do=_clarify,
    ),
    Step(
        path="requests/{request}/withdraw",
        action=Action.WITHDRAW_REQUEST,
        title="Withdraw a request",
        lead="The agency need not answer any more, and can't. What it has not opened opens no more.",
        label="Nothing need be written",
        hint="",
        button="Withdraw it",
        notice="The request is withdrawn.",
        do=_withdraw,
        optional=True,
        warning=True,
    ),
    Step(
        path="envelopes/{envelope}/revoke",
        action=Action.REVOKE_ENVELOPE,
        title="Call a product back",
        lead="It can be called back until its reader has opened it. From then on ask them to delete it.",
        label="Why it is called back",
        hint="For example that it went to the wrong team.",
        button="Call it back",
        notice="It is called back, and opens no more.",
        do=_revoke,
        warning=True,
    ),
    Step(
        path="screening",
        action=Action.SCREEN,
        title="Record screening",
        lead="What the hub's own records say of this family: earlier contacts, and whether social care knows them.",
        label="History",
        hint="Earlier notifications, plans and workers, as far as they are known.",
        button="Record it",
        notice="Screening is recorded.",
        do=_screen,
    ),
)
"""Every one of them."""
