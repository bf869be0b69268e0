"""A case that somebody else changed while a form was open: shown side by side, never written over unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.console.case import Case
from gateway.console.page import Invalid, Visit, Wrong

BASIS = "basis"
_NAMES = ("Rating", "Due", "Owner", "State", "Requests", "Answers", "Ratings", "Decisions")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is another now than when the form was opened."""

    what: str
    before: str
    now: str


def differences(visit: Visit, case: Case) -> Sequence[Difference]:
    """What has changed since the form was opened; nothing where it was not opened before."""
    before = visit.form.text(BASIS)
    if not before or before == case.basis or before.count("|") != case.basis.count("|"):
        return ()
    pairs = zip(_NAMES, before.split("|"), case.basis.split("|"), strict=True)
    return [Difference(what=name, before=old or "none", now=new or "none") for name, old, new in pairs if old != new]


def check_unchanged(visit: Visit, case: Case) -> None:
    """Return if the case stands as it did when the form was opened.

    Raises:
        Invalid: it does not; the page shows both.
    """
    if differences(visit, case):
        text = "Somebody changed this case while you wrote. Look at what is new, then send it again"
        raise Invalid(Wrong(at="changed", text=text))
