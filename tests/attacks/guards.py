"""What refuses each attack of the table: a place in the code, and the code without it.

``python -m tests.campaigns.guards`` (``make attack-guards``) takes one out after the other, in a copy of the tree, and
demands that the attack's test fails. Where two guards stand behind one another, both are cut at once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One replacement in one file; ``old`` stands there exactly once."""

    file: str
    old: str
    new: str = ""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A guard of one attack, by the attack's words in the table.

    ``only`` is pytest's ``-k``. ``falls`` is how the test falls without it, where that is not by an assertion.
    """

    attack: str
    cuts: tuple[Cut, ...]
    only: str = ""
    falls: str = ""


def guard(attack: str, file: str, old: str, new: str = "", *more: Cut, only: str = "", falls: str = "") -> Guard:
    """A guard in one place, or with ``more`` that stand behind it."""
    return Guard(attack=attack, cuts=(Cut(file=file, old=old, new=new), *more), only=only, falls=falls)


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
OWNER = """            if record.agency != client.agency:
                raise Unknown("request.unknown", at="id")
"""
GUARDS: tuple[Guard, ...] = (
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
    # The log
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/verification.py",
        "            if commitment != row.commitment:",
        "            if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/verification.py",
        "            elif not log_rows.agrees(row):",
        "            elif False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/verification.py",
        "                if found != hashes:",
        "                if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/verification.py",
        "            if row.position != place:",
        "            if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/verification.py",
        "    if record.root != root:",
        "    if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/verification.py",
        "    if last.size != size:",
        "    if False:",
        only="sqlite",
    ),
    guard(
        "an operator who appends to a changed tree",
        "gateway/log/placing.py",
        "        if not _holds(edge, ahead):\n",
        "        if False:\n",
        only="sqlite",
    ),
    guard(
        "an operator who rewrites and signs with a former key",
        "gateway/log/verification.py",
        '    raise _Broken(size, "log.checkpoint.former_key")  # (6)\n',
        only="sqlite",
    ),
    guard(
        "an operator who forks the log",
        "sandbox/witness.py",
        "if size == seen and seen and (root != seen_root or path):",
        "if False:",
    ),
    guard(
        "an operator who forks the log",
        "sandbox/witness.py",
        "if size > seen > 0 and not follows(seen, size, path, seen_root, root):",
        "if False:",
    ),
    guard(
        "an operator who restores an old database",
        "sandbox/witness.py",
        "        if old != seen:\n",
        "        if False:\n",
    ),
    guard(
        "a log that its witness does not follow",
        "sandbox/agency.py",
        "        if self.witnesses:\n",
        "        if False:\n",
    ),
    # Agencies' own keys, and bodies
    guard(
        "an agency's keys changed by somebody else",
        "gateway/enrolment.py",
        "    if not signed & in_force.keys():\n",
        "    if False:\n",
    ),
    guard(
        "an agency's keys changed by somebody else",
        "gateway/enrolment.py",
        "        if key.kid not in signed and key.thumbprint not in held:\n",
        "        if False:\n",
    ),
    guard(
        "a change of keys replayed, or taken back",
        "gateway/succession.py",
        "            if wanted & {row.kid for row in keys if row.state != Standing.ACTIVE}:\n",
        "            if False:\n",
    ),
    guard(
        "a change of keys replayed, or taken back",
        "gateway/succession.py",
        "            if agency.signed_at is not None and found.signed_at <= agency.signed_at:\n",
        "            if False:\n",
    ),
    guard(
        "a body under a content coding",
        "gateway/api/route.py",
        '    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":\n',
        "    if False:\n",
    ),
    guard(
        "a body that does not come",
        "gateway/api/route.py",
        "        async with asyncio.timeout(BODY_SECONDS):\n",
        "        async with asyncio.timeout(None):\n",
        falls="TimeoutError",  # the caller is the one who waited
    ),
    # The trust list
    guard(
        "a trust list replayed, or skipped to",
        "crypto/trust.py",
        "    if found.version <= in_force:\n",
        "    if False:\n",
    ),
    guard(
        "a trust list replayed, or skipped to",
        "crypto/trust.py",
        "    if found.version != in_force + 1:\n",
        "    if False:\n",
    ),
    guard("a trust list frozen", "crypto/trust.py", "    if now >= expires:\n", "    if False:\n"),
    guard(
        "a trust list that one officer signed",
        "crypto/trust.py",
        "        if _count(signed, who) < who.threshold:\n",
        "        if not signed:\n",
    ),
    guard(
        "a trust list of two histories",
        "crypto/trust.py",
        "    if found.previous != (before.digest if before is not None else None):\n",
        "    if False:\n",
    ),
    # Addresses, insiders, existence
    guard(
        "server-side request forgery: another place",
        "gateway/intake/pinned.py",
        "if (there.scheme, there.netloc) != (pin.scheme, pin.netloc):",
        "if False:",
    ),
    guard(
        "server-side request forgery: another place",
        "gateway/intake/pinned.py",
        " or _climbs(there.path):",
        ":",
    ),
    guard(
        "server-side request forgery: another network",
        "gateway/intake/pinned.py",
        'if self._allowed(_meant(one["host"]))]',
        "]",
    ),
    guard(
        "bulk opening by an insider",
        "gateway/bulk_opening.py",
        "                if count >= rule.count:\n",
        "                if False:\n",
        falls="ValueError: not enough values to unpack",  # of the alarms, there is none
    ),
    guard(
        "a look into a case of another's",
        "gateway/casework/glass.py",
        "            if record.by == caller.subject:\n",
        "            if False:\n",
    ),
    guard(
        "a look into a case of another's",
        "gateway/casework/glass.py",
        "        if not reason.strip():\n",
        "        if False:\n",
    ),
    guard(
        "error texts that tell why",
        "crypto/failure.py",
        "super().__init__(UNTRUSTED)",
        "super().__init__(UNTRUSTED, reason)",
        Cut(
            file="gateway/api/problems.py",
            old="    if isinstance(error, errors.Untrusted):\n",
            new="    if False:\n",
        ),
        only="embedded",
    ),
    guard(
        "existence: the same bytes",
        "gateway/casework/answers.py",
        OWNER,
        """            if record.agency != client.agency:
                raise Unknown("request.others", at="id")
