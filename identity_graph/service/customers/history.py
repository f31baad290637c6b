"""Time travel: the customer of an identifier, and the identifiers of a customer, at a moment, as known then."""

from operator import attrgetter

from identity_graph.domain.identity.read_models import CustomerAt, CustomerIdentifier, OwnerAt
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.changes import log as store


async def find_owners_at(reads: Reads, keys: list[str], at: Instant) -> list[OwnerAt | None]:
    """Find the customers that identifiers belonged to at a moment; None where they were unknown then."""
    rows = await reads.run(store.find_owners_at.call(keys=keys, at=format_instant(at)))
    return align(keys, rows, attrgetter("key"))


async def find_customer_at(reads: Reads, id: str, at: Instant) -> CustomerAt | None:
    """Find the id under which a customer was known at a moment: its own, or that of the one it had gone into by then."""
    rows = await reads.run(store.find_customer_at.call(id=id, at=format_instant(at)))
    return rows[0] if rows else None


async def read_identifiers_at(reads: Reads, customer_ids: list[str], at: Instant) -> list[list[CustomerIdentifier]]:
    """Read the identifiers that customers had at a moment, in no order; none for one that did not exist then."""
    rows = await reads.run(store.list_identifiers_at.call(customer_ids=customer_ids, at=format_instant(at)))
    return align_many(customer_ids, reads.mask.rows(rows), attrgetter("customer_id"))
