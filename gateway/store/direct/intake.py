"""What the intake reads and writes: every statement in one place, each for a whole batch of messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.store.direct.driver import Found
from gateway.store.direct.rows import Rows, to_moment
from gateway.store.direct.statement import Query, Statement, Write, reading
from gateway.store.records import (
    AlarmRecord,
    AlertRecord,
    DetailRecord,
    ItemRecord,
    LinkRecord,
    LogRecord,
    MergeRecord,
    MessageRecord,
    NoticeRecord,
    PastNotification,
    PersonRecord,
    ReferralPerson,
    ReferralRecord,
    ScopeKey,
    SuggestionRecord,
    TraceRecord,
)
from gateway.store.tables import casework, details, keys, log, messages, notices, persons, referrals, research

Pair = tuple[str, ...]
_AS_IT_IS = tuple[str, ...]

MESSAGES = Rows.of_records(messages.messages, MessageRecord)
ITEMS = Rows.of_records(messages.items, ItemRecord)
ITEM_PERSONS: Rows[Pair] = Rows(messages.item_persons, ("item_id", "person_id"), _AS_IT_IS)
PERSONS = Rows.of_records(persons.persons, PersonRecord)
PERSON_TERMS: Rows[Pair] = Rows(persons.person_terms, ("hash", "person_id", "kind"), _AS_IT_IS)
PERSON_BLOCKS: Rows[Pair] = Rows(persons.person_blocks, ("hash", "person_id"), _AS_IT_IS)
LINKS = Rows.of_records(persons.links, LinkRecord)
REFERRALS = Rows.of_records(referrals.referrals, ReferralRecord)
REFERRAL_PERSONS = Rows.of_records(referrals.referral_persons, ReferralPerson)
SCOPES = Rows.of_records(keys.scopes, ScopeKey)
SUGGESTIONS = Rows.of_records(casework.suggestions, SuggestionRecord)
TRACES = Rows.of_records(research.traces, TraceRecord)
ALERTS = Rows.of_records(casework.alerts, AlertRecord)
ALARMS = Rows.of_records(casework.alarms, AlarmRecord)
MERGES = Rows.of_records(persons.merges, MergeRecord)
ENTRIES = Rows.of_records(log.log_entries, LogRecord)
NOTICES = Rows.of_records(notices.notices, NoticeRecord)
DETAILS = Rows.of_records(details.details, DetailRecord)

LONGEST_BLOCK = 500
"""Persons under one term that are compared: more than that is a block that needs a second key."""
LONGEST_HISTORY = 1_000
"""Notifications about a person that research looks back on."""

_THERE = reading(
    "SELECT 'message' AS kind, feed, native_hash FROM messages WHERE feed {among} AND native_hash {among} UNION ALL "
    "SELECT * FROM (SELECT 'term' AS kind, hash, person_id FROM person_terms WHERE hash {among} "
    "ORDER BY hash, person_id LIMIT {number}) AS found"
)
_MESSAGES = reading(f"SELECT {MESSAGES.columns} FROM messages WHERE feed {{among}} AND native_hash {{among}}")
_CONFLICTS = reading(f"SELECT {MESSAGES.columns} FROM messages WHERE conflict_with {{among}} AND digest {{among}}")
_OF_PERSONS = "SELECT referral_id FROM referral_persons WHERE person_id {among}"
_REFERRALS = f"SELECT {REFERRALS.columns} FROM referrals WHERE id IN ({_OF_PERSONS}) ORDER BY id"
_SEEN_REFERRALS, _HELD_REFERRALS = reading(_REFERRALS), reading(f"{_REFERRALS} {{locked}}")
_PARTS = reading(
    f"SELECT referral_id, person_id, part FROM referral_persons WHERE referral_id IN ({_OF_PERSONS}) "
    "ORDER BY referral_id, person_id"
)
_OWN_PARTS = reading("SELECT referral_id, person_id, part FROM referral_persons WHERE person_id {among}")
_PERSONS = reading(
    f"SELECT {PERSONS.columns} FROM persons WHERE id {{among}} AND merged_into IS NULL ORDER BY id {{locked}}"
)
_PERSONS_SEEN = reading(f"SELECT {PERSONS.columns} FROM persons WHERE id {{among}} AND merged_into IS NULL ORDER BY id")
# Each block by itself and up to a bound: however many share a key, no more of them are touched.
_BLOCKS = Statement(
    sqlite="SELECT k.value, b.person_id FROM json_each(?) AS k CROSS JOIN person_blocks AS b ON b.rowid IN "
    "(SELECT rowid FROM person_blocks WHERE hash = k.value ORDER BY hash, person_id LIMIT ?)",
    postgres="SELECT k.hash, b.person_id FROM unnest($1::text[]) AS k(hash) CROSS JOIN LATERAL "
    "(SELECT person_id FROM person_blocks WHERE hash = k.hash ORDER BY hash, person_id LIMIT $2::bigint) AS b",
)
_SCOPES = reading(f"SELECT {SCOPES.columns} FROM scopes WHERE id {{among}}")
_HISTORY = reading(
    "SELECT ip.person_id, i.message_id, i.id, i.kind, m.agency, m.received_at, i.referral_id "
    "FROM item_persons ip JOIN items i ON i.id = ip.item_id JOIN messages m ON m.id = i.message_id "
    "WHERE ip.person_id {among} ORDER BY m.received_at DESC, i.id, ip.person_id LIMIT {number}"
)
_SEALED_ITEMS = reading(
    "SELECT i.id, m.scope, i.sealed FROM items i JOIN messages m ON m.id = i.message_id WHERE i.id {among}"
)
COUNT = Statement(
    sqlite="INSERT INTO feed_counters (feed, fate, count) VALUES (?, ?, ?) "
    "ON CONFLICT (feed, fate) DO UPDATE SET count = feed_counters.count + excluded.count",
    postgres="INSERT INTO feed_counters (feed, fate, count) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::integer[]) "
    "ON CONFLICT (feed, fate) DO UPDATE SET count = feed_counters.count + excluded.count",
)
"""Rows of feed, fate and how many more."""

_FORGET = Statement(
    sqlite="DELETE FROM notices WHERE id = ?", postgres="DELETE FROM notices WHERE id = ANY($1::text[])"
)
_PAIRS = "unnest($1::text[], $2::text[]) AS pair(prior, surviving)"
_GIVE_WAY = Statement(
    sqlite="UPDATE persons SET merged_into = ?2 WHERE id = ?1 AND merged_into IS NULL",
    postgres=f"UPDATE persons SET merged_into = surviving FROM {_PAIRS} WHERE id = prior AND merged_into IS NULL",
)
_LEAD_NOWHERE = Statement(
    sqlite="DELETE FROM person_terms WHERE person_id = ?",
    postgres="DELETE FROM person_terms WHERE person_id = ANY($1::text[])",
)
_SHARE_NO_BLOCK = Statement(
    sqlite="DELETE FROM person_blocks WHERE person_id = ?",
    postgres="DELETE FROM person_blocks WHERE person_id = ANY($1::text[])",
)
_STANDS_ALREADY = (
    "NOT EXISTS (SELECT 1 FROM referral_persons AS other WHERE other.referral_id = referral_persons.referral_id "
    "AND other.person_id = {})"
)
_STAND_IN = Statement(
    sqlite=f"UPDATE referral_persons SET person_id = ?2 WHERE person_id = ?1 AND {_STANDS_ALREADY.format('?2')}",
    postgres=f"UPDATE referral_persons SET person_id = surviving FROM {_PAIRS} "
    f"WHERE person_id = prior AND {_STANDS_ALREADY.format('surviving')}",
)
_REMEMBER = Statement(
    sqlite="INSERT INTO item_persons (item_id, person_id) SELECT item_id, ?2 FROM item_persons WHERE person_id = ?1 "
    "ON CONFLICT DO NOTHING",
    postgres="INSERT INTO item_persons (item_id, person_id) SELECT item_id, surviving FROM item_persons "
    f"JOIN {_PAIRS} ON person_id = prior ON CONFLICT DO NOTHING",
)

_REFERRAL_CHANGES = tuple(name for name in REFERRALS.names if name not in {"id", "received_at", "scope", "version"})
_PERSON_CHANGES = ("scope", "sealed", "updated_at")


def there(feeds: Sequence[str], hashes: Sequence[str], terms: Sequence[str]) -> Query:
    """Whether anything of it is there, in one look, which most often finds nothing.

    ("message", feed, identity) for each identity that is taken, ("term", keyed hash, person id) for everyone found.
    """
    return Query(_THERE, (list(feeds), list(hashes), list(terms), LONGEST_BLOCK * max(1, len(terms))))


def with_identity(feeds: Sequence[str], hashes: Sequence[str]) -> Query:
    """The messages (``MESSAGES``) that hold any of these identities in any of these feeds."""
    return Query(_MESSAGES, (list(feeds), list(hashes)))


def conflicts(first: Sequence[str], digests: Sequence[str]) -> Query:
    """The conflicts (``MESSAGES``) with any of these first messages that any of these bytes made before."""
    return Query(_CONFLICTS, (list(first), list(digests)))


def referrals_of(people: Sequence[str], *, held: bool) -> Query:
    """The referrals (``REFERRALS``) that any of these people is on; ``held``: kept from other work."""
    return Query(_HELD_REFERRALS if held else _SEEN_REFERRALS, (list(people),))


def parts_beside(people: Sequence[str]) -> Query:
    """(referral id, person id, part) for everyone on the referrals that any of these people is on."""
    return Query(_PARTS, (list(people),))


def parts_of(people: Sequence[str]) -> Query:
    """(referral id, person id, part) for these people alone."""
    return Query(_OWN_PARTS, (list(people),))


def people_known(people: Sequence[str]) -> Query:
    """These people (``PERSONS``), kept from other work; without those whose record gave way to another's."""
    return Query(_PERSONS, (list(people),))


