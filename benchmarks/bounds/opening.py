"""The bound of an opening over HTTP: what no honest opening can do without.

For each: the message's token and the proof of possession verified (two ES256 signatures, with key objects); then, in
one commit shared with whatever else gathered while the last one ran, without a timer: the proof's id used up, the
envelope found unreleased, a salted log entry with the nodes that it makes whole, its content key unwrapped, the release
with its place in the log sealed to the reader's RSA key (RSA-OAEP-256, A256GCM), the envelope marked released with
those bytes. Each commit signs one checkpoint (Ed25519). Answered after the commit. HTTP is aiohttp's server without its
routes and middleware; SQLite with write-ahead log and synchronous FULL.

It leaves out: policy and its binding, standing of reader and agency, refusals and their entries, expiry, a retry that
gets the same bytes, the path of an inclusion proof, requests and their progress, metrics, other routes.

    python -m benchmarks.bounds.opening PORT DATABASE     the rest comes on standard input, as JSON
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from benchmarks import loops
from benchmarks.bounds.admitting import entry
from benchmarks.bounds.sealing import known_scope, new_scope
from benchmarks.bounds.sharing import Shared
from benchmarks.bounds.tables import INTAKE
from benchmarks.bounds.tree import Tree
from benchmarks.bounds.verifying import Refused, Verifier, fresh_nonce
from benchmarks.load.possession import encoded

_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_ENVELOPES = (
    "CREATE TABLE envelopes (id TEXT PRIMARY KEY, state TEXT NOT NULL, scope BLOB NOT NULL, wrapped_key BLOB NOT NULL,"
    " token_jti TEXT NOT NULL, released_at TEXT, released_to TEXT, release BLOB, entry_id TEXT)"
)
_CHECKPOINTS = "CREATE TABLE log_checkpoints (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL)"
_PLACE = b"envelopes.wrapped_key"
_RSA_BITS = 3072


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An opening before its commit: the envelope, the token's id, the hash that uses up the proof, when."""

    envelope: str
    jti: str
    used: str
    at: datetime
    entry: tuple[bytes, bytes, bytes] = field(repr=False)


