"""What another catalogue would come to: what it says otherwise, what is derived again, and how traits of customers change."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.difference import CatalogueChange, list_changes
from identity_graph.domain.profiles.survivorship import Survivorship
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import LATEST, format_instant
from identity_graph.service.catalogue.rebuilding import PARTS
from identity_graph.service.profiles.traits import Told, list_told, read_told
from identity_graph.service.rules.changing import open_units
from identity_graph.store.customers import customers as customer_store
from identity_graph.store.customers import identifiers as identifier_store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

SAMPLED = 100
"""Customers whose traits are compared: those seen last."""

ToldOf = Mapping[str, Mapping[str, list[Told]]]
"""What events say of traits, by identifier and name."""


class TraitExample(NamedTuple):
    """A trait of a customer that would have another value; None stands for none."""

    customer_id: str
    name: str
    before: Any
    after: Any


class CatalogueDiff(NamedTuple):
    """What another catalogue would come to. ``examples`` are of the ``sampled`` customers, of which ``changed`` ones change."""

    changes: list[CatalogueChange]
    rebuilds: list[str]
    sampled: int
    changed: int
    examples: list[TraitExample]


async def preview_on_graph(graph: Graph, new: Catalogue) -> CatalogueDiff:
    """Compare a catalogue with the one in force, without a service.

    Raises:
        NotFoundError: no service was ever started on this graph.
    """
    units, _ = await open_units(graph)
    return await preview_catalogue(graph, units.in_force.rules, units.in_force.catalogue, new)


async def preview_catalogue(graph: Graph, rules: RuleSet, before: Catalogue, after: Catalogue) -> CatalogueDiff:
    """Compare a catalogue with the one in force; nothing is changed.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    changes = list_changes(before, after)
    rebuilds = [part.name for part in PARTS if part.differs(before, after)]
    names = [change.name for change in changes if change.part == "traits"]
    if any(change.part == "time_zone" for change in changes):
        names = sorted(before.traits | after.traits)

    async def read(tx: ReadTransaction) -> tuple[dict[str, list[str]], ToldOf]:
        rows = await customer_store.page_customers_by_last_seen(
            tx, before=format_instant(LATEST), before_id="", limit=SAMPLED
        )
        keys_of: dict[str, list[str]] = {row.id: [] for row in rows}
        for row in await identifier_store.list_identifiers_of_customers(tx, customer_ids=list(keys_of)):
            keys_of[row.customer_id].append(row.key)
        return keys_of, await list_told(tx, {key: names for keys in keys_of.values() for key in keys}, rules)

    keys_of, told = await graph.read(read) if names else ({}, {})
    examples: list[TraitExample] = []
    for id, keys in keys_of.items():
        for name in names:
            values = [_derive(told, keys, Survivorship(name, catalogue)) for catalogue in (before, after)]
            if values[0] != values[1]:
                examples.append(TraitExample(id, name, *values))
    changed = len({example.customer_id for example in examples})
    return CatalogueDiff(changes, rebuilds, len(keys_of), changed, examples)


def _derive(told: ToldOf, keys: list[str], policy: Survivorship) -> Any:
    """Derive a trait of a customer from what events say of its identifiers."""
    claims = {key: read_told(policy, told.get(key, {}).get(policy.trait.name, [])) for key in keys}
    tallies = {key: policy.tally(own, key) for key, own in claims.items()}
    return policy.value(policy.combine(tallies, lambda key, deleted: policy.tally(claims[key], key, after=deleted)))
