"""Recording: entries join the chain in the transaction that writes, or gathered from many reads in one of their own."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

import structlog

from identity_graph.domain.audit.chain import GENESIS, seal
from identity_graph.domain.audit.entries import MOST_OBJECTS, AuditEntry, SealedEntry, Who
from identity_graph.store.audit import log as store
from identity_graph.store.audit.log import NewEntry
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.driver.rows import to_json

FLUSH_SECONDS = 1.0
"""For so long entries of reads wait to be written together: what is lost when the process is killed."""

AT_ONCE = 100
"""Entries of one transaction. When as many wait, they are written at once. Many more would hold up those who ask meanwhile."""

MOST_WAITING = 10_000
"""Entries that wait at most. Then who asks waits, too, so that nothing is shown that is not recorded."""

MOST_STRANGERS = 200
"""Addresses without a valid key that have an entry of their own within ``FLUSH_SECONDS``; all others share one."""

_RETRY_SECONDS = 1.0
_FAREWELL_SECONDS = 5.0
_log = structlog.get_logger(__name__)

UNKNOWN = "unknown"
"""The kind of those who have no valid key."""

_OTHERS = Who("", UNKNOWN, address="others")

_Kind: TypeAlias = tuple[object, ...]


async def record(tx: WriteTransaction, *entries: AuditEntry) -> None:
    """Append entries to the log, in the transaction of what they tell. Call it last: the log is locked until the commit.

    Entries that are in the log already, since the answer to an earlier commit was lost, are not appended again.
    """
    if not entries:
        return
    ((length, root, is_known),) = await store.lock_head(tx, id=entries[0].id)
    if is_known:
        return
    sealed = seal(entries, count=length, root=root or GENESIS)
    await store.create_entries(tx, rows=[_row(one) for one in sealed], root=sealed[-1].hash)


class Recorder:
    """Gathers entries of a process, and appends them together: a read costs its client no round trip.

    What waits is written after ``FLUSH_SECONDS`` at the latest. While Neo4j does not answer it waits on.
    """

    def __init__(self, graph: Graph, hash_key: bytes) -> None:
        self.hash_key = hash_key
        self._graph = graph
        self._waiting: list[AuditEntry] = []
        self._tried = 0
        self._merging: dict[_Kind, AuditEntry] = {}
        self._noted = asyncio.Event()
        self._many = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._writing = asyncio.Lock()
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="audit recorder")

    async def close(self) -> None:
        """Write what waits, and stop. A Neo4j that does not answer is not waited for, and what is lost is told."""
        self._ended.set()
        self._noted.set()
        self._many.set()
        with suppress(Exception):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                if self._task is not None:
                    await self._task  # what it writes is not cut off
                await self.flush()
        lost = self.waiting
        if lost:
            _log.error("entries of the audit log could not be written", entries=lost)

    @property
    def waiting(self) -> int:
        """How many entries are not written yet."""
        return len(self._waiting) + len(self._merging)

    def note(self, *entries: AuditEntry) -> None:
        """Record entries soon."""
        self._waiting += entries
        self._wake()

    def note_merged(self, entry: AuditEntry, times: str) -> None:
        """Record an entry soon, as one with those of the same kind that wait: ``times`` names the count of them."""
        if entry.who.kind == UNKNOWN and len(self._merging) >= MOST_STRANGERS:
            entry = replace(entry, who=_OTHERS)
        kind = (entry.who, entry.action, entry.operation, entry.outcome, entry.reason)
        known = self._merging.get(kind)
        if known is None:
            self._merging[kind] = replace(entry, counts=_add(entry.counts, ((times, 1),)))
        else:
            objects = tuple(dict.fromkeys(known.objects + entry.objects))
            if len(objects) > MOST_OBJECTS:
                self._waiting.append(self._merging.pop(kind))
                self.note_merged(entry, times)
                return
            counts = _add(_add(known.counts, entry.counts), ((times, 1),))
            self._merging[kind] = replace(known, objects=objects, counts=counts)
        self._wake()

    async def room(self) -> None:
        """Wait until there is room for more entries."""
        await self._room.wait()

    async def flush(self) -> None:
        """Write all that waits.

        Raises:
            GraphUnavailableError: Neo4j does not answer; what was not written waits on.
        """
        async with self._writing:
            self._waiting += self._merging.values()
            self._merging.clear()
            while self._waiting:
                # What was tried before is tried again as it was: perhaps it was committed, and the answer was lost.
                self._tried = self._tried or min(len(self._waiting), AT_ONCE)
                batch = self._waiting[: self._tried]
                await self._graph.write(lambda tx, batch=batch: record(tx, *batch))
                del self._waiting[: self._tried]
                self._tried = 0
                self._look_for_room()

    def _wake(self) -> None:
        self._noted.set()
        if self.waiting >= AT_ONCE:
            self._many.set()
        self._look_for_room()

    def _look_for_room(self) -> None:
        if self.waiting >= MOST_WAITING:
            self._room.clear()
        else:
            self._room.set()

    async def _run(self) -> None:
        while not self._ended.is_set():
            await self._noted.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self._many.wait()
            self._noted.clear()
            self._many.clear()
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                _log.warning("the audit log cannot be written yet", entries=self.waiting, error=type(error).__name__)
                self._noted.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_RETRY_SECONDS):
                        await self._ended.wait()


def split(entry: AuditEntry, objects: Sequence[str]) -> list[AuditEntry]:
    """Give an entry its objects; too many of them make several entries, of which the first has the counts."""
    if len(objects) <= MOST_OBJECTS:
        return [replace(entry, objects=tuple(objects))]
    parts = range(0, len(objects), MOST_OBJECTS)
    return [
        replace(
            entry,
            id=entry.id if start == 0 else f"{entry.id}-{start // MOST_OBJECTS + 1}",
            objects=tuple(objects[start : start + MOST_OBJECTS]),
            counts=entry.counts if start == 0 else (),
        )
        for start in parts
    ]


def _add(one: Iterable[tuple[str, int]], other: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    counts = dict(one)
    for name, count in other:
        counts[name] = counts.get(name, 0) + count
    return tuple(sorted(counts.items()))


def _row(sealed: SealedEntry) -> NewEntry:
    entry = sealed.entry
    return {
        "id": entry.id,
        "number": sealed.number,
        "at_s": seconds(entry.at),
        "at_ns": nanoseconds(entry.at),
        "who": entry.who.name,
        "who_kind": entry.who.kind,
        "key_id": entry.who.key_id,
        "address": entry.who.address,
        "action": str(entry.action),
        "operation": entry.operation,
        "objects": list(entry.objects),
        "counts": to_json(dict(entry.counts)),
        "outcome": str(entry.outcome),
        "reason": entry.reason,
        "hash": sealed.hash,
    }
