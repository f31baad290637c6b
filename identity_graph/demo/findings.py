"""What came out: counts, agreement with the truth, and one customer worth looking at."""

import csv
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from identity_graph.demo.service import RunningService, command_path
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.simulation import BackOffice, PairwiseScore, evaluate

COUNTS = """{
  customers(first: 1) { totalCount }
  ingestStats { accepted duplicates deadLettered ignored { namespace code count } }
}"""

_STRENGTH = ("unionid", "user_id", "crm_id", "loyalty_id", "openid", "device_id", "anonymous_id", "email", "phone")
"""Namespaces that make a customer's card worth reading, as a sum: the more of them, the better."""

_WORTH_TELLING = frozenset(
    {
        "Order Completed", "Order Updated", "Order Refunded", "Email Opened", "Call Received", "Complaint Raised",
        "Survey Answered", "Product Viewed", "store", "own device", "mini_program", "call_centre",
    }
)  # fmt: skip
"""What makes a person's story worth reading."""


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


def find_out(service: RunningService, folder: Path, office: BackOffice) -> Findings:
    """Ask the service for its counts, export the customers, and compare them with the truth of a world drawn to its end."""
    truth = office.world.truth
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
        score=evaluate(assignment, truth),
        example=pick_example(keys_of.values(), office),
    )


def export_assignment(service: RunningService, path: Path) -> dict[str, str]:
    """Let ``identity-graph export`` write the customers, and read them: identifier key to customer id."""
    command = [str(command_path()), "export", "--output", str(path)]
    subprocess.run(command, env=service.environment, check=True, stderr=subprocess.DEVNULL)
    with path.open(encoding="utf-8", newline="") as file:
        return {f"{row['namespace']}:{row['value']}": row["customer_id"] for row in csv.DictReader(file)}


def pick_example(customers: Iterable[list[str]], office: BackOffice) -> tuple[str, str]:
    """Pick the customer with most to tell and the most kinds of identifiers, all of one person, and a way to look it up.

    Somebody with a handful of purchases is more like others than somebody with fifty.
    """
    owners = office.world.truth.owners

    def interest(keys: list[str]) -> tuple[bool, bool, int, int, int, list[str]]:
        people = {person for key in keys for person in owners.get(key, ())}
        told = {happened for person in people for happened in office.stories.get(person, ())}
        namespaces = {namespace_of(key) for key in keys}
        return (
            len(people) == 1 and len(keys) <= 12,
            4 <= sum(office.purchases[person] for person in people) <= 12,
            len(told & _WORTH_TELLING),
            len(namespaces & set(_STRENGTH)),
            len(keys),
            sorted(keys),
        )

    best = max(customers, key=interest)
    by_namespace = {key.partition(":")[0]: key.partition(":")[2] for key in sorted(best, reverse=True)}
    for namespace in ("phone", "email", *_STRENGTH):
        if namespace in by_namespace:
            return namespace, by_namespace[namespace]
    return next(iter(by_namespace.items()))
