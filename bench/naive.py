"""The naive way: one transaction of MERGE for each event, from one client, without customers, sessions or traits."""

import time
from itertools import combinations
from typing import Any

import orjson
from neo4j import ManagedTransaction

from bench.bodies import Bodies
from bench.export import driver_of
from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Message
from identity_graph.runtime import ServerHandle

_MERGE_EVENT = """
MERGE (e:Event {id: $id})
ON CREATE SET e += $event, e.occurred_at = datetime({epochMillis: $at}), e.received_at = datetime()
WITH e
UNWIND $identifiers AS identifier
MERGE (i:Identifier {key: identifier.key})
ON CREATE SET i.namespace = identifier.namespace, i.value = identifier.value, i.first_seen = e.occurred_at
SET i.last_seen = e.occurred_at
MERGE (e)-[:OBSERVED]->(i)
"""
_MERGE_LINKS = """
UNWIND $pairs AS pair
MATCH (a:Identifier {key: pair[0]})
MATCH (b:Identifier {key: pair[1]})
MERGE (a)-[l:OBSERVED_WITH]->(b)
ON CREATE SET l.count = 1, l.first_seen = datetime({epochMillis: $at}), l.last_seen = datetime({epochMillis: $at})
ON MATCH SET l.count = l.count + 1, l.last_seen = datetime({epochMillis: $at})
"""


def read_events(bodies: Bodies, rules: RuleSet, count: int, received_at: int) -> list[Event]:
    """Read the first ``count`` messages of the bodies as events, under rules."""
    events: list[Event] = []
    for body in bodies.read():
        for raw in orjson.loads(body)["batch"]:
            if len(events) == count:
                return events
            message = extract(raw, source="default", received_at=received_at)
            if isinstance(message, Message):
                events.append(to_event(message, rules))
    return events


def write_naively(server: ServerHandle, events: list[Event]) -> float:
    """Write the events one by one and return the seconds that it took."""
    parameters = [_parameters(event) for event in events]
    with driver_of(server) as driver, driver.session() as session:
        begun = time.perf_counter()
        for event in parameters:
            session.execute_write(_merge, event)
        return time.perf_counter() - begun


def _merge(tx: ManagedTransaction, event: dict[str, Any]) -> None:
    tx.run(_MERGE_EVENT, event).consume()
    if event["pairs"]:
        tx.run(_MERGE_LINKS, event).consume()


def _parameters(event: Event) -> dict[str, Any]:
    keys = sorted(identifier.key for identifier in event.identifiers)
    return {
        "id": event.id,
        "at": event.occurred_at // 1000,
        "event": {
            "source": event.source,
            "message_id": event.message_id,
            "type": event.type,
            "name": event.name,
            "channel": str(event.channel),
            "properties": orjson.dumps(event.properties).decode(),
        },
        "identifiers": [{"key": i.key, "namespace": i.namespace, "value": i.value} for i in event.identifiers],
        "pairs": [list(pair) for pair in combinations(keys, 2)],
    }