""",
    ),
    guard(
        "existence: the same statements",
        "gateway/casework/viewing.py",
        "            record = await work.disclosures.get_for(name, self._who(caller))\n",
        """            _ = await work.referrals.get((await work.disclosures.get(name)).referral_id)
            record = await work.disclosures.get_for(name, self._who(caller))
""",
    ),
    guard(
        "existence: a sensitive group",
        "routing/need_to_know.py",
        " and not group.content.existence_sensitive for",
        " for",
    ),
    guard(
        "a route without a rule, or open to everybody",
        "gateway/api/routes.py",
        "handler=referrals.referral, actions=_may(Action.READ_REFERRAL),",
        "handler=referrals.referral, open=Open.PUBLIC,",
    ),
    guard(
        "a system through a door for which it was not enrolled",
        "gateway/api/callers.py",
        "        if not {str(grant) for grant in grants} & set(caller.client.grants):\n",
        "        if False:\n",
    ),
    guard(
        "a call that makes the hub fail",
        "gateway/api/route.py",
        "        except ValidationError as error:\n",
        "        except RuntimeError as error:\n            error.errors = list\n",
    ),
    guard(
        "a call that makes the hub fail",
        "gateway/api/problems.py",
        "    except errors.MashError as error:\n",
        "    except NotImplementedError as error:\n",
    ),
    guard(
        "a door that is not the caller's own",
        "gateway/casework/viewing.py",
        "narrative=_may(caller, Action.READ_NARRATIVES)",
        "narrative=True",
    ),
    guard(
        "a door that is not the caller's own",
        "gateway/casework/viewing.py",
        "            record = await work.disclosures.get_for(name, self._who(caller))\n",
        "            record = await work.disclosures.get(name)\n",
        Cut(
            file="gateway/casework/viewing.py",
            old="            role, relation, purpose = acting_role(caller), Relation.NONE, Purpose.DECIDE\n",
            new="            role, relation, purpose = Role.SOCIAL_WORK_MANAGER, Relation.ASSIGNED, Purpose.DECIDE\n",
        ),
    ),
    guard(
        "a door that is not the caller's own",
        "gateway/api/callers.py",
        "    if not any(caller.roles & allowed_roles(action) for action in actions):\n",
        "    if False:\n",
    ),
    # What is left lying about
    guard(
        "a child's name in clear on disk or on the wire",
        "gateway/vault.py",
        'return wrapped + atrest.seal(data_key, plaintext, nonce=second, aad=atrest.place("value", self.id, aad))',
        "return wrapped + second + plaintext",
        Cut(
            file="gateway/vault.py",
            old='return atrest.open_sealed(data_key, body, aad=atrest.place("value", self.id, aad))',
            new="return body[len(data_key) - 20 :]",
        ),
        only="embedded",
    ),
    guard(
        "a child's name in clear on disk or on the wire",
        "gateway/strongbox.py",
        '        """The model, sealed in this scope for this place of this record."""\n',
        '        print(repr(model), file=__import__("sys").stderr)\n',
        only="embedded",
    ),
)
