"""The one next lawful step of a referral, for whoever looks at it: rules in order, the first that fits.

It is advice and no permission: each step is judged again by its desk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.casework.shown import ReferralShown
from routing.lifecycle import ProductState, ReferralState, RequestState
from routing.permissions import Action

_OPEN = frozenset(
    {RequestState.ASKED, RequestState.DELIVERED, RequestState.OPENED, RequestState.CLARIFYING, RequestState.OVERDUE}
)


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What comes next, in a sentence; the main button, where there is one; what may be done besides."""

    said: str
    text: str = ""
    href: str = ""
    others: tuple[tuple[str, str], ...] = ()


def next_step(view: ReferralShown, *, me: str, may: Callable[[Action], bool], path: str) -> NextStep:
    """The next step for somebody called ``me`` who ``may`` do what; links begin with ``path``."""
    if view.state == ReferralState.CLOSED:
        return NextStep(said="This referral is closed. A new notification about the same child links back to it.")
    if not may(Action.RATE):
        screening = (("Record screening", f"{path}/screening"),) if may(Action.SCREEN) else ()
        said = "A social work manager rates and decides." if view.rating is None else "Its manager carries it."
        return NextStep(said=said, others=screening)
    if view.assigned_to not in {None, me}:
        return NextStep(
            said="Another manager carries this case.",
            text="Take it over",
            href=f"{path}/take-over",
            others=(("Look into it, with a reason", f"{path}/look-in"),),
        )
    if view.rating is None:
        return NextStep(
            said="Rate it: the rating sets the clock, which has run since receipt.",
            text="Rate",
            href=f"{path}/rate",
            others=(("Record screening", f"{path}/screening"),),
        )
    return _of_the_manager(view, path)


def _of_the_manager(view: ReferralShown, path: str) -> NextStep:
    """The next step of a rated case, for the manager who carries it."""
    rate, ask, decide = ("Rate again", f"{path}/rate"), ("Ask agencies", f"{path}/ask"), ("Decide", f"{path}/decide")
    release, feedback = ("Release to a team", f"{path}/release"), ("Tell the referrer", f"{path}/feedback")
    waiting = [one for one in view.requests if one.state in _OPEN]
    if view.state in {ReferralState.RATED, ReferralState.GATHERING}:
        if not view.requests:
            return _step("Ask the agencies that may know more.", ask, rate, decide)
        if waiting:
            said = f"Waiting for {len(waiting)} of {len(view.requests)} replies."
            return _step(f"{said} You may decide without them, and say so.", None, decide, rate, ask)
        return _step("Everybody has answered. Read the disclosures, then decide.", decide, rate, ask)
    sent = [one for one in view.products or () if one.state != ProductState.REVOKED]
    if not sent:
        return _step("It is decided. Release what the receiving team needs.", release, feedback, rate, ask)
    if not view.feedback:
        return _step("Tell the referrer the outcome, never the contents.", feedback, release, rate, ask)
    if any(one.state in {ProductState.SENT, ProductState.DELIVERED} for one in sent):
        return _step("A product waits for a person to accept it.", None, release, rate, ("Close", f"{path}/close"))
    return _step("Everything is done that had to be.", ("Close", f"{path}/close"), release, rate)


def _step(said: str, main: tuple[str, str] | None, *others: tuple[str, str]) -> NextStep:
    text, href = main or ("", "")
    return NextStep(said=said, text=text, href=href, others=others)
