"""``identity-graph catalogue apply``, ``rollback`` and ``history``: change the catalogue of a graph, and see what it was."""

from typing import Annotated

import typer

from identity_graph.cli.versions import ACTOR, show_application, show_history
from identity_graph.service.catalogue.source import read_catalogue


def apply(
    file: Annotated[str, typer.Argument(help="Catalogue file, or `default`.", metavar="NEW.yaml")],
    expected: Annotated[
        int | None,
        typer.Option("--expect", help="Replace only this version.", show_default="the one in force"),
    ] = None,
) -> None:
    """Put a catalogue in force on the graph, and derive stored profiles under it; see what changes with `diff` first.

    A running service derives new events under it at once. Stopped in between, the rest is done by a service, or by
    this command when it is called again with the same file.
    """
    catalogue = read_catalogue(file)
    from identity_graph.service.catalogue.changing import apply_on_graph

    show_application(
        "catalogue", lambda show: lambda graph: apply_on_graph(graph, catalogue.yaml, expected, ACTOR, on_progress=show)
    )


def roll_back(version: Annotated[int, typer.Argument(help="Version to roll back to.")]) -> None:
    """Put the catalogue of an earlier version in force again: profiles are what they would be had nothing changed."""
    from identity_graph.service.catalogue.changing import roll_back_on_graph

    show_application(
        "catalogue", lambda show: lambda graph: roll_back_on_graph(graph, version, ACTOR, on_progress=show)
    )


def history() -> None:
    """List the catalogues that were ever in force, the latest first."""
    from identity_graph.service.catalogue.changing import list_catalogues

    show_history(list_catalogues)
