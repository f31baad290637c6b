"""Reading what customers allow: the one place from which everybody who asks gets it."""

from collections.abc import Iterable, Mapping, Sequence

import orjson

from identity_graph.domain.consent.bars import bar_at, find_bars
from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.deriving import Dimension, Standing, derive
from identity_graph.domain.consent.permission import Person, find_adult_from, read_region
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.instants import LATEST
from identity_graph.service.consent.writing import decision_of
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.store.consent import decisions as store
from identity_graph.store.consent.decisions import CustomerDecisionRow

Standings = Mapping[Dimension, Standing]


def decisions_by_customer(rows: Iterable[CustomerDecisionRow]) -> dict[str, list[Decision]]:
    """Put decisions with the customers whose they are."""
    found: dict[str, list[Decision]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(decision_of(row))
    return found


async def read_decisions_of(reads: Reads, ids: Sequence[str]) -> list[list[Decision]]:
    """Read all that some customers decided, those that others replaced too, in the order of time."""
    rows = await reads.run(store.list_decisions_of_customers.call(customer_ids=list(ids)))
    found = decisions_by_customer(rows)
    return [sorted(found.get(id, ()), key=lambda one: (one.order, one.identifier, one.topic)) for id in ids]


async def read_standings_of(reads: Reads, ids: Sequence[str], in_force: InForce) -> list[Standings]:
    """Read what some customers allow, by purpose and channel, as far as they said anything."""
    decisions = await read_decisions_of(reads, ids)
    return [derive(own, in_force.catalogue.consent, in_force.rules) for own in decisions]


async def read_people(reads: Reads, ids: Sequence[str], in_force: InForce) -> list[Person]:
    """Read of some customers what decides whether their data may be used."""
    consent = in_force.catalogue.consent
    decisions = await read_decisions_of(reads, ids)
    traits = await read_traits_of(reads, list(ids), in_force, names=tuple(sorted(consent.traits)))
    people: list[Person] = []
    for own, told in zip(decisions, traits, strict=True):
        values = {trait.name: orjson.loads(trait.value) for trait in told}
        people.append(
            Person(
                states={one: standing.state for one, standing in derive(own, consent, in_force.rules).items()},
                bar=bar_at(find_bars(own), LATEST),
                region=read_region(values.get(consent.region_trait)),
                adult_from=find_adult_from(
                    values.get(consent.birthday_trait), consent.adult_at, in_force.catalogue.zone
                ),
            )
        )
    return people
