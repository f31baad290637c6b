"""Reading a sample of customers, to compare them with what follows from their events."""

from typing import NamedTuple

from identity_graph.store.driver.query import ReadTransaction, query


class CustomerId(NamedTuple):
    """A customer."""

    id: str


class ObservationCount(NamedTuple):
    """How many events observed some identifiers."""

    observations: int


@query("health/page_ids")
async def page_ids(tx: ReadTransaction, *, after: str, limit: int) -> list[CustomerId]: ...


@query("health/count_observations")
async def count_observations(tx: ReadTransaction, *, keys: list[str]) -> list[ObservationCount]: ...
