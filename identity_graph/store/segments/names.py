"""The names of events that sources send."""

from typing import NamedTuple

from identity_graph.store.driver.query import ReadTransaction, query


class EventName(NamedTuple):
    """The name of events, and how many messages had it."""

    name: str
    messages: int


@query("segments/list_event_names")
async def list_event_names(tx: ReadTransaction, *, since: int) -> list[EventName]: ...
