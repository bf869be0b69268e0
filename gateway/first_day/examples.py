"""Two hubs to begin from: an inner and an outer London borough. They differ in whatever a borough may set."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from importlib.resources import files
from string import Template

from crypto.checkpoint import generate_checkpoint_key
from crypto.cosignature import Cosigner
from crypto.jwk import SigningKey, generate_signing_key

NAMES = ("inner-london", "outer-london")
_OFFICERS = ("head-of-safeguarding", "detective-superintendent", "designated-doctor")
_WITNESS = "witness.neighbour.example"
_COSIGNATURE = b"\x04"
"""The type of a witness's key (C2SP tlog-cosignature)."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example filled in: the hub's file, and the private keys of the officers that it names, by post."""

    text: str
    officers: dict[str, SigningKey] = field(repr=False)


def fill_in(name: str) -> Example:
    """The example of this name (one of :data:`NAMES`), with keys of its own: nobody else has them."""
    template = Template(files("gateway.first_day").joinpath(f"{name}.toml.in").read_text(encoding="utf-8"))
    asked = set(template.get_identifiers())
    officers = {
        post: generate_signing_key(f"officer.{post}.1") for post in _OFFICERS if post.replace("-", "_") in asked
    }
    values = {post.replace("-", "_"): _inline(key) for post, key in officers.items()}
    # Nobody holds its private half: the file says to put the witness's own key there.
    values["witness"] = _verifier(Cosigner(name=_WITNESS, public=generate_checkpoint_key(_WITNESS).verifier().public))
    return Example(text=template.substitute(values), officers=officers)


def _inline(key: SigningKey) -> str:
    return "{ " + ", ".join(f'{name} = "{value}"' for name, value in key.public().jwk().items()) + " }"


def _verifier(cosigner: Cosigner) -> str:
    return f"{cosigner.name}+{cosigner.key_id.hex()}+{base64.b64encode(_COSIGNATURE + cosigner.public).decode()}"
