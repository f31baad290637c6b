"""``identity-graph import``, ``export`` and ``simulate``: import history, export customers, try rules."""

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity_graph.cli.terminal import OutputFormat, opened_service
from identity_graph.domain.rules.file import PRESETS
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.json_reader import write_json
from identity_graph.errors import IdentityGraphError, InvalidInputError, RulesError
from identity_graph.service.rules.source import read_rules
from identity_graph.settings import Settings
from identity_graph.terminal import Console, as_json, printable

if TYPE_CHECKING:
    from identity_graph.files.importing import ImportReport
    from identity_graph.files.mapping import Mapping
    from identity_graph.files.reading import Outcome
    from identity_graph.files.simulating import Simulation
    from identity_graph.files.watching import WatchOptions

_STANDARD_STREAM = Path("-")
_SHOWN_ROWS = 10
_NOTHING_NEW = 3
"""Exit code of an import of which everything was known already."""

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Folder of the embedded Neo4j.", show_default=False)]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", "-m", help="What the columns of a CSV or Parquet file mean (YAML).", show_default=False),
]


def import_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="NDJSON of Segment messages, CSV or Parquet; NDJSON and CSV may be gzip.", show_default=False
        ),
    ] = None,
    mapping: MappingFile = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Name of the source of the events (default: that of the mapping, or import).", show_default=False
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(help="File for rejected records (default: NAME.rejected.ndjson here).", show_default=False),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Read each file from the start; known events change nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 1 if anything was rejected.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=f"Show the first {_SHOWN_ROWS} records as messages; import nothing.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Read all of it and say what it would become; import nothing.")
    ] = False,
    watch: Annotated[
        Path | None,
        typer.Option(
            "--watch", metavar="FOLDER", help="Import what arrives in a folder, until stopped.", show_default=False
        ),
    ] = None,
    settle: Annotated[
        float, typer.Option(min=0.0, help="With --watch: seconds in which a file must not change before it is read.")
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="With --watch: end when no file is left.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Import files. You can stop at any time; the same command continues.

    An event counts once for its source and message id, so importing a file twice changes nothing. If
    everything in a new file is already known, the exit code is 3. The service may run at the same time.
    """
    with _ending_well(hint="Run the same command again to continue."):
        columns = _load_mapping(mapping)
        if watch is not None:
            if files or rejects is not None or restart or dry_run or check:
                raise InvalidInputError("--watch takes no files, and no --rejects, --restart, --dry-run or --check.")
            from identity_graph.files.watching import WatchOptions

            options = WatchOptions(mapping=columns, source=source, settle=settle, is_strict=strict, is_once=once)
            asyncio.run(_watch(_settings(data_dir), watch, options))
            return
        if not files:
            raise InvalidInputError("Name the files to import, or a folder to watch with --watch FOLDER.")
        if rejects is not None and len(files) > 1:
            raise InvalidInputError("--rejects names one file: import one file at a time, or leave it out.")
        _open_files(files, columns, show=dry_run)
        if check and not _check_files(files, columns, source):
            raise typer.Exit(1)
        if dry_run or check:
            return
        reports = asyncio.run(_import_all(_settings(data_dir), files, columns, source, rejects, restart=restart))
        if any(report.problem is not None for report in reports):
            raise typer.Exit(1)
        if strict and any(report.state.rejected_total for report in reports):
            raise typer.Exit(1)
        if any(report.is_nothing_new for report in reports):
            raise typer.Exit(_NOTHING_NEW)


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="FILE.csv or FILE.parquet, or - for CSV on standard output.")
    ],
    namespace: Annotated[
        list[str] | None, typer.Option(help="Only identifiers of this namespace; may be repeated.", show_default=False)
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write every identifier with its customer, in the order of namespace and value."""
    with _ending_well():
        asyncio.run(_export(_settings(data_dir), output, namespace or []))


def simulate(
    events: Annotated[Path, typer.Argument(help="NDJSON of Segment messages, gzip too; - for standard input.")],
    rules: Annotated[
        str, typer.Option(help=f"Rules file, or one of the presets {', '.join(PRESETS)}.", metavar="FILE|NAME")
    ] = "default",
    format_: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.TEXT,
    mapping: MappingFile = None,
) -> None:
    """Resolve the events of a file under some rules, without a database, and print the customers.

    An event without a timestamp counts as happening now. Of several with one message id the first counts.
    """
    with _ending_well():
        rule_set = read_rules(rules)
        columns = _load_mapping(mapping)
        result = _simulate(events, columns, rule_set)
        if format_ is OutputFormat.JSON:
            typer.echo(as_json(result.as_json()))
        else:
            from identity_graph.cli.files.views import print_simulation

            print_simulation(Console(), result)


def _simulate(events: Path, columns: "Mapping | None", rules: RuleSet) -> "Simulation":
    from identity_graph.files.reading import open_records, open_standard_input
    from identity_graph.files.simulating import simulate
    from identity_graph.service.clock import now_instant

    opened = open_standard_input(columns) if events == _STANDARD_STREAM else open_records(events, columns)
    with opened as file:
        return simulate((outcome for _, outcome in file.records()), rules, now=now_instant())


def _check_files(files: list[Path], columns: "Mapping | None", source: str | None) -> bool:
    """Say what files would become, under the rules that ship; return whether everything can be read."""
    from identity_graph.cli.files.views import print_check
    from identity_graph.domain.rules.file import load_preset
    from identity_graph.files.checking import check_records
    from identity_graph.files.importing import source_of
    from identity_graph.files.reading import open_records
    from identity_graph.service.clock import now_instant

    console = Console(soft_wrap=True)
    is_clean = True
    for path in files:
        with open_records(path, columns) as file:
            outcomes = (outcome for _, outcome in file.records())
            report = check_records(outcomes, load_preset(), source=source_of(source, columns), now=now_instant())
            print_check(console, path, report, file.unused_columns)
        is_clean = is_clean and not report.rejected
    return is_clean


def _open_files(files: list[Path], columns: "Mapping | None", *, show: bool) -> None:
    """Open all files, so that a wrong name is told before the first is imported; with ``show`` print some messages."""
    from identity_graph.files.reading import open_records

    for path in files:
        with open_records(path, columns) as file:
            if not show:
                continue
            for number, (_, outcome) in enumerate(file.records(), 1):
                _show(path, outcome)
                if number == _SHOWN_ROWS:
                    break


def _show(path: Path, outcome: "Outcome") -> None:
    """Print messages, one a line unless a person reads them; what is rejected goes to standard error."""
    from identity_graph.files.records import Record

    if isinstance(outcome, Record):
        for message in outcome.messages:
            text = write_json(message)
            typer.echo(json.dumps(json.loads(text), indent=2) if sys.stdout.isatty() else text)
    else:
        _errors().print(printable(f"{path}:{outcome.line}: {outcome.code}: {outcome.reason}"))


async def _import_all(
    settings: Settings,
    files: list[Path],
    columns: "Mapping | None",
    source: str | None,
    rejects: Path | None,
    *,
    restart: bool,
) -> "list[ImportReport]":
    from identity_graph.cli.files.views import ImportBar, print_import_report
    from identity_graph.files.importing import import_file, source_of

    console = _errors()
    names = Counter(path.name for path in files)
    reports: list[ImportReport] = []
    async with opened_service(settings, console) as service:
        for path in files:
            own = path.name if names[path.name] == 1 else str(path).strip("/").replace("/", "_")
            with ImportBar(console, path.name) as bar:
                report = await import_file(
                    service,
                    path,
                    columns,
                    source=source_of(source, columns),
                    restart=restart,
                    rejects=rejects or Path(f"{own}.rejected.ndjson"),
                    on_progress=bar.show,
                )
            print_import_report(console, path, report, seconds=bar.seconds)
            reports.append(report)
    return reports


async def _watch(settings: Settings, folder: Path, options: "WatchOptions") -> None:
    """Watch a folder until it is told to end; exit code 1 when, once, a file failed."""
    from identity_graph.files.watching import read_config, watch

    console = _errors()
    read_config(folder, options)
    if (task := asyncio.current_task()) is not None:
        with suppress(NotImplementedError):  # Windows has no such signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with opened_service(settings, console) as service:
            console.print(f"Watching {printable(str(folder))}. Stop with Ctrl-C.")
            count = await watch(service, folder, options, lambda line: console.print(printable(line, but="\n")))
    except asyncio.CancelledError:
        console.print("Stopped watching.")
        return
    if count.failed:
        raise typer.Exit(1)


async def _export(settings: Settings, output: Path, namespaces: list[str]) -> None:
    from identity_graph.cli.files.views import ExportBar
    from identity_graph.files.exporting import count_identifiers, export_identifiers, open_writer

    console = _errors()
    with ExitStack() as stack:
        writer = stack.enter_context(open_writer(output))
        async with opened_service(settings, console) as service:
            total = None if namespaces else await count_identifiers(service.graph)
            with ExportBar(console, total) as bar:
                written = await export_identifiers(service.graph, writer, namespaces=namespaces, on_progress=bar.show)
    where = "standard output" if output == _STANDARD_STREAM else output
    console.print(f"{written:,} identifiers written to {where}.")


def _load_mapping(path: Path | None) -> "Mapping | None":
    from identity_graph.files.mapping_file import load_mapping

    return None if path is None else load_mapping(path)


def _settings(data_dir: Path | None) -> Settings:
    return Settings() if data_dir is None else Settings(data_dir=data_dir)


def _errors() -> Console:
    return Console(stderr=True, soft_wrap=True)


@contextmanager
def _ending_well(*, hint: str = "") -> Generator[None]:
    """End with one readable message: exit code 2 when the input is wrong, 1 when something else stands in the way."""
    try:
        yield
    except KeyboardInterrupt:
        _errors().print(f"Stopped. {hint}".strip())
        raise typer.Exit(130) from None
    except BrokenPipeError:
        sys.stdout = None  # whoever read the output had enough; nothing is left to flush
        raise typer.Exit(1) from None
    except IdentityGraphError as error:
        console = _errors()
        console.print(f"Error {error.code}: ", style="bold red", end="")
        console.print(error.message)
        is_input = isinstance(error, InvalidInputError | RulesError)
        if hint and not is_input:
            console.print(hint)
        raise typer.Exit(2 if is_input else 1) from error
