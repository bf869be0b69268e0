"""Coming in without a system: a referrer's own form, and what somebody takes down from a call.

What is filled in becomes a native message of the hub's own format and goes through the front door like any other: kept
first, then read, then a referral. It is sent once: the same form again is the same message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiohttp import web

from gateway.console import words
from gateway.console.drafts import Draft
from gateway.console.form import Form
from gateway.console.involve import birth_of
from gateway.console.page import Go, Invalid, Visit, Wrong, see_other
from gateway.console.submissions import Done
from gateway.intake.intake import Feed
from routing.permissions import Action
from schemas.errors import Conflict, Refused
from schemas.vocabulary import Concern

PATH = "/console/notify"
CHILDREN, ADULTS = 4, 3
_CHILD_FIELDS = ("given", "family", "nhs_number", "address", "postcode")
_ADULT_FIELDS = ("given", "family", "relation")
_BIRTH = ("birth_day", "birth_month", "birth_year")


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A person of the form: the beginning of their fields' names, and what they are called on the page."""

    prefix: str
    title: str


async def form(visit: Visit) -> web.Response:
    """The form."""
    return await visit.page(
        "notify.html",
        title="Take a call down" if _takes_calls(visit) else "Tell the hub of a concern",
        calls=_takes_calls(visit),
        agency=_feed(visit).section.agency,
        concerns=list(Concern),
        children=[Somebody(prefix=f"child{n}", title=f"Child {n}") for n in range(1, CHILDREN + 1)],
        adults=[Somebody(prefix=f"adult{n}", title=f"Adult {n}") for n in range(1, ADULTS + 1)],
    )


async def send(visit: Visit) -> Go:
    """Go on to the check page, if there is enough to act on."""
    _feed(visit)
    typed = visit.form
    wrongs = []
    if not typed.text("worry"):
        wrongs.append(Wrong(at="worry", text="Write what worries you"))
    if not typed.text("referrer_role"):
        wrongs.append(Wrong(at="referrer_role", text="Write who says it: a post, or what they are to the child"))
    wrongs += [
        Wrong(at=f"{prefix}_birth_day", text="Write the date in numbers, such as 27 3 2019")
        for prefix in _prefixes()
        if _born(typed, prefix) is None
    ]
    if wrongs:
        raise Invalid(*wrongs)
    return Go(location=f"{PATH}/check")


async def check(visit: Visit) -> web.Response:
    """What will be sent."""
    draft = await _draft(visit)
    if draft is None or not draft.form.text("worry"):
        see_other(PATH)
    return await visit.page(
        "notify_check.html",
        title="Check what you tell the hub",
        told=_told(visit, draft),
        typed_id=draft.id,
    )


async def give(visit: Visit) -> Done:
    """Send it through the front door."""
    feed, draft = _feed(visit), await _draft(visit)
    if draft is None:
        raise Invalid(Wrong(at="main-content", text="There is nothing to send any more. Fill in the form again"))
    if draft.id != visit.form.text("typed"):
        raise Invalid(Wrong(at="main-content", text="You changed this in another window. Check it as it is now"))
    payload = json.dumps(_told(visit, draft), ensure_ascii=False).encode()
    answered = await visit.gateway.intake.receive(feed, payload, visit.person.actor)
    if not answered.message_id:
        raise Conflict("form.not_taken", "the hub can't take it at the moment: nothing was sent, try again")
    await visit.drop(PATH)
    said = words.reference(answered.message_id)
    return Done(location=f"{PATH}/sent", notice=f"The hub has it, and its clock runs. Reference {said}.")


async def sent(visit: Visit) -> web.Response:
    """What happens next."""
    return await visit.page("notify_sent.html", title="What happens next", calls=_takes_calls(visit))


def _takes_calls(visit: Visit) -> bool:
    return visit.may(Action.TAKE_CALL)


def _feed(visit: Visit) -> Feed:
    """The feed that takes this agency's forms.

    Raises:
        Refused: the hub's file names none.
    """
    for feed in visit.gateway.feeds.values():
        if feed.section.authentication == "console" and feed.section.agency == visit.person.agency:
            return feed
    raise Refused("form.no_feed", "this hub takes no forms from your agency: ask whoever runs it for a feed")


async def _draft(visit: Visit) -> Draft | None:
    return await visit.console.drafts.find(visit.person.subject, PATH)


def _prefixes() -> list[str]:
    children = [f"child{number}" for number in range(1, CHILDREN + 1)]
    return children + [f"adult{number}" for number in range(1, ADULTS + 1)]


def _born(typed: Form, prefix: str) -> str | None:
    day, month, year = (typed.text(f"{prefix}_{name}") for name in _BIRTH)
    return birth_of(year, month, day)


def _told(visit: Visit, draft: Draft) -> dict[str, object]:
    """The form as a native message (docs/formats/hub-form.md); the same draft is the same message."""
    typed = draft.form

    def somebody(prefix: str, names: tuple[str, ...]) -> dict[str, str]:
        person = {name: typed.text(f"{prefix}_{name}") for name in names}
        return person | {"born": _born(typed, prefix) or ""}

    people = {
        kind: [one for one in (somebody(f"{prefix}{n}", names) for n in range(1, most + 1)) if any(one.values())]
        for kind, prefix, names, most in (
            ("children", "child", _CHILD_FIELDS, CHILDREN),
            ("adults", "adult", _ADULT_FIELDS, ADULTS),
        )
    }
    return {
        "id": draft.id,
        "told_at": draft.saved_at.isoformat(timespec="seconds"),
        "how": "telephone" if _takes_calls(visit) else "web",
        "referrer": {
            "name": typed.text("referrer_name"),
            "role": typed.text("referrer_role"),
            "agency": typed.text("referrer_agency"),
            "telephone": typed.text("referrer_telephone"),
        },
        "worry": typed.text("worry"),
        "categories": [one for one in typed.all("categories") if one in set(Concern)],
        "danger": typed.text("danger"),
        "actions": typed.text("actions"),
        "informed": typed.text("informed"),
        "why_not_informed": typed.text("why_not_informed"),
        "hidden_location": typed.text("hidden_location"),
        "source_protection": typed.text("source_protection"),
        **people,
    }
