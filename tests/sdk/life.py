"""What the small life that every SDK sends should come to in the graph."""

import asyncio
import json
import time
from typing import NamedTuple

from identity_graph.store.driver.graph import Graph

_SECONDS_TO_ARRIVE = 20


class StoredEvent(NamedTuple):
    """An event as the graph holds it."""

    type: str
    name: str
    channel: str


async def events(graph: Graph) -> set[StoredEvent]:
    """Read all events."""
    rows = await graph.run(
        "MATCH (e:Event) WHERE e.id >= '' RETURN e.type AS type, e.name AS name, e.channel AS channel"
    )
    return {StoredEvent(row["type"], row["name"], row["channel"]) for row in rows}


async def arrived(graph: Graph, expected: set[StoredEvent]) -> None:
    """Wait until the events are there, and fail when others are, or too many, or a message was refused."""
    deadline = time.monotonic() + _SECONDS_TO_ARRIVE
    while await events(graph) != expected and time.monotonic() < deadline:  # noqa: ASYNC110 - SDKs send when they like
        await asyncio.sleep(0.05)
    assert await events(graph) == expected
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN count(e) AS count")
    assert rows[0]["count"] == len(expected)
    letters = await graph.run("MATCH (d:DeadLetter) WHERE d.id >= '' RETURN d.code AS code, d.reason AS reason")
    assert letters == []


async def customers(graph: Graph) -> set[frozenset[str]]:
    """Read the customers as sets of identifier keys."""
    rows = await graph.run(
        "MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) WHERE i.key >= '' RETURN c.id AS id, collect(i.key) AS keys"
    )
    return {frozenset(row["keys"]) for row in rows}


async def sources(graph: Graph) -> set[str]:
    """Read which sources the events came from."""
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN DISTINCT e.source AS source")
    return {row["source"] for row in rows}


async def traits_of_events(graph: Graph, kind: str) -> list[dict[str, object]]:
    """Read the traits that events of a type brought."""
    rows = await graph.run("MATCH (e:Event {type: $kind}) WHERE e.id >= '' RETURN e.traits AS traits", kind=kind)
    return [json.loads(row["traits"]) for row in rows]


async def oldest_delay(graph: Graph) -> float:
    """Seconds between what happened and when it was received, at most."""
    rows = await graph.run(
        "MATCH (e:Event) WHERE e.id >= '' "
        "RETURN max(duration.inSeconds(e.occurred_at, e.received_at).seconds) AS seconds"
    )
    return float(rows[0]["seconds"])
