"""Sealing at rest: a data key per value, wrapped under its scope's key, wrapped under a version of the KEK.

A scope is what is erased together: a referral, a message, a person. Destroying the scope's key leaves everything that
it sealed unreadable, wherever copies of the ciphertext are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crypto import atrest
from crypto.failure import SealFailed
from gateway.keys import Keys
from gateway.store import Reading, Work
from gateway.store.records import ScopeKey
from schemas.errors import MashError, Unknown

CACHED_SCOPES = 512
"""Unwrapped scope keys that a process keeps."""
_DRAWN_BYTES = atrest.KEY_BYTES + 2 * atrest.NONCE_BYTES
_WRAPPED_BYTES = 1 + atrest.NONCE_BYTES + atrest.KEY_BYTES + 16


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope with its key at hand: seals and opens any number of values without going to the store again.

    Keep it no longer than one transaction: it does not notice that its scope was destroyed meanwhile.
    """

    id: str
    _key: bytes = field(repr=False)
    _random: Callable[[int], bytes] = field(repr=False)

    def seal(self, plaintext: bytes, *, aad: str) -> bytes:
        """The plaintext, sealed under a fresh data key for the place that ``aad`` names (table, column, id)."""
        drawn = self._random(_DRAWN_BYTES)
        data_key, nonces = drawn[: atrest.KEY_BYTES], drawn[atrest.KEY_BYTES :]
        first, second = nonces[: atrest.NONCE_BYTES], nonces[atrest.NONCE_BYTES :]
        wrapped = atrest.wrap_key(self._key, data_key, nonce=first, aad=atrest.place("vault", self.id, aad))
        return wrapped + atrest.seal(data_key, plaintext, nonce=second, aad=atrest.place("value", self.id, aad))

    def open(self, sealed: bytes, *, aad: str) -> bytes:
        """The plaintext that was sealed in this scope for this place.

        Raises:
            SealFailed: another scope, another place, or changed bytes.
        """
        wrapped, body = sealed[:_WRAPPED_BYTES], sealed[_WRAPPED_BYTES:]
        data_key = atrest.unwrap_key(self._key, wrapped, aad=atrest.place("vault", self.id, aad))
        return atrest.open_sealed(data_key, body, aad=atrest.place("value", self.id, aad))


class Vault:
    """Seals and opens. ``random`` gives that many random bytes."""

    def __init__(self, keys: Keys, random: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._random = random
        # By id and wrapped bytes: the row is asked for every time, so that a scope destroyed elsewhere is noticed.
        self._cache: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def fresh(self, scope_id: str, *, now: datetime) -> tuple[Scope, ScopeKey]:
        """A new scope, and its row, which the caller keeps. ``now`` is aware UTC.

        Raises:
            Unavailable: there is no key-encryption key.
        """
        drawn = self._random(atrest.KEY_BYTES + atrest.NONCE_BYTES)
        key, nonce = drawn[: atrest.KEY_BYTES], drawn[atrest.KEY_BYTES :]
        keks = self._keys.keks()
        wrapped = keks.wrap(key, nonce=nonce, aad=_place(scope_id))
        row = ScopeKey(id=scope_id, kek_version=keks.current, wrapped=wrapped, created_at=now)
        return Scope(scope_id, key, self._random), row

    async def new_scope(self, work: Work, scope_id: str, *, now: datetime) -> Scope:
        """A new scope; it commits with ``work``. ``now`` is aware UTC.

        Raises:
            Unavailable: there is no key-encryption key.
        """
        scope, row = self.fresh(scope_id, now=now)
        await work.scopes.add(row)
        return scope

    async def keep_up(self, rows: Sequence[ScopeKey]) -> None:
        """Have the keys that these scopes are wrapped under: another process may have made one since we looked."""
        if any(row.wrapped is not None and row.kek_version not in self._keys.keks().keys for row in rows):
            await self._keys.refresh()

    def scope_of(self, row: ScopeKey) -> Scope:
        """The scope of a row that was read in this transaction.

        Raises:
            Unknown: its key was destroyed.
            SealFailed: the wrapped key was changed, or its KEK was destroyed.
        """
        if row.wrapped is None:
            raise Unknown("scope.unknown", "there is no such scope")
        slot = (row.id, row.wrapped)
        key = self._cache.get(slot)
        if key is None:
            key = self._keys.keks().unwrap(row.wrapped, aad=_place(row.id))
            self._cache[slot] = key
            if len(self._cache) > CACHED_SCOPES:
                self._cache.popitem(last=False)
        self._cache.move_to_end(slot)
        return Scope(row.id, key, self._random)

    async def scope(self, work: Reading, scope_id: str) -> Scope:
        """The scope with its key, to seal or open several values in this transaction.

        Raises:
            Unknown: there is no such scope, or its key was destroyed.
            SealFailed: the wrapped key was changed, or its KEK was destroyed.
        """
        row = await work.scopes.get(scope_id)
        if row.wrapped is not None and row.kek_version not in self._keys.keks().keys:
            await self._keys.reload(work)  # another process may have made that version since we looked
        return self.scope_of(row)

    async def scopes(self, rows: Sequence[ScopeKey]) -> dict[str, Scope | MashError]:
        """The scopes of these rows by id, which this transaction read; or why one of them can't be opened."""
        await self.keep_up(rows)
        found: dict[str, Scope | MashError] = {}
        for row in rows:
            try:
                found[row.id] = self.scope_of(row)
            except (Unknown, SealFailed) as error:
                found[row.id] = error
        return found

    async def seal(self, work: Reading, scope_id: str, plaintext: bytes, *, aad: str) -> bytes:
        """The plaintext sealed in this scope for the place that ``aad`` names, such as ``messages.sealed:{id}``.

        Raises:
            Unknown: there is no such scope, or its key was destroyed.
        """
        return (await self.scope(work, scope_id)).seal(plaintext, aad=aad)

    async def open(self, work: Reading, scope_id: str, sealed: bytes, *, aad: str) -> bytes:
        """The plaintext that ``seal`` sealed.

        Raises:
            Unknown: there is no such scope, or its key was destroyed.
            SealFailed: another scope, another place, or changed bytes.
        """
        return (await self.scope(work, scope_id)).open(sealed, aad=aad)

    async def destroy(self, work: Work, scope_id: str, *, now: datetime) -> bool:
        """Destroy the scope's key for good: what it sealed is unreadable once ``work`` commits.

        False if it was destroyed before.
        """
        return await work.scopes.destroy(scope_id, now)

    async def rewrap(self, work: Work, batch: int = 500) -> int:
        """Wrap up to ``batch`` scopes anew under the current KEK; how many that were. 0: none is left to do.

        What the scopes sealed stays as it is. Commits with ``work``. A scope whose wrapped key was damaged is passed
        over: it keeps its KEK from being revoked, and does not keep the others waiting.
        """
        keks, done = self._keys.keks(), 0
        for version in sorted(keks.keys.keys() - {keks.current}):
            for row in await work.scopes.list_by_kek(version, limit=batch):
                if row.wrapped is None or done == batch:
                    continue
                try:
                    wrapped = keks.rewrap(row.wrapped, nonce=self._random(atrest.NONCE_BYTES), aad=_place(row.id))
                except SealFailed:
                    continue
                done += await work.scopes.rewrap(row.id, keks.current, wrapped)
        return done


def _place(scope_id: str) -> bytes:
    return atrest.place("scopes", "wrapped", scope_id)
