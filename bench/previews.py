"""Previews of segments: five ready rules on a graph of many customers, written as the service would store them."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.export import driver_of
from bench.questions import Latency
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.segments.evaluation import Judge
from identity_graph.domain.segments.inputs import inputs_of
from identity_graph.domain.segments.ready import load_templates
from identity_graph.domain.segments.rule_tree import All, Audience
from identity_graph.domain.segments.sheet import Terms
from identity_graph.runtime import ServerHandle
from identity_graph.service.clock import now_instant
from identity_graph.service.profiles.scores import find_cut
from identity_graph.service.segments.matching import SHEETS_AT_ONCE, Matching
from identity_graph.service.segments.preview import Proposal, SegmentPreview, preview_segment
from identity_graph.service.segments.sheets import read_sheets
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.profiles.scores import create_rfm_cut
from identity_graph.store.segments.compiling_asked import Definition
from identity_graph.store.segments.matching import page_sure_ids

RULES = ("repeat-buyers", "at-risk", "cart-abandoners", "birthdays-next-week", "rfm-best-fifth")
"""Templates: by orders, by the stage of life, by a sequence of events, by a trait, and by the cut."""

EVALUATED = 5000
_DAY = 86_400_000
_BATCH = 1000
_PEOPLE = 7
"""Of ten customers so many are known by an account; the others by a cookie alone."""

_CATALOGUE = """
traits: {birthday: {type: date}, city: {type: text}}
commerce: {reporting_currency: CNY}
"""
_AT = "datetime({{epochMillis: {0}}})"
_WRITE = f"""
UNWIND $rows AS row
CREATE (c:Customer {{id: row.id, created_at: {_AT.format("row.since")}, first_seen: {_AT.format("row.since")},
  last_seen: {_AT.format("row.until")}, size: size(row.keys)}})
