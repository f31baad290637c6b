"""Segments and their members, as readers are told of them."""

from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.segments.evaluation import Result
from identity_graph.domain.segments.transitions import TransitionCause
from identity_graph.domain.values.observations import Instant


class SegmentState(StrEnum):
    """What is being done for a segment.

    ``FILLING``: everybody is evaluated for the first time. ``CHANGING``: everybody is evaluated under a changed rule, aside.
    ``SETTLING``: the changed rule is in force, and who entered and left by it is being told.
    """

    FILLING = "FILLING"
    LIVE = "LIVE"
    CHANGING = "CHANGING"
    SETTLING = "SETTLING"
    DELETED = "DELETED"


class StoredSegment(NamedTuple):
    """A segment. ``rule`` is what was saved last, as JSON, ``live_rule`` the one that its members follow.

    ``passed`` of ``total`` customers are evaluated while the state is not ``LIVE``. ``fault`` says why the rule cannot be
    evaluated: then nobody is in. Memberships are kept in editions: ``edition`` is in force, ``next_edition`` is being made of
    ``next_rule``, or was in force before while the state is ``SETTLING``.
    """

    id: str
    name: str
    description: str | None
    rule: str
    audience: str
    purpose: str | None
    version: int
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    size: int
    state: str
    passed: int
    total: int | None
    fault: str | None
    edition: int
    last_edition: int
    live_rule: str
    live_audience: str
    next_edition: int | None
    next_rule: str | None
    next_audience: str | None
    cursor: str

    @property
    def progress(self) -> float:
        """How much of all customers is evaluated, from 0 to 1."""
        if self.state == SegmentState.LIVE:
            return 1.0
        return min(0.999, self.passed / max(1, self.total or 1))


class SegmentNow(NamedTuple):
    """How many members a segment has, and as of when: nothing that happened up to then is still to be evaluated."""

    size: int
    as_of: Instant


class Member(NamedTuple):
    """A member of a segment: since when, and how many transitions there were."""

    segment_id: str
    customer_id: str
    since: Instant
    number: int


class MembershipOf(NamedTuple):
    """How a customer stands to a segment; ``since`` is None for one who is not in it."""

    segment_id: str
    customer_id: str
    member: bool
    since: Instant | None
    number: int


class TransitionView(NamedTuple):
    """A transition as it is told: see ``Transition``. ``position`` is its place among all transitions."""

    position: int
    segment_id: str
    customer_id: str
    number: int
    entered: bool
    at: Instant
    occurred_at: Instant
    cause: TransitionCause
    reason: str


class SizeAt(NamedTuple):
    """The size of a segment at the end of an hour, or now, and how many entered and left in it; ``at`` is its beginning."""

    segment_id: str
    at: Instant
    size: int
    entered: int
    exited: int


class PinView(NamedTuple):
    """What a person decided: ``member`` or not, whatever the rule says."""

    segment_id: str
    customer_id: str
    member: bool
    reason: str
    actor: str
    at: Instant


class MembershipExplained(NamedTuple):
    """Why a customer is in a segment or not: what the rule gives of the facts as they are now, and the pin if there is one."""

    membership: MembershipOf
    result: Result
    pin: PinView | None


class Deviation(NamedTuple):
    """A customer whose stored membership is not what the facts give."""

    segment_id: str
    customer_id: str
    stored: bool
    computed: bool


class Recomputed(NamedTuple):
    """What evaluating everybody from scratch gave: of how many customers, and the differences, of which ``mended`` are gone."""

    segments: int
    customers: int
    deviations: tuple[Deviation, ...]
    mended: bool

    @property
    def is_equal(self) -> bool:
        """Whether what is stored is what the facts give."""
        return not self.deviations
