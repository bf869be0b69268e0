"""``mash research``: what a hub's numbers would find, before they are put to real families."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from gateway.cli.opened import config_option, json_option, table
from gateway.research.evaluating import Outcome, evaluate
from gateway.settings import config_path, read_hub
from schemas.hub import RepeatRule, ResearchRule

SEED, NOTIFICATIONS, PLANTED = 20261126, 20_000, 200
LEAST_RECALL, MOST_ALERTS = 0.95, 10.0
"""What a hub can rely on, and what its analysts can look at in a working day."""


@click.group()
def research() -> None:
    """Patterns of emerging harm.

    Example: mash research evaluate --notifications 20000 --planted 200
    """


@research.command("evaluate")
@click.option("--notifications", type=click.IntRange(min=100), default=NOTIFICATIONS, show_default=True)
@click.option("--planted", type=click.IntRange(min=0), default=PLANTED, show_default=True, help="Patterns of harm.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Repeats a year, or makes another.")
@config_option
@json_option
def evaluate_year(notifications: int, planted: int, seed: int, config: Path | None, *, as_json: bool) -> None:
    """A generated year of a borough through the rules: recall of planted patterns, alerts a working day.

    With a hub's file its own [research] and [repeats] count. Exits with 1 where a bound is missed.

    Example: mash research evaluate --config hub/hub.toml --seed 7
    """
    rule, repeats = ResearchRule(), RepeatRule()
    if config is not None or os.environ.get("MASH_CONFIG"):
        hub, _ = read_hub(config_path(config, os.environ))
        rule, repeats = hub.research, hub.repeats
    outcome = evaluate(seed, notifications, planted, rule, repeats)
    if as_json:
        click.echo(json.dumps(_figures(outcome)))
    else:
        _tell(outcome)
    missed = [
        text
        for text, holds in (
            (f"recall {outcome.recall:.3f}: at least {LEAST_RECALL:g}", outcome.recall >= LEAST_RECALL),
            (f"{outcome.per_day:.2f} alerts a working day: at most {MOST_ALERTS:g}", outcome.per_day <= MOST_ALERTS),
            (f"{outcome.without_evidence} alerts without evidence: none", outcome.without_evidence == 0),
        )
        if not holds
    ]
    if missed:
        raise click.ClickException("; ".join(missed))


def _figures(outcome: Outcome) -> dict[str, object]:
    return {
        "notifications": outcome.notifications,
        "working_days": outcome.working_days,
        "planted": len(outcome.planted),
        "found": len(outcome.found),
        "recall": round(outcome.recall, 4),
        "alerts": outcome.alerts,
        "alerts_per_working_day": round(outcome.per_day, 3),
        "without_evidence": outcome.without_evidence,
        "repeat_flags": outcome.flags,
        "planted_by_kind": {kind: {"found": found, "of": of} for kind, (found, of) in outcome.by_kind().items()},
        "reasons_by_kind": outcome.reasons_by_kind(),
    }


def _tell(outcome: Outcome) -> None:
    click.echo(
        f"{outcome.notifications} notifications, {outcome.working_days} working days; "
        f"{len(outcome.found)} of {len(outcome.planted)} planted patterns found: recall {outcome.recall:.3f}"
    )
    click.echo(
        f"{outcome.alerts} alerts, {outcome.per_day:.2f} a working day, {outcome.without_evidence} without evidence; "
        f"besides, {outcome.flags} notifications on whose referral a repeat is shown"
    )
    click.echo()
    table([("planted", "found"), *((kind, f"{found} of {of}") for kind, (found, of) in outcome.by_kind().items())])
    click.echo()
    table([("reason", "alerts"), *((kind, str(count)) for kind, count in outcome.reasons_by_kind().items())])
