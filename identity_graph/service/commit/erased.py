"""Keeping out what was erased: replays of erased messages, and late messages of somebody who was erased."""

from identity_graph.domain.privacy.tombstones import find_erased, find_lifted, list_tombstones
from identity_graph.domain.values.observations import Event
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.privacy import tombstones as store


async def drop_erased(tx: WriteTransaction, events: dict[str, Event], salt: str) -> dict[str, Event]:
    """Keep the events that may be stored, by id; a new consent lifts the tombstones of its identifiers first."""
    hashes = {one for event in events.values() for one in list_tombstones(salt, event)}
    if not hashes:
        return events
    rows = await store.find_tombstones(tx, hashes=sorted(hashes))
    if not rows:
        return events
    erased_at = {row.hash: row.erased_at for row in rows}
    lifted = {one for event in events.values() for one in find_lifted(salt, event, erased_at)}
    if lifted:
        await store.delete_tombstones(tx, hashes=sorted(lifted))
        erased_at = {one: at for one, at in erased_at.items() if one not in lifted}
    gone = find_erased(salt, events.values(), erased_at)
    return {id: event for id, event in events.items() if id not in gone}
