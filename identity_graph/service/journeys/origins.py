"""Channels and campaigns derived again from what is kept of the messages, after what the project says of them changed."""

from identity_graph.domain.journeys.channel_rules import ChannelRules
from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.contexts import unpack_context
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.values.json_reader import read_json
from identity_graph.domain.values.observations import Campaign
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.journeys import origins as origin_store
from identity_graph.store.journeys.origins import NewOrigin, StoredOrigin

EVENTS_AT_ONCE = 500
_NOTHING = Campaign()


async def rebuild_origins_page(tx: WriteTransaction, rules: ChannelRules, after: str) -> tuple[str, int] | None:
    """Derive the origins of events after an id again; give the last id and how many there were, None after the last page.

    The session that begins with an event takes its channel. Who was seen in the events is locked, so that nobody cuts the
    sessions anew meanwhile from what they were before.
    """
    page = await origin_store.page_origins(tx, after=after, limit=EVENTS_AT_ONCE)
    if not page:
        return None
    changed = [(row, new) for row in page if (new := _derive(row, rules)) is not None]
    if changed:
        keys = {key for row, _ in changed for key in row.keys}
        await identifier_store.lock_identifiers(tx, keys=sorted(keys))
        await origin_store.set_origins(tx, rows=[new for _, new in changed])
    return page[-1].id, len(page)


def _derive(row: StoredOrigin, rules: ChannelRules) -> NewOrigin | None:
    """Derive the origin of an event; None when it is what is stored."""
    context = read_json(unpack_context(row.context).encode())
    if row.former_channel is not None:
        context = {"channel": row.former_channel}
    properties = read_json((row.properties or "{}").encode())
    origin = find_origin(Said(row.source, row.type, context, properties), rules)
    campaign = list(origin.campaign or _NOTHING)
    if (origin.channel, campaign) == (row.channel, row.campaign):
        return None
    return {"id": row.id, "channel": origin.channel, "campaign": campaign}
