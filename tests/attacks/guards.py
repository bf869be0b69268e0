"""What refuses each attack of the table."""

from __future__ import annotations

from tests.attacks.guard import Cut, Guard, guard
from tests.attacks.guards_of_messages import GUARDS_OF_MESSAGES

RELEASED = "again = record.state == EnvelopeState.RELEASED"
OWNER = """            if record.agency != client.agency:
                raise Unknown("request.unknown", at="id")
"""
GUARDS: tuple[Guard, ...] = (
    *GUARDS_OF_MESSAGES,
    # The log
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/rereading.py",
        "            if commitment != row.commitment or len(row.salt) != SALT_BYTES:",
        "            if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/rereading.py",
        "            elif not log_rows.agrees(row):",
        "            elif False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/rereading.py",
        "                if found != hashes:",
        "                if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/rereading.py",
        "            if row.position != place:",
        "            if False:",
        only="sqlite",
    ),
    guard(
        "an operator who edits or deletes in the log",
        "gateway/log/rereading.py",
        "        if checkpoint is not None and checkpoint.root != root:",
        "        if False:",
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
        '    raise Broken(size, "log.checkpoint.former_key")  # (6)\n',
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
        "gateway/casework/told.py",
        "narrative=one.narrative if Datum.NARRATIVE in seen else None,",
        "narrative=one.narrative,",
    ),
    guard(
        "a door that is not the caller's own",
        "gateway/casework/viewing.py",
        "            record = await work.disclosures.get_for(name, self._who(caller))\n",
        "            record = await work.disclosures.get(name)\n",
        Cut(
            file="gateway/casework/standing.py",
            old="        role, relation, purpose = acting_role(caller), Relation.NONE, Purpose.DECIDE\n",
            new="        role, relation, purpose = Role.SOCIAL_WORK_MANAGER, Relation.ASSIGNED, Purpose.DECIDE\n",
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
