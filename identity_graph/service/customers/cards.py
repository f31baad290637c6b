"""Reading customers and what hangs on them, for many at once: one query, whatever the number of customers."""

from collections.abc import Iterable
from operator import attrgetter
from typing import TypeVar

from identity_graph.domain.identity.read_models import (
    ActiveJudgement,
    CustomerIdentifier,
    CustomerView,
    LinkView,
    OwnedIdentifier,
    RefusedLinkView,
)
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.pairs import pair_of
from identity_graph.errors import RestrictedError
from identity_graph.service.positions import Page, cut
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.corrections import judgements
from identity_graph.store.customers import customers as reading_customers
from identity_graph.store.customers import identifiers as reading_identifiers
from identity_graph.store.customers import links as reading_links
from identity_graph.store.explaining import parts

V = TypeVar("V", CustomerView, OwnedIdentifier)

_customer_id = attrgetter("customer_id")


async def read_customers(reads: Reads, ids: list[str]) -> list[CustomerView | None]:
    """Read customers by ids that they have or once had; None where there never was one.

    Raises:
        RestrictedError: one of them asked that their data not be used.
    """
    return opened(await read_each_customer(reads, ids))


async def read_each_customer(reads: Reads, ids: list[str]) -> list[CustomerView | RestrictedError | None]:
    """Read customers as ``read_customers`` does; in place of a restricted one there is the error."""
    rows = await reads.run(reading_customers.find_customers.call(ids=ids))
    return [_closed(reads, row, row and row.id) for row in align(ids, rows, attrgetter("asked_id"))]


async def read_identifiers(reads: Reads, keys: list[str]) -> list[OwnedIdentifier | None]:
    """Read identifiers with their customers; None where the key is unknown.

    Raises:
        RestrictedError: one of the customers asked that their data not be used.
    """
    return opened(await read_each_identifier(reads, keys))


async def read_each_identifier(reads: Reads, keys: list[str]) -> list[OwnedIdentifier | RestrictedError | None]:
    """Read identifiers as ``read_identifiers`` does; in place of one of a restricted customer there is the error."""
    rows = await reads.run(reading_identifiers.find_identifiers.call(keys=keys))
    found = align(keys, reads.mask.rows(rows), attrgetter("key"))
    return [_closed(reads, row, row and row.customer_id) for row in found]


def opened(found: Iterable[V | RestrictedError | None]) -> list[V | None]:
    """Give what was found.

    Raises:
        RestrictedError: a customer is among it who asked that their data not be used.
    """
    shown: list[V | None] = []
    for one in found:
        if isinstance(one, RestrictedError):
            raise one
        shown.append(one)
    return shown


def _closed(reads: Reads, row: V | None, customer_id: str | None) -> V | RestrictedError | None:
    if row is None or row.restricted_at is None or reads.of_case:
        return row
    since = format_instant(row.restricted_at)
    return RestrictedError(
        f"The customer {customer_id} asked that their data not be used. It is stored, and nobody is shown it, since {since}: "
        f"see the privacy request {row.restricted_by}.",
        customer=customer_id,
        since=since,
        request=row.restricted_by,
    )


async def read_identifiers_of(reads: Reads, customer_ids: list[str]) -> list[list[CustomerIdentifier]]:
    """Read the identifiers of each customer, in no order."""
    rows = await reads.run(reading_identifiers.list_identifiers_of_customers.call(customer_ids=customer_ids))
    return align_many(customer_ids, reads.mask.rows(rows), _customer_id)


async def read_merged_ids_of(reads: Reads, customer_ids: list[str]) -> list[list[str]]:
    """Read the ids that lead to each customer, the latest merged first."""
    rows = await reads.run(reading_customers.list_merged_ids.call(customer_ids=customer_ids))
    return [[row.merged_id for row in group] for group in align_many(customer_ids, rows, _customer_id)]


async def read_links_of(reads: Reads, customer_ids: list[str]) -> list[list[LinkView]]:
    """Read the links that hold each customer together, in the order of their keys."""
    rows = await reads.run(reading_links.list_links_of_customers.call(customer_ids=customer_ids))
    return align_many(customer_ids, rows, _customer_id)


async def read_same_judgements_of(
    reads: Reads, customer_ids: list[str]
) -> list[dict[tuple[str, str], ActiveJudgement]]:
    """Read, for each customer, by pair of keys what people said to be one person's; of several the first."""
    rows = await reads.run(judgements.list_judgements_of_customers.call(ids=customer_ids))
    found: dict[str, dict[tuple[str, str], ActiveJudgement]] = {id: {} for id in customer_ids}
    for row in sorted(rows, key=lambda row: (row.at, row.id)):
        id = row.customer_a
        if row.verdict == judgements.SAME and row.b is not None and id == row.customer_b and id in found:
            found[id].setdefault(pair_of(row.a, row.b), row)
    return [found[id] for id in customer_ids]


async def read_example_events(reads: Reads, pairs: list[tuple[str, str]]) -> list[str | None]:
    """Read, for each pair of keys, the id of the newest event that links them; None when none does."""
    rows = await reads.run(parts.find_example_events.call(pairs=[list(pair) for pair in pairs]))
    return [None if row is None else row.event_id for row in align(pairs, rows, lambda row: (row.a, row.b))]


async def read_refused_links_of(
    reads: Reads, customer_ids: list[str], *, first: int, after: tuple[str, str] | None, max_identifiers: int
) -> list[Page[RefusedLinkView]]:
    """Read a page of each customer's links to others, after a pair of keys; ``max_identifiers`` is that of the rules."""
    after_a, after_b = after or ("", "")
    rows = await reads.run(
        reading_links.page_refused_links.call(
            customer_ids=customer_ids,
            after_a=after_a,
            after_b=after_b,
            limit=first + 1,
            max_identifiers=max_identifiers,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, _customer_id)]
