"""``identity-graph rules apply``, ``rollback`` and ``history``: change the rules of a graph, and see what they were."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, NamedTuple

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.terminal import shown_share
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.rules.source import read_rules
from identity_graph.store.driver.graph import Graph
from identity_graph.store.rules.rule_sets import StoredRuleSet
from identity_graph.terminal import Console, Text

ACTOR = "terminal"
_LONGEST_HISTORY = 1000


class Outcome(NamedTuple):
    """The rules that the command put in force, and those that are in force at its end."""

    put: StoredRuleSet
    current: StoredRuleSet


def apply(
    file: Annotated[str, typer.Argument(help="Rules file, or the name of a set that ships.", metavar="NEW.yaml")],
    expected: Annotated[
        int | None,
        typer.Option(
            "--expect", help="Version that you mean to replace; others are not.", show_default="the one in force"
        ),
    ] = None,
) -> None:
    """Put rules in force on the graph, and bring all that is stored under them; see what changes with `diff` first.

    A running service resolves new events under them at once. Stopped in between, the rest is done by a service, or by
    this command when it is called again with the same file.
    """
    rules = read_rules(file)

    async def work(graph: Graph, show: Callable[[float], None]) -> Outcome:
        from identity_graph.service.rules.changing import apply_all, open_units, put_in_force

        units, current = await open_units(graph)
        going_on = current.status == "APPLYING" and current.yaml == rules.yaml and expected in _goes_on_after(current)
        if not going_on:
            current = await put_in_force(units, rules.yaml, current.version if expected is None else expected, ACTOR)
        return Outcome(current, await apply_all(units, on_progress=show))

    _tell(_run(work))


def _goes_on_after(current: StoredRuleSet) -> tuple[int | None, ...]:
    """Give what ``--expect`` may be when the command is called again: the version replaced, or the one being applied."""
    return None, current.version - 1, current.version


def roll_back(version: Annotated[int, typer.Argument(help="Version whose rules are to be in force again.")]) -> None:
    """Put the rules of an earlier version in force again: the customers are what they would be had nothing changed."""

    async def work(graph: Graph, show: Callable[[float], None]) -> Outcome:
        from identity_graph.service.rules import changing as changing_rules

        units, _ = await changing_rules.open_units(graph)
        current = await changing_rules.roll_back(units, version, ACTOR)
        return Outcome(current, await changing_rules.apply_all(units, on_progress=show))

    _tell(_run(work))


def history() -> None:
    """List the rules that were ever in force, the latest first."""
    from identity_graph.cli.terminal import run_on_graph
    from identity_graph.settings import Settings
    from identity_graph.store.rules.rule_sets import page_rule_sets

    async def read(graph: Graph) -> list[StoredRuleSet]:
        return await graph.read(lambda tx: page_rule_sets(tx, before=1 << 40, limit=_LONGEST_HISTORY))

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("version", "applied", "by", "status"):
        table.add_column(column, no_wrap=True)
    for row in asyncio.run(run_on_graph(Settings(), read)):
        status = f"{row.status} ({row.progress:.0%})" if row.status == "APPLYING" else row.status
        table.add_row(str(row.version), format_instant(row.applied_at), Text(row.applied_by), status)
    Console(soft_wrap=True).print(table)


def _run(work: Callable[[Graph, Callable[[float], None]], Awaitable[Outcome]]) -> Outcome:
    from identity_graph.cli.terminal import run_on_graph
    from identity_graph.settings import Settings

    with shown_share("Applying") as show:
        return asyncio.run(run_on_graph(Settings(), lambda graph: work(graph, show)))


def _tell(outcome: Outcome) -> None:
    put, current = outcome
    console = Console(soft_wrap=True)
    if current.version != put.version:
        console.print(
            f"Version {put.version} of the rules was put in force, and others put version {current.version} in force "
            "before it was applied to the end: see `identity-graph rules history`."
        )
    elif current.status == "FAILED":
        console.print(
            f"Version {put.version} of the rules is in force, and its application came to a halt: {current.error}"
        )
        raise typer.Exit(1)
    else:
        console.print(
            f"Version {put.version} of the rules is in force and applied. `identity-graph rules rollback "
            f"{put.version - 1}` brings back what was before."
        )
