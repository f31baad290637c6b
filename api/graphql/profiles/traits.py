"""Traits: the customer's value of each, and every claim behind it."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Edge, First, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor
from api.graphql.base.identifiers import Identifier, get_identifier
from api.graphql.base.scalars import JSON, DateTime, json_text
from identity_graph.domain.profiles.claims import Order
from identity_graph.domain.profiles.read_models import TraitClaimView, TraitView
from identity_graph.errors import InvalidInputError

_LIST = "claims"

Names = Annotated[list[str] | None, strawberry.argument(description="Only traits with these names.")]


@strawberry.type(description="What one event says of a trait.")
class TraitClaim:
    """A claim."""

    observed_at: DateTime
    source: str
    won: bool = strawberry.field(
        description="The customer's value is this one, or, with a policy that adds, this one counts in it."
    )
    deleted: bool = strawberry.field(description="The event deletes the trait: nothing said up to then counts.")
    reason: str | None = strawberry.field(
        description="Why it is kept and does not count: `trait_of_another_type`, `trait_of_another_policy` or `trait_too_large`."
    )
    stored_value: strawberry.Private[str]
    identifier_key: strawberry.Private[str]

    @strawberry.field(description="The value as it came; null deletes.")
    def value(self) -> JSON | None:
        """Pass the value on."""
        return None if self.deleted else json_text(self.stored_value, "null")

    @strawberry.field(description="The identifier that it belongs to: the strongest one of the event.")
    async def identifier(self, info: Info) -> Identifier:
        """Read the identifier."""
        return await get_identifier(info, self.identifier_key)


@strawberry.type(description="A page of claims, the newest first.")
class TraitClaimConnection:
    """A page of claims, whose total is too dear to count for each page."""

    edges: list[Edge[TraitClaim]]
    page_info: PageInfo


@strawberry.type(description="A property of a customer, as its policy chooses it among what sources reported.")
class Trait:
    """A trait of a customer."""

    name: str
    observed_at: DateTime = strawberry.field(
        description="When the value was reported; with a policy that adds, when the newest of its values was."
    )
    source: str = strawberry.field(description="The source of that report.")
    policy: str = strawberry.field(description="How several reports become one value, such as `newest`.")
    type: str = strawberry.field(description="The declared type of the value; `any` when it is not declared.")
    personal: bool = strawberry.field(description="It may tell who somebody is. So may all that are not declared.")
    declared: bool = strawberry.field(description="The catalogue declares it.")
    stored_value: strawberry.Private[str]
    identifier_key: strawberry.Private[str]
    customer_id: strawberry.Private[str]

    @strawberry.field
    def value(self) -> JSON:
        """Pass the value on."""
        return json_text(self.stored_value, "null")

    @strawberry.field(description="The identifier that the report belongs to.")
    async def identifier(self, info: Info) -> Identifier:
        """Read the identifier."""
        return await get_identifier(info, self.identifier_key)

    @strawberry.field(description="Everything that was reported of it, the newest first, and what became of it.")
    async def claims(self, info: Info, first: First = 20, after: After = UNSET) -> TraitClaimConnection:
        """Read a page of the claims."""
        loader = info.context.loaders.claims_of(check_first(first), _decode(after))
        page = await loader.load((self.customer_id, self.name))
        edges, page_info = edges_of(page, _claim_of, _encode)
        return TraitClaimConnection(edges=edges, page_info=page_info)


def trait_of(row: TraitView) -> Trait:
    """Make a trait of a row."""
    return Trait(
        name=row.name,
        observed_at=DateTime(row.observed_at),
        source=row.source,
        policy=row.trait.policy.value,
        type=row.trait.result.value,
        personal=row.trait.personal,
        declared=row.trait.declared,
        stored_value=row.value,
        identifier_key=row.identifier_key,
        customer_id=row.customer_id,
    )


def _claim_of(row: TraitClaimView) -> TraitClaim:
    return TraitClaim(
        observed_at=DateTime(row.observed_at),
        source=row.source,
        won=row.won,
        deleted=row.deleted,
        reason=row.reason,
        stored_value=row.value,
        identifier_key=row.identifier_key,
    )


def _encode(row: TraitClaimView) -> str:
    return encode_cursor(_LIST, row.observed_at, f"{row.source}\n{row.message_id}")


def _decode(cursor: str | None) -> Order | None:
    decoded = decode_cursor(_LIST, cursor, int)
    if decoded is None:
        return None
    source, separator, message_id = decoded[1].partition("\n")
    if not separator:
        raise InvalidInputError("This is not a cursor of this list: pass the endCursor of a page.", after=cursor)
    return int(decoded[0]), source, message_id
