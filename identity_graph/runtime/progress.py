"""What a start of the embedded Neo4j tells about itself, and how that is shown in a terminal."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


@dataclass(frozen=True, slots=True)
class Fetching:
    """The jars are on their way; sizes in bytes."""

    jars: int
    total_jars: int
    received: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something takes its time; ``what`` says what, without a full stop."""

    what: str


Progress = Callable[[Fetching | Waiting], None]


def silent(_step: Fetching | Waiting) -> None:
    """Show nothing."""


@contextmanager
def shown_on(console: Console) -> Generator[Progress]:
    """Show the progress on a console, best one of stderr; where that is no terminal, in a few plain lines."""
    if not console.is_interactive:
        yield _plain_lines(console)
        return
    description = TextColumn("{task.description}")
    fetching = Bars(SpinnerColumn(), description, BarColumn(), DownloadColumn(), console=console, transient=True)
    waiting = Bars(SpinnerColumn(), description, TimeElapsedColumn(), console=console, transient=True)
    bar = fetching.add_task("", total=None)
    clock = waiting.add_task("", total=None)
    last: list[str] = []

    def show(step: Fetching | Waiting) -> None:
        if isinstance(step, Fetching):
            waiting.stop()
            fetching.start()
            text = f"Fetching Neo4j, once: {step.jars} of {step.total_jars} jars"
            fetching.update(bar, description=text, completed=step.received, total=step.total)
        else:
            fetching.stop()
            if last != [step.what]:
                last[:] = [step.what]
                waiting.reset(clock, description=step.what)
            waiting.start()

    try:
        yield show
    finally:
        fetching.stop()
        waiting.stop()


def _plain_lines(console: Console) -> Progress:
    told: set[str] = set()

    def show(step: Fetching | Waiting) -> None:
        if isinstance(step, Waiting):
            text = f"{step.what} …"
        else:
            quarter = 4 * step.received // max(step.total, 1)
            text = f"Fetching Neo4j, once ({step.total / 1e6:.0f} MB): {quarter * 25} % …"
        if text not in told:
            told.add(text)
            console.print(text, highlight=False, markup=False, soft_wrap=True)

    return show
