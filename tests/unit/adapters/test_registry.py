"""Adapters by name: ours, and those that others install."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from adapters import registry
from schemas.errors import Unknown

THEIRS = SimpleNamespace(name="acme.feed", version="1.0", summary="theirs")


def _install(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    entry = EntryPoint(name=name, value=f"{__name__}:THEIRS", group=registry.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _: THEIRS)
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints([entry]).select(group=group))


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_each_of_our_adapters_is_found_by_its_own_name(name: str) -> None:
    assert registry.get(name).name == name


def test_an_unknown_name_is_refused_without_being_repeated() -> None:
    with pytest.raises(Unknown) as refused:
        registry.get("no.such.adapter")
    assert refused.value.code == "adapter.unknown"
    assert "no.such" not in str(refused.value)


def test_an_installed_adapter_stands_among_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "acme.feed")
    assert "acme.feed" in registry.names()
    assert list(registry.names()) == sorted(registry.names())
    assert registry.get("acme.feed") is THEIRS


def test_an_installed_adapter_cannot_take_the_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "nhs.hl7v2")
    assert registry.get("nhs.hl7v2") is not THEIRS
    assert registry.names().count("nhs.hl7v2") == 1
