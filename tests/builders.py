"""Builders of stored graphs: what a test does not name has a default, and nothing is resolved.

For tests that read. A graph that the service itself made is better where the making matters.
"""

import itertools
import json
from collections.abc import Sequence
from typing import Any

from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.profiles.catalogues import adopt_catalogue
from identity_graph.store.driver.graph import Graph

DAY: Instant = 86_400_000_000
NOON: Instant = 1_767_268_800_000_000
"""2026-01-01T12:00:00Z, when things happen unless a test says otherwise."""

_numbers = itertools.count(1)


def customer(
    id: str | None = None,
    *,
    identifiers: Sequence[str] = (),
    created_at: Instant = NOON,
    first_seen: Instant = NOON,
    last_seen: Instant = NOON,
    size: int | None = None,
) -> dict[str, Any]:
    """Describe a customer and the keys of its identifiers."""
    return {
        "id": id or f"cus_{next(_numbers):06}",
        "identifiers": list(identifiers),
        "created_at": format_instant(created_at),
        "first_seen": format_instant(first_seen),
        "last_seen": format_instant(last_seen),
        "size": len(identifiers) if size is None else size,
    }


def merged(id: str, into: str, *, at: Instant = NOON) -> dict[str, Any]:
    """Describe a customer that became another one."""
    return {"id": id, "into": into, "at": format_instant(at)}


def link(
    a: str, b: str, *, first_seen: Instant = NOON, last_seen: Instant = NOON, count: int = 1, source: str = "web"
) -> dict[str, Any]:
    """Describe a link between two keys, whichever is smaller."""
    return {
        "a": min(a, b),
        "b": max(a, b),
        "first_seen": format_instant(first_seen),
        "last_seen": format_instant(last_seen),
        "count": count,
        "sources": [source],
    }


