"""A drill on one page, for whoever must decide whether an old key may retire."""

from __future__ import annotations

from datetime import datetime

from gateway.drill.rehearsal import Drill

_SHOWN = 5


def page(drill: Drill, *, hub: str, now: datetime) -> str:
    """The report as Markdown. ``now`` is aware UTC."""
    verdict = "Everything held: old keys may retire." if drill.held else "NOT everything held: keep the old keys."
    before = drill.before
    looked = f"Before: {', '.join(f'{count} {kind}' for kind, count in before.looked_at.items())}; "
    looked += f"{len(before.failed)} did not hold, {len(before.revoked)} under keys revoked earlier, "
    looked += f"{before.erased} erased."
    lines = [
        f"# Key drill of {hub}",
        "",
        f"{now:%Y-%m-%d %H:%M} UTC. **{verdict}**",
        "",
        "On a copy, under traffic: each purpose's key was rotated (published, waited out, promoted), and then each old",
        "key was taken for lost and revoked. After each step all that is kept was opened and verified anew.",
        "",
        looked,
        f"Traffic: {drill.traffic} rounds at two processes, {len(drill.wrong)} kinds of failure.",
        "",
        "| step | purpose | key | looked at | held | touched | to make anew |",
        "|---|---|---|---|---|---|---|",
    ]
    for step in drill.steps:
        held = "yes" if step.held else f"**no**: {len(step.failed)}"
        lost = (str(step.touched), str(step.to_make_anew)) if step.name == "compromise" else ("", "")
        cells = (step.name, step.purpose, step.kid, str(step.looked_at), held, *lost)
        lines.append(f"| {' | '.join(cells)} |")
    failures = [(f"{step.name} of {step.purpose}", name) for step in drill.steps for name in step.failed[:_SHOWN]]
    failures += [("before", f"{name} ({code})") for name, code in sorted(before.failed.items())[:_SHOWN]]
    failures += [("traffic", code) for code in drill.wrong[:_SHOWN]]
    if failures:
        lines += ["", "What did not hold (the first of each; all with --json):", ""]
        lines += [f"- {where}: {name}" for where, name in failures]
    return "\n".join([*lines, "", f"Digest of the findings, as the log has it: {drill.digest}", ""])
