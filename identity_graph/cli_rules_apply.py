"""``identity-graph rules apply``, ``rollback`` and ``history``: change the rules of a graph, and see what they were."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from identity_graph.cli_rules_diff import read_rules, shown_share
from identity_graph.domain.instants import format_instant
from identity_graph.store.graph import Graph
from identity_graph.store.rule_sets import StoredRuleSet

ACTOR = "terminal"
_LONGEST_HISTORY = 1000


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

    async def work(graph: Graph, show: Callable[[float], None]) -> StoredRuleSet:
        from identity_graph.service.changing_rules import apply_all, open_units, put_in_force

        units, current = await open_units(graph)
        if current.status != "APPLYING" or current.yaml != rules.yaml:
            current = await put_in_force(units, rules.yaml, expected or current.version, ACTOR)
        await apply_all(units, on_progress=show)
        return current

    _tell(_run(work))


def roll_back(version: Annotated[int, typer.Argument(help="Version whose rules are to be in force again.")]) -> None:
    """Put the rules of an earlier version in force again: the customers are what they would be had nothing changed."""

    async def work(graph: Graph, show: Callable[[float], None]) -> StoredRuleSet:
        from identity_graph.service import changing_rules

        units, _ = await changing_rules.open_units(graph)
        current = await changing_rules.roll_back(units, version, ACTOR)
        await changing_rules.apply_all(units, on_progress=show)
        return current

    _tell(_run(work))


def history() -> None:
    """List the rules that were ever in force, the latest first."""
    from identity_graph.cli_keys import run_on_graph
    from identity_graph.settings import Settings
    from identity_graph.store.rule_sets import page_rule_sets

    async def read(graph: Graph) -> list[StoredRuleSet]:
        return await graph.read(lambda tx: page_rule_sets(tx, before=1 << 40, limit=_LONGEST_HISTORY))

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("version", "applied", "by", "status"):
        table.add_column(column, no_wrap=True)
    for row in asyncio.run(run_on_graph(Settings(), read)):
        status = f"{row.status} ({row.progress:.0%})" if row.status == "APPLYING" else row.status
        table.add_row(str(row.version), format_instant(row.applied_at), row.applied_by, status)
    Console(soft_wrap=True).print(table)


def _run(work: Callable[[Graph, Callable[[float], None]], Awaitable[StoredRuleSet]]) -> StoredRuleSet:
    from identity_graph.cli_keys import run_on_graph
    from identity_graph.settings import Settings

    with shown_share("Applying") as show:
        return asyncio.run(run_on_graph(Settings(), lambda graph: work(graph, show)))


def _tell(applied: StoredRuleSet) -> None:
    Console(highlight=False, soft_wrap=True).print(
        f"Version {applied.version} of the rules is in force and applied. `identity-graph rules rollback "
        f"{applied.version - 1}` brings back what was before."
    )
