"""Links: what was observed together, and whether it counts."""

import asyncio
from functools import partial

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.connections import Edge, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.base.identifiers import Identifier, get_identifier
from api.graphql.base.scalars import DateTime, Id
from api.graphql.base.sealed_cursors import read_sealed_cursor, write_sealed_cursor
from api.graphql.journeys.journeys import Touchpoint, touchpoint_of
from identity_graph.domain.identity.read_models import ActiveJudgement, LinkView, RefusedLinkView
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.customers.cards import read_example_events, read_same_judgements_of
from identity_graph.service.explaining.holding import read_bridges
from identity_graph.service.explaining.shown_links import ShownLink


@strawberry.type(description="A person declared two identifiers the same person.")
class LinkJudgement:
    """A judgement that holds two identifiers together."""

    id: Id
    verdict: str
    reason: str
    actor: str
    at: DateTime


@strawberry.type(description="Two identifiers that were observed together, or declared the same person.")
class Link:
    """A link between two keys; the ends that are nodes of the customer are known, and so may be whether it is a bridge."""

    first_seen_at: DateTime
    last_seen_at: DateTime
    count: int = strawberry.field(
        description="Observations with both; 0 if they were judged and never observed together."
    )
    sources: list[str]
    refused: str | None = strawberry.field(
        description="Why it is refused: quarantined, ambiguous_owner, judged_different, customer_full or "
        "limit_exceeded. Null: it counts."
    )
    judgement: LinkJudgement | None = strawberry.field(description="The judgement that joins the two, if there is one.")
    a_key: strawberry.Private[str]
    b_key: strawberry.Private[str]
    known: strawberry.Private[dict[str, Identifier]]
    customer_id: strawberry.Private[str | None]
    known_bridge: strawberry.Private[bool | None]

    @strawberry.field(
        description="The customer would split without it: without the observations and judgements of these two, and"
        " with everything else as it is."
    )
    async def bridge(self, info: Info) -> bool:
        """Find the bridges of the customer, unless it is known."""
        if self.known_bridge is not None or self.customer_id is None:
            return bool(self.known_bridge)
        return (self.a_key, self.b_key) in await _bridges(info).load(self.customer_id)

    @strawberry.field(description="The newest touchpoint that links both; null if they were only judged.")
    async def example_event(self, info: Info) -> Touchpoint | None:
        """Find the newest event that counts."""
        id = await _example_events(info).load((self.a_key, self.b_key)) if self.count else None
        row = None if id is None else await info.context.loaders.touchpoints.load(id)
        return None if row is None else touchpoint_of(row)

    @strawberry.field(description="The identifier with the smaller key.")
    async def a(self, info: Info) -> Identifier:
        """Read one end."""
        return self.known.get(self.a_key) or await get_identifier(info, self.a_key)

    @strawberry.field(description="The identifier with the greater key.")
    async def b(self, info: Info) -> Identifier:
        """Read the other end."""
        return self.known.get(self.b_key) or await get_identifier(info, self.b_key)


@strawberry.type(description="A page of links.")
class LinkConnection:
    """A page of links, whose total nobody has counted."""

    edges: list[Edge[Link]]
    page_info: PageInfo


async def links_of(info: Info, customer_id: str, known: dict[str, Identifier]) -> list[Link]:
    """Read what holds a customer together, in the order of the keys."""
    loaders = info.context.loaders
    rows, judged = await asyncio.gather(loaders.links_of.load(customer_id), _judgements(info).load(customer_id))
    links = [_link(row, known, judgement=judged.get((row.a, row.b)), customer_id=customer_id) for row in rows]
    observed = {(row.a, row.b) for row in rows}
    for pair, row in judged.items():
        if pair not in observed:
            link = link_of(ShownLink.of(pair, None, row), known)
            link.customer_id, link.known_bridge = customer_id, None
            links.append(link)
    return sorted(links, key=lambda link: (link.a_key, link.b_key))


def link_of(shown: ShownLink, known: dict[str, Identifier] | None = None, customer_id: str | None = None) -> Link:
    """Make a link that an explanation shows; with a customer, whether it is a bridge is found when it is asked for."""
    return Link(
        first_seen_at=DateTime(shown.first_seen),
        last_seen_at=DateTime(shown.last_seen),
        count=shown.count,
        sources=shown.sources,
        refused=shown.refused,
        judgement=_judgement_of(shown.judgement),
        a_key=shown.pair[0],
        b_key=shown.pair[1],
        known=known or {},
        customer_id=customer_id,
        known_bridge=shown.is_bridge if customer_id is None else None,
    )


async def refused_links_page(
    info: Info, customer_id: str, known: dict[str, Identifier], first: int | None, after: str | None
) -> LinkConnection:
    """Read a page of a customer's links to others, in the order of their keys."""
    position = read_sealed_cursor(info, "refused", after, str)
    loader = info.context.loaders.refused_links_of(
        check_first(first), None if position is None else (str(position[0]), position[1])
    )
    edges, page_info = edges_of(
        await loader.load(customer_id),
        lambda row: _link(row, known, refused=row.refused),
        lambda row: write_sealed_cursor(info, "refused", row.a, row.b),
    )
    return LinkConnection(edges=edges, page_info=page_info)


def _link(
    row: LinkView | RefusedLinkView,
    known: dict[str, Identifier],
    *,
    refused: str | None = None,
    judgement: ActiveJudgement | None = None,
    customer_id: str | None = None,
) -> Link:
    return Link(
        first_seen_at=DateTime(row.first_seen),
        last_seen_at=DateTime(row.last_seen),
        count=row.observation_count,
        sources=row.sources,
        refused=refused,
        judgement=_judgement_of(judgement),
        a_key=row.a,
        b_key=row.b,
        known=known,
        customer_id=customer_id,
        known_bridge=None,
    )


def _judgement_of(row: ActiveJudgement | None) -> LinkJudgement | None:
    if row is None:
        return None
    return LinkJudgement(id=Id(row.id), verdict=row.verdict, reason=row.reason, actor=row.actor, at=DateTime(row.at))


def _bridges(info: Info) -> DataLoader[str, frozenset[Pair]]:
    service = info.context.service
    return info.context.loaders.kept(
        "bridges",
        lambda: DataLoader(lambda ids: read_bridges(service.graph, ids, service.units.in_force)),
    )


def _example_events(info: Info) -> DataLoader[Pair, str | None]:
    loaders = info.context.loaders
    return loaders.kept("example events", lambda: DataLoader(partial(read_example_events, loaders.reads)))


def _judgements(info: Info) -> DataLoader[str, dict[Pair, ActiveJudgement]]:
    loaders = info.context.loaders
    return loaders.kept("same judgements", lambda: DataLoader(partial(read_same_judgements_of, loaders.reads)))
