"""The master key inside a PKCS#11 token: wrapping and unwrapping happen there, and the key can't be read out of it.

The token is asked anew for each key (a login, AES-GCM, a logout): keys are unwrapped at start and when they change, and
a session that is held open would outlive a token that was taken away. The library is loaded at the first question, in
the process that asks it: PKCS#11 does not survive a fork.
Source: PKCS#11 v3.0, C_Encrypt and C_Decrypt with CKM_AES_GCM (12 byte nonce, 128 bit tag).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

from crypto import atrest, master
from crypto.failure import SealFailed
from gateway.keys.master import MasterKey, other
from gateway.keys.pkcs11_uri import TokenAddress
from schemas.errors import Conflict, MashError, Rejected, Unavailable

if TYPE_CHECKING:
    import pkcs11

_TAG_BITS = 128
_AT = "master key token"
_one_at_a_time = threading.Lock()
"""A login is the whole process's, not a session's: two at once would end each other's."""


class _AesKey(Protocol):
    """What is used of a key that the library found; its class is put together as it finds the key."""

    def __getitem__(self, attribute: pkcs11.Attribute) -> Any: ...  # noqa: ANN401 - each attribute has a type of its own

    def encrypt(self, data: bytes, **how: object) -> bytes: ...

    def decrypt(self, data: bytes, **how: object) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TokenKey:
    """An AES-256 key of a token. The PIN is never shown."""

    address: TokenAddress
    pin: str = field(repr=False)

    @property
    def id(self) -> str:
        """The key's CKA_ID, which says which key it is.

        Raises:
            Unavailable, Rejected: as ``wrap``.
        """
        with self._key() as key:
            return self._id(key)

    def wrap(self, secret: bytes, *, kid: str, random: Callable[[int], bytes]) -> bytes:
        """A key's secret bytes (any length), sealed inside the token for the row with this kid.

        Raises:
            Unavailable: the token, its library, or the extra ``pkcs11`` is not there, or it is out of order.
            Rejected: the PIN is wrong, or the token holds no such key, or one that could be read out.
        """
        nonce = random(atrest.NONCE_BYTES)
        with self._key() as key, _translated():
            return atrest.joined(nonce, self._ask(key.encrypt, secret, nonce, kid))

    def unwrap(self, wrapped: bytes, *, kid: str) -> bytes:
        """The secret bytes of the key with this kid, opened inside the token.

        Raises:
            Rejected: they were wrapped under another master key, or changed; or as ``wrap``.
            Unavailable: as ``wrap``.
        """
        try:
            nonce, ciphertext = atrest.parted(wrapped)
        except SealFailed:
            raise other(kid) from None
        pkcs11 = _library()
        # Tokens call a wrong tag by several names; SoftHSM by the first.
        wrong_tag = (pkcs11.GeneralError, pkcs11.EncryptedDataInvalid, pkcs11.EncryptedDataLenRange, pkcs11.DataInvalid)
        with self._key() as key, _translated():
            try:
                return self._ask(key.decrypt, ciphertext, nonce, kid)
            except wrong_tag:
                raise other(kid) from None

    def exists(self) -> bool:
        """Whether the token holds a key of this name.

        Raises:
            Unavailable, Rejected: as ``wrap``.
        """
        with self._session() as session:
            return bool(self._found(session))

    def make(self, secret: MasterKey | None = None, *, random: Callable[[int], bytes]) -> None:
        """Put a key there: one made inside, or this one, which a ceremony has split before.

        Raises:
            Conflict: the token holds a key of this name.
            Unavailable, Rejected: as ``wrap``.
        """
        with self._session(writing=True) as session:
            if self._found(session):
                raise Conflict("keys.pkcs11.exists", "the token holds a key of this name: choose another", at=_AT)
            with _translated():
                self._make(session, secret, random)

    # --- behind ---

    def _make(self, session: pkcs11.Session, secret: MasterKey | None, random: Callable[[int], bytes]) -> None:
        from pkcs11 import Attribute, KeyType, ObjectClass  # noqa: PLC0415 - an extra: only who has a token needs it

        shut = {
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.ENCRYPT: True,
            Attribute.DECRYPT: True,
            Attribute.WRAP: False,
            Attribute.UNWRAP: False,
        }
        if secret is None:
            named = random(master.ID_BYTES)
            session.generate_key(KeyType.AES, 256, id=named, label=self.address.key, store=True, template=shut)
            return
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: KeyType.AES,
                Attribute.TOKEN: True,
                Attribute.VALUE: secret.secret,
                Attribute.LABEL: self.address.key,
                Attribute.ID: bytes.fromhex(secret.id),
                **shut,
            }
        )

    @staticmethod
    def _ask(what: Callable[..., bytes], data: bytes, nonce: bytes, kid: str) -> bytes:
        from pkcs11 import GCMParams, Mechanism  # noqa: PLC0415 - as above

        aad = atrest.bound(master.row_place(kid))
        return what(data, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, aad, _TAG_BITS))

    def _id(self, key: _AesKey) -> str:
        from pkcs11 import Attribute  # noqa: PLC0415 - as above

        with _translated():
            named = bytes(key[Attribute.ID])
        if len(named) != master.ID_BYTES:
            raise Rejected("keys.pkcs11.id", "this key was not made by mash: name another", at=_AT)
        return named.hex()

    @contextmanager
    def _key(self) -> Iterator[_AesKey]:
        Attribute = _library().Attribute  # noqa: N806 - a class
        with self._session() as session:
            found = self._found(session)
            if len(found) != 1:
                detail = "the token holds no key of this name" if not found else "two keys of the token bear this name"
                raise Rejected("keys.pkcs11.key", detail, at=_AT)
            with _translated():
                shut = found[0][Attribute.SENSITIVE] and not found[0][Attribute.EXTRACTABLE]
            if not shut:
                raise Rejected("keys.pkcs11.extractable", "this key could be read out of its token", at=_AT)
            yield found[0]

    def _found(self, session: pkcs11.Session) -> list[_AesKey]:
        from pkcs11 import Attribute, KeyType, ObjectClass  # noqa: PLC0415 - as above

        wanted = {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.LABEL: self.address.key,
        }
        with _translated():
            return cast("list[_AesKey]", list(session.get_objects(wanted)))

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[pkcs11.Session]:
        pkcs11 = _library()
        with _one_at_a_time:
            with _translated():
                token = pkcs11.lib(str(self.address.module)).get_token(
                    token_label=self.address.token,
                    token_serial=self.address.serial.encode() if self.address.serial else None,
                )
                session = token.open(rw=writing, user_pin=self.pin)
            try:
                yield session
            finally:
                with _translated():
                    session.close()


def _library() -> ModuleType:
    try:
        return import_module("pkcs11")
    except ImportError:
        detail = "install the extra that speaks to tokens: mash-gateway[pkcs11]"
        raise Unavailable("keys.pkcs11.missing", detail, at=_AT) from None


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever the library throws becomes an error of ours, without what it was given."""
    import pkcs11  # noqa: PLC0415 - as above

    try:
        yield
    except MashError:
        raise
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise Rejected("keys.pkcs11.pin", "the token refused the PIN", at=_AT) from None
    except pkcs11.PinLocked:
        raise Rejected(
            "keys.pkcs11.locked", "the token's PIN is locked: its security officer unlocks it", at=_AT
        ) from None
    except pkcs11.NoSuchToken:
        raise Unavailable("keys.pkcs11.token", "no such token: is it plugged in, and named rightly?", at=_AT) from None
    except pkcs11.MultipleTokensReturned:
        raise Rejected("keys.pkcs11.token", "two tokens answer to this name: add serial=", at=_AT) from None
    except pkcs11.PKCS11Error as error:
        detail = f"the token or its library failed ({type(error).__name__})"
        raise Unavailable("keys.pkcs11.failed", detail, at=_AT) from None
