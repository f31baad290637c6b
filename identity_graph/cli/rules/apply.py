"""``identity-graph rules apply``, ``rollback`` and ``history``: change the rules of a graph, and see what they were."""

from typing import Annotated

import typer

from identity_graph.cli.versions import ACTOR, show_application, show_history
from identity_graph.service.rules.source import read_rules


def apply(
    file: Annotated[str, typer.Argument(help="Rules file, or the name of a preset.", metavar="NEW.yaml")],
    expected: Annotated[
        int | None,
        typer.Option("--expect", help="Replace only this version.", show_default="the one in force"),
    ] = None,
) -> None:
    """Put rules in force on the graph, and bring all that is stored under them; see what changes with `diff` first.

    A running service resolves new events under them at once. Stopped in between, the rest is done by a service, or by
    this command when it is called again with the same file.
    """
    rules = read_rules(file)
    from identity_graph.service.rules.changing import apply_on_graph

    show_application(
        "rules", lambda show: lambda graph: apply_on_graph(graph, rules.yaml, expected, ACTOR, on_progress=show)
    )


def roll_back(version: Annotated[int, typer.Argument(help="Version to roll back to.")]) -> None:
    """Put the rules of an earlier version in force again: the customers are what they would be had nothing changed."""
    from identity_graph.service.rules.changing import roll_back_on_graph

    show_application("rules", lambda show: lambda graph: roll_back_on_graph(graph, version, ACTOR, on_progress=show))


def history() -> None:
    """List the rules that were ever in force, the latest first."""
    from identity_graph.service.rules.changing import list_rule_sets

    show_history(list_rule_sets)
