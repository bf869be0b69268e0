from __future__ import annotations

from crypto.failure import SealFailed
from schemas.errors import Untrusted


def test_a_failed_seal_tells_the_caller_one_thing_and_the_log_another() -> None:
    failed = SealFailed("jws.signature")
    assert isinstance(failed, Untrusted)
    assert str(failed) == failed.code == "crypto.untrusted"
    assert "jws" not in f"{failed}{failed!r}{failed.args}"
    assert failed.reason == "jws.signature"
