"""What each role comes to the console for: rows, which the first page and the navigation are made of."""

from __future__ import annotations

from dataclasses import dataclass

from routing.permissions import Action, allowed_roles
from schemas.vocabulary import Role


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that whoever may do ``action`` comes here for. ``short`` is its name in the navigation."""

    action: Action
    href: str
    short: str
    title: str
    hint: str


TASKS: tuple[Task, ...] = (
    Task(
        action=Action.LIST_REFERRALS,
        href="/console/referrals",
        short="Board",
        title="Board",
        hint="All referrals, what is late first: who owns each, how many replies are in, what to look out for.",
    ),
    Task(
        action=Action.TAKE_CALL,
        href="/console/notify",
        short="Take a call",
        title="Take a call down",
        hint="Somebody without a system rings: what they say comes in as every notification does.",
    ),
    Task(
        action=Action.NOTIFY,
        href="/console/notify",
        short="Tell the hub",
        title="Tell the hub of a concern",
        hint="For agencies without a system of their own. The hub's clock runs from when you send it.",
    ),
)


def tasks_of(roles: frozenset[Role]) -> tuple[Task, ...]:
    """The tasks of somebody in these roles."""
    return tuple(task for task in TASKS if roles & allowed_roles(task.action))
