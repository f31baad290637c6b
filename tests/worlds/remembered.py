"""Who was whose at every earlier moment: what intervals, time travel and the change log tell of it."""

from typing import Any

from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.changes.log import ChangeFilter, read_changes, read_sides
from identity_graph.service.customers.history import find_owners_at, read_identifiers_at
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.worlds.stored import instant, same

Moments = list[tuple[Instant, dict[str, str]]]
"""The customer of each identifier at moments, each between two commits, in their order."""


async def check_memory(graph: Graph, moments: Moments) -> None:
    """Check that the intervals give, for every earlier commit, the customers of then."""
    rows = await graph.run(
        "MATCH (i)-[r:BELONGED_TO|BELONGS_TO]->(c:Customer) RETURN i.key AS key, c.id AS customer, "
        f"{instant('r.since')} AS since, {instant('r.until')} AS until"
    )
    for at, membership in moments:
        then = {
            row["key"]: row["customer"]
            for row in rows
            if row["since"] <= at and (row["until"] is None or row["until"] > at)
        }
        same(f"customers at {at} by the intervals", then, membership)


async def check_log(graph: Graph, moments: Moments) -> None:
    """Check that time travel gives the customers of every moment, and that the change log replays to those of the last one."""
    reads = Reads(graph)
    keys = sorted({key for _, known in moments for key in known})
    for at, membership in moments:
        owners = dict(zip(keys, await find_owners_at(reads, keys, at), strict=True))
        found = {key: row.customer_id for key, row in owners.items() if row is not None}
        same(f"owners at {at} by time travel", found, membership)
        early = {key: row.created_at for key, row in owners.items() if row is not None and row.created_at > at}
        same(f"owners at {at} that were made later", early, {})
        customer_ids = sorted(set(membership.values()))
        rows = await read_identifiers_at(reads, customer_ids, at)
        found = {row.key: id for id, own in zip(customer_ids, rows, strict=True) for row in own}
        same(f"identifiers at {at} by time travel", found, membership)
    same("customers by the log", await _replay(graph, reads), moments[-1][1])


async def _replay(graph: Graph, reads: Reads) -> dict[str, str]:
    """Play the log on top of the first customer of every identifier, each time that it came to be one."""
    firsts = await graph.run(
        "MATCH (i)-[r:BELONGED_TO|BELONGS_TO]->(c:Customer) WHERE i:Identifier OR i:FormerIdentifier "
        "WITH i, c, r ORDER BY r.since WITH i, collect([c.id, toString(r.since)])[0] AS first "
        "RETURN i.key AS key, first[0] AS customer, first[1] AS since ORDER BY since"
    )
    page = await read_changes(reads, ChangeFilter(), first=100_000, after=None, newest_first=False)
    changes = sorted(page.items, key=lambda change: change.position)
    same("positions of the log", [change.position for change in changes], list(range(1, len(changes) + 1)))
    moments: list[tuple[Any, int, Any]] = [(row["since"], 1, row) for row in firsts]
    for change, both in zip(changes, await read_sides(reads, [c.id for c in changes]), strict=True):
        moments.append((format_instant(change.at), 0, both))
    membership: dict[str, str] = {}
    for _, _, what in sorted(moments, key=lambda moment: (_micros(moment[0]), moment[1])):
        if isinstance(what, dict):
            membership.setdefault(what["key"], what["customer"])
            continue
        for id, rows in what.before.items():
            for row in rows:
                if membership.get(row.key) == id:
                    del membership[row.key]
        membership.update({row.key: id for id, rows in what.after.items() for row in rows})
    return membership


def _micros(text: str) -> str:
    """Bring two spellings of a moment to one that sorts."""
    head, _, tail = text.rstrip("Z").partition(".")
    return f"{head}.{tail:0<6}" if head.count(":") == 2 else f"{head}:00.000000"
