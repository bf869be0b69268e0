"""Models in, sealed bytes out: what the store keeps of anything personal."""

from __future__ import annotations

from typing import TypeVar

from gateway.store import Reading
from gateway.vault import Scope, Vault
from schemas.base import Frozen

M = TypeVar("M", bound=Frozen)


class Strongbox:
    """Seals a model for one place (``table.column``) of one record, and opens it again from there alone."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @staticmethod
    def seal(scope: Scope, place: str, record: str, model: Frozen) -> bytes:
        """The model, sealed in this scope for this place of this record."""
        return scope.seal(model.model_dump_json().encode(), aad=f"{place}.{record}")

    @staticmethod
    def unseal(scope: Scope, place: str, record: str, sealed: bytes, model: type[M]) -> M:
        """The model that was sealed in this scope for this place of this record.

        Raises:
            SealFailed: another scope, another place, or changed bytes.
        """
        return model.model_validate_json(scope.open(sealed, aad=f"{place}.{record}"))

    async def put(self, work: Reading, scope: str, place: str, record: str, model: Frozen) -> bytes:
        """The model, sealed under ``scope`` for this place of this record."""
        return self.seal(await self._vault.scope(work, scope), place, record, model)

    async def take(  # noqa: PLR0917 - where it lies, and what it is
        self, work: Reading, scope: str, place: str, record: str, sealed: bytes, model: type[M]
    ) -> M:
        """The model that was sealed for this place of this record.

        Raises:
            Unknown: its scope was erased.
        """
        return self.unseal(await self._vault.scope(work, scope), place, record, sealed, model)
