"""Reading dead letters, and the counters of all writers."""

from collections import Counter
from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.collecting.ignored_counts import IgnoredCounts, most_ignored, read_ignored
from identity_graph.domain.collecting.read_models import DeadLetterView
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.positions import START, Page, TimePosition, cut
from identity_graph.service.reads import Reads, align
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.collecting import dead_letters


class IngestTotals(NamedTuple):
    """What was taken, repeated and set aside since the graph began; ``ignored`` counts by namespace and code."""

    accepted: int
    duplicates: int
    dead_lettered: int
    ignored: IgnoredCounts


async def read_ingest_totals(reads: Reads, rules: RuleSet) -> IngestTotals:
    """Sum up what all writers have counted."""
    rows = await reads.run(counter_store.list_counts)
    ignored: IgnoredCounts = Counter()
    for row in rows:
        ignored.update(read_ignored(row.ignored))
    return IngestTotals(
        accepted=sum(row.accepted for row in rows),
        duplicates=sum(row.duplicates for row in rows),
        dead_lettered=sum(row.dead_lettered for row in rows),
        ignored=most_ignored(ignored, rules),
    )


async def read_dead_letter_list(reads: Reads, *, first: int, after: TimePosition | None) -> Page[DeadLetterView]:
    """Read a page of all dead letters, those received last first."""
    before = after or START
    rows = await reads.run(
        dead_letters.page_dead_letters.call(before=format_instant(before.at), before_id=before.id, limit=first + 1)
    )
    return cut(rows, first)


async def count_dead_letters(reads: Reads) -> int:
    """Count all dead letters, at no cost."""
    (row,) = await reads.run(dead_letters.count_dead_letters)
    return row.dead_letters


async def read_dead_letters(reads: Reads, ids: list[str]) -> list[DeadLetterView | None]:
    """Read dead letters by their ids; None where there is none, or no longer."""
    rows = await reads.run(dead_letters.list_shown_dead_letters.call(ids=ids))
    return align(ids, rows, attrgetter("id"))
