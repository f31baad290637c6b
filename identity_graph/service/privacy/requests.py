"""Erasure as the interfaces call it: raw values in, a preview or a receipt out."""

from dataclasses import dataclass

from identity_graph.domain.privacy.preserving import Preserve
from identity_graph.domain.privacy.receipts import Receipt, ReceiptView
from identity_graph.domain.profiles.regime import Regime
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.collecting.erasing import remove_from_spool
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import Named
from identity_graph.service.customers.lookup import find_keys
from identity_graph.service.privacy.erasing import Subject, erase, find_subject
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.privacy import erasing as store
from identity_graph.store.privacy.tombstones import find_receipts

_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would delete, and the ids of other customers that were seen with the same identifiers."""

    identifiers: int
    events: int
    traits: int
    segments: int
    orders: int
    shared_with: list[str]


async def preview_erasure(service: Service, by: Named) -> Preview:
    """Tell what erasing the customer of an identifier would delete; nothing changes.

    Raises:
        NotFoundError: the identifier is unknown.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def read(tx: ReadTransaction) -> Preview:
        subject = await find_subject(tx, find_key(service, by))
        (events,) = await store.count_owned_events(tx, keys=subject.keys)
        (orders,) = await store.count_owned_orders(tx, keys=subject.keys)
        (traces,) = await store.count_traces(tx, customer_id=subject.customer_id)
        sharers = await store.list_sharers(tx, keys=subject.keys)
        others = [row.customer_id for row in sharers]
        return Preview(
            len(subject.own), events.total + len(subject.claiming), traces.traits, traces.segments, orders.total, others
        )

    return await service.graph.read(read)


async def erase_customer(service: Service, by: Named, reason: str, preserve: Preserve | None = None) -> ReceiptView:
    """Erase the customer of an identifier, for good: first what is to be sent and what waits in the spool, then the rest.

    ``preserve`` says what is kept of orders, without the person. When it fails halfway, it can be called again. The reason is asked for and not kept, since it may name the person.

    Raises:
        InvalidInputError: there is no reason.
        NotFoundError: the identifier is unknown, or nothing is the customer's own.
        SpoolUnusableError: the disk does not let us.
        GraphUnavailableError: Neo4j does not answer.
    """
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidInputError(f"Say why, in 1 to {_LONGEST_REASON} characters.", field="reason")
    key = find_key(service, by)

    async def stop_messages(tx: WriteTransaction) -> Subject:
        subject = await find_subject(tx, key)
        await store.stop_messages(tx, ids=subject.ids)
        return subject

    async def unit(tx: WriteTransaction, regime: Regime) -> Receipt:
        return await erase(tx, key, regime, service.signer, preserve)

    subject = await service.graph.write(stop_messages)
    await remove_from_spool(service, subject.own)
    receipt = await service.units.run(unit)
    (row,) = await service.graph.read(lambda tx: find_receipts(tx, ids=[receipt.id]))
    return row


async def find_receipt(service: Service, id: str) -> ReceiptView | None:
    """Find the receipt of an erasure."""
    rows = await service.graph.read(lambda tx: find_receipts(tx, ids=[id]))
    return rows[0] if rows else None


def find_key(service: Service, by: Named) -> str:
    """Find the key of an identifier under the rules in force.

    Raises:
        NotFoundError: under the rules the value is no identifier.
    """
    keys = find_keys(service.rules, by.value, by.namespace)
    if not keys:
        raise NotFoundError(
            "Under the rules this value is not an identifier of the namespace: it is blocked or invalid.",
            namespace=by.namespace,
        )
    return keys[0]
