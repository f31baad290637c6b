"""Fact sheets by hand as a graph: what is stored of a customer who has these facts, and nothing else."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from identity_graph.domain.profiles.orders import Order
from identity_graph.domain.segments.sheet import EventFact, FactSheet
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.observations import Channel
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds


def _at(name: str) -> str:
    return f"datetime.fromEpoch(row.{name}[0], row.{name}[1])"


_CUSTOMERS = f"UNWIND $rows AS row CREATE (:Customer {{id: row.id, first_seen: {_at('at')}, last_seen: {_at('at')}, created_at: {_at('at')}, size: row.size}})"
_IDENTIFIERS = f"""UNWIND $rows AS row MATCH (c:Customer {{id: row.customer}})
  CREATE (:Identifier {{key: row.key, namespace: row.namespace, first_seen: {_at("at")}, last_seen: {_at("at")}}})-[:BELONGS_TO]->(c)"""
_SESSIONS = f"""UNWIND $rows AS row MATCH (i:Identifier {{key: row.owner}})
  CREATE (:Session {{id: row.id, started_at: {_at("at")}, ended_at: {_at("at")}}})-[:OF]->(i)"""
_EVENTS = f"""UNWIND $rows AS row MATCH (i:Identifier {{key: row.owner}})
  CREATE (e:Event {{id: row.id, source: row.source, message_id: row.message_id, type: row.type, name: row.name, channel: row.channel,
    occurred_at: {_at("at")}, received_at: {_at("at")}, owner: row.owner, properties: row.properties, traits: row.traits}})
  CREATE (e)-[:OBSERVED]->(i)
  CREATE (e)-[:IN]->(:Session {{id: 'ses_' + row.id, started_at: {_at("at")}, ended_at: {_at("at")}}})-[:OF]->(i)"""
_TRAITS = f"""UNWIND $rows AS row MATCH (i:Identifier {{key: row.owner}})
  CREATE (i)-[:HAS_TRAIT]->(:Trait {{key: row.owner + row.name, name: row.name, value: row.value, observed_at: {_at("at")},
    source: 'web', message_id: row.message_id}})"""
_ORDERS = f"""UNWIND $rows AS row MATCH (i:Identifier {{key: row.owner}})
  CREATE (o:Order {{id: row.id, at: {_at("at")}, placed_at: CASE WHEN row.is_placed THEN {_at("at")} END}})-[:OF]->(i)
  SET o += row.told"""


_CONSENTS = f"""UNWIND $rows AS row MATCH (i:Identifier {{key: row.owner}})
  CREATE (i)-[:GAVE]->(:Consent {{id: row.id, subject: row.subject, channel: row.channel, state: row.state, at: {_at("at")},
    source: 'web', message_id: row.id, last_at: {_at("at")}, last_source: 'web', last_message_id: row.id}})"""


def renamed(sheet: FactSheet, number: int) -> FactSheet:
    """Give a customer an id and identifiers that no other one has."""
    identifiers = {f"{key}#{number}": seen for key, seen in sheet.identifiers.items()}
    return replace(sheet, customer_id=f"cus_{number:04}", identifiers=identifiers)


async def store_sheets(graph: Graph, sheets: Iterable[FactSheet]) -> None:
    """Write customers with their facts."""
    own = list(sheets)
    owners = {sheet.customer_id: min(sheet.identifiers, default="") for sheet in own}
    await graph.run(
        _CUSTOMERS,
        rows=[{"id": s.customer_id, "at": _moment(s.first_seen), "size": len(s.identifiers)} for s in own],
    )
    await graph.run(
        _IDENTIFIERS,
        rows=[
            {"customer": s.customer_id, "key": key, "namespace": namespace_of(key), "at": _moment(seen)}
            for s in own
            for key, seen in s.identifiers.items()
        ],
    )
    events = [_event(s, event, owners[s.customer_id]) for s in own for event in s.messages]
    await graph.run(_EVENTS, rows=[*events, *(row for s in own for row in _tellings(s, owners[s.customer_id]))])
    await graph.run(
        _SESSIONS,
        rows=[
            {"id": f"{s.customer_id} {at}", "owner": owners[s.customer_id], "at": _moment(at)}
            for s in own
            for at in s.sessions
        ],
    )
    await graph.run(_TRAITS, rows=[row for s in own for row in _traits(s, owners[s.customer_id])])
    await graph.run(
        _ORDERS,
        rows=[_order(f"{s.customer_id} {id}", one, owners[s.customer_id]) for s in own for id, one in s.orders.items()],
    )
    await graph.run(_CONSENTS, rows=[row for s in own for row in _consents(s, owners[s.customer_id])])


def _moment(at: int) -> list[int]:
    return [seconds(at), nanoseconds(at)]


def _event(sheet: FactSheet, event: EventFact, owner: str) -> dict[str, Any]:
    at, source, message_id = event.order
    return {
        "id": f"{sheet.customer_id} {source} {message_id}", "source": source, "message_id": message_id, "type": "track",
        "name": event.name, "channel": event.channel.value, "at": _moment(at), "owner": owner,
        "properties": json.dumps(event.properties, separators=(",", ":")), "traits": None,
    }  # fmt: skip


def _tellings(sheet: FactSheet, owner: str) -> Iterable[dict[str, Any]]:
    """Give the messages that told of traits."""
    for name, fact in sheet.traits.items():
        for step in fact.steps:
            event = EventFact((step.since, "web", f"{name} {step.since}"), "identify", Channel.OTHER, {})
            yield {**_event(sheet, event, owner), "type": "identify", "traits": json.dumps({name: step.value})}


def _traits(sheet: FactSheet, owner: str) -> Iterable[dict[str, Any]]:
    for name, fact in sheet.traits.items():
        last = fact.steps[-1]
        yield {
            "owner": owner, "name": name, "value": json.dumps(last.value, separators=(",", ":")),
            "at": _moment(last.since), "message_id": f"{name} {last.since}",
        }  # fmt: skip


def _consents(sheet: FactSheet, owner: str) -> Iterable[dict[str, Any]]:
    for (purpose, channel), fact in sheet.consents.items():
        yield {
            "owner": owner, "id": f"{sheet.customer_id} {purpose} {channel}", "subject": f"purpose:{purpose}",
            "channel": channel, "state": fact.state.value, "at": _moment(fact.at),
        }  # fmt: skip
    for barred in sheet.bars:
        yield {
            "owner": owner, "id": f"{sheet.customer_id} {barred.bar}", "subject": f"bar:{barred.bar}",
            "channel": None, "state": "GRANTED", "at": _moment(barred.since),
        }  # fmt: skip


def _order(id: str, order: Order, owner: str) -> dict[str, Any]:
    lines = [
        {
            name: str(value)
            for name in ("product_id", "sku", "name", "category", "quantity")
            if (value := getattr(line, name)) is not None
        }
        for line in order.lines
    ]
    told = {
        "state": order.state.value, "currency": order.currency, "total": str(order.total), "revenue": str(order.revenue),
        "refunded": str(order.refunded), "lines": json.dumps(lines) if lines else None,
    }  # fmt: skip
    return {"id": id, "at": _moment(order.at), "is_placed": order.placed_at is not None, "owner": owner, "told": told}
