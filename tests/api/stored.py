"""What the collector left in the graph."""

import json
from typing import Any, NamedTuple

from identity_graph.store.driver.graph import Graph


class Letter(NamedTuple):
    """A dead letter."""

    id: str
    code: str
    source: str
    raw: str
    attempts: int
    last_error: str | None


async def event_names(graph: Graph) -> list[str]:
    """Read the names of all events, sorted."""
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.name AS name")
    return sorted(row["name"] for row in rows)


async def properties(graph: Graph) -> list[Any]:
    """Read the properties of all events."""
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.properties AS properties")
    return [json.loads(row["properties"]) for row in rows]


async def sources(graph: Graph) -> set[str]:
    """Read which sources events came from."""
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN DISTINCT e.source AS source")
    return {row["source"] for row in rows}


async def letters(graph: Graph) -> list[Letter]:
    """Read all dead letters, sorted by code."""
    rows = await graph.run(
        "MATCH (d:DeadLetter) WHERE d.id >= '' "
        "RETURN d.id AS id, d.code AS code, d.source AS source, d.raw AS raw, d.attempts AS attempts, "
        "d.last_error AS last_error ORDER BY d.code, d.id"
    )
    return [Letter(**row) for row in rows]


async def letter_codes(graph: Graph) -> list[str]:
    """Read the codes of all dead letters, sorted."""
    return [letter.code for letter in await letters(graph)]
