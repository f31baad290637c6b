"""The evaluation of segments: what there is to do, whose turn it is, and what is written of it."""

from typing import Any, NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class Work(NamedTuple):
    """What there is to do. ``catalogue`` is version and status, ``evaluation`` where it stands; None before the first time."""

    rule_version: int
    rule_status: str
    catalogue: list[str] | None
    cut_version: int
    segments_version: int
    is_waiting: bool
    is_due: bool
    is_walking: bool
    evaluation: dict[str, Any] | None


class Turn(NamedTuple):
    """The number of the turn that a process has."""

    fence: int


class WaitingCustomer(NamedTuple):
    """A marked customer: what changed, as tokens, why, as a number, and when that happened."""

    customer_id: str
    mark: int
    tokens: list[str]
    cause: int
    occurred_at: Instant


class DueMembership(NamedTuple):
    """A membership that time changes."""

    key: str
    edition: str
    customer_id: str
    due_at: Instant


class StoredMembership(NamedTuple):
    """How a customer stands to a segment in an edition; ``since`` is None for one who is not in it."""

    key: str
    edition: str
    customer_id: str
    since: Instant | None
    number: int
    due_at: Instant | None


class CustomerId(NamedTuple):
    """A customer."""

    customer_id: str


class EditionMember(NamedTuple):
    """A customer that has a membership in an edition."""

    edition: str
    customer_id: str


class EvaluatedCustomer(TypedDict):
    """A customer that was evaluated, with the mark that it had; ``clear``: what it was marked for is evaluated."""

    id: str
    mark: int
    clear: bool


class MembershipRow(TypedDict):
    """A membership to write."""

    key: str
    edition: str
    segment_id: str
    customer_id: str
    number: int
    since_s: int | None
    since_ns: int | None
    due_s: int | None
    due_ns: int | None


class NewTransition(TypedDict):
    """A transition to write down."""

    key: str
    segment_id: str
    customer_id: str
    number: int
    entered: bool
    cause: str
    reason: str
    occurred_s: int
    occurred_ns: int


class PlacedTransition(NamedTuple):
    """A transition and its position."""

    key: str
    position: int


class SizeChange(TypedDict):
    """How a segment grew; ``key`` names it and the hour."""

    key: str
    segment_id: str
    change: int
    entered: int
    exited: int


class Walk(TypedDict):
    """How far everybody was gone through for a segment."""

    id: str
    state: str
    cursor: str
    passed: int
    total: int | None


class Fault(TypedDict):
    """Why the rule of a segment cannot be evaluated."""

    id: str
    fault: str | None


class SwitchedSize(NamedTuple):
    """How many members a segment has under its changed rule."""

    size: int


class Deleted(NamedTuple):
    """How many were deleted."""

    deleted: int


class DeletedSegment(NamedTuple):
    """A deleted segment, and how many editions its memberships had."""

    id: str
    last_edition: int


class CustomerCount(NamedTuple):
    """How many customers there are."""

    customers: int


@query("segments/find_work")
async def find_work(tx: ReadTransaction, *, now_s: int, now_ns: int) -> list[Work]: ...


@query("segments/take_turn")
async def take_turn(tx: WriteTransaction, *, holder: str, seconds: int) -> list[Turn]: ...


@query("segments/hold_turn")
async def hold_turn(tx: WriteTransaction, *, holder: str, fence: int, seconds: int) -> list[Turn]: ...


@query("segments/give_up_turn")
async def give_up_turn(tx: WriteTransaction, *, holder: str) -> None: ...


@query("segments/save_sweep")
async def save_sweep(tx: WriteTransaction, *, terms: str | None, sweep: str | None, cursor: str | None) -> None: ...


@query("segments/set_stale")
async def set_stale(tx: WriteTransaction, *, editions: list[str]) -> None: ...


@query("segments/list_waiting")
async def list_waiting(tx: ReadTransaction, *, limit: int) -> list[WaitingCustomer]: ...


@query("segments/list_due")
async def list_due(tx: ReadTransaction, *, now_s: int, now_ns: int, limit: int) -> list[DueMembership]: ...


@query("segments/list_memberships")
async def list_memberships(tx: ReadTransaction, *, customer_ids: list[str]) -> list[StoredMembership]: ...


@query("segments/page_customer_ids")
async def page_customer_ids(tx: ReadTransaction, *, after: str, until: str, limit: int) -> list[CustomerId]: ...


@query("segments/page_editions")
async def page_editions(tx: ReadTransaction, *, editions: list[str], after: str, limit: int) -> list[EditionMember]: ...


@query("segments/settle_marks")
async def settle_marks(tx: WriteTransaction, *, rows: list[EvaluatedCustomer]) -> list[CustomerId]: ...


@query("segments/set_memberships")
async def set_memberships(tx: WriteTransaction, *, rows: list[MembershipRow]) -> None: ...


@query("segments/delete_memberships")
async def delete_memberships(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("segments/delete_edition")
async def delete_edition(tx: WriteTransaction, *, edition: str, limit: int) -> list[Deleted]: ...


@query("segments/create_transitions")
async def create_transitions(
    tx: WriteTransaction, *, rows: list[NewTransition], at_s: int, at_ns: int
) -> list[PlacedTransition]: ...


@query("segments/update_sizes")
async def update_sizes(tx: WriteTransaction, *, rows: list[SizeChange], hour_s: int) -> None: ...


@query("segments/save_walk")
async def save_walk(tx: WriteTransaction, *, rows: list[Walk]) -> None: ...


@query("segments/begin_edition")
async def begin_edition(tx: WriteTransaction, *, id: str) -> None: ...


@query("segments/drop_edition")
async def drop_edition(tx: WriteTransaction, *, id: str) -> None: ...


@query("segments/switch_edition")
async def switch_edition(tx: WriteTransaction, *, id: str, edition: str) -> list[SwitchedSize]: ...


@query("segments/set_fault")
async def set_fault(tx: WriteTransaction, *, rows: list[Fault]) -> None: ...


@query("segments/count_customers")
async def count_customers(tx: ReadTransaction) -> list[CustomerCount]: ...


@query("segments/list_deleted")
async def list_deleted(tx: ReadTransaction) -> list[DeletedSegment]: ...


@query("segments/forget_editions")
async def forget_editions(tx: WriteTransaction, *, ids: list[str]) -> None: ...
