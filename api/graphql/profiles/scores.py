"""RFM: what a customer's score is, and the cut that it refers to."""

from asyncio import gather
from decimal import Decimal
from functools import partial

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.money import Money, money_as_sum
from identity_graph.domain.profiles.purchases import Purchase, Spending, sum_up
from identity_graph.domain.profiles.rfm import RfmCut as StoredCut
from identity_graph.domain.profiles.standing import score_spending
from identity_graph.service.profiles import scores as reading
from identity_graph.service.scoring.recutting import recut_rfm


@strawberry.type(
    description="The boundaries of RFM as they were found at one moment, of the best class first. Scores refer to the latest cut."
)
class RfmCut(Node):
    """A cut of RFM."""

    version: int
    at: DateTime
    population: int = strawberry.field(description="How many customers had bought something.")
    method: str = strawberry.field(description="`quintiles`, `percentages` or `boundaries`.")
    currency: str = strawberry.field(description="The currency of the monetary boundaries.")
    recency: list[int] = strawberry.field(description="At most so many days since the last purchase.")
    frequency: list[int] = strawberry.field(description="At least so many purchases.")
    monetary: list[Decimal] = strawberry.field(description="At least so much money.")
    classes: int = strawberry.field(
        description="The fewest classes of the three. Where many customers share a value, boundaries repeat, and there are fewer classes."
    )
    recency_classes: int
    frequency_classes: int
    monetary_classes: int


@strawberry.type(description="How recently, how frequently and for how much a customer bought.")
class Rfm:
    """RFM of a customer."""

    recency_days: int | None = strawberry.field(description="Days since the last purchase; null without one.")
    frequency: int = strawberry.field(description="Purchases.")
    monetary: Money = strawberry.field(description="What they are worth, without what was paid back.")
    unconverted: int = strawberry.field(
        description="Purchases in a currency without a rate: they count, and their amounts do not."
    )
    score: str | None = strawberry.field(
        description="A digit each for recency, frequency and monetary value, the greater the better. Null without a purchase or a cut."
    )
    cut: RfmCut | None = strawberry.field(description="The cut that the score refers to.")


@strawberry.type(description="The cut that is in force now.")
class RfmCutResult:
    """The outcome of cutting anew."""

    cut: RfmCut


@strawberry.type
class ScoreFields(OfCustomer):
    """The scores of a customer."""

    @strawberry.field(description="RFM under the cut in force.")
    async def rfm(self, info: Info) -> Rfm:
        """Score the customer."""
        spent, cut = await load_spending(info, self.customer_id)
        zone = info.context.service.units.in_force.catalogue.zone
        scored = score_spending(spent, cut, info.context.received_at, zone)
        return Rfm(
            recency_days=scored.recency_days,
            frequency=spent.purchases,
            monetary=money_as_sum(spent.total),
            unconverted=spent.unconverted,
            score=scored.score,
            cut=None if cut is None else cut_of(cut),
        )


@strawberry.type
class ScoreQueries:
    """The entry point for reading cuts."""

    @strawberry.field(description="The cut of RFM in force; null before the first one.")
    async def rfm_cut(self, info: Info) -> RfmCut | None:
        """Read the cut in force."""
        cut = await load_cut(info)
        return None if cut is None else cut_of(cut)


@strawberry.type
class ScoreMutations:
    """The entry point for cutting anew."""

    @strawberry.mutation(description="Find the boundaries of RFM anew among all customers, as one dated step.")
    async def recut_rfm(self, info: Info) -> RfmCutResult:
        """Cut RFM anew."""
        made = await recut_rfm(info.context.service.units, info.context.received_at)
        info.context.forget()
        return RfmCutResult(cut=cut_of(made))


async def load_cut(info: Info) -> StoredCut | None:
    """Read the cut in force, once a request."""
    loaders = info.context.loaders

    async def load(keys: list[None]) -> list[StoredCut | None]:
        return [await reading.read_cut(loaders.reads)] * len(keys)

    loader: DataLoader[None, StoredCut | None] = loaders.kept("rfm cut", lambda: DataLoader(load))
    return await loader.load(None)


async def load_purchases(info: Info, customer_id: str, *, lines: bool = False) -> list[tuple[Purchase, str | None]]:
    """Read the purchases of a customer, the first one first."""
    loaders = info.context.loaders
    return await loaders.kept(
        ("purchases", lines),
        lambda: DataLoader(partial(reading.read_orders_for_sums, loaders.reads, lines=lines)),
    ).load(customer_id)


async def load_spending(info: Info, customer_id: str) -> tuple[Spending, StoredCut | None]:
    """Sum up what a customer bought, in the reporting currency, without one in that of the cut, and give the cut in force."""
    bought, cut = await gather(load_purchases(info, customer_id), load_cut(info))
    commerce = info.context.service.units.in_force.catalogue.commerce
    currency = None if cut is None else cut.currency
    return sum_up([purchase for purchase, _ in bought], commerce, currency), cut


async def find_cut(info: Info, id: str) -> RfmCut | None:
    """Read a cut by its id; None when there is none."""
    text = id.partition("_")[2]
    if not text.isdecimal() or len(text) > 15:
        return None
    loaders = info.context.loaders
    loader = loaders.kept("rfm cuts", lambda: DataLoader(partial(reading.read_cuts, loaders.reads)))
    found: StoredCut | None = await loader.load(int(text))
    return None if found is None else cut_of(found)


def cut_of(cut: StoredCut) -> RfmCut:
    """Make a cut of a stored one."""
    boundaries = cut.boundaries
    return RfmCut(
        id=Id(f"rfm_{cut.version}"),
        version=cut.version,
        at=DateTime(cut.at),
        population=cut.population,
        method=cut.method,
        currency=cut.currency,
        recency=list(boundaries.recency),
        frequency=list(boundaries.frequency),
        monetary=list(boundaries.monetary),
        classes=boundaries.classes,
        recency_classes=boundaries.recency_classes,
        frequency_classes=boundaries.frequency_classes,
        monetary_classes=boundaries.monetary_classes,
    )
