"""The spool of a process: written by one thread, many requests in one synced transaction, and read in order."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import structlog

from identity_graph.domain.collecting.received import Received
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import SpoolFullError, SpoolUnusableError
from identity_graph.service.spool.metrics import SpoolMetrics
from identity_graph.spool import (
    DamagedFileError,
    Entry,
    HeldFile,
    SpoolFile,
    SpoolLimits,
    adopt_files,
    read_folder,
    renew,
    take_file,
    write_entry,
)

_MOST_GROUPED_BYTES = 32_000_000
_SOON_EMPTY = 1000
"""With so many messages the spool is empty within a moment."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Place(NamedTuple):
    """Where an entry is: its file, and its place there."""

    file: SpoolFile
    sequence: int


class Waiting(NamedTuple):
    """An entry that is to be delivered."""

    place: Place
    entry: Entry


class SpoolStatus(NamedTuple):
    """What waits: messages, their bytes, and when the oldest was received, None when none waits.

    ``aside`` counts the entries that cannot be delivered, ``damaged`` names files.
    """

    messages: int
    size: int
    since: Instant | None
    aside: int
    damaged: tuple[str, ...]


class _Append(NamedTuple):
    entry: Entry
    done: "asyncio.Future[Place]"


class Spool:
    """Keeps what could not be committed in time.

    ``arrived`` is set when something came. Who holds ``turn`` is alone with what waits: nothing is delivered meanwhile.
    """

    def __init__(self, folder: Path, limits: SpoolLimits, metrics: SpoolMetrics) -> None:
        self._folder = folder
        self._limits = limits
        self.metrics = metrics
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._own: HeldFile | None = None
        self._adopted: list[HeldFile] = []
        self._appends: deque[_Append] = deque()
        self._is_behind = False
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._late: dict[Place, asyncio.Task[Any]] = {}
        self._damaged: tuple[str, ...] = ()
        self._changed = asyncio.Event()
        self.arrived = asyncio.Event()
        self.turn = asyncio.Lock()

    async def open(self) -> None:
        """Take a file of this process's own, and take over what others left.

        Raises:
            SpoolUnusableError: the folder cannot be used.
        """
        self._own = await self._run(lambda: take_file(self._folder, self._limits))
        self._tell_damage(self._own)
        await self.adopt()
        self._damaged = (await self._run(lambda: read_folder(self._folder))).damaged
        self._writer = asyncio.create_task(self._write_groups(), name="spool")
        self.metrics.show(lambda: self.status)
        if self.status.messages:
            self.arrived.set()

    async def close(self) -> None:
        """Write what is to be written, and let others have the files."""
        writer, self._writer = self._writer, None
        if writer is not None:
            self._wake.set()
            await writer
        held = [*self._adopted, *([self._own] if self._own is not None else [])]
        self._own, self._adopted = None, []
        await self._run(lambda: [one.release() for one in held])
        self._thread.shutdown()

    def holds(self, source: str) -> bool:
        """Tell whether something of a source waits, so that what comes now is to wait behind it."""
        return any(one.file.sources[source] for one in self._files())

    async def wait_until_free(self, source: str, seconds: float) -> bool:
        """Wait until nothing of a source waits, as long as that can be soon; False when it is not, or takes longer.

        Without it, a source that sends all the time would never leave the spool: something of it would always wait.
        """
        try:
            async with asyncio.timeout(seconds):
                while self.holds(source):
                    if self.status.messages > _SOON_EMPTY:
                        return False
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    @property
    def status(self) -> SpoolStatus:
        """What waits in the files of this process."""
        totals = [one.file.totals for one in self._files()]
        return SpoolStatus(
            sum(one.messages for one in totals),
            sum(one.size for one in totals),
            min((one.since for one in totals if one.since is not None), default=None),
            sum(one.aside for one in totals),
            self._damaged,
        )

    @property
    def has_room(self) -> bool:
        """Tell whether a message of any size would be taken now, as far as is known."""
        own = self._own
        if self._writer is None or own is None:
            return False
        taken = own.file.totals.size
        try:
            return self._limits.allowed(self._folder, taken) > taken
        except OSError:
            return False

    async def append(self, received: Received) -> Place:
        """Write down what a request brought; on return it is safe on the disk.

        Raises:
            SpoolFullError: there is no room.
            SpoolUnusableError: the disk does not let us.
        """
        if self._writer is None:
            raise SpoolUnusableError("The service is shutting down; send the events again in a moment.")
        entry = write_entry(received)
        done: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        self._appends.append(_Append(entry, done))
        self._wake.set()
        try:
            place = await done
        except SpoolFullError:
            self.metrics.refused.inc(entry.count)
            raise
        self.metrics.spooled.inc(entry.count)
        self.arrived.set()
        return place

    def remove(self, places: Iterable[Place]) -> None:
        """Drop entries that are delivered, soon; until then they are not read again."""
        for place in places:
            place.file.forget(place.sequence)
        self._is_behind = True
        self._wake.set()

    def keep_until(self, place: Place, commit: "asyncio.Task[Any]") -> None:
        """Drop an entry when a commit of it that is still under way succeeds; until it ends it is not delivered."""

        def settle(task: "asyncio.Task[Any]") -> None:
            del self._late[place]
            if not task.cancelled() and task.exception() is None:
                self.remove([place])
            self.arrived.set()

        self._late[place] = commit
        commit.add_done_callback(settle)

    async def wait_for_late(self, seconds: float) -> None:
        """Wait for commits that are still under way, so long at most."""
        if self._late:
            await asyncio.wait(self._late.values(), timeout=seconds)

    async def read(self, most: int) -> list[Waiting]:
        """Read what is to be delivered next, up to so many messages, those of other processes that ended first.

        Raises:
            SpoolUnusableError: the disk does not let us.
        """
        for held in [*self._adopted, *self._own_file()]:
            entries = await self._guarded(held, lambda held=held: held.file.read(most=most))
            waiting = [Waiting(Place(held.file, entry.sequence), entry) for entry in entries]
            late = [self._late[one.place] for one in waiting if one.place in self._late]
            if late:
                await asyncio.wait(late)
                return await self.read(most)
            if waiting:
                return waiting
            if held is not self._own:
                self._adopted.remove(held)
                await self._run(held.release)
                self._announce()
        return []

    async def set_aside(self, place: Place, why: str) -> None:
        """Keep an entry that cannot be delivered, and deliver it no more; ``why`` holds no personal data."""
        await self._run(lambda: place.file.set_aside(place.sequence, why))

    async def rewrite(self, change: Callable[[Entry], Entry | None]) -> int:
        """Replace entries by what ``change`` makes of them, None to drop one; return how many changed.

        What was there before is overwritten. Whoever drains must not deliver meanwhile.
        """
        changed = 0
        for held in self._files():
            changed += await self._guarded(held, lambda held=held: held.file.rewrite(change))
        return changed

    async def adopt(self) -> None:
        """Take over what processes left that ended."""
        own = self._get_own()
        known = {one.file.path for one in self._files()}

        def take() -> list[HeldFile]:
            return [
                one for one in adopt_files(self._folder, self._limits, but=own.file.path) if one.file.path not in known
            ]

        adopted = await self._run(take)
        for held in adopted:
            self._tell_damage(held)
            _log.info("the spool of a process that ended is taken over", file=held.file.path.name)
        self._adopted += adopted
        if adopted:
            self.arrived.set()

    def _announce(self) -> None:
        """Wake all who wait for what waits to become less."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _files(self) -> list[HeldFile]:
        return [*self._adopted, *self._own_file()]

    def _get_own(self) -> HeldFile:
        if self._own is None:
            raise SpoolUnusableError("The service is shutting down; send the events again in a moment.")
        return self._own

    def _own_file(self) -> list[HeldFile]:
        return [] if self._own is None else [self._own]

    async def _write_groups(self) -> None:
        while self._appends or self._is_behind or self._writer is not None:
            self._wake.clear()
            if not self._appends and not self._is_behind:
                if self._writer is None:
                    return
                await self._wake.wait()
                continue
            await self._write_group()

    async def _write_group(self) -> None:
        """Write all that waits, as far as one transaction is to hold, and tell everybody after the sync."""
        own = self._get_own()
        group: list[_Append] = []
        size = 0
        while self._appends and (not group or size + self._appends[0].entry.size <= _MOST_GROUPED_BYTES):
            group.append(self._appends.popleft())
            size += group[-1].entry.size
        self._is_behind = False
        try:
            entries = [one.entry for one in group]
            written = await self._guarded(own, lambda: own.file.write(entries))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            known = isinstance(error, SpoolUnusableError)
            if not known:
                _log.error("the spool cannot be written", error=type(error).__name__)
            for one in group:
                message = error.message if isinstance(error, SpoolUnusableError) else "The spool cannot be written."
                if not one.done.done():
                    one.done.set_exception(SpoolUnusableError(message))
            return
        self._announce()
        for one, place in zip(group, written, strict=True):
            if one.done.done():
                continue
            if isinstance(place, SpoolFullError):
                one.done.set_exception(place)
            else:
                one.done.set_result(Place(own.file, place))

    async def _guarded(self, held: HeldFile, work: Callable[[], T]) -> T:
        """Work on a file; one that turns out to be damaged is set aside, and the work is done on a new one."""
        try:
            return await self._run(work)
        except DamagedFileError:
            await self._run(lambda: renew(held, self._limits))
            self._tell_damage(held)
            return await self._run(work)

    def _tell_damage(self, held: HeldFile) -> None:
        if held.damaged is None:
            return
        self._damaged = tuple(sorted({*self._damaged, held.damaged.name}))
        _log.error(
            "a file of the spool is damaged; it is kept under another name, and all that can be read of it is delivered",
            file=held.damaged.name,
            entries=held.salvaged,
        )
        held.damaged = None
        self.arrived.set()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
