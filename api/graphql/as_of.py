"""Time travel: customers as they were at an earlier moment."""

from typing import TYPE_CHECKING, Any

from api.graphql.context import Info
from api.graphql.customers import Customer
from api.graphql.identifiers import Identifier, identifier_of
from api.graphql.scalars import DateTime, Id
from identity_graph.domain.observations import Instant
from identity_graph.errors import IdentityGraphError
from identity_graph.service.history import find_customer_at, find_owners_at

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWERED = frozenset({"id", "identifiers"})
"""What a customer of an earlier moment can tell."""


class AsOfUnsupportedError(IdentityGraphError):
    """A customer as it was can tell its id and its identifiers, and nothing else."""

    code = "AS_OF_UNSUPPORTED"


class CustomerThen(Customer):
    """A customer as it was, with the identifiers that it had."""

    async def all_identifiers(self, info: Info) -> list[Identifier]:
        """Give the identifiers of then, strongest first."""
        rows = await info.context.loaders.identifiers_at(self.as_of or 0).load(str(self.id))
        return [identifier_of(row, self) for row in info.context.strongest_first(rows)]


def guard(name: str, resolve: "Callable[..., Any]") -> "Callable[..., Any]":
    """Let a field of Customer fail for one of an earlier moment, unless it is one that can be answered."""
    if name in ANSWERED:
        return resolve

    def resolve_guarded(source: Customer, info: Any, **arguments: Any) -> Any:
        if source.as_of is not None:
            raise AsOfUnsupportedError(
                f"With `asOf` a customer tells its id and identifiers; `{name}` is known as it is now only.", field=name
            )
        return resolve(source, info, **arguments)

    return resolve_guarded


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
            found += [(own, customer) for own in await customer.all_identifiers(info) if own.key == key]
    return found


async def _customer_at(info: Info, id: str, at: Instant) -> Customer | None:
    customer = CustomerThen(
        id=Id(id), created_at=DateTime(at), first_seen_at=DateTime(at), last_seen_at=DateTime(at), as_of=at
    )
    return customer if await info.context.loaders.identifiers_at(at).load(id) else None
