"""How good the profile of a customer is: a part of the profile."""

from functools import partial

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.base.scalars import DateTime
from api.graphql.profiles.base import OfCustomer
from identity_graph.domain.profiles.quality import QualityPart, score_of
from identity_graph.service.profiles.quality import read_quality_of


@strawberry.type(name="QualityPart", description="A part of the quality of a profile.")
class QualityPartType:
    """A part."""

    name: str = strawberry.field(description="`complete`, `identified`, `valid` or `fresh`.")
    score: float = strawberry.field(description="From 0 to 1.")
    weight: float = strawberry.field(description="How much it counts beside the others.")
    reason: str = strawberry.field(description="What it is: a sentence.")
    as_of: DateTime


@strawberry.type
class RatedFields(OfCustomer):
    """The quality of the profile of a customer."""

    @strawberry.field(
        description="How good the profile is, from 0 to 1: the weighted mean of `qualityParts`, as of this request."
    )
    async def quality(self, info: Info) -> float:
        """Rate the profile."""
        return score_of(await _parts_of(info, self.customer_id))

    @strawberry.field(description="What the quality consists of; a part that does not apply is left out.")
    async def quality_parts(self, info: Info) -> list[QualityPartType]:
        """Rate the profile part by part."""
        at = DateTime(info.context.received_at)
        return [QualityPartType(**part._asdict(), as_of=at) for part in await _parts_of(info, self.customer_id)]


async def _parts_of(info: Info, customer_id: str) -> list[QualityPart]:
    context = info.context
    loaders = context.loaders
    in_force, now = context.service.units.in_force, context.received_at
    return await loaders.kept(
        "quality", lambda: DataLoader(partial(read_quality_of, loaders.reads, in_force=in_force, now=now))
    ).load(customer_id)
