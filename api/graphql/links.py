"""Links: what was observed together, and whether it holds."""

import strawberry

from api.graphql.connections import Edge, PageInfo, edges_of
from api.graphql.context import Info
from api.graphql.cursors import check_first, decode_cursor, encode_cursor
from api.graphql.identifiers import Identifier, get_identifier
from api.graphql.scalars import DateTime
from identity_graph.domain.bridges import find_bridges
from identity_graph.store.reading_links import LinkRow, RefusedLinkRow


@strawberry.type(description="Two identifiers that were observed together.")
class Link:
    """A link between two keys; the ends that are nodes of the customer are known."""

    first_seen_at: DateTime
    last_seen_at: DateTime
    count: int = strawberry.field(description="Observations that hold both.")
    sources: list[str]
    refused: str | None = strawberry.field(
        description="Why it joins nobody: quarantined, ambiguous_owner, customer_full or limit_exceeded. None: it holds."
    )
    bridge: bool = strawberry.field(description="Without it the customer falls apart.")
    a_key: strawberry.Private[str]
    b_key: strawberry.Private[str]
    known: strawberry.Private[dict[str, Identifier]]

    @strawberry.field(description="The end with the smaller key.")
    async def a(self, info: Info) -> Identifier:
        """Read one end."""
        return self.known.get(self.a_key) or await get_identifier(info, self.a_key)

    @strawberry.field(description="The end with the greater key.")
    async def b(self, info: Info) -> Identifier:
        """Read the other end."""
        return self.known.get(self.b_key) or await get_identifier(info, self.b_key)


@strawberry.type(description="A page of links.")
class LinkConnection:
    """A page of links, whose total nobody has counted."""

    edges: list[Edge[Link]]
    page_info: PageInfo


def links_of(rows: list[LinkRow], known: dict[str, Identifier]) -> list[Link]:
    """Make links of all the rows of a customer."""
    bridges = find_bridges((row.a, row.b) for row in rows)
    return [_link(row, known, refused=None, bridge=(row.a, row.b) in bridges) for row in rows]


async def refused_links_page(
    info: Info, customer_id: str, known: dict[str, Identifier], first: int | None, after: str | None
) -> LinkConnection:
    """Read a page of a customer's links to others, in the order of their keys."""
    position = decode_cursor("refused", after, str)
    loader = info.context.loaders.refused_links_of(
        check_first(first), None if position is None else (str(position[0]), position[1])
    )
    edges, page_info = edges_of(
        await loader.load(customer_id),
        lambda row: _link(row, known, refused=row.refused, bridge=False),
        lambda row: encode_cursor("refused", row.a, row.b),
    )
    return LinkConnection(edges=edges, page_info=page_info)


def _link(row: LinkRow | RefusedLinkRow, known: dict[str, Identifier], *, refused: str | None, bridge: bool) -> Link:
    return Link(
        first_seen_at=DateTime(row.first_seen),
        last_seen_at=DateTime(row.last_seen),
        count=row.observation_count,
        sources=row.sources,
        refused=refused,
        bridge=bridge,
        a_key=row.a,
        b_key=row.b,
        known=known,
    )
