"""The documents that a product brings, as the receiving team's system takes them out and files them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from sandbox import base64url
from sandbox.failures import NotTrusted

MARKING = "OFFICIAL-SENSITIVE"


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The documents of one product by format, each with the digest that the hub signed."""

    files: Mapping[str, bytes]

    @property
    def product(self) -> Mapping[str, Any]:
        """The product as JSON."""
        found = json.loads(self.files["json"])
        return found if isinstance(found, dict) else {}

    @property
    def words(self) -> list[str]:
        """The words of every item in the JSON, in its order."""
        return [
            str(item["text"]) for owner in self.product["evidence"] for one in owner["groups"] for item in one["items"]
        ]

    @property
    def children(self) -> list[etree._Element]:
        """The children of the CIN record."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return list(etree.fromstring(self.files["cin"], parser).iterfind("Children/Child"))

    @property
    def is_print(self) -> bool:
        """Whether the PDF is a whole one, tagged and with its language."""
        pdf = self.files["pdf"]
        whole = pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
        return whole and b"/StructTreeRoot" in pdf and b"/Lang (en-GB)" in pdf


def take_out(content: Mapping[str, Any]) -> Documents:
    """The documents of an opened product.

    Raises:
        NotTrusted: one is not the bytes that the hub signed the digest of, or a format comes twice.
    """
    files: dict[str, bytes] = {}
    for document in content["documents"]:
        taken = base64url.decode(str(document["content"]))
        if base64url.digest(taken) != document["digest"] or document["format"] in files:
            raise NotTrusted("a document is not the one that the hub signed")
        files[str(document["format"])] = taken
    return Documents(files=files)
