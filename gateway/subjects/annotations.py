"""Annotations as they are sealed with the person whom they are about, and shown beside what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from gateway.store import Reading
from gateway.store.records import AnnotationRecord
from gateway.strongbox import Strongbox
from schemas.base import Frozen
from schemas.persons import Person
from schemas.request import Text
from schemas.subject import AnnotationTold

PLACE = "annotations.sealed"
FIELDS = frozenset(Person.model_fields) - {"ref", "notes"}
"""What of a person may be annotated."""


class AnnotationKind(StrEnum):
    """What a person had written beside what is held on them."""

    CORRECTION = "correction"
    DISAGREEMENT = "disagreement"


class AnnotationNote(Frozen):
    """What it says."""

    text: Text


async def told_of(work: Reading, strongbox: Strongbox, person: str) -> tuple[AnnotationTold, ...]:
    """The annotations of a person, oldest first.

    Raises:
        Unknown: the person was erased.
    """
    return await _opened(work, strongbox, await work.subjects.annotations([person]))


async def told_beside(work: Reading, strongbox: Strongbox, disclosure: str) -> tuple[AnnotationTold, ...]:
    """The annotations beside a disclosure, oldest first; ``field`` is the digest of the group."""
    return await _opened(work, strongbox, await work.subjects.beside(disclosure))


async def _opened(work: Reading, strongbox: Strongbox, found: Sequence[AnnotationRecord]) -> tuple[AnnotationTold, ...]:
    scopes = {one.id: one.scope for one in await work.persons.get_many({one.person_id for one in found})}
    told = []
    for one in found:
        note = await strongbox.take(work, scopes[one.person_id], PLACE, one.id, one.sealed, AnnotationNote)
        told.append(AnnotationTold(kind=one.kind, field=one.field, at=one.at, text=note.text))
    return tuple(told)