WITH row, c
CALL (row, c) {{
  UNWIND row.keys AS key
  CREATE (i:Identifier {{key: key, namespace: split(key, ':')[0], value: split(key, ':')[1],
    first_seen: {_AT.format("row.since")}, last_seen: {_AT.format("row.until")}}})
  CREATE (i)-[:BELONGS_TO {{since: {_AT.format("row.since")}}}]->(c)
  RETURN head(collect(i)) AS owner
}}
CALL (row, owner) {{
  UNWIND row.visits AS visit
  CREATE (s:Session {{id: visit[0].id, started_at: {_AT.format("visit[0].at")}, ended_at: {_AT.format("visit[-1].at")}}})
  CREATE (s)-[:OF]->(owner)
  WITH s, visit, owner
  UNWIND visit AS one
  CREATE (e:Event {{id: one.id, source: 'web', message_id: one.id, type: 'track', name: one.name, channel: 'WEB',
    occurred_at: {_AT.format("one.at")}, received_at: {_AT.format("one.at")}, owner: owner.key, properties: one.properties}})
  CREATE (e)-[:IN]->(s)
}}
CALL (row, owner) {{
  UNWIND row.orders AS one
  CREATE (o:Order {{id: one.id, state: 'PLACED', at: {_AT.format("one.at")}, placed_at: {_AT.format("one.at")}, currency: 'CNY',
    total: one.amount, revenue: one.amount, refunded: '0'}})
  CREATE (o)-[:OF]->(owner)
}}
CALL (row, owner) {{
  UNWIND row.traits AS one
  CREATE (owner)-[:HAS_TRAIT]->(:Trait {{key: owner.key + one.name, name: one.name, value: one.value,
    observed_at: {_AT.format("row.since")}, source: 'crm', message_id: row.id}})
}}
"""


@dataclass(frozen=True, slots=True)
class PreviewSpeed:
    """How long previews took on so many customers, with so many events: each rule the first time, and again and again.

    ``evaluated`` are the customers in a second whose facts are read and on which all of these rules are evaluated.
    """

    customers: int
    events: int
    first: dict[str, float]
    again: Latency
    sizes: dict[str, int]
    evaluated: float


def measure_previews(server: ServerHandle, customers: int, rounds: int, seed: int) -> PreviewSpeed:
    """Write a graph, and preview each of the rules ``rounds`` times, one after the other."""
    now = now_instant()
    events = 0
    with driver_of(server) as driver:
        for rows in _batches(customers, now // 1000, Random(seed)):
            driver.execute_query(_WRITE, rows=rows)
            events += sum(len(visit) for row in rows for visit in row["visits"])
        driver.execute_query("CALL db.resampleOutdatedIndexes()")
    return asyncio.run(_measure(server, customers, events, rounds, now))


async def _measure(server: ServerHandle, customers: int, events: int, rounds: int, now: int) -> PreviewSpeed:
    in_force = InForce(load_preset(), 1, parse_catalogue(_CATALOGUE))
    templates = load_templates()
    first: dict[str, float] = {}
    sizes: dict[str, int] = {}
    took: list[float] = []
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await graph.write(
            lambda tx: create_rfm_cut(
                tx, at_s=seconds(now), at_ns=nanoseconds(now), method="quintiles", population=customers, currency="CNY",
                recency=[30, 90, 180, 360], frequency=[5, 4, 3, 2], monetary=["2000", "1000", "500", "200"],
                recency_classes=5, frequency_classes=5, monetary_classes=5, rhythm=60 * 86_400_000_000,
            )
        )  # fmt: skip

        async def preview(name: str) -> tuple[float, SegmentPreview]:
            draft = templates[name]
            start = time.monotonic()
            found = await preview_segment(graph, Proposal(rule=draft.rule, audience=draft.audience), in_force, now)
            return time.monotonic() - start, found

        for name in RULES:
            first[name], found = await preview(name)
            sizes[name] = found.size
            if found.least != found.most:
                raise RuntimeError(f"the size of {name} is an estimate: {found.warnings}")
        for _ in range(rounds):
            took += [(await preview(name))[0] for name in RULES]
        evaluated = await graph.read(lambda tx: _evaluate(tx, in_force, now))
    return PreviewSpeed(
        customers, events, first, Latency.of("preview of five rules", "service", 1, took), sizes, evaluated
    )


async def _evaluate(tx: ReadTransaction, in_force: InForce, now: int) -> float:
    """Read the facts of some customers, all that any of the rules looks at, and evaluate each rule for each of them."""
    drafts = [load_templates()[name] for name in RULES]
    terms = Terms(in_force.catalogue, in_force.rules, await find_cut(tx))
    inputs = Inputs()
    for draft in drafts:
        inputs |= inputs_of(draft.rule, terms.catalogue, draft.audience)
    judges = [Judge(draft.rule, terms, draft.audience) for draft in drafts]
    everybody = Matching(Definition(All(()), Audience.ALL), terms, now)
    ids = await page_sure_ids(tx, everybody.compiled, after="", limit=EVALUATED)
    start = time.monotonic()
    for place in range(0, len(ids), SHEETS_AT_ONCE):
        for sheet in await read_sheets(tx, ids[place : place + SHEETS_AT_ONCE], inputs, terms, now):
            if sheet is not None:
                for judge in judges:
                    judge.judge(sheet, now)
    return len(ids) / (time.monotonic() - start)


def _batches(customers: int, now: int, rng: Random) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, customers, _BATCH):
        yield [_customer(number, now, rng) for number in range(start, min(customers, start + _BATCH))]


def _customer(number: int, now: int, rng: Random) -> dict[str, Any]:
    """Make a customer: a visit or more in the last two years, some with a cart and an order, the last in recent weeks."""
    is_person = number % 10 < _PEOPLE
    name = f"{rng.getrandbits(64):016x}"
    visits: list[list[dict[str, Any]]] = []
    orders: list[dict[str, Any]] = []
    for visit in range(1 + int(3 * rng.random() ** 2)):
        at = now - int(700 * _DAY * rng.random() ** 2) - 7_200_000
        names = ["Product Viewed", "Product Viewed"]
        if rng.random() < 0.4:
            names.append("Product Added")
            if rng.random() < 0.5:
                names.append("Order Completed")
                orders.append(
                    {"id": f"ord_{name}{visit}", "at": at + 180_000, "amount": f"{rng.randrange(20, 1500)}.50"}
                )
        visits.append(
            [
                {"id": f"evt_{name}{visit}{place}", "at": at + place * 60_000, "name": one,
                 "properties": f'{{"cart_id":"{name}{visit}","product_id":"p-{rng.randrange(400)}","price":{rng.randrange(20, 500)}}}'}
                for place, one in enumerate(names)
            ]
        )  # fmt: skip
    times = [one["at"] for visit in visits for one in visit]
    birthday = f"{rng.randrange(1950, 2005)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    traits = [{"name": "birthday", "value": f'"{birthday}"'}, {"name": "city", "value": f'"{rng.choice("ABCDEF")}"'}]
    return {
        "id": f"cus_{name}",
        "since": min(times),
        "until": max(times),
        "keys": [f"user_id:{name}", f"anonymous_id:{name}"] if is_person else [f"anonymous_id:{name}"],
        "visits": visits,
        "orders": orders,
        "traits": traits if is_person else [],
    }
