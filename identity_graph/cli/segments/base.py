"""What the commands of segments share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from identity_graph.cli.terminal import OutputFormat, opened_service

if TYPE_CHECKING:
    from identity_graph.service.core import Service

T = TypeVar("T")

File = Annotated[str, typer.Argument(help="Segment file, or the name of a template.", show_default=False)]
Name = Annotated[str, typer.Argument(help="Name or id of a segment.", show_default=False)]
Language = Annotated[str, typer.Option(help="Language of sentences: en or zh.")]
Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]


def run(work: "Callable[[Service], Awaitable[T]]") -> T:
    """Work with the service on the graph that the settings name."""
    from identity_graph.settings import Settings

    async def work_with_it() -> T:
        async with opened_service(Settings()) as service:
            return await work(service)

    return asyncio.run(work_with_it())
