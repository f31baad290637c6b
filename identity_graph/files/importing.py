"""The import: the records of a file, in batches, the same way that messages over HTTP go."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, cast

from identity_graph.domain.collecting.segment.messages import Rejection as MessageRejection
from identity_graph.domain.collecting.segment.messages import RejectionCode
from identity_graph.errors import InvalidInputError
from identity_graph.files.changed_rows import RowChanges, Said
from identity_graph.files.history import as_history
from identity_graph.files.import_state import ImportState, load_state, new_state, save_state
from identity_graph.files.mapping import ChangedRows, Mapping
from identity_graph.files.reading import RecordFile, open_records
from identity_graph.files.records import FILE_CODES, Record, Rejection
from identity_graph.files.rejects import RejectsFile
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import CollectReport, collect
from identity_graph.service.collecting.dead_letters import Refused, keep_dead_letters
from identity_graph.service.core import Service

_BATCH = 500
_IN_FLIGHT = 3
_SAVE_EVERY_SECONDS = 1.0
_EXAMPLES = 3
_FIRST_LOOK = 100
"""When so many records at the start are all unreadable, the file is not what it was taken for."""


@dataclass(slots=True)
class ImportReport:
    """What came of one file; the counts include those of earlier runs that were stopped.

    ``resumed_at`` is how many records earlier runs had done. ``problem`` says why the file could not be read to its
    end. ``by_row`` says that rows are known by the file's name and their number, ``again`` that this very file was
    imported before. Of this run alone are ``examples``, a few rejections by code, and ``ignored``, the values by namespace
    and code that are no identifiers.
    """

    state: ImportState
    rejects_path: Path
    resumed_at: int = 0
    by_row: bool = False
    again: bool = False
    was_finished: bool = False
    problem: str | None = None
    examples: dict[str, list[tuple[int, str]]] = field(default_factory=dict[str, list[tuple[int, str]]])
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    @property
    def is_nothing_new(self) -> bool:
        """Whether a file that was never imported brought nothing, since all of it counts as known."""
        return not self.again and not self.state.accepted and self.state.duplicates > 0


@dataclass(slots=True)
class _Batch:
    """Records that are sent together; ``last`` is the number of the last one."""

    messages: list[object] = field(default_factory=list[object])
    lines: list[int] = field(default_factory=list[int])
    said: list[Said] = field(default_factory=list[Said])
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    skipped: int = 0
    last: int = 0
    progress: int = 0

    @property
    def size(self) -> int:
        """How many records it has that are to be written."""
        return len(self.messages) + len(self.rejections)


class ImportProgress(NamedTuple):
    """How far an import is: ``done`` of ``total`` (bytes, or rows of Parquet), None when that is not known."""

    done: int
    total: int | None
    state: ImportState


def source_of(named: str | None, mapping: Mapping | None) -> str:
    """Name the source of the events of a file: as the command says, else as the mapping does."""
    return named or (mapping and mapping.source) or "import"


async def import_file(
    service: Service,
    path: Path,
    mapping: Mapping | None,
    *,
    source: str,
    restart: bool = False,
    rejects: Path | None = None,
    on_progress: Callable[[ImportProgress], None] = lambda _: None,
) -> ImportReport:
    """Import a file, from where an earlier run of it was stopped unless ``restart``.

    Rejected records go to ``rejects`` (default: ``<name>.rejected.ndjson`` in the current folder) and to the dead
    letters. A file that was imported to its end is only reported.

    Raises:
        InvalidInputError: the file cannot be read, or is not what it was taken for; nothing was imported.
        GraphUnavailableError: Neo4j does not answer; what was committed is noted, the next run goes on after it.
    """
    with open_records(path, mapping) as file:
        if file.total == 0:
            raise InvalidInputError(f"{path} is empty: there is nothing to import.", path=str(path))
        state = new_state(path, mapping, source)
        stored = await load_state(service.graph, state)
        again = restart and stored.records > 0
        state = state if restart else stored
        rejects = rejects or Path(f"{path.name}.rejected.ndjson")
        state.unused_columns = file.unused_columns
        report = ImportReport(state, rejects, resumed_at=state.records, was_finished=state.is_finished, again=again)
        report.by_row = mapping is not None and not mapping.message_id
        if state.is_finished:
            return report
        with RejectsFile(rejects, keep_bytes=state.rejects_bytes) as rejects_file:
            await _Import(service, file, path.name, report, rejects_file, on_progress, mapping).run()
    return report


class _Import:
    """One run over one file: a few batches are under way while the next is read."""

    def __init__(
        self,
        service: Service,
        file: RecordFile,
        name: str,
        report: ImportReport,
        rejects: RejectsFile,
        on_progress: Callable[[ImportProgress], None],
        mapping: Mapping | None,
    ) -> None:
        self._service = service
        self._file = file
        self._name = name
        self._report = report
        self._state = report.state
        self._rejects = rejects
        self._on_progress = on_progress
        self._followed: Mapping | None = None
        self._changes: RowChanges | None = None
        if mapping is not None and mapping.changed_rows is not ChangedRows.IGNORE:
            self._followed = mapping
            self._changes = RowChanges(service, self._state.source, mapping.changed_rows, f"import of {name}")
        self._in_flight = _IN_FLIGHT if self._changes is None else 1
        self._saved_at = time.monotonic()
        self._running: deque[tuple[_Batch, asyncio.Task[CollectReport]]] = deque()

    async def run(self) -> None:
        try:
            await self._send_all()
            await save_state(self._service.graph, self._state)
        finally:
            for _, task in self._running:
                task.cancel()
            await asyncio.gather(*(task for _, task in self._running), return_exceptions=True)

    async def _send_all(self) -> None:
        try:
            for batch in _batches(self._file, self._followed, skip=self._state.records):
                self._running.append((batch, asyncio.create_task(self._send(batch))))
                await asyncio.sleep(0)
                if len(self._running) >= self._in_flight:
                    await self._settle_first()
        except InvalidInputError as error:
            if self._state.records == 0 and not self._running:
                raise
            self._report.problem = error.message
        while self._running:
            await self._settle_first()
        self._state.is_finished = self._report.problem is None

    async def _send(self, batch: _Batch) -> CollectReport:
        received_at = now_instant()
        service, source = self._service, self._state.source
        refused = [
            Refused(
                {"file": self._name, "line": bad.line, "text": bad.raw},
                MessageRejection(cast("RejectionCode", bad.code), bad.reason),
                source,
                received_at,
                None,
                None,
            )
            for bad in batch.rejections
        ]
        if refused:
            await keep_dead_letters(service.units, refused)
        if self._changes is not None:
            return await self._changes.send(batch.messages, batch.said, received_at)
        return await collect(service, batch.messages, source=source, received_at=received_at)

    async def _settle_first(self) -> None:
        """Wait for the oldest batch and note that everything up to its end is done."""
        batch, task = self._running[0]
        collected = await task
        self._running.popleft()
        state = self._state
        state.records = batch.last
        state.accepted += collected.accepted
        state.duplicates += collected.duplicates
        state.skipped += batch.skipped
        self._report.ignored += collected.ignored
        for bad in batch.rejections:
            self._reject(bad.line, bad.code, bad.reason, raw=bad.raw)
        for line, message, result in zip(batch.lines, batch.messages, collected.results, strict=True):
            if isinstance(result, MessageRejection):
                self._reject(line, result.code.value, result.reason, message=message)
        state.rejects_bytes = self._rejects.size()
        self._on_progress(ImportProgress(batch.progress, self._file.total, state))
        if time.monotonic() - self._saved_at >= _SAVE_EVERY_SECONDS:
            await save_state(self._service.graph, state)
            self._saved_at = time.monotonic()

    def _reject(self, line: int, code: str, reason: str, *, raw: str | None = None, message: object = None) -> None:
        self._state.rejected[code] += 1
        examples = self._report.examples.setdefault(code, [])
        if len(examples) < _EXAMPLES:
            examples.append((line, reason))
        self._rejects.write(line, code, reason, raw=raw, message=message)


def _batches(file: RecordFile, followed: Mapping | None, *, skip: int) -> Iterator[_Batch]:
    """Gather records into batches; ``followed`` is the mapping if it follows changes of rows.

    Raises:
        InvalidInputError: the file cannot be read to its end (a last batch with all before it was given), or nothing
            at its start can be read.
    """
    batch = _Batch()
    records = file.records(skip=skip)
    read = unreadable = 0
    problem: InvalidInputError | None = None
    while True:
        try:
            number, outcome = next(records)
        except StopIteration:
            break
        except InvalidInputError as error:
            problem = error
            break
        read += 1
        batch.last = number
        batch.progress = file.progress()
        if isinstance(outcome, Rejection):
            batch.rejections.append(outcome)
            unreadable += outcome.code in FILE_CODES
            if not skip and read == unreadable == _FIRST_LOOK:
                raise _not_what_it_was_taken_for(outcome)
        else:
            if outcome.ids and followed is not None:
                batch.said += _said(outcome, followed, len(batch.messages))
            batch.skipped += outcome.is_skipped
            batch.messages += map(as_history, outcome.messages)
            batch.lines += [outcome.line] * len(outcome.messages)
        if batch.size >= _BATCH:
            yield batch
            batch = _Batch()
    if batch.last:
        yield batch
    if problem is not None:
        raise problem


def _said(record: Record, mapping: Mapping, first: int) -> Iterator[Said]:
    """Say for each message id that a record can have which message has it; ``first`` is the place of its first one."""
    places = {cast("dict[str, str]", it)["messageId"]: first + number for number, it in enumerate(record.messages)}
    for message_id, spec in zip(record.ids, mapping.messages, strict=True):
        yield Said(message_id, places.get(message_id), spec.timestamp is None or spec.timestamp.of_file is None)


def _not_what_it_was_taken_for(last: Rejection) -> InvalidInputError:
    return InvalidInputError(
        f"None of the first {_FIRST_LOOK} records can be read, so nothing was imported. Line {last.line}: {last.reason}"
    )
