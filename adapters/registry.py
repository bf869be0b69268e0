"""Every adapter by its name: those that ship with the gateway, and those that others install.

A third party registers an adapter under the entry point group ``mash.adapters``; the entry's name is the adapter's and
its value is an object that fulfils :class:`adapters.port.Adapter`. A name that the gateway ships can't be taken over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from adapters.port import Adapter
from schemas.errors import Rejected, Unknown

GROUP = "mash.adapters"

BUILT_IN: Mapping[str, str] = {
    "hub.form": "adapters.hub.form:ADAPTER",
    "nhs.cpis": "adapters.nhs.cpis:ADAPTER",
    "nhs.fhir": "adapters.nhs.fhir:ADAPTER",
    "nhs.hl7v2": "adapters.nhs.hl7v2:ADAPTER",
    "police.cpp": "adapters.police.cpp:ADAPTER",
    "police.email": "adapters.police.email:ADAPTER",
    "police.ppn": "adapters.police.ppn:ADAPTER",
    "police.spi": "adapters.police.spi:ADAPTER",
    "probation.alert": "adapters.probation.alert:ADAPTER",
    "probation.event": "adapters.probation.event:ADAPTER",
    "probation.oasys": "adapters.probation.oasys:ADAPTER",
    "schools.csv": "adapters.schools.csv:ADAPTER",
    "schools.ctf": "adapters.schools.ctf:ADAPTER",
    "schools.json": "adapters.schools.json:ADAPTER",
}
"""Where each adapter of ours lives, as ``module:attribute``: one is imported when it is first asked for."""


def names() -> tuple[str, ...]:
    """The names of all adapters, in alphabetical order."""
    return tuple(sorted({*BUILT_IN, *_installed()}))


def get(name: str) -> Adapter:
    """The adapter of this name.

    Raises:
        Unknown: no adapter has it.
        Rejected: it is installed, and can't be loaded, comes from two packages or calls itself otherwise.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        ours: Adapter = getattr(import_module(module), attribute)
        return ours
    installed = _installed()
    if name in installed:
        return _loaded(installed[name])
    raise Unknown("adapter.unknown", "No adapter has this name; list the names that there are.", at="adapter")


def _installed() -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return found


def _loaded(entries: Sequence[EntryPoint]) -> Adapter:
    if len({entry.value for entry in entries}) > 1:
        raise Rejected("adapter.ambiguous", "Two packages bring an adapter of this name; remove one.", at="adapter")
    try:
        theirs: Adapter = entries[0].load()
    except Exception as error:
        detail = f"Its package can't be loaded ({type(error).__name__}); mend it, or remove it."
        raise Rejected("adapter.broken", detail, at="adapter") from error
    if getattr(theirs, "name", None) != entries[0].name:
        # Messages are kept under the name that an adapter gives itself, which might be one of ours.
        raise Rejected(
            "adapter.misnamed", "It calls itself otherwise than its entry point; make them one.", at="adapter"
        )
    return theirs
