"""The outbox: messages to destinations, until they are delivered or given up."""

from typing import NamedTuple, TypedDict

from identity_graph.store.driver.query import WriteTransaction, query


class NewDelivery(TypedDict):
    """A message that is to be delivered. It was made at one moment and may be due at a later one."""

    id: str
    destination_id: str
    kind: str
    customer_id: str
    payload: str
    at_s: int
    at_ns: int
    due_s: int
    due_ns: int


class CreatedRow(NamedTuple):
    """How many were not there yet."""

    created: int


@query("activation/create_deliveries")
async def create_deliveries(tx: WriteTransaction, *, rows: list[NewDelivery]) -> list[CreatedRow]: ...