def people_seen(people: Sequence[str]) -> Query:
    """The same, kept from nobody: to be compared with, not to be changed."""
    return Query(_PERSONS_SEEN, (list(people),))


def in_blocks(hashes: Sequence[str], most: int) -> Query:
    """(keyed hash, person id) of those in each of these blocks, up to ``most`` of each."""
    return Query(_BLOCKS, (list(hashes), most))


def forget_terms(people: Sequence[str]) -> list[Write]:
    """Nothing leads to these people any more."""
    rows = [(one,) for one in people]
    return [Write(_LEAD_NOWHERE, "person_terms", rows), Write(_SHARE_NO_BLOCK, "person_blocks", rows)]


def scopes_of(ids: Sequence[str]) -> Query:
    """The wrapped keys (``SCOPES``) of these scopes."""
    return Query(_SCOPES, (list(ids),))


def history_of(people: Sequence[str]) -> Query:
    """What was notified about these people before, the newest first; see ``past``."""
    return Query(_HISTORY, (list(people), LONGEST_HISTORY * max(1, len(people))))


def past(dialect: str, rows: Found) -> list[PastNotification]:
    """The records of ``history_of``."""
    found = []
    for person, message, item, kind, agency, at, referral in rows:
        found.append(
            PastNotification(
                person_id=person,
                message_id=message,
                item_id=item,
                kind=kind,
                agency=agency,
                received_at=to_moment(at) if dialect == "sqlite" else at,
                referral_id=referral,
            )
        )
    return found


