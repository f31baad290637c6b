"""What channels and campaigns of events follow from, and writing them."""

from typing import NamedTuple, TypedDict

from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class StoredOrigin(NamedTuple):
    """An event with what is kept of its message. ``context`` is packed; ``campaign`` holds the parts of a ``Campaign`` in their order.

    ``former_channel`` is all that is left of the context of an event from before contexts were kept.
    """

    id: str
    source: str
    type: str
    context: bytes | None
    properties: str | None
    channel: str
    former_channel: str | None
    campaign: list[str | None]
    keys: list[str]


class NewOrigin(TypedDict):
    """The channel and the campaign of an event from now on."""

    id: str
    channel: str
    campaign: list[str | None]


@query("journeys/page_origins")
async def page_origins(tx: ReadTransaction, *, after: str, limit: int) -> list[StoredOrigin]: ...


@query("journeys/set_origins")
async def set_origins(tx: WriteTransaction, *, rows: list[NewOrigin]) -> None: ...
