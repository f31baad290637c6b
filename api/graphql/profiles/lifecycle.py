"""Stages of life: which one a customer is in, since when, and why."""

from asyncio import gather

import strawberry

from api.graphql.base.connections import After, Connection, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment
from api.graphql.base.scalars import DateTime
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.scores import load_cut, load_purchases
from identity_graph.domain.profiles.lifecycle import Cause, LifecycleStage, RhythmSource, StageChange
from identity_graph.domain.profiles.standing import find_stages
from identity_graph.domain.values.instants import DAY
from identity_graph.errors import NotFoundError
from identity_graph.service.positions import cut

strawberry.enum(LifecycleStage, description="A stage of life of a customer.")
strawberry.enum(
    Cause, name="LifecycleCause", description="What brought a change about: an event of the customer, or time alone."
)
strawberry.enum(
    RhythmSource,
    description="Whose rhythm somebody is measured by: the own one, that of all customers, or the one that the catalogue assumes.",
)


@strawberry.type(description="A change of stage, with the numbers behind it.")
class LifecycleChange:
    """A change of stage."""

    stage: LifecycleStage
    at: DateTime
    cause: Cause
    reason: str = strawberry.field(description="Cause and numbers in a sentence.")
    purchases: int = strawberry.field(description="Purchases by then.")
    last_purchase_at: DateTime | None
    rhythm_days: float | None = strawberry.field(
        description="Days between two purchases, as it was reckoned with then."
    )
    rhythm_source: RhythmSource | None


LifecycleChangeConnection = Connection[LifecycleChange]


@strawberry.type(description="The stage of life that a customer is in, and how it came to that.")
class Lifecycle:
    """The life of a customer."""

    stage: LifecycleStage
    since: DateTime
    reason: str
    changes: strawberry.Private[list[StageChange]]

    @strawberry.field(description="All changes of stage, newest first.")
    async def history(self, first: First = 20, after: After = strawberry.UNSET) -> LifecycleChangeConnection:
        """Show a page of the changes."""
        size, position = check_first(first), decode_moment("lifecycle", after)
        rest = [change for change in reversed(self.changes) if position is None or change.at < position.at]
        edges, page_info = edges_of(
            cut(rest, size), _change_of, lambda change: encode_moment("lifecycle", change.at, change.stage)
        )
        return LifecycleChangeConnection(edges=edges, page_info=page_info, count=self._count)

    async def _count(self) -> int:
        return len(self.changes)


@strawberry.type
class LifecycleFields(OfCustomer):
    """The life of a customer."""

    @strawberry.field(description="The stage of life by the thresholds of the catalogue and the customer's own rhythm.")
    async def lifecycle(self, info: Info) -> Lifecycle:
        """Derive the stages."""
        loaders, in_force = info.context.loaders, info.context.service.units.in_force
        customer, bought, identifiers, last_cut = await gather(
            loaders.customers.load(self.customer_id),
            load_purchases(info, self.customer_id),
            loaders.identifiers_of.load(self.customer_id),
            load_cut(info),
        )
        if customer is None:
            raise NotFoundError("The customer is no longer in the graph.", id=self.customer_id)
        purchases = [purchase for purchase, _ in bought]
        seen = [(row.namespace, row.first_seen) for row in identifiers]
        now, catalogue, rules = info.context.received_at, in_force.catalogue, in_force.rules
        changes = find_stages(customer.first_seen, seen, purchases, catalogue, rules, now=now, cut=last_cut)
        last = changes[-1]
        return Lifecycle(stage=last.stage, since=DateTime(last.at), reason=last.reason, changes=changes)


def _change_of(change: StageChange) -> LifecycleChange:
    return LifecycleChange(
        stage=change.stage,
        at=DateTime(change.at),
        cause=change.cause,
        reason=change.reason,
        purchases=change.purchases,
        last_purchase_at=None if change.last_purchase is None else DateTime(change.last_purchase),
        rhythm_days=None if change.rhythm is None else change.rhythm / DAY,
        rhythm_source=change.rhythm_source,
    )
