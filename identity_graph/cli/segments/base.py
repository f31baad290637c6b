"""What the commands of segments share."""

from typing import Annotated

import typer

from identity_graph.cli.terminal import OutputFormat
from identity_graph.cli.terminal import run_with_service as run

__all__ = ["File", "Format", "Language", "Name", "run"]

File = Annotated[str, typer.Argument(help="Segment file, or the name of a template.", show_default=False)]
Name = Annotated[str, typer.Argument(help="Name or id of a segment.", show_default=False)]
Language = Annotated[str, typer.Option(help="Language of sentences: en or zh.")]
Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