def event(
    id: str | None = None,
    *,
    at: Instant = NOON,
    type: str = "track",
    name: str = "Product Viewed",
    channel: str = "WEB",
    source: str = "web",
    campaign: dict[str, Any] | None = None,
    observed: Sequence[str] = (),
    properties: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe an event; it observes the owner of its session unless keys are named."""
    return {
        "id": id or f"evt_{next(_numbers):06}",
        "at": format_instant(at),
        "type": type,
        "name": name,
        "channel": channel,
        "source": source,
        "campaign": campaign or {},
        "observed": list(observed),
        "properties": json.dumps(properties or {}),
    }


def session(
    owner: str,
    *events: dict[str, Any],
    id: str | None = None,
) -> dict[str, Any]:
    """Describe a session that belongs to a key, with its events."""
    times = sorted(event["at"] for event in events)
    return {
        "id": id or f"ses_{next(_numbers):06}",
        "owner": owner,
        "started_at": times[0],
        "ended_at": times[-1],
        "channel": events[0]["channel"],
        "source": events[0]["source"],
        "touchpoint_count": len(events),
        "events": [{**event, "observed": event["observed"] or [owner]} for event in events],
    }


def trait(
    identifier: str, name: str, value: Any, *, observed_at: Instant = NOON, source: str = "web"
) -> dict[str, Any]:
    """Describe a trait of a key."""
    return {
        "identifier": identifier,
        "key": f"{identifier}\n{name}",
        "name": name,
        "value": json.dumps(value),
        "observed_at": format_instant(observed_at),
        "source": source,
        "message_id": "m1",
    }


def dead_letter(
    id: str | None = None,
    *,
    code: str = "unknown_type",
    reason: str = "type must be one of …",
    received_at: Instant = NOON,
    source: str = "web",
    raw: str = "{}",
) -> dict[str, Any]:
    """Describe a dead letter."""
    return {
        "id": id or f"dlq_{next(_numbers):06}",
        "code": code,
        "reason": reason,
        "received_at": format_instant(received_at),
        "source": source,
        "raw": raw,
    }


async def seed(
    graph: Graph,
    *,
    customers: Sequence[dict[str, Any]] = (),
    merges: Sequence[dict[str, Any]] = (),
    links: Sequence[dict[str, Any]] = (),
    sessions: Sequence[dict[str, Any]] = (),
    traits: Sequence[dict[str, Any]] = (),
    dead_letters: Sequence[dict[str, Any]] = (),
    quarantined: Sequence[str] = (),
    ambiguous: Sequence[str] = (),
) -> None:
    """Write what the builders describe, under the shipped catalogue, so that no service derives it anew when it starts."""
    await graph.write(lambda tx: adopt_catalogue(tx, NOON))
    for text, rows in (
        (_CUSTOMERS, customers),
        *((_MERGES, [row]) for row in merges),
        (_LINKS, links),
        (_SESSIONS, sessions),
        (_TRAITS, traits),
        (_DEAD_LETTERS, dead_letters),
        ("UNWIND $rows AS key MATCH (i:Identifier {key: key}) SET i.quarantined = true", quarantined),
        ("UNWIND $rows AS key MATCH (i:Identifier {key: key}) SET i.ambiguous = true", ambiguous),
    ):
        if rows:
            await graph.run(text, rows=list(rows))


_CUSTOMERS = """
UNWIND $rows AS row
CREATE (c:Customer {
  id: row.id, size: row.size, counts: '{}', created_at: datetime(row.created_at), updated_at: datetime(row.created_at),
  first_seen: datetime(row.first_seen), last_seen: datetime(row.last_seen)
})
WITH c, row
UNWIND row.identifiers AS key
CREATE (i:Identifier {
  key: key, namespace: split(key, ':')[0], value: substring(key, size(split(key, ':')[0]) + 1), partners: '{}',
  first_seen: datetime(row.first_seen), last_seen: datetime(row.last_seen)
})
SET i:$(toUpper(left(key, 1)) + substring(split(key, ':')[0], 1))
CREATE (i)-[:BELONGS_TO {since: datetime(row.first_seen)}]->(c)
"""
_MERGES = """
UNWIND $rows AS row
MATCH (survivor:Customer {id: row.into})
CREATE (:Customer:Former {id: row.id, created_at: datetime(row.at)})-[:MERGED_INTO {at: datetime(row.at)}]->(survivor)
"""
_LINKS = """
UNWIND $rows AS row
MATCH (a:Identifier {key: row.a}), (b:Identifier {key: row.b})
CREATE (a)-[:OBSERVED_WITH {
  first_seen: datetime(row.first_seen), last_seen: datetime(row.last_seen), count: row.count, sources: row.sources
}]->(b)
"""
_SESSIONS = """
UNWIND $rows AS row
MATCH (owner:Identifier {key: row.owner})
CREATE (s:Session {
  id: row.id, visitor: row.owner, started_at: datetime(row.started_at), ended_at: datetime(row.ended_at),
  channel: row.channel, first_source: row.source, touchpoint_count: row.touchpoint_count
})-[:OF]->(owner)
WITH s, row
UNWIND row.events AS event
CREATE (e:Event {
  id: event.id, source: event.source, message_id: event.id, type: event.type, name: event.name,
  occurred_at: datetime(event.at), received_at: datetime(event.at), channel: event.channel,
  identifiers: event.observed, ignored: [], properties: event.properties, traits: '{}', owner: row.owner,
  campaign_source: event.campaign.source, campaign_medium: event.campaign.medium, campaign_name: event.campaign.name
})-[:IN]->(s)
WITH e, event
UNWIND event.observed AS key
MATCH (i:Identifier {key: key})
CREATE (e)-[:OBSERVED]->(i)
"""
_TRAITS = """
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifier})
CREATE (i)-[:HAS_TRAIT]->(:Trait {
  key: row.key, name: row.name, value: row.value, observed_at: datetime(row.observed_at), source: row.source
})
"""
_DEAD_LETTERS = """
UNWIND $rows AS row
CREATE (:DeadLetter {
  id: row.id, code: row.code, reason: row.reason, received_at: datetime(row.received_at), source: row.source,
  raw: row.raw, attempts: 0
})
"""
