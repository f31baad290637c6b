"""A watch over a folder: what arrives there is imported once it is complete, and then moved."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchfiles import awatch

from identity_graph.domain.values.instants import format_instant
from identity_graph.errors import GraphUnavailableError, InvalidInputError
from identity_graph.files.importing import ImportReport, import_file, source_of
from identity_graph.files.mapping import ChangedRows, Mapping
from identity_graph.files.watch_config import CONFIG, WatchConfig, WatchedFiles, load_watch_config, watch_all
from identity_graph.files.watch_folder import DONE, FAILED, Waiting, WatchFolder, find_fingerprint
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service

_LOOK_EVERY_SECONDS = 10.0
"""How often the folder is looked at though nothing was heard of it: network folders tell nobody what others write."""

_UNSETTLED_SECONDS = 0.5
_PATIENCE_SECONDS = 5.0
"""How long to wait for Neo4j, or after a file could not be moved."""


_MOST_TOLD = 100
"""Files that no pattern fits and that are told by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """How a folder is watched: ``mapping`` for all files where it has no ``watch.yaml``; ``settle`` in seconds.

    ``is_strict``: a file with rejected records counts as failed. ``is_once``: end when no file is left.
    """

    mapping: Mapping | None = None
    source: str | None = None
    settle: float = 2.0
    is_strict: bool = False
    is_once: bool = False


@dataclass(slots=True)
class WatchCount:
    """How many files were done and failed."""

    done: int = 0
    failed: int = 0


def read_config(folder: Path, options: WatchOptions) -> WatchConfig:
    """Read how the files of a folder are imported: as its ``watch.yaml`` says, else all in the way of the options.

    Raises:
        InvalidInputError: there is no such folder, what is written there makes no sense, or both say it.
    """
    if not folder.is_dir():
        raise InvalidInputError(f"{folder} cannot be watched: it is no folder.", path=str(folder))
    config = load_watch_config(folder, options.source)
    if config is None:
        return watch_all(options.mapping, source_of(options.source, options.mapping))
    if options.mapping is not None:
        raise InvalidInputError(f"{folder / CONFIG} names the mappings: leave out --mapping, or remove the file.")
    return config


async def watch(service: Service, root: Path, options: WatchOptions, say: Callable[[str], None]) -> WatchCount:
    """Import what arrives in a folder until the task is cancelled, or, ``is_once``, until no file is left.

    ``say`` is told in one line what became of each file.

    Raises:
        InvalidInputError: the folder cannot be used, or its ``watch.yaml`` makes no sense.
    """
    try:
        folder = WatchFolder(root, settle=options.settle)
    except OSError as error:
        raise InvalidInputError(f"{root} cannot be watched ({error.strerror}): check its path and rights.") from error
    return await _Watch(service, folder, options, say).run()


