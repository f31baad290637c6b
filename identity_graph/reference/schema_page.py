"""The page of the graph's schema, generated from ``graph_schema``."""

from collections.abc import Collection, Iterable

from identity_graph.domain.values.graph_schema import BOOKKEEPING, KEPT_FREE, MARKS, NODES, RELATIONSHIPS
from identity_graph.domain.values.schema_types import Kind, NodeType, Property, RelationshipType

HEAD = """\
<!-- Generated from identity_graph/domain/values/graph_schema.py by `make docs`; do not edit. -->

# Schema of the graph

Every label, relationship type and property that the service writes. [model.md](model.md) explains them. All
times are Neo4j's `ZONED DATETIME`, in UTC, with microseconds. Internal properties are for the service only and may
change in any release; you can query the rest. **Only read**: what you write is not a fact of any source, and the next
commit may contradict it.

```text
"""

_TYPES = {
    Kind.TEXT: "text",
    Kind.NUMBER: "integer",
    Kind.FLAG: "boolean",
    Kind.TIME: "time",
    Kind.SHARE: "number from 0 to 1",
    Kind.TEXTS: "list of text",
    Kind.NUMBERS: "list of integers",
    Kind.BYTES: "bytes",
}


def render_schema() -> str:
    """Write the page: all arrows, then each node with its properties and the relationships that start there."""
    width = max(len(relationship.start) for relationship in RELATIONSHIPS)
    arrows = [" " * (width - len(relationship.start)) + relationship.arrow for relationship in RELATIONSHIPS]
    parts = [HEAD, "\n".join(arrows), "\n```\n"]
    parts += [_node(node) for node in NODES if node not in BOOKKEEPING]
    parts.append("\n## Bookkeeping\n\nNodes without relationships, by which the service remembers what it did.\n")
    parts += [_node(node, "###") for node in BOOKKEEPING]
    parts.append("\n## Other labels\n\n| label | |\n|---|---|\n")
    parts += [f"| `{mark.label}` | {mark.meaning} |\n" for mark in MARKS]
    free = ", ".join(f"`{label}`" for label in sorted(KEPT_FREE))
    parts.append(
        "\nThe rules name the labels of identifiers. They may not use the labels on this page, nor these, which are reserved "
        f"for later: {free}.\n"
    )
    return "".join(parts)


def _node(node: NodeType, heading: str = "##") -> str:
    own = [relationship for relationship in RELATIONSHIPS if relationship.start == node.label]
    return (
        f"\n{heading} {node.label}\n\n{node.meaning}\n\n"
        + _table(node.properties, (node.key, node.also_unique), {name for index in node.indexes for name in index})
        + "".join(map(_relationship, own))
    )


def _relationship(relationship: RelationshipType) -> str:
    text = f"\n`{relationship.arrow}`: {relationship.meaning}\n"
    return text + ("\n" + _table(relationship.properties) if relationship.properties else "")


def _table(properties: Iterable[Property], keys: Collection[str | None] = (), indexed: Collection[str] = ()) -> str:
    rows = ["| property | type | | meaning |", "|---|---|---|---|"]
    for item in properties:
        notes = [
            *(["unique"] if item.name in keys else []),
            *(["indexed"] if item.name in indexed else []),
            *(["optional"] if item.optional else []),
        ]
        rows.append(f"| `{item.name}` | {_TYPES[item.kind]} | {', '.join(notes)} | {item.meaning} |")
    return "\n".join(rows) + "\n"
