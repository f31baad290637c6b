"""How many partners an identifier may have: precision and recall on the simulated retailer, value by value.

``python -m bench.partners`` prints the table of docs/rules.md. No database is needed: ``resolve`` is called itself.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.identity.evidence import Evidence, gather
from identity_graph.domain.identity.resolution import resolve_evidence
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Message
from identity_graph.simulation import PairwiseScore, Truth, evaluate, simulate

NAMESPACES = ("anonymous_id", "device_id", "phone", "email")
VALUES = (1, 2, 3, 5, 8, 12, 20, 50, 1000)
FAMILY = 5
"""People that may share a thing of theirs; what more of them left is nobody's."""


@dataclass(frozen=True, slots=True)
class World:
    """What was observed in a simulated world, and what is true of it."""

    evidence: Evidence
    truth: Truth


def make_world(people: int, seed: int, rules: RuleSet) -> World:
    """Draw a world to its end and gather what it shows; ``max_partners`` do not matter to that."""
    simulation = simulate(people, seed)
    read = [extract(sent.message, source="default", received_at=2 * 10**15) for sent in simulation]
    return World(gather((to_event(m, rules) for m in read if isinstance(m, Message)), rules), simulation.truth)


def score(world: World, rules: RuleSet) -> tuple[PairwiseScore, Counter[str]]:
    """Resolve a world and compare it with the truth; also count the quarantined, and what should be, by owners."""
    outcome = resolve_evidence(world.evidence, (), rules)
    assignment = {key: str(number) for number, customer in enumerate(outcome.customers) for key in customer}
    owners = {key: len(people) for key, people in world.truth.owners.items()}
    counts = Counter(_kind(owners[key]) for key in outcome.quarantined)
    counts["let through"] = sum(n > FAMILY for key, n in owners.items() if key not in outcome.quarantined)
    return evaluate(assignment, world.truth), counts


def _kind(owners: int) -> str:
    return "one" if owners == 1 else "family" if owners <= FAMILY else "many"


def allow(rules: RuleSet, values: Mapping[str, int]) -> RuleSet:
    """Allow other numbers of partners."""
    changed = {name: replace(rules.namespaces[name], max_partners=most) for name, most in values.items()}
    return replace(rules, namespaces=rules.namespaces | changed)


def measure(worlds: Sequence[World], rules: RuleSet) -> str:
    """Write a row: the score of the worlds taken together, and how many identifiers of whom are quarantined."""
    scored = [score(world, rules) for world in worlds]
    counts = sum((found for _, found in scored), Counter[str]())
    correct = sum(one.pairs_correct for one, _ in scored)
    precision = correct / sum(one.pairs_found for one, _ in scored)
    recall = correct / sum(one.pairs_true for one, _ in scored)
    both = 2 * precision * recall / (precision + recall)
    whose = " | ".join(str(counts[kind]) for kind in ("one", "family", "many", "let through"))
    return f"{precision:.4f} | {recall:.4f} | {both:.4f} | {whose}"


def main(
    people: Annotated[int, typer.Option(min=100, help="People of each world.")] = 3000,
    seeds: Annotated[str, typer.Option(help="Seeds of the worlds, with commas.")] = "1,2",
    preset: Annotated[
        str, typer.Option(help="The rules; those of the same name that ship with the product.")
    ] = "default",
    namespaces: Annotated[str, typer.Option(help="Namespaces to vary, with commas.")] = ",".join(NAMESPACES),
    values: Annotated[str, typer.Option(help="Values to try, with commas.")] = ",".join(map(str, VALUES)),
) -> None:
    """Print what each value of ``max_partners`` comes to, one namespace after the other, the others as they ship."""
    begun = time.perf_counter()
    rules = load_preset(preset)
    worlds = [make_world(people, int(seed), rules) for seed in seeds.split(",")]
    typer.echo(
        f"{preset}: {people:,} people, seeds {seeds}, {sum(len(w.evidence.identifiers) for w in worlds):,} identifiers"
    )
    typer.echo("| namespace | `max_partners` | precision | recall | F1 | of one | of 2 to 5 | of more | let through |")
    typer.echo("|---|---|---|---|---|---|---|---|---|")
    typer.echo(f"| all | as shipped | {measure(worlds, rules)} |")
    typer.echo(f"| all | 50 | {measure(worlds, allow(rules, dict.fromkeys(rules.namespaces, 50)))} |")
    for line in _lines(worlds, rules, namespaces.split(","), [int(value) for value in values.split(",")]):
        typer.echo(line)
    typer.echo(f"took {time.perf_counter() - begun:.0f} s")


def _lines(worlds: Sequence[World], rules: RuleSet, names: Sequence[str], values: Sequence[int]) -> Iterable[str]:
    for name in names:
        for value in values:
            shipped = "**" if value == rules.namespaces[name].max_partners else ""
            yield f"| `{name}` | {shipped}{value}{shipped} | {measure(worlds, allow(rules, {name: value}))} |"


if __name__ == "__main__":
    typer.run(main)