class _Watch:
    def __init__(
        self, service: Service, folder: WatchFolder, options: WatchOptions, say: Callable[[str], None]
    ) -> None:
        self._service = service
        self._folder = folder
        self._options = options
        self._say = say
        self._config = read_config(folder.root, options)
        self._problem = ""
        self._told: set[str] = set()
        self._count = WatchCount()
        self._heard = asyncio.Event()

    async def run(self) -> WatchCount:
        for name in self._folder.recover():
            self._say(f"{name}: it was being moved when a watch ended; that is completed.")
        async with self._listening():
            while True:
                self._heard.clear()
                self._reload()
                taken = False
                for file in self._folder.look(self._is_wanted):
                    taken = await self._take(file) or taken
                if self._options.is_once and not self._folder.has_unsettled:
                    return self._count
                if not taken:
                    await self._wait()

    @asynccontextmanager
    async def _listening(self) -> AsyncGenerator[None]:
        """Hear of changes of the folder while the block runs."""
        stop = asyncio.Event()
        listener = asyncio.create_task(self._listen(stop))
        try:
            yield
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await listener

    async def _listen(self, stop: asyncio.Event) -> None:
        try:
            async for _ in awatch(self._folder.root, watch_filter=None, stop_event=stop, recursive=False, step=100):
                self._heard.set()
        except (OSError, RuntimeError) as error:
            self._say(f"The system does not tell what changes in the folder ({error}); it is looked at now and then.")

    async def _wait(self) -> None:
        """Wait until something was heard, or it is time to look anyway."""
        if self._folder.has_unsettled:
            await asyncio.sleep(min(_UNSETTLED_SECONDS, max(0.05, self._options.settle / 2)))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_SECONDS):
                await self._heard.wait()

    def _reload(self) -> None:
        """Read ``watch.yaml`` and its mappings anew; one that makes no sense changes nothing and is told once."""
        try:
            self._config = read_config(self._folder.root, self._options)
            self._problem = ""
        except InvalidInputError as error:
            if error.message != self._problem:
                self._problem = error.message
                self._say(f"{error.message}\nUntil this is mended, the watch goes on as before.")

    def _is_wanted(self, name: str) -> bool:
        if self._config.find(name) is not None:
            return True
        if name not in self._config.own_files and name not in self._told and len(self._told) <= _MOST_TOLD:
            self._told.add(name)
            more = " So do others, which are not listed." if len(self._told) > _MOST_TOLD else ""
            self._say(f"{name}: no pattern of {CONFIG} fits; it stays where it is.{more}")
        return False

    async def _take(self, file: Waiting) -> bool:
        """Import a file and move it; False where another watcher has it, or it has to wait."""
        name = file.path.name
        watched = self._config.find(name)
        if watched is None:
            return False
        with self._folder.claimed(*_claims(name, watched)) as is_ours:
            if not is_ours or find_fingerprint(file.path) != file.fingerprint:
                return False
            try:
                folder, report, line = await self._import(file, watched)
                target = self._folder.finish(file, folder, report)
            except GraphUnavailableError as error:
                self._say(f"{name}: {error.message} It is tried again.")
                await asyncio.sleep(_PATIENCE_SECONDS)
                return False
            except OSError as error:
                self._say(f"{name}: it cannot be moved ({error.strerror or error}): check the rights of the folder.")
                self._folder.forget(name)
                await asyncio.sleep(_PATIENCE_SECONDS)
                return False
        if target is None:
            self._say(f"{name}: it changed while it was imported; it is imported again when it is complete.")
            self._folder.forget(name)
            return True
        self._count.done += folder == DONE
        self._count.failed += folder == FAILED
        self._say(f"{name}: {line} Now {target.relative_to(self._folder.root)}.")
        return True

    async def _import(self, file: Waiting, watched: WatchedFiles) -> tuple[str, dict[str, Any], str]:
        """Import a file; say where it belongs, what its report says, and the same in a line."""
        begun, started = now_instant(), time.monotonic()
        facts: dict[str, Any] = {
            "file": file.path.name,
            "source": watched.source,
            "mapping": None if watched.mapping is None else watched.mapping.name,
            "started_at": format_instant(begun),
        }
        try:
            report = await import_file(
                self._service,
                file.path,
                watched.mapping,
                source=watched.source,
                rejects=self._folder.rejects_path(file.path.name),
            )
        except InvalidInputError as error:
            reason = error.message
            return FAILED, {**facts, "reason": reason}, f"failed: {reason}"
        state = report.state
        facts |= {
            "finished_at": format_instant(now_instant()),
            "seconds": round(time.monotonic() - started, 3),
            "records": state.records,
            "accepted": state.accepted,
            "already_known": state.duplicates,
            "left_out": state.skipped,
            "rejected": dict(state.rejected),
        }
        line = (
            f"{state.records:,} records, {state.accepted:,} events accepted, {state.duplicates:,} already known, "
            f"{state.rejected_total:,} rejected."
        )
        reason = self._find_reason(report)
        if reason is not None:
            return FAILED, {**facts, "reason": reason}, f"failed: {reason} {line}"
        return DONE, facts, line

    def _find_reason(self, report: ImportReport) -> str | None:
        """Say why a file that was read counts as failed; None where it does not."""
        if report.problem is not None:
            return report.problem
        if report.is_nothing_new and report.by_row:
            return (
                "All its rows count as known, since an earlier file had the same name. If it holds other data, name the id of "
                "a row with `message_id` in the mapping, or give each file another name, and put it into the folder again."
            )
        if self._options.is_strict and report.state.rejected_total:
            return "Records were rejected."
        return None


def _claims(name: str, watched: WatchedFiles) -> tuple[str, ...]:
    """Name what one watcher does at a time: a file, and all files whose order matters, since the last one counts."""
    mapping = watched.mapping
    if mapping is None or mapping.changed_rows is ChangedRows.IGNORE:
        return (name,)
    return name, f"source\n{watched.source}"
