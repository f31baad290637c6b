"""``identity-graph segments templates``: ready segments, to save as they are or to change."""

from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.domain.segments.ready import load_templates, read_template, template_names
from identity_graph.domain.values.yaml_sections import did_you_mean
from identity_graph.terminal import Console


def templates(
    name: Annotated[str | None, typer.Argument(help="Template to print.", show_default="list all")] = None,
) -> None:
    """List the ready segments, or print one: identity-graph segments templates cart-abandoners > abandoners.yaml."""
    if name is None:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        table.add_column("template", no_wrap=True)
        table.add_column("who is in")
        for one, draft in load_templates().items():
            table.add_row(one, draft.description or draft.name)
        Console(soft_wrap=True).print(table)
    elif name in template_names():
        print(read_template(name), end="")
    else:
        Console(stderr=True, soft_wrap=True).print(
            f"There is no template {name!r}{did_you_mean(name, template_names())}.", style="red"
        )
        raise typer.Exit(1)
