"""Funnels, paths and attribution, as the API gives them."""

from decimal import Decimal

import strawberry

from api.graphql.analysis.inputs import AttributionInput, FunnelInput, PathsInput
from api.graphql.base.context import Info
from api.graphql.base.scalars import JSON, DateTime
from api.graphql.profiles.money import Money, money_as_sum
from api.graphql.segments.conditions import check_conditions_for
from api.graphql.segments.written import write_input
from identity_graph.domain.access.masking import Mask
from identity_graph.domain.analysis import attribution as attributing
from identity_graph.domain.analysis import funnel_counts
from identity_graph.domain.analysis.funnel import FunnelQuery, dropped_rule
from identity_graph.domain.analysis.models import Model
from identity_graph.domain.analysis.reading import read_attribution, read_funnel, read_paths
from identity_graph.domain.segments.rule_tree import Operator, TraitRule
from identity_graph.domain.segments.writing import write_rule
from identity_graph.service.analysis.asking import ask_attribution, ask_funnel, ask_paths, terms_in_force


@strawberry.type(description="A step of a funnel.")
class FunnelStep:
    """A step."""

    number: int = strawberry.field(description="1, 2, 3 …")
    event: str
    customers: int = strawberry.field(description="Who reached it.")
    conversion: float = strawberry.field(description="Their share of those at the first step.")
    from_previous: float = strawberry.field(description="Their share of those at the step before.")
    median_seconds: float | None = strawberry.field(
        description="The median time since the step before; null of the first step, and of one that nobody reached."
    )
    dropped: int = strawberry.field(description="Who came no further.")
    open: int = strawberry.field(description="Those of them whose time is not over, so that they still may.")
    dropped_rule: JSON | None = strawberry.field(
        description="The rule of a segment of those who came no further, as it is written in a file; null of the last step. "
        "It has no breakdown in it."
    )


@strawberry.type(description="The steps of some customers.")
class FunnelGroup:
    """A group."""

    key: str = strawberry.field(description="What they have in common; `(rest)` sums up what is not listed.")
    steps: list[FunnelStep]


@strawberry.type(description="How far customers came in steps one after the other.")
class Funnel:
    """A funnel."""

    as_of: DateTime
    steps: list[FunnelStep] = strawberry.field(description="Of all customers.")
    groups: list[FunnelGroup] = strawberry.field(
        description="Of each group, the largest first; empty without a breakdown."
    )


@strawberry.type(description="A path, and how many customers took it.")
class PathCount:
    """A path."""

    steps: list[str]
    customers: int
    share: float = strawberry.field(description="Their share of all who have a path.")
    is_rest: bool = strawberry.field(description="It sums up all paths that are not listed.")


@strawberry.type(description="What visits of one kind get by a model.")
class AttributionCredit:
    """A credit."""

    model: Model
    conversions: Decimal = strawberry.field(description="Conversions, in billionths.")
    value: Money = strawberry.field(description="In the reporting currency; all rows add up to the whole.")
    share: float = strawberry.field(
        description="Their share of the value; of the conversions where nothing has a value."
    )


@strawberry.type(description="Visits of one kind, and what they get of conversions.")
class Attribution:
    """A row."""

    key: str = strawberry.field(
        description="What the visits have in common. `(direct)`: nothing says what brought the person; `(not set)`: something "
        "did, and does not say this part; `(no visit)`: no visit began in the time; `(rest)`: what is not listed."
    )
    visits: int = strawberry.field(description="Visits before conversions, counted for each conversion.")
    assisted: int = strawberry.field(description="Conversions before which there was one.")
    unconverted: int = strawberry.field(
        description="Those of them in a currency without a rate: they count, and their amounts do not."
    )
    credits: list[AttributionCredit] = strawberry.field(description="One for each model, as they were asked for.")


@strawberry.type
class AnalysisQueries:
    """The entry points for funnels, paths and attribution."""

    @strawberry.field(description="How far customers come in steps one after the other. It reads all journeys.")
    async def funnel(self, info: Info, input: FunnelInput) -> Funnel:
        """Ask for a funnel."""
        service, now = info.context.service, info.context.received_at
        in_force = service.units.in_force
        query = read_funnel(write_input(input), terms_in_force(in_force))
        check_conditions_for(info, query)
        if query.trait is not None:
            check_conditions_for(info, TraitRule(name=query.trait, op=Operator.EQ))
        total, groups = await ask_funnel(service.graph, query, in_force, now)
        mask = info.context.mask
        return Funnel(
            as_of=DateTime(now),
            steps=_steps_of(total, query, mask),
            groups=[
                FunnelGroup(key=group.key or "", steps=_steps_of(group, query, mask))
                for group in groups
                if mask.tells(group.steps[0].customers)
            ],
        )

    @strawberry.field(description="The most frequent paths, each customer's once. It reads all journeys.")
    async def paths(self, info: Info, input: PathsInput) -> list[PathCount]:
        """Ask for paths."""
        service = info.context.service
        in_force = service.units.in_force
        query = read_paths(write_input(input), terms_in_force(in_force))
        check_conditions_for(info, query)
        found = await ask_paths(service.graph, query, in_force, info.context.received_at)
        return [
            PathCount(steps=list(one.steps), customers=one.customers, share=one.share, is_rest=one.is_rest)
            for one in found
            if info.context.mask.tells(one.customers)
        ]

    @strawberry.field(description="To which visits conversions are owed. It reads all journeys.")
    async def attribution(self, info: Info, input: AttributionInput) -> list[Attribution]:
        """Ask for an attribution."""
        service = info.context.service
        in_force = service.units.in_force
        query = read_attribution(write_input(input), terms_in_force(in_force))
        check_conditions_for(info, query)
        rows = await ask_attribution(service.graph, query, in_force, info.context.received_at)
        return [_row_of(row) for row in rows if info.context.mask.tells(row.assisted)]


def _steps_of(group: funnel_counts.FunnelGroup, query: FunnelQuery, mask: Mask) -> list[FunnelStep]:
    counts = [step.customers for step in group.steps]
    before = [counts[0], *counts]
    return [
        FunnelStep(
            number=step.number,
            event=rule.event,
            customers=mask.count(step.customers),
            conversion=mask.share(step.customers, counts[0]) if mask.hides else step.conversion,
            from_previous=mask.share(step.customers, earlier) if mask.hides else step.from_previous,
            median_seconds=step.median_seconds,
            dropped=mask.count(step.dropped),
            open=mask.count(step.open),
            dropped_rule=JSON(write_rule(dropped_rule(query, step.number))) if step.number < len(query.steps) else None,
        )
        for step, rule, earlier in zip(group.steps, query.steps, before, strict=False)
    ]


def _row_of(row: attributing.AttributionRow) -> Attribution:
    return Attribution(
        key=row.key,
        visits=row.visits,
        assisted=row.assisted,
        unconverted=row.unconverted,
        credits=[
            AttributionCredit(
                model=one.model, conversions=one.conversions, value=money_as_sum(one.value), share=one.share
            )
            for one in row.credits
        ],
    )
