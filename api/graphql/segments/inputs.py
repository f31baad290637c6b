"""The rule of a segment as an argument: the same tree as in a file, with the same names."""

import strawberry
from strawberry import UNSET

from api.graphql.base.scalars import JSON, DateTime, Id
from api.graphql.journeys.journeys import Channel
from api.graphql.segments.enums import Audience, ConsentState, Measure, Metric, Occurrence, Operator


@strawberry.input(description="The value of a trait, computed ones too. The type in the catalogue decides what fits.")
class TraitCondition:
    """A condition on a trait."""

    name: str
    op: Operator
    value: JSON | None = strawberry.field(
        default=UNSET, description="One value; a list for IN, NOT_IN and BETWEEN; none for EXISTS."
    )
    held_for: str | None = strawberry.field(
        default=UNSET, description="It has been so for that long without a break: an ISO 8601 duration, such as `P3D`."
    )


@strawberry.input(description="The value of a property of an event or an order.")
class PropertyCondition:
    """A condition on a property."""

    name: str = strawberry.field(description="The name, or a path such as `cart.total`.")
    op: Operator
    value: JSON | None = strawberry.field(
        default=UNSET, description="One value; a list for IN, NOT_IN and BETWEEN; none for EXISTS."
    )


@strawberry.input(description="A number or a word of the profile.")
class MetricCondition:
    """A condition on a metric."""

    name: Metric
    op: Operator
    value: JSON
    percentile: bool | None = strawberry.field(
        default=False, description="Compare the place in the last RFM cut: GE 80 are the best 20 percent."
    )


@strawberry.input(description="How many there are.")
class CountCondition:
    """A condition on a number of events or orders."""

    op: Operator = strawberry.field(description="EQ, NE, LT, LE, GT or GE.")
    value: int


@strawberry.input(description="What the matching events come to.")
class MeasureCondition:
    """A condition on a measure."""

    of: str | None = strawberry.field(default=UNSET, description="The property; none for DAYS.")
    kind: Measure = strawberry.field(name="as")
    op: Operator
    value: JSON


@strawberry.input(description="Two times before now, as ISO 8601 durations.")
class SpanInput:
    """A span before now."""

    start: str = strawberry.field(name="from", description="The longer one, such as `P60D`.")
    end: str = strawberry.field(name="to", description="The shorter one, such as `P30D`.")


@strawberry.input(description="Calendar days before today in the time zone of the catalogue; today is 0.")
class DaysInput:
    """Calendar days."""

    start: int = strawberry.field(name="from", description="The day further back: 7 is seven days ago.")
    end: int = strawberry.field(name="to")


@strawberry.input(
    description="Events of one name. Without `count` and `measure`: at least one. At most one time: `within`, `between`, "
    "`days`, or `from` and `to`."
)
class EventCondition:
    """A condition on events."""

    event: str = strawberry.field(description="The exact name.")
    where: list[PropertyCondition] | None = strawberry.field(
        default=UNSET, description="All of these hold for one and the same event."
    )
    channel: Channel | None = UNSET
    count: CountCondition | None = UNSET
    measure: MeasureCondition | None = UNSET
    pick: Occurrence | None = Occurrence.ANY
    within: str | None = strawberry.field(
        default=UNSET, description="So long before now, as an ISO 8601 duration: `P3D` is 72 hours."
    )
    between: SpanInput | None = UNSET
    days: DaysInput | None = UNSET
    start: DateTime | None = strawberry.field(default=UNSET, name="from", description="From this moment on.")
    end: DateTime | None = strawberry.field(default=UNSET, name="to", description="Before this moment.")


@strawberry.input(description="Events one after the other, all within a span of the first one.")
class SequenceCondition:
    """A condition on events in their order."""

    steps: list[EventCondition]
    within: str = strawberry.field(description="The span, as an ISO 8601 duration.")
    without: EventCondition | None = strawberry.field(default=UNSET, description="No such event lies in the span.")
    same: list[str] | None = strawberry.field(
        default=UNSET, description="Properties that have one value in all of these events, such as `cart_id`."
    )


