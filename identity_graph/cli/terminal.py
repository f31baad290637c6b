"""terminal."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from identity_graph.runtime import shown_on
from identity_graph.service.core import connected
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from identity_graph.terminal import Console

T = TypeVar("T")


async def run_on_graph(settings: Settings, work: Callable[[Graph], Awaitable[T]]) -> T:
    """Work on the graph without opening the service: that would write down rules, which are for `serve` to choose."""
    with ExitStack() as waiting:
        progress = waiting.enter_context(shown_on(Console(stderr=True)))
        async with connected(settings, progress=progress) as (graph, _):
            waiting.close()
            await apply_migrations(graph)
            return await work(graph)


@contextmanager
def shown_share(task: str) -> Generator[Callable[[float], None]]:
    """Show on a terminal how far something is; what is given is called with the share that is done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        number = bar.add_task(task, total=1.0)
        yield lambda share: bar.update(number, completed=share)
