"""What ``import``, ``export`` and ``simulate`` show in the terminal."""

import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from identity_graph.domain.values.instants import format_instant
from identity_graph.files.checking import CheckReport
from identity_graph.files.importing import ImportProgress, ImportReport
from identity_graph.files.simulating import Simulation
from identity_graph.terminal import Console, Text, printable

_SHOWN_CUSTOMERS = 20
_SHOWN_REFUSED = 20
_SHOWN_REJECTED = 10


class _Bar:
    """A progress bar that is there while something runs; nothing where the console is no terminal."""

    def __init__(self, console: Console, name: str, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID = self._progress.add_task(escape(printable(name)), total=total, figures="")
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since it appeared."""
        return time.monotonic() - self._started

    def update(self, done: int, total: int | None, figures: str) -> None:
        """Show how far it is."""
        self._progress.update(self._task, completed=done, total=total, figures=figures)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class ImportBar(_Bar):
    """Shows an import: how much of the file, records, records a second, time left, rejected ones."""

    def __init__(self, console: Console, name: str) -> None:
        super().__init__(console, name, None)
        self._first: int | None = None

    def show(self, progress: ImportProgress) -> None:
        """Show how far it is."""
        state = progress.state
        if self._first is None:
            self._first = state.records
            rate = state.records / self.seconds
        else:
            rate = (state.records - self._first) / self.seconds
        rejected = f"  [red]{state.rejected_total:,} rejected[/]" if state.rejected else ""
        self.update(progress.done, progress.total, f"{state.records:,} records  {rate:,.0f}/s{rejected}")


class ExportBar(_Bar):
    """Shows an export: identifiers, and how many a second."""

    def __init__(self, console: Console, total: int | None) -> None:
        super().__init__(console, "Exporting", total)
        self._total = total

    def show(self, written: int) -> None:
        """Show how far it is."""
        self.update(written, self._total, f"{written:,} identifiers  {written / self.seconds:,.0f}/s")


def print_import_report(console: Console, path: Path, report: ImportReport, *, seconds: float) -> None:
    """Print what came of a file, with examples of what was rejected."""
    state = report.state
    counts = (
        f"{state.records:,} records, {state.accepted:,} events accepted, {state.duplicates:,} already known, "
        f"{state.rejected_total:,} rejected"
    )
    if report.was_finished:
        console.print(
            f"{printable(str(path))} was imported before ({counts}): nothing to do. --restart imports it again."
        )
        return
    rate = (state.records - report.resumed_at) / max(seconds, 0.001)
    begun = f" It continued after record {report.resumed_at:,}." if report.resumed_at else ""
    if state.skipped:
        counts += f", {state.skipped:,} left out by the mapping"
    console.print(f"{printable(str(path))}: {counts}, in {seconds:,.1f} s ({rate:,.0f} records/s).{begun}")
    for code, count in sorted(state.rejected.items()):
        console.print(f"  {code}: {count:,}")
        for line, reason in report.examples.get(code, []):
            console.print(f"    line {line}: {printable(reason)}")
    if state.rejected:
        console.print(f"  All rejected records are in {report.rejects_path} and in the dead letters.")
    if report.ignored:
        console.print(f"  Values that are not identifiers: {say_ignored(report.ignored)}.")
    if report.is_nothing_new or (report.by_row and state.duplicates and not report.again and not report.resumed_at):
        _warn_of_known(console, path, report)
    if report.problem is not None:
        console.print(f"Error: {report.problem}", style="bold red")


def print_check(console: Console, path: Path, report: CheckReport, unused: list[str]) -> None:
    """Print what a file would become."""
    console.print(
        f"{printable(str(path))}: {report.records:,} records, {report.messages.total():,} messages, "
        f"{report.skipped:,} left out by the mapping, {report.rejected.total():,} rejected. Nothing was imported."
    )
    for name, count in report.messages.most_common():
        console.print(f"  {printable(name)}: {count:,}")
    if report.first is not None and report.last is not None:
        console.print(f"  From {format_instant(report.first)} to {format_instant(report.last)}.")
    if report.repeated:
        console.print(f"  Messages with an id that came before in the file: {report.repeated:,}.")
    if report.ignored:
        console.print(f"  Values that are not identifiers under the default rules: {say_ignored(report.ignored)}.")
    if unused:
        console.print(f"  Columns that the mapping does not use: {printable(', '.join(unused))}.")
    for code, count in sorted(report.rejected.items()):
        console.print(f"  {code}: {count:,}", style="bold yellow")
        for line, reason in report.examples[code]:
            console.print(f"    line {line}: {printable(reason)}")


def say_ignored(ignored: Counter[tuple[str, str]]) -> str:
    """List how many values of a namespace were left out, and why."""
    return ", ".join(f"{namespace} {code} {count:,}" for (namespace, code), count in sorted(ignored.items()))


def _warn_of_known(console: Console, path: Path, report: ImportReport) -> None:
    """Say that what counts as known was not added, and what to do when it is other data."""
    state = report.state
    what = "row" if report.by_row else "message"
    known = f"all {_count(state.duplicates, what)}" if report.is_nothing_new else _count(state.duplicates, what)
    start = "Nothing new" if report.is_nothing_new else "Already known"
    if report.by_row:
        console.print(
            f"{start}: {known} of {path.name} count as rows that were imported before and were not added. Without "
            "`message_id` in the mapping a row is identified by the name of its file and its number. If these are new rows, "
            "name their id with `message_id`, or rename the file.",
            style="bold yellow",
        )
    else:
        console.print(
            f"{start}: {known} of {path.name} have ids that the source {state.source!r} has sent before, so none was added. If "
            "they come from another system, name it with --source.",
            style="bold yellow",
        )


def print_simulation(console: Console, result: Simulation) -> None:
    """Print a summary: the figures, the largest customers, the refused links, what was rejected."""
    identifiers = sum(len(customer) for customer in result.customers)
    customers = _count(len(result.customers), "customer")
    console.print(
        f"[bold]{_count(identifiers, 'identifier')}[/] in {_count(result.accepted, 'event')}: [bold]{customers}[/]; "
        f"{_count(len(result.refused), 'refused link')}, {_count(len(result.rejected), 'rejected message')}, "
        f"{_count(result.duplicates, 'repeat')}.",
        markup=True,
        soft_wrap=True,
    )
    if result.ignored:
        console.print(
            f"Values that are not identifiers: {say_ignored(result.ignored)}.", highlight=False, soft_wrap=True
        )
    if result.customers:
        table = _table(
            "Customers, the largest first", "identifiers", "", total=len(result.customers), shown=_SHOWN_CUSTOMERS
        )
        for customer in sorted(result.customers, key=len, reverse=True)[:_SHOWN_CUSTOMERS]:
            table.add_row(f"{len(customer):,}", Text("  ".join(customer)))
        console.print(table)
    if result.refused:
        table = _table("Refused links", "code", "a", "b", total=len(result.refused), shown=_SHOWN_REFUSED)
        for link in result.refused[:_SHOWN_REFUSED]:
            table.add_row(str(link.code), Text(link.a), Text(link.b))
        console.print(table)
    if result.rejected:
        table = _table("Rejected", "line", "code", "reason", total=len(result.rejected), shown=_SHOWN_REJECTED)
        for rejected in result.rejected[:_SHOWN_REJECTED]:
            table.add_row(str(rejected.line), rejected.code, Text(rejected.reason))
        console.print(table)


def _table(title: str, *columns: str, total: int, shown: int) -> Table:
    more = f" ({shown} of {total:,}; --format json prints all)" if total > shown else ""
    table = Table(title=title + more, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
