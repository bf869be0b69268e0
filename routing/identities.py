"""What of a person's identity each role at the hub is shown: a hidden family stays hidden.

A confidential address, and every trace of a place where the source hides the location because of domestic abuse, is
for the manager of the case alone. Others see that something is kept back, and not what.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.notification import Handling
from schemas.persons import Person
from schemas.vocabulary import Role

SEES_HIDDEN_PLACES = frozenset({Role.SOCIAL_WORK_MANAGER})
"""Nobody else needs to know where a family in hiding lives."""


@dataclass(frozen=True, kw_only=True)
class IdentityView:
    """The person as shown. ``kept_back`` tells that a place is known and not shown."""

    person: Person
    kept_back: bool = False


def cut(person: Person, handling: Handling, role: Role) -> IdentityView:
    """``person`` without the places that ``role`` may not know.

    Where the location is hidden that is every address, way to reach somebody, school and surgery, and the notes,
    which may hold earlier ones.
    """
    if role in SEES_HIDDEN_PLACES:
        return IdentityView(person=person)
    if handling.hidden_location:
        bare: dict[str, object] = {"addresses": (), "contacts": (), "school": None, "gp": None, "notes": ()}
    else:
        bare = {"addresses": tuple(address for address in person.addresses if not address.confidential)}
    shown = person.model_copy(update=bare)
    return IdentityView(person=shown, kept_back=shown != person)
