"""Latency of lookups and journeys over GraphQL, beside the same Cypher over Bolt."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Any

import orjson

from bench.export import driver_of
from identity_graph.demo.service import RunningService
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.service.customers.lookup import find_keys
from identity_graph.service.positions import START
from identity_graph.store.customers import identifiers as reading_identifiers
from identity_graph.store.driver.query import QUERIES
from identity_graph.store.journeys import reading as reading_journeys

CLIENTS = (1, 16)
TOUCHPOINTS = 20
_WARM_UP = 300

LOOKUP = "query($value: String!) { lookup(value: $value) { identifier { key lastSeenAt } customer { id lastSeenAt } } }"
JOURNEY = """query($namespace: String!, $value: String!) {
  customer(by: {namespace: $namespace, value: $value}) {
    id
    journey(first: 20) { edges { cursor node { id type name occurredAt channel source } } pageInfo { hasNextPage } }
  }
}"""

_SAMPLE_IDENTIFIERS = "MATCH (i:Identifier) WHERE rand() < $share RETURN i.namespace AS namespace, i.value AS value"
_SAMPLE_JOURNEYS = """
MATCH (c:Customer)<-[:BELONGS_TO]-(i:Identifier)<-[:OF]-(s:Session)
WITH c, sum(s.touchpoint_count) AS touchpoints, head(collect(i)) AS i
WHERE touchpoints >= $touchpoints
RETURN i.namespace AS namespace, i.value AS value, rand() AS luck ORDER BY luck LIMIT $count
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of the answers to one kind of question, asked by so many clients at once."""

    question: str
    target: str
    clients: int
    answers: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, question: str, target: str, clients: int, seconds: list[float]) -> "Latency":
        """Sum up how many seconds each answer took."""
        took = sorted(seconds)
        at = [1000 * took[max(0, ceil(len(took) * share) - 1)] for share in (0.5, 0.95, 0.99)]
        return cls(question, target, clients, len(took), *at)


def measure_latency(service: RunningService, rules: RuleSet, count: int, seed: int) -> list[Latency]:
    """Ask ``count`` lookups and as many journeys over GraphQL and over Bolt, by 1 and by 16 clients."""
    # The modules declare the queries when they are imported.
    assert reading_identifiers.find_identifiers
    assert reading_journeys.page_touchpoints
    with driver_of(service.neo4j) as driver:
        total = driver.execute_query("MATCH (i:Identifier) RETURN count(i) AS n").records[0]["n"]
        known = driver.execute_query(_SAMPLE_IDENTIFIERS, share=min(1.0, 4 * count / max(1, total))).records
        busy = driver.execute_query(_SAMPLE_JOURNEYS, touchpoints=TOUCHPOINTS, count=500).records
    rng = Random(seed)
    lookups = [(row["namespace"], row["value"]) for row in rng.choices(known, k=count)]
    journeys = [(row["namespace"], row["value"]) for row in rng.choices(busy, k=count)] if busy else []
    found: list[Latency] = []
    for name, values, to_http, to_bolt in (
        ("lookup", lookups, _lookup_body, lambda n, v: _lookup_steps(rules, n, v)),
        ("journey of 20", journeys, _journey_body, lambda n, v: _journey_steps(rules, n, v)),
    ):
        if values:
            found += _measure(service, name, values, to_http, to_bolt)
    return found


def _measure(
    service: RunningService,
    name: str,
    values: list[tuple[str, str]],
    to_http: Callable[[str, str], Any],
    to_bolt: Callable[[str, str], Any],
) -> list[Latency]:
    server = service.neo4j
    bolt = {"target": "bolt", "uri": server.uri, "user": server.user, "password": server.password}
    found: list[Latency] = []
    for order, convert in ((bolt, to_bolt), (over_http(service), to_http)):
        questions = [convert(namespace, value) for namespace, value in values]
        ask(order, questions[:_WARM_UP], max(CLIENTS))
        found += [Latency.of(name, order["target"], number, ask(order, questions, number)) for number in CLIENTS]
    return found


def over_http(service: RunningService) -> dict[str, Any]:
    """Say whom to ask over HTTP."""
    return {"target": "graphql", "host": "127.0.0.1", "port": service.port, "key": service.admin_key}


def ask(order: dict[str, Any], questions: list[Any], clients: int) -> list[float]:
    """Put questions from a process of its own, and return the seconds of each answer.

    Raises:
        RuntimeError: one of them was not answered as it should be.
    """
    answer = subprocess.run(
        [sys.executable, "-m", "bench.ask"],
        input=orjson.dumps({**order, "questions": questions, "clients": clients}),
        stdout=subprocess.PIPE,
        check=True,
    )
    report = orjson.loads(answer.stdout)
    if report["failures"]:
        raise RuntimeError(f"a question failed: {report['failures'][0]}")
    return report["took"]


def _lookup_body(_: str, value: str) -> Any:
    return {"query": LOOKUP, "variables": {"value": value}}


def _journey_body(namespace: str, value: str) -> Any:
    return {"query": JOURNEY, "variables": {"namespace": namespace, "value": value}}


def _lookup_steps(rules: RuleSet, _: str, value: str) -> Any:
    return [[QUERIES["customers/find_identifiers"].text, {"keys": find_keys(rules, value, None)}, False]]


def _journey_steps(rules: RuleSet, namespace: str, value: str) -> Any:
    page = {
        "since": format_instant(EARLIEST),
        "before": format_instant(START.at),
        "before_id": START.id,
        "limit": TOUCHPOINTS + 1,
        "types": None,
        "names": None,
        "campaigns": None,
        "channels": None,
    }
    return [
        [QUERIES["customers/find_identifiers"].text, {"keys": find_keys(rules, value, namespace)}, False],
        [QUERIES["journeys/page_touchpoints"].text, page, True],
    ]
