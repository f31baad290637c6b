"""Explanations: why two identifiers belong to one customer or not, and how a customer was joined."""

from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.scalars import DateTime
from api.graphql.explaining.links import Link, link_of
from api.graphql.explaining.violations import Violation
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.service.explaining import explaining
from identity_graph.service.explaining.explaining import JoinStep
from identity_graph.service.explaining.standing_between import Between

End = Annotated[IdentifierInput, strawberry.argument(description="One of the two, in any spelling.")]


@strawberry.type(description="Why two identifiers belong to the same customer, or why they do not.")
class Explanation:
    """An explanation."""

    linked: bool = strawberry.field(description="Whether they belong to the same customer.")
    path: list[Link] = strawberry.field(
        description="The evidence that connects them: the fewest links, then the strongest, then the newest. If "
        "they are not linked, the path that would connect them if nothing were refused; its links to "
        "other customers are `refused`. Empty if there is none."
    )
    bridges: list[Link] = strawberry.field(
        description="Each link without which the two would belong to different customers."
    )
    blocked_by: list[Violation] = strawberry.field(
        description="What keeps the two apart; empty if they are linked, or if nothing connects them."
    )
    text: str = strawberry.field(description="The same in a sentence or two.")


@strawberry.type(description="One of the links that joined a customer.")
class ResolutionStep:
    """A step."""

    order: int = strawberry.field(description="From 1.")
    link: Link
    tier: str = strawberry.field(
        description="The weaker of the two namespaces, which decides the order; `judgement` for a judgement."
    )
    reason: str


@strawberry.type
class ExplanationQueries:
    """Why things are as they are."""

    @strawberry.field(description="Why two identifiers belong to the same customer, or why they do not.")
    async def why(self, info: Info, a: End, b: End) -> Explanation:
        """Explain how two identifiers are related."""
        for end in (a, b):  # fails where the customer is restricted
            if key := read_key(RawIdentifier(end.namespace, end.value).text, info.context.service.rules):
                await info.context.loaders.identifiers.load(key)
        found = await explaining.explain(
            info.context.service.graph,
            RawIdentifier(a.namespace, a.value),
            RawIdentifier(b.namespace, b.value),
            _regime(info),
        )
        return Explanation(
            linked=found.linked,
            path=[link_of(link) for link in found.path],
            bridges=[link_of(link) for link in found.bridges],
            blocked_by=[_violation_of(item) for item in found.blocked_by],
            text=found.text,
        )


async def read_steps(info: Info, customer_id: str) -> list[ResolutionStep]:
    """Read what joined a customer, in its order."""
    service, regime = info.context.service, _regime(info)
    loader: DataLoader[str, list[JoinStep]] = info.context.loaders.kept(
        "how", lambda: DataLoader(lambda ids: explaining.read_how(service.graph, ids, regime))
    )
    return [
        ResolutionStep(
            order=step.order, link=link_of(step.link, customer_id=customer_id), tier=step.tier, reason=step.reason
        )
        for step in await loader.load(customer_id)
    ]


def _regime(info: Info) -> Regime:
    service = info.context.service
    return service.units.in_force.at(info.context.received_at)


def _violation_of(item: Between) -> Violation:
    return Violation(
        code=item.code,
        message=item.message,
        at=DateTime(item.at),
        observation_id=item.event_id,
        rule_version=item.rule_version,
        a_key=item.a,
        b_key=item.b,
        seen_at=item.seen_at,
    )
