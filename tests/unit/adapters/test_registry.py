"""Adapters by name: ours, and those that others install."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from adapters import registry
from schemas.errors import Rejected, Unknown

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


def test_an_installed_adapter_that_cannot_be_loaded_is_named_as_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="acme.feed", value="no_such_package.adapter:ADAPTER", group=registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints([entry]).select(group=group))
    with pytest.raises(Rejected) as refused:
        registry.get("acme.feed")
    assert refused.value.code == "adapter.broken"


def test_a_name_that_two_packages_bring_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint(name="acme.feed", value=f"{module}:THEIRS", group=registry.GROUP) for module in ("a", "b")]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints(entries).select(group=group))
    with pytest.raises(Rejected) as refused:
        registry.get("acme.feed")
    assert refused.value.code == "adapter.ambiguous"


def test_an_installed_adapter_cannot_take_the_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "nhs.hl7v2")
    assert registry.get("nhs.hl7v2") is not THEIRS
    assert registry.names().count("nhs.hl7v2") == 1


def test_an_installed_adapter_that_calls_itself_as_one_of_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="acme.feed", value=f"{__name__}:THEIRS", group=registry.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _: SimpleNamespace(name="police.ppn"))
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints([entry]).select(group=group))
    with pytest.raises(Rejected) as refused:
        registry.get("acme.feed")
    assert refused.value.code == "adapter.misnamed"
