from __future__ import annotations

import pytest

from sandbox import base64url
from sandbox.failures import NotTrusted
from sandbox.product_documents import take_out


def attached(kind: str, body: bytes) -> dict[str, str]:
    return {"format": kind, "digest": base64url.digest(body), "content": base64url.encode(body)}


def test_a_document_is_taken_out_as_it_was_signed() -> None:
    taken = take_out({"documents": [attached("json", b'{"evidence": []}'), attached("pdf", b"%PDF-1.4\n%%EOF")]})
    assert taken.files["json"] == b'{"evidence": []}'
    assert taken.words == []
    assert not taken.is_print


def test_other_bytes_than_the_signed_ones_and_a_second_of_a_kind_are_not_trusted() -> None:
    changed = attached("json", b"{}") | {"content": base64url.encode(b"[]")}
    for documents in ([changed], [attached("json", b"{}"), attached("json", b"{}")]):
        with pytest.raises(NotTrusted):
            take_out({"documents": documents})


def test_the_children_of_a_record_are_found() -> None:
    record = b"<Message><Children><Child/><Child/></Children></Message>"
    assert len(take_out({"documents": [attached("cin", record)]}).children) == 2
