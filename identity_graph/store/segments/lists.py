"""Lists of what hangs on segments and customers, for many at once; moments in parameters are ISO 8601 texts."""

from typing import NamedTuple

from identity_graph.domain.segments.read_models import Member, PinView, SizeAt
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class ListedTransition(NamedTuple):
    """A transition; ``owner_id`` is the segment or the customer whose list it is in."""

    owner_id: str
    position: int
    segment_id: str
    customer_id: str
    number: int
    entered: bool
    at: Instant
    occurred_at: Instant
    cause: str
    reason: str


@query("segments/page_members_of_segments")
async def page_members_of_segments(
    tx: ReadTransaction, *, editions: list[str], before: str, before_id: str, limit: int
) -> list[Member]: ...


@query("segments/page_transitions_of_segments")
async def page_transitions_of_segments(
    tx: ReadTransaction, *, segment_ids: list[str], before: int, limit: int
) -> list[ListedTransition]: ...


@query("segments/page_transitions_of_customers")
async def page_transitions_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], segment_id: str | None, before: int, limit: int
) -> list[ListedTransition]: ...


@query("segments/list_pins_of_segments")
async def list_pins_of_segments(tx: ReadTransaction, *, segment_ids: list[str]) -> list[PinView]: ...


@query("segments/list_sizes_of_segments")
async def list_sizes_of_segments(
    tx: ReadTransaction, *, segment_ids: list[str], since: str, until: str
) -> list[SizeAt]: ...


class MembersAmong(NamedTuple):
    """How many members of an edition there are among some customers."""

    edition: str
    members: int


@query("segments/count_members_among")
async def count_members_among(
    tx: ReadTransaction, *, editions: list[str], customer_ids: list[str]
) -> list[MembersAmong]: ...
