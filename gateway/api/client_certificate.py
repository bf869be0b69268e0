"""The certificate that a call came under: TLS's own, or what a trusted proxy says that TLS showed it.

Source: RFC 8705; RFC 9440 (the header ``Client-Cert``).
"""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from crypto import certificate_names
from crypto.certificate_names import Shown
from gateway.api.possession import CredentialWanted
from gateway.bootstrap import Gateway
from schemas.errors import Rejected

HEADER = "Client-Cert"


def shown(request: web.Request, gateway: Gateway) -> Shown:
    """The certificate of this call, whose chain was checked against the hub's client CAs.

    (1) where the connection comes from a proxy that the hub's file trusts, exactly one ``Client-Cert`` header of its;
    (2) else the certificate of this very connection, and no header counts.

    Raises:
        CredentialWanted: there is none.
    """
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport is not None else None
    # (1) the proxy's word
    if peer is not None and str(peer[0]) in gateway.hub.hub.trusted_proxies:
        headers = request.headers.getall(HEADER, [])
        if len(headers) != 1:
            raise CredentialWanted("certificate.missing", "Bearer")
        return _read(_from_header(headers[0]))
    # (2) TLS's own
    tls = transport.get_extra_info("ssl_object") if transport is not None else None
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    if not der:
        raise CredentialWanted("certificate.missing", "Bearer")
    return _read(der)


def _from_header(text: str) -> bytes:
    # RFC 8941: a byte sequence stands between colons.
    try:
        if not (text.startswith(":") and text.endswith(":")):
            raise ValueError
        return base64.b64decode(text[1:-1], validate=True)
    except (ValueError, binascii.Error):
        raise CredentialWanted("certificate.header", "Bearer") from None


def _read(der: bytes) -> Shown:
    try:
        return certificate_names.read(der)
    except Rejected as error:
        raise CredentialWanted(error.code, "Bearer") from None
