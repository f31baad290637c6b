"""The quality of the profiles of customers."""

import asyncio
import json
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import read_value
from identity_graph.domain.profiles.quality import CheckedClaims, QualityPart, rate_profile
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.claims import claim_kind
from identity_graph.domain.values.observations import Instant
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads, align_many
from identity_graph.store.profiles import quality as store
from identity_graph.store.profiles.quality import RecentClaims

IDENTIFIERS, TOUCHPOINTS = 20, 50
"""Identifiers of a customer, and touchpoints of each, whose claims are checked: the last ones."""

_customer_id = attrgetter("customer_id")


async def read_quality_of(
    reads: Reads, customer_ids: list[str], in_force: InForce, now: Instant
) -> list[list[QualityPart]]:
    """Rate the profile of each customer, as parts of its score."""
    values, namespaces, claims = await asyncio.gather(
        read_traits_of(reads, customer_ids, in_force),
        reads.run(store.list_namespaces_of_customers.call(customer_ids=customer_ids)),
        reads.run(
            store.list_recent_claims.call(customer_ids=customer_ids, identifiers=IDENTIFIERS, touchpoints=TOUCHPOINTS)
        ),
    )
    return [
        rate_profile(
            [row.namespace for row in known],
            {view.name: view.observed_at for view in views},
            check_claims(said, in_force.catalogue),
            in_force.rules,
            in_force.catalogue,
            now,
        )
        for views, known, said in zip(
            values,
            align_many(customer_ids, namespaces, _customer_id),
            align_many(customer_ids, claims, _customer_id),
            strict=True,
        )
    ]


def check_claims(rows: Iterable[RecentClaims], catalogue: Catalogue) -> CheckedClaims:
    """Count the values that the claims hold, and those of them that count."""
    values = fitting = 0
    for row in rows:
        said: dict[str, Any] = json.loads(row.traits)
        kind = claim_kind(row.type)
        for name, value in said.items():
            if value is not None:
                values += 1
                fitting += read_value(value, catalogue.trait(name), kind)[1] is None
    return CheckedClaims(values, fitting)
