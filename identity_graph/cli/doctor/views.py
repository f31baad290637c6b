"""What ``doctor`` shows in the terminal."""

from collections.abc import Iterable
from dataclasses import astuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from identity_graph.cli.doctor.quality import render_quality
from identity_graph.cli.doctor.tables import new_table
from identity_graph.domain.explaining.violations import IgnoredCode
from identity_graph.domain.health.findings import Finding, Level, Verdict
from identity_graph.domain.health.numbers import Health, SizeBand
from identity_graph.domain.values.instants import DAY, format_day, format_minute
from identity_graph.service.health.doctor import NOT_CHECKED, NOT_WALKED, Diagnosis
from identity_graph.service.health.numbers import Suspect
from identity_graph.service.health.telling import sentences_of
from identity_graph.terminal import Text

_VERDICTS = {
    Verdict.HEALTHY: ("Healthy.", "bold green"),
    Verdict.LOOK: ("Look at this.", "bold yellow"),
    Verdict.ACT: ("Act.", "bold red"),
}
_DAYS = 7
_MOST_SHOWN = 100


def render_diagnosis(diagnosis: Diagnosis) -> RenderableType:
    """Lay everything out: the numbers first, the verdict and what to do last, where the eye is."""
    parts: list[RenderableType] = [_render_facts(diagnosis)]
    if diagnosis.health is not None and diagnosis.health.identifiers:
        parts += [Text(), *_render_health(diagnosis.health)]
    if diagnosis.quality is not None and diagnosis.quality.sources:
        parts += [Text(), *render_quality(diagnosis.quality, diagnosis.unused_columns)]
    if diagnosis.suspects:
        parts += [Text(), _render_suspects(diagnosis.suspects)]
    if diagnosis.mending is not None and diagnosis.mending.mended:
        parts += [Text(), Text("Repaired", style="bold")]
        parts += [Text(f"  {said}") for one in diagnosis.mending.mended for said in sentences_of(one)]
    elif diagnosis.mending is None and diagnosis.walk is not None and diagnosis.walk.broken:
        parts += [Text(), Text("Differs from what follows from the events", style="bold")]
        parts += [Text(f"  {one.subject}: {', '.join(one.what)}") for one in diagnosis.walk.broken[:_MOST_SHOWN]]
    text, style = _VERDICTS[diagnosis.verdict]
    parts += [Text(), Text(text, style=style)]
    parts += [_render_finding(finding) for finding in diagnosis.findings]
    return Group(*parts)


def _render_facts(diagnosis: Diagnosis) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    neo4j, rules = diagnosis.neo4j, diagnosis.rules
    state = f"{neo4j.version} {neo4j.edition} answers" if neo4j else "does not answer"
    table.add_row(Text("Neo4j", style="bold"), Text(f"{state} at {diagnosis.address}"))
    if diagnosis.schema is not None:
        table.add_row(Text("Schema", style="bold"), Text(f"version {diagnosis.schema}"))
    if rules is not None:
        said = f"version {rules.version}, by {rules.applied_by}, since {format_minute(rules.applied_at)} UTC"
        table.add_row(Text("Rules", style="bold"), Text(said))
    if diagnosis.health is not None:
        health = diagnosis.health
        anonymous = f" ({health.anonymous_share:.0%} anonymous)" if health.customers else ""
        said = f"{health.customers:,}{anonymous}, of {health.identifiers:,} identifiers"
        table.add_row(Text("Customers", style="bold"), Text(said))
    if diagnosis.health is not None:
        table.add_row(Text("Compared", style="bold"), Text(_say_compared(diagnosis)))
    return table


def _say_compared(diagnosis: Diagnosis) -> str:
    """Say how many customers were compared with their events, and what was not looked at."""
    checked, walk = diagnosis.checked, diagnosis.walk
    if walk is not None:
        said = f"all {walk.looked_at:,} customers with their events: "
        said += f"{len(walk.broken):,} differences" if walk.broken else "all agree"
        if walk.too_large:
            said += f"; {len(walk.too_large):,} were left out, since too much is connected with them"
        return f"{said}; not compared: {', '.join(NOT_WALKED)}"
    if checked is None:
        return "no customers: the rules are not completely applied yet"
    said = f"{checked.looked_at:,} customers with their events: "
    said += f"{len(checked.wrong):,} differ" if checked.wrong else "all agree"
    if checked.too_large:
        said += f"; {len(checked.too_large):,} were left out, since too much is connected with them"
    return f"{said}; not compared: {', '.join(NOT_CHECKED)}"


def _render_health(health: Health) -> Iterable[RenderableType]:
    yield _render_namespaces(health)
    yield Text()
    sizes = new_table("Identifiers of a customer", ["customers"])
    for band in health.sizes:
        sizes.add_row(_band(band), f"{band.customers:,}")
    yield sizes
    if health.violations:
        yield Text()
        violations = new_table("Did not count", ["number"])
        for code, count in sorted(health.violations.items(), key=lambda item: (-item[1], item[0])):
            violations.add_row(code, f"{count:,}")
        yield violations
    yield Text()
    days = new_table("Day", ["customers", "merges", "splits", "moved", "refused", "ignored"])
    for day in health.days[:_DAYS]:
        date, *numbers = astuple(day)
        days.add_row(format_day(date * DAY), *(f"{n:,}" for n in numbers))
    yield days


def _render_namespaces(health: Health) -> Table:
    table = new_table(
        "Namespace",
        ["values", "customers", "mean", "p95", "max", "quarantined", "crowded", "invalid", "blocked", "undeclared"],
    )
    for one in health.namespaces:
        if not one.identifiers and not one.ignored:
            continue
        ignored = [
            one.ignored.get(code, 0) for code in (IgnoredCode.INVALID, IgnoredCode.BLOCKED, IgnoredCode.UNDECLARED)
        ]
        spread = one.spread
        table.add_row(
            Text(one.namespace),
            f"{one.identifiers:,}",
            f"{spread.customers:,}",
            f"{spread.mean:.1f}",
            *(f"{number:,}" for number in (spread.p95, spread.most, one.quarantined, one.crowded, *ignored)),
        )
    return table


def _render_suspects(suspects: Iterable[Suspect]) -> Table:
    table = new_table("Close to quarantine", ["seen with", "of at most"])
    for suspect in suspects:
        limit = "" if suspect.limit is None else f"{suspect.limit:,}"
        table.add_row(Text(suspect.key), Text(f"{suspect.partners:,} {suspect.scope}"), limit)
    return table


def _render_finding(finding: Finding) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    style = "bold red" if finding.level is Level.ACT else "bold yellow"
    grid.add_row(Text(finding.level, style=style), Text(finding.title))
    grid.add_row("", Text(finding.advice, style="dim"))
    return Padding(grid, (1, 0, 0, 0), expand=False)


def _band(band: SizeBand) -> str:
    if band.most is None:
        return f"{band.least} or more"
    return f"{band.least}" if band.least == band.most else f"{band.least} to {band.most}"
