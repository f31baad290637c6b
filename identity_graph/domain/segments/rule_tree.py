"""The rule of a segment as a tree of conditions.

Everything stands as it was written: a relative time stays relative. ``docs/segments.md`` says what each condition means.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.values.observations import Channel, Instant


class Operator(StrEnum):
    """How a value is compared."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LE = "LE"
    GT = "GT"
    GE = "GE"
    BETWEEN = "BETWEEN"
    IN = "IN"
    NOT_IN = "NOT_IN"
    CONTAINS = "CONTAINS"
    STARTS_WITH = "STARTS_WITH"
    EXISTS = "EXISTS"
    WITHIN_LAST = "WITHIN_LAST"
    LONGER_AGO_THAN = "LONGER_AGO_THAN"
    WITHIN_NEXT = "WITHIN_NEXT"
    ANNIVERSARY_WITHIN = "ANNIVERSARY_WITHIN"


ORDERING = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.BETWEEN})
"""Operators of which the values must have an order."""

LISTING = frozenset({Operator.IN, Operator.NOT_IN})
"""Operators that take a list."""

RELATIVE = frozenset(
    {Operator.WITHIN_LAST, Operator.LONGER_AGO_THAN, Operator.WITHIN_NEXT, Operator.ANNIVERSARY_WITHIN}
)
"""Operators that take a duration, and compare with now."""


class Metric(StrEnum):
    """A number, a stage or a channel that the profile derives."""

    ORDERS = "ORDERS"
    REVENUE = "REVENUE"
    AVERAGE_ORDER = "AVERAGE_ORDER"
    RECENCY_DAYS = "RECENCY_DAYS"
    SESSIONS = "SESSIONS"
    RFM_RECENCY = "RFM_RECENCY"
    RFM_FREQUENCY = "RFM_FREQUENCY"
    RFM_MONETARY = "RFM_MONETARY"
    LIFECYCLE = "LIFECYCLE"
    PREFERRED_CHANNEL = "PREFERRED_CHANNEL"
    REFUNDED = "REFUNDED"
    QUALITY = "QUALITY"


class Measure(StrEnum):
    """What matching events come to."""

    SUM = "SUM"
    MEAN = "MEAN"
    MIN = "MIN"
    MAX = "MAX"
    DISTINCT = "DISTINCT"
    DAYS = "DAYS"


class Occurrence(StrEnum):
    """Which of several occurrences of an event is meant."""

    ANY = "ANY"
    FIRST = "FIRST"
    LAST = "LAST"


class Audience(StrEnum):
    """Among whom a segment looks: those who are known by more than a cookie or a device, or all."""

    KNOWN = "KNOWN"
    ALL = "ALL"


Scalar = str | int | float | bool
Operand = Scalar | tuple[Scalar, ...] | None
"""What a value is compared with; a tuple for BETWEEN, IN and NOT_IN, None for EXISTS."""


class Span(NamedTuple):
    """A duration as it was written, and in microseconds: ``P3D`` is 72 hours."""

    text: str
    micros: int


class Moment(NamedTuple):
    """A moment as it was written."""

    text: str
    at: Instant


@dataclass(frozen=True, slots=True)
class All:
    """All of these hold."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """One rule does not hold."""

    rule: "Rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitRule:
    """The value of a trait, computed ones too; with ``held_for``, it has been so for that long without a break."""

    name: str
    op: Operator
    value: Operand = None
    held_for: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRule:
    """A number or a word of the profile; ``percentile`` compares the place in the stored RFM cut."""

    name: Metric
    op: Operator
    value: Operand
    percentile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRule:
    """The value of a property of an event or an order; ``name`` may be a path, such as ``cart.total``."""

    name: str
    op: Operator
    value: Operand = None


@dataclass(frozen=True, slots=True)
class CountRule:
    """How many there are."""

    op: Operator
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule:
    """What the matching events come to; ``of`` is the path of a property, None for active days."""

    of: str | None
    kind: Measure
    op: Operator
    value: Operand


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When something happened: at most one of a span before now, two spans, calendar days before today, or fixed moments.

    ``between`` has the longer span first, ``days`` the day further back.
    """

    within: Span | None = None
    between: tuple[Span, Span] | None = None
    days: tuple[int, int] | None = None
    start: Moment | None = None
    end: Moment | None = None


ALWAYS = Timing()
"""Whenever it was."""

AT_LEAST_ONCE = CountRule(Operator.GE, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """Events of one name that match all of these; without ``count`` and ``measure``, there is at least one."""

    event: str
    where: tuple[PropertyRule, ...] = ()
    channel: Channel | None = None
    count: CountRule | None = None
    measure: MeasureRule | None = None
    pick: Occurrence = Occurrence.ANY
    timing: Timing = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRule:
    """Events one after the other, all within a span of the first, and none that matches ``without`` in that span.

    ``same`` are properties that have one value in all of these events.
    """

    steps: tuple[EventRule, ...]
    within: Span
    without: EventRule | None = None
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRule:
    """Orders that count and match all of these; ``product`` and ``category`` are of one line."""

    where: tuple[PropertyRule, ...] = ()
    product: str | None = None
    category: str | None = None
    count: CountRule | None = None
    timing: Timing = ALWAYS


@dataclass(frozen=True, slots=True)
class IdentifierRule:
    """There is an identifier of a namespace."""

    namespace: str


@dataclass(frozen=True, slots=True)
class JoinedRule:
    """No link of the customer is weaker than a namespace."""

    namespace: str


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """The customer is in another segment, named by its id."""

    segment: str


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """Something happened on a channel."""

    channel: Channel
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """What was said to a purpose, of a channel or in general."""

    purpose: str
    channel: Channel | None
    state: ConsentState


@dataclass(frozen=True, slots=True)
class PermittedRule:
    """Data may be used for a purpose, and through a channel if one is named."""

    purpose: str
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class KnownRule:
    """The customer was first seen so long ago, or longer."""

    span: Span


@dataclass(frozen=True, slots=True)
class ShareRule:
    """A share of all customers, from 0 to 1, by a hash of their oldest identifier; another salt gives another share."""

    of: float
    salt: str


Leaf = (
    TraitRule
    | MetricRule
    | EventRule
    | SequenceRule
    | OrderRule
    | IdentifierRule
    | JoinedRule
    | SegmentRule
    | ChannelRule
    | ConsentRule
    | PermittedRule
    | KnownRule
    | ShareRule
)
Rule = All | AnyOf | Not | Leaf


def children_of(rule: All | AnyOf | Not) -> tuple[Rule, ...]:
    """List the rules right inside a rule."""
    return (rule.rule,) if isinstance(rule, Not) else rule.rules
