"""The segments that are saved, as far as rules that use them are concerned."""

from collections.abc import Mapping

import orjson

from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.errors import SegmentError
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import segments as store
from identity_graph.store.segments.compiling_asked import Definition


async def read_definitions(tx: ReadTransaction) -> Mapping[str, Definition]:
    """Read the rules that the members of all segments follow; one that cannot be read any more has no members."""
    found: dict[str, Definition] = {}
    for row in await store.list_segments(tx):
        try:
            found[row.id] = Definition(read_rule(orjson.loads(row.live_rule)), Audience(row.live_audience))
        except SegmentError:
            continue
    return found
