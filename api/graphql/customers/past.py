"""Customers and identifiers of an earlier moment, as the service then knew them."""

from typing import Any, cast

from api.graphql.base.context import Info
from api.graphql.base.identifiers import Identifier, identifier_id
from api.graphql.base.scalars import DateTime, Id
from api.graphql.customers.as_of import KnownNow
from api.graphql.customers.customers import Customer
from identity_graph.domain.identity.read_models import CustomerAt, CustomerIdentifier, OwnerAt
from identity_graph.domain.values.observations import Instant
from identity_graph.service.customers.history import find_customer_at, find_owners_at


class CustomerThen(Customer):
    """A customer as it was: its id, when it was made, and the identifiers that it had."""

    first_seen_at: Any = KnownNow("firstSeenAt")
    last_seen_at: Any = KnownNow("lastSeenAt")

    def __init__(self, row: CustomerAt | OwnerAt, at: Instant) -> None:
        self.id = Id(row.customer_id)
        self.created_at = DateTime(row.created_at)
        self.as_of = at

    async def all_identifiers(self, info: Info) -> list[Identifier]:
        """Give the identifiers of then, strongest first."""
        then = cast("Instant", self.as_of)  # None for customers of now only
        rows = await info.context.loaders.identifiers_at(then).load(str(self.id))
        return [IdentifierThen(info, row, self) for row in info.context.strongest_first(rows)]


class IdentifierThen(Identifier):
    """An identifier of a customer as it was."""

    first_seen_at: Any = KnownNow("firstSeenAt")
    last_seen_at: Any = KnownNow("lastSeenAt")
    quarantined: Any = KnownNow("quarantined")

    def __init__(self, info: Info, row: CustomerIdentifier, customer: Customer) -> None:
        self.id = identifier_id(info, row.key)
        self.key = f"{row.namespace}:{row.value}"
        self.namespace, self.value, self.label, self.stored_key = row.namespace, row.value, row.label, row.key
        self.known_customer = customer


async def customer_by_id_at(info: Info, id: str, at: Instant) -> Customer | None:
    """Find the customer that an id led to at a moment; None when there was none."""
    known = await find_customer_at(info.context.loaders.reads, id, at)
    return None if known is None else await _customer_at(info, known, at)


async def matches_at(info: Info, keys: list[str], at: Instant) -> list[tuple[Identifier, Customer]]:
    """Find whose identifiers were at a moment, each with its customer of then; unknown ones are left out."""
    owners = await find_owners_at(info.context.loaders.reads, keys, at) if keys else []
    found: list[tuple[Identifier, Customer]] = []
    for key, owner in zip(keys, owners, strict=True):
        customer = None if owner is None else await _customer_at(info, owner, at)
        if customer is not None:
            found += [(own, customer) for own in await customer.all_identifiers(info) if own.stored_key == key]
    return found


async def _customer_at(info: Info, row: CustomerAt | OwnerAt, at: Instant) -> Customer | None:
    await info.context.loaders.customers.load(row.customer_id)  # fails where the customer is restricted by now
    return CustomerThen(row, at) if await info.context.loaders.identifiers_at(at).load(row.customer_id) else None