class Openings:
    """The store, and what is done within its commits."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._tree = Tree()
        self._log = ed25519.Ed25519PrivateKey.generate()
        self._reader = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS).public_key()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY"):
            self._connection.execute(f"PRAGMA {setting}")
        for name in ("log_entries", "log_nodes", "seen"):
            self._connection.execute(INTAKE[name].create(sqlite=True))
        for statement in (_ENVELOPES, _CHECKPOINTS):
            self._connection.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._thread.shutdown()
        self._connection.close()

    def prepare(self, names: Sequence[tuple[str, str]]) -> None:
        """Envelopes that wait to be opened, by id and the id of their token."""
        self._connection.execute("BEGIN")
        for name, jti in names:
            scope = new_scope(name)
            row = (name, "sealed", scope.wrapped, scope.seal(AESGCM.generate_key(256), _PLACE), jti)
            self._connection.execute(
                "INSERT INTO envelopes (id, state, scope, wrapped_key, token_jti) VALUES (?, ?, ?, ?, ?)", row
            )
        self._connection.execute("COMMIT")

    async def commit(self, batch: Sequence[Asked]) -> Sequence[bytes | None]:
        """The sealed release of each; None where there is none to give."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, batch)

    def _commit(self, batch: Sequence[Asked]) -> list[bytes | None]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        among = ",".join("?" * len(batch))
        found = {
            row[0]: row[1:]
            for row in connection.execute(
                f"SELECT id, scope, wrapped_key, token_jti FROM envelopes WHERE state = 'sealed' AND id IN ({among})",  # noqa: S608 - holes alone
                [one.envelope for one in batch],
            )
        }
        statement = f"SELECT value_hash FROM seen WHERE kind = 'dpop' AND value_hash IN ({among})"  # noqa: S608 - the same
        used = {row[0] for row in connection.execute(statement, [one.used for one in batch])}
        opened: list[tuple[Asked, str, bytes]] = []
        releases: list[bytes | None] = []
        first = self._tree.size
        for one in batch:
            row = found.pop(one.envelope, None)
            if one.used in used or row is None or row[2] != one.jti:
                releases.append(None)
                continue
            used.add(one.used)
            key = known_scope(one.envelope, row[0]).open(row[1], _PLACE)
            releases.append(release := self._sealed(one, key, first + len(opened)))
            opened.append((one, os.urandom(16).hex(), release))
        nodes = self._tree.append([one.entry[2] for one, _, _ in opened])
        self._written(opened, nodes, first)
        connection.execute("COMMIT")
        return releases

    def _written(
        self, opened: Sequence[tuple[Asked, str, bytes]], nodes: Sequence[tuple[int, int, bytes]], first: int
    ) -> None:
        write = self._connection.executemany
        write(
            INTAKE["seen"].insert_each(),
            [("dpop", one.used, (one.at + timedelta(minutes=5)).isoformat()) for one, _, _ in opened],
        )
        write(
            INTAKE["log_entries"].insert_each(),
            [
                (name, "envelope.opened", one.at.isoformat(), "reader", "", one.envelope, *one.entry, place)
                for place, (one, name, _) in enumerate(opened, start=first)
            ],
        )
        write(INTAKE["log_nodes"].insert_each(), nodes)
        write(
            "UPDATE envelopes SET state = 'released', released_at = ?, released_to = ?, release = ?, entry_id = ?"
            " WHERE id = ?",
            [(one.at.isoformat(), "reader", release, name, one.envelope) for one, name, release in opened],
        )
        if opened:
            root = self._tree.root()
            note = self._log.sign(self._tree.size.to_bytes(8, "big") + root)
            self._connection.execute("INSERT INTO log_checkpoints VALUES (?, ?, ?)", (self._tree.size, root, note))

    def _sealed(self, one: Asked, key: bytes, place: int) -> bytes:
        """A compact JWE of the release."""
        plain = {"envelope": one.envelope, "key": encoded(key), "opened_at": one.at.isoformat(), "index": place}
        header = encoded(b'{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"reader","cty":"mash-release+json"}')
        secret, nonce = AESGCM.generate_key(256), os.urandom(12)
        body = AESGCM(secret).encrypt(nonce, json.dumps(plain).encode(), header.encode("ascii"))
        wrapped = self._reader.encrypt(secret, _OAEP)
        parts = (encoded(wrapped), encoded(nonce), encoded(body[:-16]), encoded(body[-16:]))
        return ".".join((header, *parts)).encode("ascii")


class Http:
    """The handler of every request."""

    def __init__(self, openings: Openings, verifier: Verifier, hub: str) -> None:
        self._shared: Shared[Asked, bytes | None] = Shared(openings.commit)
        self._verifier = verifier
        self._hub = hub

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        """Authenticate, then open."""
        token = request.headers.get("Authorization", "").partition(" ")[2]
        try:
            claims, used = self._verifier.verify(token, request.headers.get("DPoP", ""), url=self._hub + request.path)
        except Refused:
            return web.Response(status=401, headers={"DPoP-Nonce": fresh_nonce()})
        name, at = request.path.split("/")[3], datetime.now(UTC)
        if claims.get("mid") != name:
            return web.Response(status=404)
        told = entry("envelope.opened", name, at, hashlib.sha256(token.encode()).hexdigest())
        release = await self._shared.done(Asked(envelope=name, jti=claims["jti"], used=used, at=at, entry=told))
        return web.Response(status=409) if release is None else web.Response(body=release)


async def serve(port: int, path: str, told: dict[str, str]) -> None:
    """Open envelopes until told to stop."""
    openings = Openings(path)
    with open(told["envelopes"], encoding="utf-8") as file:  # noqa: ASYNC230, PTH123 - before anybody is served
        openings.prepare([(name, jti) for name, jti in json.load(file)])
    issuer, holder = (
        cast("ec.EllipticCurvePublicKey", load_pem_public_key(told[name].encode())) for name in ("issuer", "holder")
    )
    handler = Http(openings, Verifier(issuer, holder), told["hub"])
    server = await asyncio.get_running_loop().create_server(web.Server(handler), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Read what the harness tells, then serve."""
    told = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=loops.factory()) as runner:
        runner.run(serve(int(sys.argv[1]), sys.argv[2], told))


if __name__ == "__main__":
    main()
