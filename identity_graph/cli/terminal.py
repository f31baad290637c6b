"""What commands share: work on the graph of the settings, and a bar that shows how far it is."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from identity_graph.cli.recorded import recorded_command
from identity_graph.domain.audit.entries import AuditEntry
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.connecting import GraphWork
    from identity_graph.service.core import Service
    from identity_graph.settings import Settings
    from identity_graph.store.driver.graph import Graph

T = TypeVar("T")


class OutputFormat(StrEnum):
    """How a command prints what it found."""

    TEXT = "text"
    JSON = "json"


async def run_on_graph(work: "GraphWork[T]") -> T:
    """Work on the graph that the settings name; how the start of an embedded Neo4j goes is shown."""
    from identity_graph.runtime import shown_on
    from identity_graph.service import connecting
    from identity_graph.settings import Settings

    settings = Settings()

    async def recorded_work(graph: "Graph") -> T:
        async with recorded_on(graph, settings):
            return await work(graph)

    with ExitStack() as waiting:
        progress = waiting.enter_context(shown_on(Console(stderr=True)))
        return await connecting.run_on_graph(settings, recorded_work, progress=progress, on_connected=waiting.close)


@asynccontextmanager
async def recorded_on(graph: "Graph", settings: "Settings") -> "AsyncGenerator[None]":
    """Record the command that works on a graph inside."""
    from identity_graph.service.audit.operations import record_along
    from identity_graph.service.audit.recording import record
    from identity_graph.service.audit.signing_key import load_signer

    async def append(entry: AuditEntry) -> None:
        await graph.write(lambda tx: record(tx, entry))

    record_along(graph)
    async with recorded_command(load_signer(settings.data_dir).hash_key, append):
        yield


def run_with_service(work: "Callable[[Service], Awaitable[T]]") -> T:
    """Work with the service on the graph that the settings name."""
    from identity_graph.settings import Settings

    async def work_with_it() -> T:
        async with opened_service(Settings()) as service:
            return await work(service)

    return asyncio.run(work_with_it())


@asynccontextmanager
async def opened_service(settings: "Settings", console: Console | None = None) -> "AsyncGenerator[Service]":
    """Open the service for a command; how the start of an embedded Neo4j goes is shown."""
    from identity_graph.runtime import shown_on
    from identity_graph.service.core import open_service

    with ExitStack() as waiting:
        progress = waiting.enter_context(shown_on(console or Console(stderr=True)))
        async with open_service(settings, progress=progress, delivers=False) as service:
            waiting.close()

            async def append(entry: AuditEntry) -> None:
                service.audit.note(entry)

            async with recorded_command(service.audit.hash_key, append):
                yield service


def tell_waiting(settings: "Settings") -> None:
    """Say on standard error that events wait in the spool, which is why an answer does not know them yet."""
    from identity_graph.domain.values.instants import format_minute
    from identity_graph.spool import read_folder, spool_folder

    waiting = read_folder(spool_folder(settings.data_dir))
    if waiting.since is not None:
        Console(stderr=True).print(
            f"Not in this answer yet: {waiting.messages:,} messages that wait in the spool, since {format_minute(waiting.since)} UTC "
            "(identity-graph spool status).",
            soft_wrap=True,
        )


@contextmanager
def shown_share(task: str) -> Generator[Callable[[float], None]]:
    """Show on a terminal how far something is; what is given is called with the share that is done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        number = bar.add_task(task, total=1.0)
        yield lambda share: bar.update(number, completed=share)
