"""Copying a whole database into an empty one over Bolt: what lives is copied, what was deleted is not."""

from array import array
from collections import Counter
from typing import Any

from identity_graph.store.driver.graph import Graph

_PAGE = 1000
_INDEX_SECONDS = 3600

_LAST_NODE = "MATCH (n) RETURN coalesce(max(id(n)), -1) AS last"
_LAST_RELATIONSHIP = "MATCH ()-[r]->() RETURN coalesce(max(id(r)), -1) AS last"
_READ_NODES = (
    "UNWIND range($first, $last) AS id MATCH (n) WHERE id(n) = id "
    "RETURN id(n) AS id, labels(n) AS labels, properties(n) AS own"
)
_READ_RELATIONSHIPS = (
    "UNWIND range($first, $last) AS id MATCH (a)-[r]->(b) WHERE id(r) = id "
    "RETURN id(a) AS a, id(b) AS b, type(r) AS type, properties(r) AS own"
)
_WRITE_NODES = "UNWIND $rows AS row CREATE (n:$(row.labels)) SET n = row.own RETURN row.id AS former, id(n) AS id"
_WRITE_RELATIONSHIPS = (
    "UNWIND $rows AS row MATCH (a) WHERE id(a) = row.a MATCH (b) WHERE id(b) = row.b "
    "CREATE (a)-[r:$(row.type)]->(b) SET r = row.own"
)
_COUNT_NODES = "MATCH (n) RETURN labels(n) AS kind, count(*) AS count, sum(size(keys(n))) AS properties"
_COUNT_RELATIONSHIPS = "MATCH ()-[r]->() RETURN [type(r)] AS kind, count(*) AS count, sum(size(keys(r))) AS properties"
_CONSTRAINTS = "SHOW CONSTRAINTS YIELD createStatement AS text"
_INDEXES = "SHOW INDEXES YIELD createStatement AS text, owningConstraint, type WHERE owningConstraint IS NULL AND type <> 'LOOKUP'"

Kinds = Counter[tuple[str, ...]]


async def copy_graph(source: Graph, target: Graph) -> None:
    """Copy all nodes, relationships, constraints and indexes, with properties as they are; internal ids are new.

    Nobody may write to the source meanwhile, and the target is empty.
    """
    for text in (_CONSTRAINTS, _INDEXES):
        for row in await source.run(text):
            await target.run(row["text"])
    last = (await source.run(_LAST_NODE))[0]["last"]
    new_ids = array("q", [-1]) * (last + 1)
    for first in range(0, last + 1, _PAGE):
        rows = await source.run(_READ_NODES, first=first, last=min(first + _PAGE - 1, last))
        for row in await target.run(_WRITE_NODES, rows=rows) if rows else []:
            new_ids[row["former"]] = row["id"]
    last = (await source.run(_LAST_RELATIONSHIP))[0]["last"]
    for first in range(0, last + 1, _PAGE):
        rows = await source.run(_READ_RELATIONSHIPS, first=first, last=min(first + _PAGE - 1, last))
        if rows:
            await target.run(
                _WRITE_RELATIONSHIPS, rows=[{**row, "a": new_ids[row["a"]], "b": new_ids[row["b"]]} for row in rows]
            )
    await target.run(f"CALL db.awaitIndexes({_INDEX_SECONDS})")


async def count_kinds(graph: Graph) -> Kinds:
    """Count nodes, relationships and their properties by labels and types, and constraints and indexes by what makes them."""
    counted: Kinds = Counter()
    for what, text in (("node", _COUNT_NODES), ("relationship", _COUNT_RELATIONSHIPS)):
        for row in await graph.run(text):
            kind = (what, *sorted(row["kind"]))
            counted[kind] += row["count"]
            counted[(*kind, "properties")] += row["properties"]
    for text in (_CONSTRAINTS, _INDEXES):
        counted.update([("schema", _text(row)) for row in await graph.run(text)])
    return counted


def _text(row: dict[str, Any]) -> str:
    return str(row["text"])
