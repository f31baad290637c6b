"""What came out: counts, agreement with the truth, and one customer worth looking at."""

import csv
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from identity_graph.demo.service import RunningService, command_path
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.simulation import PairwiseScore, Simulation, evaluate

COUNTS = """{
  customers(first: 1) { totalCount }
  ingestStats { accepted duplicates deadLettered ignored { namespace code count } }
}"""

_STRENGTH = ("unionid", "user_id", "crm_id", "loyalty_id", "openid", "device_id", "anonymous_id", "email", "phone")
"""Namespaces that make a customer's card worth reading, as a sum: the more of them, the better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the service says after the load, and what the truth says to it.

    The counts are those of everything that was loaded; the score is that of the simulation alone.
    """

    identifiers: int
    customers: int
    accepted: int
    duplicates: int
    dead_lettered: int
    ignored: list[tuple[str, str, int]]
    by_namespace: dict[str, int]
    largest: int
    score: PairwiseScore
    example: tuple[str, str]
    """Namespace and value by which the interesting customer is found."""


def find_out(service: RunningService, folder: Path, world: Simulation) -> Findings:
    """Ask the service for its counts, export the customers, and compare them with the truth of a world drawn to its end."""
    answer = service.ask(COUNTS)
    assignment = export_assignment(service, folder / "customers.csv")
    keys_of: defaultdict[str, list[str]] = defaultdict(list)
    for key, customer in assignment.items():
        keys_of[customer].append(key)
    stats = answer["ingestStats"]
    return Findings(
        identifiers=len(assignment),
        customers=answer["customers"]["totalCount"],
        accepted=stats["accepted"],
        duplicates=stats["duplicates"],
        dead_lettered=stats["deadLettered"],
        ignored=[(one["namespace"], one["code"], one["count"]) for one in stats["ignored"]],
        by_namespace=dict(Counter(namespace_of(key) for key in assignment)),
        largest=max(map(len, keys_of.values())),
        score=evaluate(assignment, world.truth),
        example=pick_example(keys_of.values(), world),
    )


def export_assignment(service: RunningService, path: Path) -> dict[str, str]:
    """Let ``identity-graph export`` write the customers, and read them: identifier key to customer id."""
    command = [str(command_path()), "export", "--output", str(path)]
    subprocess.run(command, env=service.environment, check=True, stderr=subprocess.DEVNULL)
    with path.open(encoding="utf-8", newline="") as file:
        return {f"{row['namespace']}:{row['value']}": row["customer_id"] for row in csv.DictReader(file)}


def pick_example(customers: Iterable[list[str]], world: Simulation) -> tuple[str, str]:
    """Pick the customer with the most kinds of identifiers, all of one person, and a way to look it up."""
    owners = world.truth.owners

    def interest(keys: list[str]) -> tuple[bool, int, int, list[str]]:
        people = {person for key in keys for person in owners.get(key, ())}
        namespaces = {namespace_of(key) for key in keys}
        return (len(people) == 1 and len(keys) <= 12, len(namespaces & set(_STRENGTH)), len(keys), sorted(keys))

    best = max(customers, key=interest)
    by_namespace = {key.partition(":")[0]: key.partition(":")[2] for key in sorted(best, reverse=True)}
    for namespace in ("phone", "email", *_STRENGTH):
        if namespace in by_namespace:
            return namespace, by_namespace[namespace]
    return next(iter(by_namespace.items()))
