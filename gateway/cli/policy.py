"""``mash policy``: who may read what, why, and what a change would change. Rows, counts and references, no contents."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import click
from pydantic import ValidationError

from gateway import settings
from gateway.bootstrap import Gateway
from gateway.casework.explaining import Question
from gateway.casework.shown import Explained
from gateway.cli.opened import config_option, json_option
from gateway.cli.replays import actor_of
from gateway.cli.working import working
from gateway.intake.moments import moment
from routing import need_to_know, notified_rules, readership
from routing.need_to_know import Reader, Relation
from routing.simulation import Difference
from schemas.hub import Hub, Withhold
from schemas.vocabulary import Datum, Role

_operator = click.option("--operator", help="Who you are, for the log, such as e.sandhu.")
_RULE = re.compile(
    r"(?P<role>[a-z_]+)(?: of (?P<agency>[a-z0-9-]+))?: (?P<data>[a-z_, ]+?)(?: where (?P<handling>[a-z_]+))?"
    r"(?: at (?P<ratings>[a-z, ]+))?"
)
_SHOWN = 5


@click.group()
def policy() -> None:
    """Need to know: the rows, why somebody may read, and what a change would change.

    Example: mash policy rows
    """


@policy.command()
@json_option
def rows(*, as_json: bool) -> None:
    """Every row in words, with its reason: for disclosures, and for notifications and their people.

    Example: mash policy rows
    """
    tables = {
        need_to_know.VERSION: need_to_know.explain(),
        notified_rules.VERSION: notified_rules.explain(),
    }
    if as_json:
        click.echo(json.dumps({version: list(words) for version, words in tables.items()}))
        return
    for version, words in tables.items():
        click.echo(version)
        click.echo("".join(f"  {line}\n" for line in words))


@policy.command()
@config_option
@json_option
@click.argument("referral")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--relation", type=click.Choice([str(one) for one in Relation]), required=True, help="To the referral.")
@click.option("--agency", default="", help="The reader's agency.")
@click.option("--datum", type=click.Choice([str(one) for one in Datum]), help="Of a notification or a person.")
@click.option("--about", default="", help="The person (per_...) or message (msg_...) that the datum is of.")
@click.option("--group", default="", help="Instead of a datum: a group of a disclosure, by its digest.")
@_operator
def explain(  # noqa: PLR0917 - click gives them by name
    config: Path | None,
    as_json: bool,  # noqa: FBT001 - click gives it so
    referral: str,
    role: str,
    relation: str,
    agency: str,
    datum: str | None,
    about: str,
    group: str,
    operator: str | None,
) -> None:
    """Why such a reader sees something of a referral, or what stops it.

    \b
    Example: mash policy explain ref_... --role screening_officer --relation desk --datum narrative --about msg_...
             mash policy explain ref_... --role receiving_team --relation receiving --agency council --group DIGEST
    """  # noqa: D301 - click reads the backslash
    if (datum is None) == (not group):
        raise click.UsageError("ask about a --datum or about a --group")

    async def ask(gateway: Gateway) -> Explained:
        stands = Relation(relation)
        reader = Reader(
            role=Role(role),
            agency=agency,
            sector=gateway.sector_of(agency),
            relation=stands,
            purpose=readership.purpose_of(stands),
        )
        question = Question(reader=reader, datum=Datum(datum) if datum else None, about=about, group=group)
        return await gateway.policy.explain(actor_of(operator), referral, question)

    explained = working(config, ask)
    click.echo(explained.model_dump_json() if as_json else _told(explained))


@policy.command()
@config_option
@json_option
@click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--rule", "rules", multiple=True, help="A row more: 'screening_officer: narrative where restricted'.")
@click.option("--without", type=click.IntRange(min=1), multiple=True, help="Without the hub's row of this number.")
@click.option("--since", help="Only referrals received from then on, such as 2026-01-01T00:00Z.")
@click.option("--most", type=click.IntRange(min=1), help="At most so many referrals.")
@_operator
def simulate(  # noqa: PLR0917 - click gives them by name
    config: Path | None,
    as_json: bool,  # noqa: FBT001 - click gives it so
    file: Path | None,
    rules: tuple[str, ...],
    without: tuple[int, ...],
    since: str | None,
    most: int | None,
    operator: str | None,
) -> None:
    """What a change of policy would have changed on past referrals: who sees more, who sees less. Nothing is changed.

    FILE is the hub's file as it would be: its agencies, recipients and rows of [[withholds]] count. A --rule is one row
    more, in the form "ROLE [of AGENCY]: DATA[, DATA...] [where HANDLING] [at RATING[, RATING...]]".

    \b
    Example: mash policy simulate next-hub.toml
             mash policy simulate --rule "screening_officer: narrative, notes at green" --json
    """  # noqa: D301 - click reads the backslash
    if file is None and not rules and not without:
        raise click.UsageError("name the hub's file as it would be, or say --rule or --without")
    more = tuple(map(_rule, rules))

    async def run(gateway: Gateway) -> tuple[int, tuple[Difference, ...]]:
        proposed = settings.read_hub(file)[0] if file is not None else gateway.hub
        return await gateway.policy.simulate(
            actor_of(operator),
            _changed(proposed, more, without),
            since=moment(since, at="--since") if since else None,
            most=most,
        )

    looked, found = working(config, run)
    if as_json:
        click.echo(json.dumps({"referrals": looked, "readers": [asdict(one) for one in found]}))
        return
    click.echo(f"{looked} referrals looked at; nothing was changed.")
    if not found:
        click.echo("Nobody would see more, and nobody less.")
    for one in found:
        click.echo(f"{one.reader}: {one.more} more in {_in(one.more_in)}, {one.less} less in {_in(one.less_in)}")


def _changed(hub: Hub, more: tuple[Withhold, ...], without: tuple[int, ...]) -> Hub:
    if any(number > len(hub.withholds) for number in without):
        raise click.UsageError(f"the hub's file has {len(hub.withholds)} rows of [[withholds]]")
    kept = tuple(row for number, row in enumerate(hub.withholds, start=1) if number not in without)
    return hub.model_copy(update={"withholds": kept + more})


def _rule(text: str) -> Withhold:
    found = _RULE.fullmatch(text.strip())
    if found is None:
        raise click.UsageError('a rule is "ROLE [of AGENCY]: DATA [where HANDLING] [at RATING]"')
    named = found.groupdict()
    made = {
        "role": named["role"],
        "agency": named["agency"] or "",
        "data": [one.strip() for one in named["data"].split(",")],
        "handling": named["handling"],
        "ratings": [one.strip() for one in (named["ratings"] or "").split(",") if one.strip()],
        "because": "simulated",
    }
    try:
        return Withhold.model_validate(made)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise click.UsageError(f"a rule's {place}: {first['msg']}") from error


def _told(explained: Explained) -> str:
    if explained.shown:
        return f"Shown, by the row '{explained.row}': {explained.because}."
    if explained.stopped_by:
        return f"Not shown: {', '.join(explained.stopped_by)} keeps it from this reader. {_marked(explained)}"
    if explained.withheld_by:
        return f"Not shown, by a row of this hub's: {explained.withheld_by}. {_marked(explained)}"
    return f"Not shown: no row speaks of it, or its owner has not released it. {_marked(explained)}"


def _marked(explained: Explained) -> str:
    return "The reader is told that something is there." if explained.marked else "The reader is told of nothing."


def _in(referrals: tuple[str, ...]) -> str:
    if not referrals:
        return "none"
    rest = f" and {len(referrals) - _SHOWN} others" if len(referrals) > _SHOWN else ""
    return f"{len(referrals)} ({', '.join(referrals[:_SHOWN])}{rest})"
