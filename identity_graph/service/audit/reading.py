"""Reading the audit log, and verifying it page by page."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

import orjson

from identity_graph.domain.audit.chain import GENESIS
from identity_graph.domain.audit.checkpoints import Checkpoint
from identity_graph.domain.audit.entries import Action, AuditEntry, Outcome, SealedEntry, Who
from identity_graph.domain.audit.verification import Head, Verdict, Verification
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError
from identity_graph.service.positions import Page, cut
from identity_graph.service.reads import Reads
from identity_graph.store.audit import log as store
from identity_graph.store.audit.log import EntryRow
from identity_graph.store.driver.graph import Graph

AT_ONCE = 1000
"""Entries that are read at once to be verified or exported."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a verification, and the last checkpoint that is kept in the graph."""

    verdict: Verdict
    last_checkpoint: Checkpoint | None


async def read_log(reads: Reads, *, first: int, before: int) -> Page[SealedEntry]:
    """Read a page of the log, the latest first, of entries whose numbers are smaller than ``before``."""
    rows = await reads.run(store.page_entries_back.call(before=before, limit=first + 1))
    return cut([_sealed(row) for row in rows], first)


async def stream_log(graph: Graph, after: int = 0) -> AsyncGenerator[SealedEntry]:
    """Give all entries after a number, in their order."""
    while True:
        rows = await graph.read(lambda tx, after=after: store.page_entries(tx, after=after, limit=AT_ONCE))
        for row in rows:
            yield _sealed(row)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].number


async def read_head(graph: Graph) -> Head:
    """Read how long the log is, and its last hash."""
    for row in await graph.read(store.find_head):
        return Head(row.length, row.root or GENESIS)
    return Head(0, GENESIS)


async def read_checkpoints(graph: Graph) -> list[Checkpoint]:
    """Read the checkpoints that the graph keeps.

    Raises:
        InvalidInputError: one of them is none: somebody wrote it by hand.
    """
    checkpoints: list[Checkpoint] = []
    for row in await graph.read(store.list_checkpoints):
        checkpoint = Checkpoint.parse(row.checkpoint)
        if checkpoint is None or checkpoint.count != row.entries:
            raise InvalidInputError(
                f"The checkpoint of {row.entries} entries in the graph was changed: it is not readable."
            )
        checkpoints.append(checkpoint)
    return checkpoints


async def verify_log(
    graph: Graph,
    *,
    now: Instant,
    against: Iterable[Checkpoint] = (),
    trusted: frozenset[str] = frozenset(),
    latest: int | None = None,
) -> Verified:
    """Verify the log against its own checkpoints and given ones; of a long log, with ``latest``, about its latest entries.

    What is appended meanwhile is left out.

    Raises:
        InvalidInputError: a checkpoint of the graph is not readable.
        GraphUnavailableError: Neo4j does not answer.
    """
    head = await read_head(graph)
    kept = [one for one in await read_checkpoints(graph) if one.count <= head.length]
    since = None
    if latest is not None:
        since = next((one for one in reversed(kept) if one.count <= head.length - latest and one.is_genuine), None)
    verification = Verification([*kept, *against], trusted=trusted, now=now, since=since)
    async for sealed in stream_log(graph, 0 if since is None else since.count):
        if sealed.number > head.length or verification.problem is not None:
            break
        verification.take(sealed)
    return Verified(verification.finish(head), kept[-1] if kept else None)


def _sealed(row: EntryRow) -> SealedEntry:
    entry = AuditEntry(
        id=row.id,
        at=row.at,
        who=Who(row.who, row.who_kind, row.key_id, row.address),
        action=Action(row.action),
        operation=row.operation,
        objects=tuple(row.objects),
        counts=tuple(sorted(orjson.loads(row.counts).items())),
        outcome=Outcome(row.outcome),
        reason=row.reason,
    )
    return SealedEntry(row.number, entry, row.hash)
