"""Rules tried and changed on the live graph: identifiers in a second, for a limit and for a value that is blocked."""

import time
from dataclasses import dataclass
from typing import Any

import requests
import yaml

from bench.export import driver_of
from identity_graph.demo.service import RunningService

_TIMEOUT = 1800
_POLL = 0.05

PREVIEW = """query($yaml: String!) {
  previewRules(yaml: $yaml) { customersBefore customersAfter merged split unchanged }
}"""
APPLY = """mutation($yaml: String!, $version: Int!) {
  applyRules(yaml: $yaml, expectedVersion: $version) { rules { version } }
}"""
RULES = "{ rules { version yaml status progress error } }"
_BUSIEST_PHONE = """
MATCH (i:Phone) RETURN i.value AS value ORDER BY COUNT { (i)-[:OBSERVED_WITH]-() } DESC, value LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A change of the rules: seconds that its second preview and its application took, and what the preview found."""

    change: str
    identifiers: int
    events: int
    preview_seconds: float
    apply_seconds: float
    found: dict[str, int]

    @property
    def previewed(self) -> float:
        """Identifiers in a second, by the preview."""
        return self.identifiers / self.preview_seconds

    @property
    def applied(self) -> float:
        """Identifiers in a second, by the application."""
        return self.identifiers / self.apply_seconds


def measure_changes(service: RunningService) -> list[RuleChange]:
    """Try and then apply two changes one after the other: fewer phones in a customer, and one phone blocked."""
    with driver_of(service.neo4j) as driver:
        phone = driver.execute_query(_BUSIEST_PHONE).records[0]["value"]
        identifiers = driver.execute_query("MATCH (i:Identifier) RETURN count(i) AS n").records[0]["n"]
        events = driver.execute_query("MATCH (e:Event) RETURN count(e) AS n").records[0]["n"]
    changes: list[RuleChange] = []
    for name, values in (("phone: limit 5 to 2", {"limit": 2}), ("phone: a value blocked", {"blocked": [phone]})):
        current = _ask(service, RULES)["rules"]
        new = _change(current["yaml"], "phone", values)
        _ask(service, PREVIEW, yaml=new)  # Neo4j plans the queries
        begun = time.perf_counter()
        found = _ask(service, PREVIEW, yaml=new)["previewRules"]
        previewed = time.perf_counter()
        _ask(service, APPLY, yaml=new, version=current["version"])
        _await_applied(service)
        applied = time.perf_counter()
        changes.append(RuleChange(name, identifiers, events, previewed - begun, applied - previewed, found))
    return changes


def _change(text: str, namespace: str, values: dict[str, Any]) -> str:
    rules = yaml.safe_load(text)
    rules["namespaces"][namespace].update(values)
    return yaml.safe_dump(rules, sort_keys=False, allow_unicode=True)


def _await_applied(service: RunningService) -> None:
    while (rules := _ask(service, RULES)["rules"])["status"] == "APPLYING":
        time.sleep(_POLL)
    if rules["status"] != "ACTIVE":
        raise RuntimeError(f"the rules could not be applied: {rules['error']}")


def _ask(service: RunningService, query: str, **variables: Any) -> dict[str, Any]:
    """Ask with patience: a preview goes through the whole graph before it answers."""
    answer = requests.post(
        f"{service.url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {service.admin_key}"},
        timeout=_TIMEOUT,
    ).json()
    if answer.get("errors"):
        raise RuntimeError(f"the service answered: {answer['errors'][0]}")
    return answer["data"]
