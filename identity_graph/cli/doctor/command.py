"""``identity-graph doctor``: is everything well, and what to do if not."""

import asyncio
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from identity_graph.cli.doctor.quality import describe_quality
from identity_graph.cli.doctor.views import render_diagnosis
from identity_graph.cli.terminal import OutputFormat, recorded_on
from identity_graph.domain.health.findings import Verdict
from identity_graph.domain.health.numbers import Health
from identity_graph.domain.values.instants import DAY, format_day, format_instant
from identity_graph.runtime import shown_on
from identity_graph.service.health.doctor import NOT_CHECKED, NOT_WALKED, Diagnosis, Treatment, examine
from identity_graph.service.health.mending import CUSTOMERS_AT_ONCE, Mended
from identity_graph.settings import Settings
from identity_graph.spool import SpoolTotals
from identity_graph.terminal import Console, as_json

_TOLD_EVERY = 10_000


def doctor(
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the embedded Neo4j.", show_default="the user's data folder")
    ] = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole",
            help="Compare the whole graph with its events, instead of a sample; customers are locked for a moment.",
        ),
    ] = False,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Derive again, from their events, the customers that differ. Take a backup first."),
    ] = False,
    format_: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.TEXT,
) -> None:
    """Look at Neo4j, the schema, the rules, the identities and the data; exit code 1 when something must be done.

    It changes nothing, except what --fix repairs. The embedded Neo4j is started for it when it does not run.
    """
    settings = Settings() if data_dir is None else Settings(data_dir=data_dir)
    diagnosis = asyncio.run(_examine(settings, whole=whole, fix=fix))
    if format_ is OutputFormat.JSON:
        print(as_json(describe(diagnosis), indent=True))
    else:
        Console().print(render_diagnosis(diagnosis))
    raise typer.Exit(1 if diagnosis.verdict is Verdict.ACT else 0)


def describe(diagnosis: Diagnosis) -> dict[str, Any]:
    """Describe a diagnosis for programs; what could not be looked at is null."""
    neo4j, rules, health = diagnosis.neo4j, diagnosis.rules, diagnosis.health
    return {
        "verdict": diagnosis.verdict,
        "findings": [finding._asdict() for finding in diagnosis.findings],
        "neo4j": {
            "address": diagnosis.address,
            "answers": neo4j is not None,
            "version": neo4j.version if neo4j else None,
            "edition": neo4j.edition if neo4j else None,
        },
        "schema": diagnosis.schema,
        "rules": rules
        and {
            "version": rules.version,
            "applied_by": rules.applied_by,
            "applied_at": format_instant(rules.applied_at),
        },
        "health": health and _describe_health(health),
        "checked": _describe_checked(diagnosis),
        "repaired": diagnosis.mending and [_describe_mended(one) for one in diagnosis.mending.mended],
        "not_repaired": diagnosis.mending
        and [{"subject": one.broken.subject, "reason": one.reason} for one in diagnosis.mending.unmended],
        "spool": diagnosis.spool and _describe_spool(diagnosis.spool),
        "suspects": [suspect._asdict() for suspect in diagnosis.suspects],
        "quality": diagnosis.quality and describe_quality(diagnosis.quality, diagnosis.unused_columns),
    }


def _describe_spool(spool: SpoolTotals) -> dict[str, Any]:
    return {**spool._asdict(), "since": None if spool.since is None else format_instant(spool.since)}


def _describe_checked(diagnosis: Diagnosis) -> dict[str, Any] | None:
    checked, walk = diagnosis.checked, diagnosis.walk
    if walk is not None:
        return {
            "whole": True,
            "customers": walk.looked_at,
            "differ": [one.subject for one in walk.broken],
            "differences": [{"subject": one.subject, "what": one.what} for one in walk.broken],
            "too_large": walk.too_large,
            "not_looked_at": NOT_WALKED,
        }
    return checked and {
        "whole": False,
        "customers": checked.looked_at,
        "differ": checked.wrong,
        "too_large": checked.too_large,
        "not_looked_at": NOT_CHECKED,
    }


def _describe_mended(mended: Mended) -> dict[str, Any]:
    return {
        "subject": mended.broken.subject,
        "what": mended.broken.what,
        "customers": [one._asdict() for one in mended.differences],
    }


def _describe_health(health: Health) -> dict[str, Any]:
    described: dict[str, Any] = asdict(health)
    described |= {
        "taken_at": format_instant(health.taken_at),
        "anonymous_share": health.anonymous_share,
        "sizes": [band._asdict() for band in health.sizes],
    }
    for namespace, spread in zip(described["namespaces"], (one.spread for one in health.namespaces), strict=True):
        namespace["spread"] = spread._asdict()
    for day in described["days"]:
        day["day"] = format_day(day["day"] * DAY)
    return described


async def _examine(settings: Settings, *, whole: bool, fix: bool) -> Diagnosis:
    console = Console(stderr=True)

    def told(customers: int) -> None:
        if customers % _TOLD_EVERY < CUSTOMERS_AT_ONCE:
            console.print(f"{customers:,} customers compared …")

    on_graph = (lambda graph: recorded_on(graph, settings)) if fix else lambda _: nullcontext()  # pyright: ignore[reportUnknownLambdaType]
    with shown_on(console) as progress:
        return await examine(settings, Treatment(whole, fix, on_graph, told), progress=progress)
