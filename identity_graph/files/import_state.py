"""How far an import came: what is kept between runs, and what is reported at the end."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from identity_graph.files.mapping import Mapping
from identity_graph.service.clock import now_instant
from identity_graph.store.collecting import imports
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction

_FORMAT = "1"
"""Changes when the numbering of records does, so that older states are not taken up."""


@dataclass(slots=True)
class ImportState:
    """What of a file is committed: the first ``records`` records; counts are of messages and rejected records.

    ``unused_columns`` are those that its mapping does not name.
    """

    key: str
    file: str
    source: str
    records: int = 0
    accepted: int = 0
    duplicates: int = 0
    skipped: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])
    rejects_bytes: int = 0
    is_finished: bool = False
    unused_columns: list[str] = field(default_factory=list[str])

    @property
    def rejected_total(self) -> int:
        """All that was rejected."""
        return self.rejected.total()


def new_state(path: Path, mapping: Mapping | None, source: str) -> ImportState:
    """Make the state of a file of which nothing was imported yet.

    Its key names one content under one reading: absolute path, size, time of change, mapping and source.
    """
    status = path.stat()
    file = str(path.resolve())
    parts = (_FORMAT, file, status.st_size, status.st_mtime_ns, mapping and mapping.text, source)
    return ImportState("imp_" + blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest(), file, source)


async def load_state(graph: Graph, new: ImportState) -> ImportState:
    """Load how far a file came in earlier runs; ``new`` itself when there was none."""
    state = replace(new)

    async def find(tx: ReadTransaction) -> list[imports.StoredImport]:
        return await imports.find_import(tx, key=state.key)

    for stored in await graph.read(find):
        state.records = stored.records
        state.accepted = stored.accepted
        state.duplicates = stored.duplicates
        state.skipped = stored.skipped
        state.rejected = Counter(json.loads(stored.rejected))
        state.rejects_bytes = stored.rejects_bytes
        state.is_finished = stored.finished_at is not None
    return state


async def save_state(graph: Graph, state: ImportState) -> None:
    """Keep how far a file came."""
    now = now_instant()

    async def save(tx: WriteTransaction) -> None:
        await imports.save_import(
            tx,
            key=state.key,
            file=state.file,
            source=state.source,
            records=state.records,
            accepted=state.accepted,
            duplicates=state.duplicates,
            skipped=state.skipped,
            rejected=json.dumps(state.rejected, sort_keys=True),
            rejects_bytes=state.rejects_bytes,
            unused_columns=state.unused_columns or None,
            is_finished=state.is_finished,
            at_s=seconds(now),
            at_ns=nanoseconds(now),
        )

    await graph.write(save)
