"""The segments that are saved, as far as rules that use them are concerned."""

from collections import defaultdict
from collections.abc import Mapping

from identity_graph.domain.segments.rule_tree import AnyOf
from identity_graph.domain.segments.saved import read_saved
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import lists as list_store
from identity_graph.store.segments import segments as store
from identity_graph.store.segments.compiling_asked import Definition

_NOBODY = AnyOf(())


async def read_definitions(tx: ReadTransaction) -> Mapping[str, Definition]:
    """Read the rules that the members of all segments follow, and who is pinned; a rule that cannot be read holds for nobody."""
    rows = await store.list_segments(tx)
    pins: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for pin in await list_store.list_pins_of_segments(tx, segment_ids=[row.id for row in rows]):
        pins[pin.segment_id].setdefault(pin.customer_id, pin.member)  # the last decision comes first
    found: dict[str, Definition] = {}
    for row in rows:
        saved = read_saved(row.live_rule, row.live_audience)
        rule = saved.rule if saved.fault is None else _NOBODY
        found[row.id] = Definition(rule, saved.audience, pins[row.id])
    return found
