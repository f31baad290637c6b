"""The four classes of customer data: parts of the profile, each JSON of a documented form."""

import json
from asyncio import gather
from functools import partial
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.base.scalars import JSON, json_text
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.scores import load_spending
from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.classes import (
    descriptive_of,
    identity_of,
    qualitative_of,
    quantitative_of,
)
from identity_graph.domain.profiles.standing import score_spending
from identity_graph.domain.profiles.trait_types import TraitClass
from identity_graph.service.profiles import class_reading as reading


@strawberry.type
class ClassFields(OfCustomer):
    """The classes of customer data."""

    @strawberry.field(
        description="Who the customer is: names, contacts, accounts, and identifiers by namespace. docs/schemas/identity.json describes it."
    )
    async def identity(self, info: Info) -> JSON:
        """Put the identity together."""
        context = info.context
        traits, rows, computed = await gather(
            context.loaders.traits_of(None).load(self.customer_id),
            context.loaders.identifiers_of.load(self.customer_id),
            _load_computed(info, self.customer_id, TraitClass.IDENTITY),
        )
        return _json(identity_of(traits, context.strongest_first(rows), context.service.rules, computed))

    @strawberry.field(
        description="What the customer is like: demographics, household, occupation, interests. docs/schemas/descriptive.json describes it."
    )
    async def descriptive(self, info: Info) -> JSON:
        """Put the description together."""
        traits, computed = await gather(
            info.context.loaders.traits_of(None).load(self.customer_id),
            _load_computed(info, self.customer_id, TraitClass.DESCRIPTIVE),
        )
        return _json(descriptive_of(traits, computed))

    @strawberry.field(
        description="What the customer did, in numbers: purchases, RFM, visits, e-mails, social interactions, service contacts. "
        "docs/schemas/quantitative.json describes it."
    )
    async def quantitative(self, info: Info) -> JSON:
        """Put the numbers together."""
        loaders, catalogue = info.context.loaders, info.context.service.units.in_force.catalogue
        rules = catalogue.interactions
        visits = loaders.kept("visits", lambda: DataLoader(partial(reading.count_visits_of, loaders.reads)))
        counts = loaders.kept(
            "interactions", lambda: DataLoader(partial(reading.count_interactions, loaders.reads, rules=rules))
        )
        # All at once, so that it is one transaction.
        (spent, cut), traits, visited, counted, computed = await gather(
            load_spending(info, self.customer_id),
            loaders.traits_of(None).load(self.customer_id),
            visits.load(self.customer_id),
            counts.load(self.customer_id),
            _load_computed(info, self.customer_id, TraitClass.QUANTITATIVE),
        )
        rfm = score_spending(spent, cut, info.context.received_at, catalogue.zone)
        return _json(quantitative_of(traits, spent, rfm, visited, counted, rules, computed))

    @strawberry.field(
        description="What the customer thinks: motivation, opinion, attitude, surveys, NPS, CSAT, reviews, complaints. "
        "docs/schemas/qualitative.json describes it."
    )
    async def qualitative(self, info: Info) -> JSON:
        """Put together what was said."""
        loaders, rules = info.context.loaders, info.context.service.units.in_force.catalogue.interactions
        said = loaders.kept("said", lambda: DataLoader(partial(reading.read_said, loaders.reads, rules=rules)))
        traits, events, computed = await gather(
            loaders.traits_of(None).load(self.customer_id),
            said.load(self.customer_id),
            _load_computed(info, self.customer_id, TraitClass.QUALITATIVE),
        )
        return _json(qualitative_of(traits, events, rules, computed))


async def _load_computed(info: Info, customer_id: str, shown_in: TraitClass) -> dict[str, Any]:
    """Compute the traits that a class shows; where the catalogue declares none for it, no event is read."""
    names = info.context.service.units.in_force.catalogue.computed_of(shown_in)
    if not names:
        return {}
    rows = await info.context.loaders.computed_of(names, info.context.received_at).load(customer_id)
    return {row.name: json.loads(row.value) for row in rows}


def _json(value: Any) -> JSON:
    return json_text(text_of(value), "null")
