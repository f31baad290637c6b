"""Events: which are known, and writing new ones."""

from typing import NamedTuple, TypedDict

from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class KnownEvent(NamedTuple):
    """An event that was taken in before."""

    id: str


@query("collecting/find_events")
async def find_events(tx: ReadTransaction, *, ids: list[str]) -> list[KnownEvent]: ...


class NewEvent(TypedDict):
    """An event to create. ``observed`` are refs of identifiers, ``session`` the ref of a session; properties and traits are JSON.

    ``context`` is packed; ``owner`` is the key of the identifier that the session belongs to; ``campaign`` holds the parts of a
    ``Campaign`` in their order.
    """

    id: str
    source: str
    message_id: str
    type: str
    name: str | None
    occurred_s: int
    occurred_ns: int
    received_s: int
    received_ns: int
    channel: str
    identifiers: list[str]
    ignored: list[str] | None
    properties: str | None
    traits: str | None
    context: bytes | None
    observed: list[str]
    session: str | None
    owner: str | None
    campaign: list[str | None] | None
    consents: str | None


@query("collecting/create_events")
async def create_events(tx: WriteTransaction, *, rows: list[NewEvent]) -> None: ...
