"""Computed traits: a part of the profile."""

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.scalars import JSON, DateTime, json_text
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.traits import Names


@strawberry.type(description="What the events of a customer come to, as the catalogue declares it.")
class ComputedTrait:
    """A computed trait."""

    name: str
    as_of: DateTime = strawberry.field(description="The moment that windows count back from: that of the request.")
    stored_value: strawberry.Private[str]

    @strawberry.field
    def value(self) -> JSON:
        """Pass the value on."""
        return json_text(self.stored_value, "null")


@strawberry.type
class ComputedFields(OfCustomer):
    """The computed traits of a customer."""

    @strawberry.field(description="The computed traits of the customer, by name. One that has no value is left out.")
    async def computed(self, info: Info, names: Names = strawberry.UNSET) -> list[ComputedTrait]:
        """Compute the traits, of some names or all."""
        names = given(names)
        now = info.context.received_at
        loader = info.context.loaders.computed_of(None if names is None else tuple(sorted(set(names))), now)
        return [
            ComputedTrait(name=row.name, as_of=DateTime(now), stored_value=row.value)
            for row in await loader.load(self.customer_id)
        ]
