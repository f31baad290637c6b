"""Identifiers: the traces by which a person is recognised."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.base.context import SEALED, Info
from api.graphql.base.nodes import IDENTIFIER, Node, find_identifier_key
from api.graphql.base.nodes import identifier_id as plain_identifier_id
from api.graphql.base.scalars import DateTime, Id
from identity_graph.domain.identity.read_models import (
    ChangedIdentifier,
    CustomerIdentifier,
    OwnedIdentifier,
    TouchpointIdentifier,
)
from identity_graph.domain.values.identifiers import Identifier as Key
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import NotFoundError

if TYPE_CHECKING:
    from api.graphql.customers.customers import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("api.graphql.customers.customers")]


IdentifierRow = OwnedIdentifier | CustomerIdentifier | TouchpointIdentifier | ChangedIdentifier


@strawberry.input(description="An identifier: its namespace and its value, in any spelling.")
class IdentifierInput:
    """A namespace and a value in any spelling."""

    namespace: str
    value: str


@strawberry.type(description="A trace by which a person is recognised: a cookie, a device, an account, a phone …")
class Identifier(Node):
    """An identifier; the customer is known when it was reached from there."""

    key: str = strawberry.field(description="`namespace:value`, unique.")
    namespace: str
    value: str = strawberry.field(description="The value in its normal form, E.164 for a phone number.")
    label: str = strawberry.field(description="The label of the node in Neo4j, such as `Phone`.")
    first_seen_at: DateTime
    last_seen_at: DateTime
    quarantined: bool = strawberry.field(
        description="It was seen with too many people, so it counts as shared: none of its links count."
    )
    known_customer: strawberry.Private["Customer | None"]
    stored_key: strawberry.Private[str]

    @strawberry.field(description="The customer that it belongs to, exactly one.")
    async def customer(self, info: Info) -> LazyCustomer:
        """Read the customer unless it is known."""
        if self.known_customer is not None:
            return self.known_customer
        owned = await find_identifier(info, self.stored_key)
        if owned is None or owned.known_customer is None:
            raise NotFoundError("The identifier is no longer in the graph.", id=self.id)
        return owned.known_customer


def identifier_of(info: Info, row: IdentifierRow, customer: "Customer | None" = None) -> Identifier:
    """Make an identifier of a row, whose value is already as who asks may see it."""
    return Identifier(
        id=identifier_id(info, row.key),
        key=f"{row.namespace}:{row.value}",
        namespace=row.namespace,
        value=row.value,
        label=row.label,
        first_seen_at=DateTime(row.first_seen),
        last_seen_at=DateTime(row.last_seen),
        quarantined=row.quarantined,
        known_customer=customer,
        stored_key=row.key,
    )


def unknown_identifier(info: Info, key: str, label: str, first_seen: Instant, last_seen: Instant) -> Identifier:
    """Make an identifier of a value that is none of the graph, as who asks may see it."""
    namespace, value = Key.from_key(key)
    shown = info.context.mask.value(value)
    return Identifier(
        id=identifier_id(info, key),
        key=f"{namespace}:{shown}",
        namespace=namespace,
        value=shown,
        label=label,
        first_seen_at=DateTime(first_seen),
        last_seen_at=DateTime(last_seen),
        quarantined=False,
        known_customer=None,
        stored_key=key,
    )


def identifier_id(info: Info, key: str) -> Id:
    """Make the id of an identifier for who asks: it holds the key, sealed for those who must not see values."""
    handle = info.context.write_handle(key)
    return plain_identifier_id(key) if handle == key else Id(f"{IDENTIFIER}_{handle}")


def read_identifier_id(info: Info, id: str) -> str | None:
    """Read the key out of an identifier's id; None when the id is malformed."""
    text = id.removeprefix(f"{IDENTIFIER}_")
    if text.startswith(SEALED):
        return info.context.read_handle(text) or None
    return find_identifier_key(id)


async def find_identifier(info: Info, key: str) -> Identifier | None:
    """Read an identifier with its customer; None when the key is unknown."""
    row = await info.context.loaders.identifiers.load(key)
    return None if row is None else identifier_of(info, row, info.context.customer_of(row.customer))


async def get_identifier(info: Info, key: str) -> Identifier:
    """Read an identifier with its customer.

    Raises:
        NotFoundError: the key is unknown.
    """
    found = await find_identifier(info, key)
    if found is None:
        raise NotFoundError("The identifier is no longer in the graph.", id=identifier_id(info, key))
    return found
