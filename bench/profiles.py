"""The whole profile of a customer in one question: who it is, the four classes, RFM, and what it did last."""

from random import Random
from typing import Any

from bench.export import driver_of
from bench.questions import CLIENTS, Latency, ask, over_http
from identity_graph.demo.service import RunningService

TOUCHPOINTS = 20
"""Those who are asked about did so much, or more, and bought something."""

_WARM_UP = 300
_SAMPLE = """
MATCH (o:Order)-[:OF]->(:Identifier)-[:BELONGS_TO]->(c:Customer)
WITH c, count(o) AS orders
MATCH (c)<-[:BELONGS_TO]-(i:Identifier)
WITH c, orders, collect(i) AS identifiers
WITH orders, identifiers, COUNT { UNWIND identifiers AS i MATCH (i)<-[:OF]-(:Session)<-[:IN]-(:Event) } AS touchpoints
WHERE touchpoints >= $touchpoints
RETURN identifiers[0].namespace AS namespace, identifiers[0].value AS value, orders, touchpoints, rand() AS luck
ORDER BY luck LIMIT $count
"""

RECUT = "mutation { recutRfm { cut { version } } }"
PROFILE = """query($namespace: String!, $value: String!) {
  customer(by: {namespace: $namespace, value: $value}) {
    id firstSeenAt lastSeenAt
    profile {
      identity descriptive quantitative qualitative
      rfm { recencyDays frequency monetary { amount currency } score cut { version at } }
    }
    journey(first: 20) {
      edges { cursor node { id type name occurredAt channel source } } pageInfo { hasNextPage endCursor }
    }
  }
}"""


def measure_profiles(service: RunningService, count: int, seed: int) -> list[Latency]:
    """Ask ``count`` times for the whole profile of customers who bought something, by 1 and by 16 clients.

    Raises:
        RuntimeError: nobody in this graph did so much.
    """
    service.ask(RECUT)
    with driver_of(service.neo4j) as driver:
        known = driver.execute_query(_SAMPLE, touchpoints=TOUCHPOINTS, count=500).records
    if not known:
        raise RuntimeError("nobody bought something and has twenty touchpoints; send more events")
    rng = Random(seed)
    questions = [_question(row["namespace"], row["value"]) for row in rng.choices(known, k=count)]
    order = over_http(service)
    ask(order, questions[:_WARM_UP], max(CLIENTS))
    return [Latency.of("whole profile", "graphql", clients, ask(order, questions, clients)) for clients in CLIENTS]


def _question(namespace: str, value: str) -> dict[str, Any]:
    return {"query": PROFILE, "variables": {"namespace": namespace, "value": value}}
