"""Events: which are known, and writing new ones."""

from typing import NamedTuple

from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class KnownEvent(NamedTuple):
    """An event that was taken in before."""

    id: str


@query("collecting/find_events")
async def find_events(tx: Transaction, *, ids: list[str]) -> list[KnownEvent]: ...


@query("collecting/create_events")
async def create_events(tx: Transaction, *, rows: Rows) -> None: ...
