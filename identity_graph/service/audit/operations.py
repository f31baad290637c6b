"""What is being done, so that whatever it writes first takes the entry of it along: both are committed, or neither is."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from identity_graph.domain.audit.entries import AuditEntry
from identity_graph.service.audit.recording import record
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction


class Operation:
    """Something that is being done, and whether its entry was committed."""

    def __init__(self, *entries: AuditEntry) -> None:
        self.entries = entries
        self.is_recorded = False

    async def write(self, tx: WriteTransaction) -> None:
        """Append the entry, at the end of a transaction of the operation."""
        await record(tx, *self.entries)

    def written(self) -> None:
        """Take note that it was committed."""
        self.is_recorded = True


_current: ContextVar[Operation | None] = ContextVar("operation", default=None)


@contextmanager
def recorded_on_write(operation: Operation) -> Generator[Operation]:
    """Let the first transaction that is written inside take the entry along."""
    token = _current.set(operation)
    try:
        yield operation
    finally:
        _current.reset(token)


def record_along(graph: Graph) -> None:
    """Have a graph ask, for each transaction that writes, whether there is an entry to take along."""
    graph.accompany(_find_unrecorded)


def _find_unrecorded() -> Operation | None:
    operation = _current.get()
    return None if operation is None or operation.is_recorded else operation