@strawberry.input(description="Orders that count and match all of these.")
class OrderCondition:
    """A condition on orders."""

    where: list[PropertyCondition] | None = UNSET
    product: str | None = strawberry.field(default=UNSET, description="The id, the SKU or the name of a product.")
    category: str | None = UNSET
    count: CountCondition | None = strawberry.field(default=UNSET, description="Without it, at least one.")
    within: str | None = strawberry.field(default=UNSET, description="So long before now, as an ISO 8601 duration.")
    between: SpanInput | None = UNSET


@strawberry.input(description="Anything happened on a channel.")
class ChannelCondition:
    """A condition on a channel."""

    channel: Channel
    within: str | None = strawberry.field(default=UNSET, description="So long before now, as an ISO 8601 duration.")


@strawberry.input(
    description="Data may be used for a purpose: by what the customer said, or by what the catalogue says where they said nothing."
)
class PermittedCondition:
    """A condition on what may be done."""

    purpose: str
    channel: Channel | None = strawberry.field(
        default=UNSET, description="They may also be contacted through it for the purpose."
    )


@strawberry.input(description="What was said last to exactly this purpose and channel.")
class ConsentCondition:
    """A condition on a consent."""

    purpose: str
    channel: Channel | None = strawberry.field(default=UNSET, description="Without it, to the purpose in general.")
    state: ConsentState


@strawberry.input(description="A share of all customers, drawn by a hash of the salt and their oldest identifier.")
class ShareCondition:
    """A condition on a share."""

    of: float = strawberry.field(description="Above 0 and up to 1: 0.1 is a tenth.")
    salt: str = strawberry.field(description="Any text; another one draws others.")


@strawberry.input(
    one_of=True,
    description="A condition, or several that are joined: up to 12 levels and 200 conditions. The page on segments of the "
    "documentation says what each one means.",
)
class RuleInput:
    """A rule, of which exactly one field is given."""

    all: list["RuleInput"] | None = strawberry.field(default=UNSET, description="All of these hold.")
    any: list["RuleInput"] | None = strawberry.field(default=UNSET, description="At least one of these holds.")
    not_: "RuleInput | None" = strawberry.field(default=UNSET, name="not", description="This does not hold.")
    trait: TraitCondition | None = UNSET
    metric: MetricCondition | None = UNSET
    did: EventCondition | None = UNSET
    sequence: SequenceCondition | None = UNSET
    ordered: OrderCondition | None = UNSET
    has_identifier: str | None = strawberry.field(
        default=UNSET, description="There is an identifier of this namespace."
    )
    joined_by: str | None = strawberry.field(
        default=UNSET, description="No link of the customer is weaker than this namespace."
    )
    in_segment: Id | None = strawberry.field(default=UNSET, description="The customer is in the segment with this id.")
    seen_on: ChannelCondition | None = UNSET
    consent: ConsentCondition | None = UNSET
    permitted: PermittedCondition | None = UNSET
    known_for: str | None = strawberry.field(
        default=UNSET, description="First seen so long ago, or longer: an ISO 8601 duration."
    )
    share: ShareCondition | None = UNSET


@strawberry.input(description="A segment that is to be saved.")
class SegmentInput:
    """A new segment, or with ``id`` a changed one."""

    id: Id | None = strawberry.field(default=UNSET, description="The segment that is changed; without it, a new one.")
    name: str = strawberry.field(description="No other segment has, or had, this name.")
    description: str | None = UNSET
    rule: RuleInput
    audience: Audience | None = Audience.KNOWN
    purpose: str | None = strawberry.field(
        default=UNSET,
        description="What it is used for, a purpose of the catalogue: those are members whose data may be used for it.",
    )
    expected_version: int | None = strawberry.field(
        default=UNSET,
        description="Change only this version of the segment; VERSION_CONFLICT if it is another one by now.",
    )
