"""The kit's checks as our own tests use them: on any bytes, by the feed that the golden files were read for."""

from __future__ import annotations

from adapters.kit import AT, CHECKS, Check, Sample, accounted, texts_of
from adapters.port import Adapter, FeedContext
from schemas.errors import MashError

__all__ = ["AT", "CHECKS", "CONTEXT", "Check", "Sample", "accounted", "refusal", "texts_of"]

CONTEXT = FeedContext(feed="conformance", agency="example")


def refusal(adapter: Adapter, payload: bytes) -> MashError | None:
    """Why the adapter refuses these bytes, or None where it reads them. Any other error is a bug and passes."""
    try:
        adapter.read(payload, CONTEXT)
    except MashError as error:
        return error
    return None
