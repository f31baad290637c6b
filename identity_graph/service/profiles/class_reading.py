"""Reading what the classes of customer data are filled from, for many customers at once."""

from operator import attrgetter

from identity_graph.domain.access.masking import Mask
from identity_graph.domain.profiles.interactions import Interaction, InteractionRules
from identity_graph.domain.profiles.read_models import CustomerEvent, EventCount, VisitCount
from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.service.reads import MAX_ROWS, Reads, align_many
from identity_graph.store.profiles import class_reading as store

_customer_id = attrgetter("customer_id")


async def read_events_of(
    reads: Reads,
    customer_ids: list[str],
    *,
    names: list[str] | None,
    since: Instant = EARLIEST,
    properties: bool = True,
) -> list[list[CustomerEvent]]:
    """Read the events of each customer, of some names or of all, from a moment on, in no order.

    Raises:
        TooManyRowsError: there are more than one request may read.
    """
    rows = await reads.run(
        store.list_events_of_customers.call(
            customer_ids=customer_ids,
            names=names,
            since=format_instant(since),
            properties=properties,
            most=MAX_ROWS + 1,
        )
    )
    return align_many(customer_ids, rows, _customer_id)


async def read_said(reads: Reads, customer_ids: list[str], *, rules: InteractionRules) -> list[list[CustomerEvent]]:
    """Read the survey answers, reviews and complaints of each customer."""
    names = rules.names_of(Interaction.SURVEY, Interaction.REVIEW, Interaction.COMPLAINT)
    found = await read_events_of(reads, customer_ids, names=names)
    return [[_shown(reads.mask, event) for event in own] for own in found]


def _shown(mask: Mask, event: CustomerEvent) -> CustomerEvent:
    """Show an event: what people wrote may say who they are."""
    return event if event.properties is None else event._replace(properties=mask.texts(event.properties))


async def count_interactions(
    reads: Reads, customer_ids: list[str], *, rules: InteractionRules
) -> list[list[EventCount]]:
    """Count the interactions of each customer by name and channel, and all events in social media."""
    rows = await reads.run(
        store.count_events_of_customers.call(
            customer_ids=customer_ids, names=sorted(rules.events), channel=Channel.SOCIAL
        )
    )
    return align_many(customer_ids, rows, _customer_id)


async def count_visits_of(reads: Reads, customer_ids: list[str]) -> list[list[VisitCount]]:
    """Count the visits of each customer by channel."""
    rows = await reads.run(store.count_visits.call(customer_ids=customer_ids))
    return align_many(customer_ids, rows, _customer_id)
