"""Telling destinations of changes of customers: the change log, read on from where each of them was told up to."""

from identity_graph.domain.activation.destinations import MessageKind
from identity_graph.domain.activation.messages import message_id, write_change
from identity_graph.domain.values.observations import Instant
from identity_graph.service.activation.outbox import new_delivery
from identity_graph.store.activation.deliveries import create_deliveries
from identity_graph.store.activation.destinations import find_destinations, lock_destination, set_change_position
from identity_graph.store.changes.log import list_changed_customers, page_changes
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction

_AT_ONCE = 200


async def enqueue_changes(graph: Graph, destination_id: str, now: Instant) -> bool:
    """Put the next changes into the outbox of a destination and remember it, in one transaction; False when none is left.

    Each customer that a change is about has a message of its own, since messages are ordered by customer.
    """

    async def work(tx: WriteTransaction) -> bool:
        await lock_destination(tx, id=destination_id)  # another process may be at it
        for row in await find_destinations(tx, ids=[destination_id]):
            if row.change_position is None:
                continue
            changes = await page_changes(tx, after=row.change_position, kinds=None, since=None, limit=_AT_ONCE)
            if not changes:
                continue
            customers: dict[str, list[str]] = {change.id: [] for change in changes}
            for pair in await list_changed_customers(tx, ids=[*customers]):
                customers[pair.id].append(pair.customer_id)
            rows = [
                new_delivery(
                    message_id(destination_id, "change", change.id, customer),
                    destination_id,
                    MessageKind.CUSTOMER_CHANGED,
                    customer,
                    write_change(change, customer, sorted(customers[change.id])),
                    now,
                )
                for change in changes
                for customer in sorted(customers[change.id])
            ]
            await create_deliveries(tx, rows=rows)
            await set_change_position(tx, id=destination_id, position=changes[-1].position)
            return True
        return False

    return await graph.write(work)
