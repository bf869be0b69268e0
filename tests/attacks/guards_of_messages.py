"""The guards of tokens, seals, openings and the broker: of what is sent and redeemed."""

from __future__ import annotations

from tests.attacks.guard import Cut, Guard, guard

ALG = "if alg not in algorithms or alg not in WITH_RS256:"
JWS_MEMBERS = "if not parts.header.keys() <= _MEMBERS | set(tolerated):"
JWE_MEMBERS = "if not parts.header.keys() <= _MEMBERS:"
VERIFY_WITH = "    return _verify_with(parts, key, alg, kid)\n"
ANY_KEY = """    for one in keys.values():
        try:
            return _verify_with(parts, one, alg, kid)
        except SealFailed:
            continue
    raise SealFailed("jws.signature")
"""
TYP = "if claimed not in ((typ,) if isinstance(typ, str) else typ):"
AUD = 'if found.get("aud") != aud:'
RELEASED = "again = record.state == EnvelopeState.RELEASED"
STANDING = "if status != Standing.ACTIVE or client.state != Standing.ACTIVE or client.agency != record.agency:"
DIGESTS = "if (token.cdg, token.pdg, token.rdg) != (record.body_digest, record.policy_digest, record.request_digest):"
GUARDS_OF_MESSAGES: tuple[Guard, ...] = (
    # Signed tokens
    guard("`alg` none, in any case", "crypto/jws.py", ALG, "if False:"),
    guard("RS/HS confusion with PEM, DER, JWK and base64 bodies", "crypto/jws.py", " or alg not in WITH_RS256:", ":"),
    guard("embedded `jwk`", "crypto/jws.py", JWS_MEMBERS, "if False:"),
    guard("`jku`, `x5u`, unknown `crit`, `b64` false, `zip`, `p2c`", "crypto/jws.py", JWS_MEMBERS, "if False:"),
    guard(
        "`kid` traversal", "crypto/jws.py", "key = keys.get(kid)", "key = keys.get(kid) or next(iter(keys.values()))"
    ),
    guard("`kid` of another key", "crypto/jws.py", VERIFY_WITH, ANY_KEY),
    guard("non-canonical base64", "crypto/base64url.py", "if _spelt(data) != raw:", "if False:"),
    guard("duplicate JSON members", "crypto/canonical.py", "if len(members) != len(pairs):", "if False:"),
    guard("psychic signatures", "crypto/jws.py", " and 0 < r < _ORDER and 0 < s < _ORDER"),
    guard("wrong curves", "crypto/jwk.py", 'if jwk.get("crv") != "P-256":', "if False:"),
    guard("weak RSA", "crypto/jwk.py", "if not least <= modulus.bit_length() <= _LARGEST_BITS:", "if False:"),
    guard("ROCA", "crypto/jwk.py", " or roca.is_fingerprinted(modulus)"),
    guard("deep JSON", "crypto/canonical.py", " and _depth(text) > depth:", " and False:"),
    guard("deep JSON", "crypto/canonical.py", "if len(data) > size:", "if False:"),
    guard("deep JSON", "crypto/canonical.py", "if len(digits) > _DIGIT_LIMIT:", "if False:"),
    guard("deep JSON", "crypto/compact.py", "if len(token) > limit:", "if False:"),
    guard(
        "`exp` null or 1e400",
        "crypto/tokens.py",
        '        raise SealFailed(f"token.{name}")\n    return datetime.fromtimestamp(value, UTC)',
        "        value = _LATEST\n    return datetime.fromtimestamp(value, UTC)",
    ),
    guard(
        "`exp` null or 1e400",
        "crypto/tokens.py",
        '        raise SealFailed("token.exp")',
        "        exp = datetime.fromtimestamp(_LATEST, UTC)",
    ),
    guard("a token of another type", "crypto/jws.py", TYP, "if False:"),
    # Seals
    guard("RSA1_5", "crypto/jwe.py", 'if parts.header.get("alg") != alg:', "if False:"),
    guard("CBC, and `zip` of a seal", "crypto/jwe.py", 'if parts.header.get("enc") != "A256GCM":', "if False:"),
    guard("CBC, and `zip` of a seal", "crypto/jwe.py", JWE_MEMBERS, "if False:"),
    guard("a compressed bomb", "crypto/jwe.py", JWE_MEMBERS, "if False:"),
    # What counts once
    guard(
        "twins (r, n-s) of a message's token", "gateway/delivery/judging.py", RELEASED, "again = False", only="embedded"
    ),
    guard(
        "twins (r, n-s) of a proof",
        "gateway/api/possession.py",
        'hashlib.sha256(f"{proof.jkt}\\n{proof.jti}".encode())',
        "hashlib.sha256(headers[0].encode())",
    ),
    guard(
        "twins (r, n-s) of an assertion",
        "gateway/api/token.py",
        "await _use_up(claims, gateway)",
        'await _use_up(replace(claims, jti=form["client_assertion"]), gateway)',
        Cut(
            file="gateway/api/token.py",
            old="import hashlib\n",
            new="import hashlib\nfrom dataclasses import replace\n",
        ),
    ),
    guard(
        "twins (r, n-s) of an answer",
        "gateway/casework/answers.py",
        "state = lifecycle.advance(RequestState(record.state), step, Role.PROFESSIONAL_LEAD)",
        "state = RequestState.ANSWERED",
    ),
    guard(
        "twins (r, n-s) of a release",
        "gateway/casework/answers.py",
        'digest(signed.rpartition(b".")[0])',
        "digest(signed)",
    ),
    guard("DPoP replayed", "gateway/admission.py", "if one.use.digest not in fresh:", "if False:", only="embedded"),
    guard(
        "DPoP replayed after a restart and on a second node",
        "gateway/admission.py",
        "used, standing = sets.used(work.dialect, found[0]), ",
        'used, standing = self.__dict__.setdefault("_own", set()), ',
        Cut(
            file="gateway/admission.py",
            old="await work.commit(sets.use_up(work.dialect, DPOP, fresh))",
            new="await work.commit()\n                    used |= set(fresh)",
        ),
        only="sqlite",
    ),
    guard("two redemptions at once", "gateway/delivery/judging.py", RELEASED, "again = False"),
    guard(
        "redemptions by many processes, some killed",
        "gateway/delivery/judging.py",
        RELEASED,
        "again = False",
        only="sqlite",
    ),
    # Openings
    guard(
        "a token of another audience or purpose",
        "crypto/tokens.py",
        AUD,
        "if False:",
        only="embedded",
    ),
    guard("a token of another audience or purpose", "crypto/jws.py", TYP, "if False:", only="embedded"),
    guard(
        "a stolen token without its proof key",
        "crypto/dpop.py",
        "if expected_jkt is not None and not hmac.compare_digest(jkt.encode(), expected_jkt.encode()):",
        "if False:",
        only="embedded",
    ),
    guard(
        "recipient key swapped at redemption",
        "gateway/delivery/judging.py",
        "if client.dpop_jkt != jkt and not _former(client, jkt, now):",
        "if False:",
    ),
    guard(
        "a message's token tampered with, or over",
        "crypto/engine.py",
        "    if good is not True:\n",
        "    if False:\n",
        only="embedded",
    ),
    guard("ciphertext swapped", "gateway/delivery/judging.py", DIGESTS, "if False:"),
    guard("ciphertext swapped", "sandbox/jose.py", "    if claimed_kid(token) != kid:\n", "    if False:\n"),
    guard(
        "policy swapped in the database",
        "gateway/delivery/judging.py",
        "if not any(_bound(record, key) for key in self._keys.policy_keys()):",
        "if False:",
    ),
    guard(
        "an answer replayed onto another request",
        "routing/replies.py",
        "claims.request == disclosure.request == request.jti,",
        "True,",
        only="embedded",
    ),
    guard("a revoked agency with a live token", "gateway/delivery/judging.py", STANDING, "if False:", only="embedded"),
    guard(
        "a revoked key of the hub: what it signed",
        "gateway/serving.py",
        "_KEYS_EVERY = 2.0",
        "_KEYS_EVERY = 3600.0",
    ),
    guard(
        "a revoked key of the hub: what was sealed to it",
        "gateway/serving.py",
        "_KEYS_EVERY = 2.0",
        "_KEYS_EVERY = 3600.0",
    ),
    guard(
        "a replaced key of an agency",
        "gateway/api/callers.py",
        "    if client is None or client.dpop_jkt != found.jkt:\n",
        "    if client is None:\n",
    ),
    guard(
        "a replaced key of an agency",
        "gateway/agencies.py",
        "return _parsed(await work.agencies.keys(agency), {Standing.ACTIVE})",
        "return _parsed(await work.agencies.keys(agency), {Standing.ACTIVE, Standing.VERIFY_ONLY})",
        falls="TimeoutError",  # it waits for a dead letter, and the answer was taken
    ),
    guard(
        "a suspended agency, at every door",
        "gateway/agencies.py",
        "return await self._in_standing(work, await work.agencies.client_of_amqp_user(user))",
        "return await work.agencies.client_of_amqp_user(user)",
        falls="TimeoutError",  # it waits for a dead letter, and the notification was taken
    ),
    # The broker
    guard(
        "forged AMQP headers",
        "gateway/intake/amqp.py",
        "        if not message.user_id:\n            return None\n",
        '        message.user_id = message.user_id or "guest"\n',
    ),
    guard("somebody else's `user_id`", "gateway/first_day/broker_users.py", '"tags": [],', '"tags": ["impersonator"],'),
    guard(
        "forged `reply-to`",
        "gateway/intake/amqp.py",
        "if not self._broker.names.may_answer(message.reply_to, feed.section.agency):",
        "if False:",
    ),
)
