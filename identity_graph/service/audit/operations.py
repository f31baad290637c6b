"""What is being done, so that whatever it writes first takes the entry of it along: both are committed, or neither is."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from identity_graph.domain.audit.entries import AuditEntry
from identity_graph.service.audit.recording import record, split
from identity_graph.service.new_ids import noting_new_ids
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction


class Operation:
    """Something that is being done: its entry, the objects that it names, and whether that was committed.

    The ids that it makes up to then are among the objects.
    """

    def __init__(self, entry: AuditEntry, objects: Sequence[str]) -> None:
        self.is_recorded = False
        self.made: list[str] = []
        self._entry = entry
        self._objects = objects
        self._made_before = 0

    @property
    def entries(self) -> list[AuditEntry]:
        """The entry, as several when it names too many objects."""
        return split(self._entry, list(dict.fromkeys([*self._objects, *self.made])))

    def starts(self) -> None:
        """Take note that a transaction is about to begin."""
        self._made_before = len(self.made)

    def runs(self) -> None:
        """Take note that its work begins, perhaps once more: what it made before was rolled back."""
        del self.made[self._made_before :]

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
        with noting_new_ids(operation.made):
            yield operation
    finally:
        _current.reset(token)


def record_along(graph: Graph) -> None:
    """Have a graph ask, for each transaction that writes, whether there is an entry to take along."""
    graph.accompany(_find_unrecorded)


def _find_unrecorded() -> Operation | None:
    operation = _current.get()
    return None if operation is None or operation.is_recorded else operation
