"""What the commands of segments share."""

from typing import Annotated

import typer

File = Annotated[str, typer.Argument(help="Segment file, or the name of a template.", show_default=False)]
Name = Annotated[str, typer.Argument(help="Name or id of a segment.", show_default=False)]
Language = Annotated[str, typer.Option(help="Language of sentences: en or zh.")]
