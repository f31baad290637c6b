"""Whether the whole graph is what ``resolve`` makes of all events, under the rules in force."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from identity_graph.domain.identity.evidence import Evidence
from identity_graph.domain.identity.resolution import Resolution, resolve_evidence
from identity_graph.domain.rules.file import parse_stored_rules
from identity_graph.domain.rules.normalization import read_stored
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Observation
from identity_graph.runtime import ServerHandle
from identity_graph.service.rules.judged_otherwise import JudgedOtherwise
from identity_graph.store.driver.graph import Graph
from identity_graph.store.rules import previews, rule_sets

_PAGE = 5000

_EVENTS = """MATCH (e:Event) USING INDEX SEEK e:Event(id) WHERE e.id > $after AND e.retracted_at IS NULL
RETURN e.id AS id, e.source AS source, e.message_id AS message_id, e.identifiers AS identifiers,
  e.occurred_at.epochSeconds * 1000000 + e.occurred_at.microsecond AS at
ORDER BY e.id LIMIT $limit"""
_OBSERVED = """MATCH (e:Event) USING INDEX SEEK e:Event(id) WHERE e.id > $after AND e.retracted_at IS NULL
WITH e ORDER BY e.id LIMIT $limit
RETURN e.id AS id, COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys"""
_IDENTIFIERS = """MATCH (i:Identifier) USING INDEX SEEK i:Identifier(key) WHERE i.key > $after
WITH i ORDER BY i.key LIMIT $limit
RETURN i.key AS id, coalesce(i.quarantined, false) AS quarantined,
  i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
  i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
  COLLECT { MATCH (i)-[:BELONGS_TO]->(c:Customer) RETURN c.id } AS customers"""
_EMPTY = "MATCH (c:Customer) WHERE NOT c:Former AND NOT EXISTS { (c)<-[:BELONGS_TO]-() } RETURN count(c) AS customers"


@dataclass(slots=True)
class Compared:
    """How often each message is stored, how many customers there are, and how many are not what follows from the events."""

    messages: Counter[str] = field(default_factory=Counter[str])
    customers: int = 0
    several: int = 0
    """Customers with two identifiers or more: without these, nothing would have been resolved."""
    wrong: int = 0


async def compare(server: ServerHandle) -> Compared:
    """Read all of it, and derive it again.

    Raises:
        RuntimeError: rules are still being applied.
    """
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        return await compare_graph(graph)


async def compare_graph(graph: Graph) -> Compared:
    """Read all of a graph that nobody writes, and derive it again.

    Raises:
        RuntimeError: rules are still being applied.
    """
    compared = Compared()
    (stored,) = await graph.read(rule_sets.find_rule_set)
    if stored.status != RuleSetStatus.ACTIVE:
        raise RuntimeError(f"Version {stored.version} of the rules is {stored.status}.")
    rules = parse_stored_rules(stored.yaml, name="the rules in force")
    judged = JudgedOtherwise.read(await graph.read(previews.list_preview_judgements), rules)
    evidence, misread = Evidence(), set[str]()
    after = ""
    while rows := await graph.run(_EVENTS, after=after, limit=_PAGE):
        observed = {row["id"]: row["keys"] for row in await graph.run(_OBSERVED, after=after, limit=_PAGE)}
        after = rows[-1]["id"]
        for row in rows:
            compared.messages[row["message_id"]] += 1
            observation = _observation_of(row, rules)
            evidence.add(observation, rules, judged.corrections)
            keys = [identifier.key for identifier in observation.identifiers]
            if sorted(keys) != sorted(observed[row["id"]]):
                misread |= {*keys, *observed[row["id"]]}
    identifiers = await _read_identifiers(graph)
    (empty,) = await graph.run(_EMPTY)
    resolution = resolve_evidence(evidence, judged.of(evidence.identifiers), rules, judged.corrections.overruled)
    compared.several = sum(1 for part in resolution.customers if len(part) > 1)
    compared.customers = len(resolution.customers)
    compared.wrong = empty["customers"] + count_wrong(identifiers, resolution, evidence, misread)
    return compared


def count_wrong(
    stored: dict[str, dict[str, Any]], resolution: Resolution, evidence: Evidence, misread: set[str]
) -> int:
    """Count the customers that differ, as they are or as they should be, whichever are more."""
    parts: dict[str, set[str]] = {}
    bad = set(misread)
    for key, row in stored.items():
        seen = evidence.identifiers.get(key)
        for customer in row["customers"]:
            parts.setdefault(customer, set()).add(key)
        if (
            len(row["customers"]) != 1
            or seen is None
            or (row["first_seen"], row["last_seen"]) != (seen.first_seen, seen.last_seen)
            or row["quarantined"] != (key in resolution.quarantined)
        ):
            bad.add(key)
    bad |= evidence.identifiers.keys() - stored.keys()
    held = {frozenset(keys) for keys in parts.values()}
    wrong_as_stored = {part for part in held if part not in resolution.customers or part & bad}
    wrong_as_derived = {part for part in resolution.customers if part not in held or part & bad}
    return max(len(wrong_as_stored), len(wrong_as_derived), 1 if bad else 0)


def _observation_of(row: dict[str, Any], rules: RuleSet) -> Observation:
    """Read an event as it came."""
    identifiers: tuple[Identifier, ...] = read_stored(row["identifiers"], rules, row["source"])[0]
    return Observation(
        source=row["source"], message_id=row["message_id"], occurred_at=row["at"], identifiers=identifiers
    )


async def _read_identifiers(graph: Graph) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    after = ""
    while rows := await graph.run(_IDENTIFIERS, after=after, limit=_PAGE):
        found |= {row["id"]: row for row in rows}
        after = rows[-1]["id"]
    return found
