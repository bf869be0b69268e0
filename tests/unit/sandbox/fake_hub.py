"""A hub in small for the sandbox's own tests, on the gateway's cryptography: the other party of the wire."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from aiohttp import web

from crypto import base64url, canonical, checkpoint, dpop, jwe, jws, merkle, tokens
from crypto.failure import SealFailed
from crypto.jwk import DecryptionKey, PublicKey, SigningKey, generate_signing_key, parse_public_jwk
from sandbox.keys import AgencyKeys

LOG = "fake.mash.log"
HUB = "fake"
AHEAD = 3
"""Entries of others that stand in the log before and after each opening."""


class FakeHub:
    """Tokens with nonces, a mailbox, openings with log proofs, answers. ``tamper`` may change a release.

    ``logged`` is what the log says otherwise than it should, with a proof that holds.
    """

    def __init__(self, agency: AgencyKeys, sealing: DecryptionKey) -> None:
        self.url = ""
        self.signing: SigningKey = generate_signing_key("hub-1")
        self.sealing = sealing
        self.log_key = checkpoint.generate_checkpoint_key(LOG)
        self.nonce = secrets.token_urlsafe(8)
        self.unavailable = 0
        self.tokens_given = 0
        self.messages: list[dict[str, Any]] = []
        self.answers: dict[str, bytes] = {}
        self.tamper: Callable[[dict[str, Any]], dict[str, Any]] = lambda release: release
        self.logged: dict[str, str] = {}
        self._agency = agency
        self._contents: dict[str, tuple[str, bytes]] = {}
        self._access: dict[str, str] = {}
        self._jtis: set[str] = set()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/.well-known/jwks.json", self._jwks)
        application.router.add_get("/.well-known/oauth-authorization-server", self._metadata)
        application.router.add_post("/oauth2/token", self._token)
        application.router.add_get("/v1/mailbox", self._mailbox)
        application.router.add_post("/v1/mailbox/{id}/ack", self._ack)
        application.router.add_post("/v1/envelopes/{id}/open", self._open)
        application.router.add_post("/v1/requests/{id}/disclosure", self._disclosure)
        application.router.add_get("/v1/agencies/{agency}/jwks.json", self._owner)
        return application

    def send(self, client_id: str, content: dict[str, Any]) -> str:
        """Put an envelope into the mailbox; its id."""
        envelope = f"env_{secrets.token_hex(6)}"
        claims: Any = {
            "iss": HUB,
            "aud": client_id,
            "jti": envelope,
            "iat": 0,
            "reference": "ref_1",
            "content": content,
        }
        signed = jws.sign(canonical.dumps(claims), self.signing, typ="mash-envelope+jws")
        key = secrets.token_bytes(32)
        body = jwe.seal_direct(signed.encode(), key, kid=envelope, cty="mash-envelope+jws")
        token = secrets.token_urlsafe(16)
        self._contents[token] = (client_id, key)
        headers = {
            "cloudEvents_id": envelope,
            "cloudEvents_type": f"uk.mash.envelope.{content['kind']}",
            "access-token": token,
        }
        self.messages.append({"id": f"msg_{envelope}", "headers": headers, "body": body})
        return envelope

    async def _jwks(self, _: web.Request) -> web.Response:
        sealing = PublicKey(kid=self.sealing.kid, alg="RSA-OAEP-256", use="enc", key=self.sealing.key.public_key())
        public = PublicKey(kid=self.signing.kid, alg="ES256", use="sig", key=self.signing.key.public_key())
        return web.json_response({"keys": [public.jwk(), sealing.jwk()]})

    async def _metadata(self, _: web.Request) -> web.Response:
        return web.json_response({"mash_log_key": self.log_key.verifier().text()})

    async def _owner(self, request: web.Request) -> web.Response:
        self._caller(request)
        return web.json_response({"keys": self._agency.enrolment()["signing_keys"]})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if self.unavailable:
            self.unavailable -= 1
            return web.json_response({"code": "busy"}, status=503, headers={"Retry-After": "0"})
        if not self._proven(request, None):
            return web.json_response({"error": "use_dpop_nonce"}, status=400, headers={"DPoP-Nonce": self.nonce})
        assertion = str(form["client_assertion"])
        client_id = str(canonical.loads_object(jws.claimed_payload(assertion))["sub"])
        key = parse_public_jwk(self._agency.clients[client_id].enrolment()["authentication_key"], use="sig")
        tokens.verify_claims(
            assertion, {key.kid: key}, typ={"JWT", None}, iss=client_id, aud=f"{self.url}/oauth2/token",
            now=datetime.now(UTC), required=("jti",), longest=timedelta(seconds=300),
        )  # fmt: skip
        access = secrets.token_urlsafe(16)
        self._access[access] = client_id
        self.tokens_given += 1
        return web.json_response({"access_token": access, "token_type": "DPoP", "expires_in": 300})

    async def _mailbox(self, request: web.Request) -> web.Response:
        self._caller(request)
        return web.json_response({"messages": self.messages}, headers={"DPoP-Nonce": self.nonce})

    async def _ack(self, request: web.Request) -> web.Response:
        self._caller(request)
        self.messages = [message for message in self.messages if message["id"] != request.match_info["id"]]
        return web.Response(status=204)

    async def _disclosure(self, request: web.Request) -> web.Response:
        self._caller(request)
        name = request.match_info["id"]
        self.answers[name] = jwe.open_with(
            await request.read(), {self.sealing.kid: self.sealing}, cty="mash-disclosure+json"
        ).payload
        return web.json_response({"id": "dis_1", "request": name, "state": "answered"}, status=201)

    async def _open(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("DPoP ")
        client_id, key = self._contents[token]
        self._prove(request, token, client_id)
        envelope = request.match_info["id"]
        released = {"envelope": envelope, "key": base64url.encode(key), "opened_at": "2026-11-23T00:00:00Z",
                    "proof": self._logged(envelope, client_id)}  # fmt: skip
        public = parse_public_jwk(self._agency.clients[client_id].enrolment()["encryption_key"], use="enc")
        sealed = jwe.seal_to(canonical.dumps(self.tamper(released)), public, cty="mash-release+json")
        return web.Response(text=sealed, content_type="application/jose")

    def _logged(self, envelope: str, client_id: str) -> dict[str, Any]:
        entry = canonical.dumps({"event": "envelope.opened", "subject": envelope, "actor": client_id} | self.logged)
        salt = secrets.token_bytes(32)
        others = [merkle.leaf_hash(secrets.token_bytes(32)) for _ in range(2 * AHEAD)]
        # As the wire says it, not as any code of ours does.
        leaf = merkle.leaf_hash(hmac.digest(salt, b"mash-log-v1\n" + entry, "sha256"))
        leaves = [*others[:AHEAD], leaf, *others[AHEAD:]]
        nodes = {(node.level, node.index): node.hash for node in merkle.append(0, leaves, partial(_absent, {}))}
        read = partial(_absent, nodes)
        note = checkpoint.sign_checkpoint(
            checkpoint.Checkpoint(origin=LOG, size=len(leaves), root=merkle.root(len(leaves), read)), self.log_key
        )
        return {
            "index": AHEAD,
            "entry": base64url.encode(entry),
            "salt": base64url.encode(salt),
            "path": [base64url.encode(step) for step in merkle.inclusion(AHEAD, len(leaves), read)],
            "checkpoint": note,
        }

    def _caller(self, request: web.Request) -> None:
        token = request.headers["Authorization"].removeprefix("DPoP ")
        if token not in self._access:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'DPoP error="invalid_token"'})
        self._prove(request, token, self._access[token])

    def _prove(self, request: web.Request, token: str, client_id: str) -> None:
        if not self._proven(request, token, client_id):
            challenge = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": self.nonce}
            raise web.HTTPUnauthorized(headers=challenge)

    def _proven(self, request: web.Request, token: str | None, client_id: str = "") -> bool:
        """Whether the proof bears the nonce; everything else about it must hold."""
        jkt = None
        if client_id:
            jkt = parse_public_jwk(self._agency.clients[client_id].enrolment()["dpop_key"], use="sig").thumbprint
        try:
            proof = dpop.verify_proof(
                request.headers["DPoP"], htm=request.method, htu=self.url + request.path, now=datetime.now(UTC),
                max_age=timedelta(seconds=60), nonce=self.nonce, access_token=token, expected_jkt=jkt,
            )  # fmt: skip
        except SealFailed as error:
            if error.reason == "dpop.nonce":
                return False
            raise web.HTTPForbidden(text=error.reason) from error
        assert proof.jti not in self._jtis
        self._jtis.add(proof.jti)
        return True


def _absent(nodes: dict[tuple[int, int], bytes], level: int, index: int) -> bytes:
    return nodes[level, index]
