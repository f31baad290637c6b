"""Reading what the classes of customer data are filled from: events, and counts of events and visits."""

from identity_graph.domain.profiles.read_models import AlikeEvents, CustomerEvent, EventCount, VisitCount
from identity_graph.store.driver.query import ReadTransaction, query


@query("profiles/list_events_of_customers")
async def list_events_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], names: list[str] | None, since: str, properties: bool, most: int
) -> list[CustomerEvent]: ...


@query("profiles/sum_events_of_customers")
async def sum_events_of_customers(
    tx: ReadTransaction,
    *,
    customer_ids: list[str],
    names: list[str],
    since: str,
    until: str,
    edges: list[str],
    properties: bool,
    hours: bool,
    most: int,
) -> list[AlikeEvents]: ...


@query("profiles/count_events_of_customers")
async def count_events_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], names: list[str], channel: str
) -> list[EventCount]: ...


@query("profiles/count_visits")
async def count_visits(tx: ReadTransaction, *, customer_ids: list[str]) -> list[VisitCount]: ...
