"""What an analysis is asked."""

import strawberry
from strawberry import UNSET

from api.graphql.base.scalars import DateTime, Id
from api.graphql.journeys.journeys import Channel
from api.graphql.segments.inputs import EventCondition, OrderCondition
from identity_graph.domain.analysis.journeys import Dimension
from identity_graph.domain.analysis.models import Model

strawberry.enum(
    Dimension,
    name="VisitDimension",
    description="By what visits are told apart: the channel on which they took place, or what brought the person.",
)
strawberry.enum(
    Model, name="AttributionModel", description="How a conversion is shared out among the visits before it."
)

_SEGMENT = "Only customers who are in the segment with this id."


@strawberry.input(
    description="Steps one after the other, all within a span of the first. At most one of `by` and `trait` breaks down."
)
class FunnelInput:
    """What a funnel is asked."""

    steps: list[EventCondition] = strawberry.field(description="2 to 10; without `count`, `measure` and `pick`.")
    within: str = strawberry.field(description="The span, as an ISO 8601 duration: `P7D`.")
    same: list[str] | None = strawberry.field(
        default=UNSET, description="Properties that have one value in all steps, such as `cart_id`."
    )
    start: DateTime | None = strawberry.field(
        default=UNSET, name="from", description="The first step lies from here on."
    )
    end: DateTime | None = strawberry.field(default=UNSET, name="to", description="The first step lies before this.")
    by: Dimension | None = strawberry.field(
        default=UNSET, description="Break down by the visit in which the first step happened."
    )
    trait: str | None = strawberry.field(default=UNSET, description="Break down by what this trait is now.")
    first: int | None = strawberry.field(
        default=20, description="Groups that are listed, 1,000 at most; the others are one group at the end."
    )
    segment: Id | None = strawberry.field(default=UNSET, description=_SEGMENT)


@strawberry.input(description="Which paths: of events, or with `by` of visits.")
class PathsInput:
    """Which paths are asked for."""

    by: Dimension | None = UNSET
    events: list[str] | None = strawberry.field(default=UNSET, description="Only events of these names.")
    starts_with: EventCondition | None = strawberry.field(default=UNSET, description="From the first such event on.")
    ends_with: EventCondition | None = strawberry.field(default=UNSET, description="Up to the first such event.")
    start: DateTime | None = strawberry.field(default=UNSET, name="from", description="What happened from here on.")
    end: DateTime | None = strawberry.field(default=UNSET, name="to", description="What happened before this.")
    collapse: bool | None = strawberry.field(default=True, description="Take repeats of a step as one.")
    length: int | None = strawberry.field(default=5, description="Steps that a path has at most: 1 to 20.")
    first: int | None = strawberry.field(
        default=20, description="Paths that are listed, 1,000 at most; the others are one entry at the end."
    )
    segment: Id | None = strawberry.field(default=UNSET, description=_SEGMENT)


@strawberry.input(description="What counts as a conversion: exactly one of `did` and `ordered`, without `count`.")
class ConversionInput:
    """A conversion."""

    did: EventCondition | None = strawberry.field(default=UNSET, description="Each such event.")
    ordered: OrderCondition | None = strawberry.field(
        default=UNSET, description="Each such order, worth its revenue without what was paid back."
    )
    value: str | None = strawberry.field(
        default=UNSET, description="The property that says what an event is worth; without it, nothing."
    )


@strawberry.input(description="To which visits conversions are owed.")
class AttributionInput:
    """What an attribution is asked."""

    conversion: ConversionInput
    models: list[Model] | None = strawberry.field(default=UNSET, description="LAST unless given.")
    by: Dimension | None = Dimension.MEDIUM
    look_back: str | None = strawberry.field(
        default="P30D", description="So long before a conversion a visit counts, as an ISO 8601 duration."
    )
    half_life: str | None = strawberry.field(
        default="P7D", description="Of TIME_DECAY: a visit that is so much older weighs half as much."
    )
    skip_direct: bool | None = strawberry.field(
        default=False, description="Direct visits get something only where there is no other."
    )
    channels: list[Channel] | None = strawberry.field(default=UNSET, description="Only visits on these channels.")
    start: DateTime | None = strawberry.field(default=UNSET, name="from", description="Conversions from here on.")
    end: DateTime | None = strawberry.field(default=UNSET, name="to", description="Conversions before this.")
    first: int | None = strawberry.field(
        default=100, description="Rows that are listed, 1,000 at most; the others are one row at the end."
    )
    segment: Id | None = strawberry.field(default=UNSET, description=_SEGMENT)


@strawberry.input(description="A variant of an experiment.")
class VariantInput:
    """A variant."""

    name: str
    weight: int | None = strawberry.field(default=1, description="Its weight among the others.")


@strawberry.input(description="An experiment that is to be saved.")
class ExperimentInput:
    """A new experiment, or with ``id`` a changed one."""

    id: Id | None = strawberry.field(
        default=UNSET, description="The experiment that is changed; without it, a new one."
    )
    name: str = strawberry.field(description="No other experiment has it. Exposures may name the experiment so.")
    description: str | None = UNSET
    salt: str | None = strawberry.field(default=UNSET, description="Another one draws others; the name unless given.")
    variants: list[VariantInput] = strawberry.field(description="2 to 10; the first is the one to compare with.")
    hold_out: float | None = strawberry.field(default=0, description="The share of customers who get no variant.")
    start: DateTime = strawberry.field(name="from", description="Exposures count from here on.")
    end: DateTime = strawberry.field(name="to", description="Exposures count before this.")
    window: str = strawberry.field(
        description="So long after the first exposure a conversion counts, as an ISO 8601 duration."
    )
    conversion: ConversionInput
