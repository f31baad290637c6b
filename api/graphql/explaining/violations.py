"""Violations: what did not count under the rules."""

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.identifiers import Identifier, find_identifier, get_identifier, unknown_identifier
from api.graphql.base.scalars import DateTime
from identity_graph.domain.values.identifiers import Identifier as Key
from identity_graph.domain.values.observations import Instant


@strawberry.type(
    description="Something that does not count under the rules: a refused link, a quarantined identifier, a value that is not an identifier."
)
class Violation:
    """A violation; what it is about is read when it is asked for."""

    code: str = strawberry.field(
        description="quarantined, ambiguous_owner, judged_different, customer_full or limit_exceeded; for a value: "
        "blocked, invalid, undeclared, claimed or ambiguous_observation; for a field that was left out: "
        "unreadable_field."
    )
    message: str = strawberry.field(description="The rule and the numbers, for people.")
    at: DateTime = strawberry.field(description="Since when; for a value, when it arrived.")
    observation_id: str | None = strawberry.field(description="The event with the value: `node` reads it.")
    rule_version: int = strawberry.field(description="The version of these rules.")
    a_key: strawberry.Private[str]
    b_key: strawberry.Private[str | None]
    seen_at: strawberry.Private[Instant | None]

    @strawberry.field(
        description="The identifier. A value that is not an identifier is shown as it came; it belongs to no "
        "customer, so asking for its `customer` is an error."
    )
    async def a(self, info: Info) -> Identifier:
        """Read the identifier, or make one of a value that is none."""
        if self.seen_at is None:
            return await get_identifier(info, self.a_key)
        return await find_identifier(info, self.a_key) or _as_it_came(info, self.a_key, self.seen_at)

    @strawberry.field(description="For a refused link, the identifier with the greater key.")
    async def b(self, info: Info) -> Identifier | None:
        """Read the other end."""
        return None if self.b_key is None else await get_identifier(info, self.b_key)


def _as_it_came(info: Info, key: str, at: Instant) -> Identifier:
    rule = info.context.service.rules.find_namespace(Key.from_key(key).namespace)
    return unknown_identifier(info, key, rule.label if rule else "Other", at, at)