def items_sealed(ids: Sequence[str]) -> Query:
    """(item id, scope, sealed) of these items."""
    return Query(_SEALED_ITEMS, (list(ids),))


def save_referrals(dialect: str, records: Iterable[ReferralRecord]) -> Write:
    """Each referral over the version that it was read as. First receipt, scope and id never change."""
    return REFERRALS.update(dialect, _REFERRAL_CHANGES, ("id", "version"), records, also="version = version + 1")


def save_persons(dialect: str, records: Iterable[PersonRecord]) -> Write:
    """Each person's sealed record and time anew."""
    return PERSONS.update(dialect, _PERSON_CHANGES, ("id",), records)


def join_persons(dialect: str, prior: str, surviving: str, merge: MergeRecord) -> list[Write]:
    """One person of two: whatever leads to ``prior`` leads to ``surviving``, and the merge is on record.

    A referral that both stand on keeps them both. The surviving person's record and terms are saved as any other's.
    A rival that made ``prior`` part of somebody else makes it not whole.
    """
    pair = [(prior, surviving)]
    return [
        Write(_GIVE_WAY, "persons", pair, whole=True),
        *forget_terms([prior]),
        Write(_STAND_IN, "referral_persons", pair),
        Write(_REMEMBER, "item_persons", pair),
        MERGES.insert(dialect, [merge]),
    ]


def forget_notices(ids: Sequence[str]) -> Write:
    """What was announced goes. Twice does no harm."""
    return Write(_FORGET, "notices", [(one,) for one in ids])
