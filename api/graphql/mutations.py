"""The entry points for writing."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.scalars import JSON, DateTime, Id
from api.graphql.corrections.corrections import CorrectionMutations
from api.graphql.customers.customers import Customer, customer_of_identifier
from api.graphql.rules.rules import RuleMutations
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.service.collecting.dead_letters import retry_dead_letters
from identity_graph.service.collecting.observing import Observed, observe


@strawberry.input(description="Identifiers that were seen together, and what happened.")
class ObservationInput:
    """An observation; unique per source and message id."""

    source: str
    message_id: str = strawberry.field(description="With the source, names the observation: the first one counts.")
    occurred_at: DateTime | None = strawberry.field(
        default=UNSET, description="By default now; what lies in the future happened now."
    )
    type: str | None = "track"
    name: str | None = UNSET
    identifiers: list[IdentifierInput] = strawberry.field(description="1 to 20, in any spelling.")
    properties: JSON | None = strawberry.field(default=UNSET, description="A JSON object.")
    traits: JSON | None = strawberry.field(
        default=UNSET, description="A JSON object; kept with the strongest usable identifier."
    )


@strawberry.type(description="A value that is no identifier, or that links nothing, and why.")
class IgnoredIdentifier:
    """An ignored value."""

    namespace: str
    value: str
    code: str = strawberry.field(description="blocked, invalid, undeclared or ambiguous_observation.")


@strawberry.type(description="What became of an observation.")
class ObserveResult:
    """What became of an observation."""

    duplicate: bool = strawberry.field(description="It was known; nothing changed.")
    customer: Customer | None = strawberry.field(
        description="The customer of the strongest usable identifier, null when there is none."
    )
    ignored: list[IgnoredIdentifier]


@strawberry.type(description="What became of the dead letters that were tried again.")
class RetryResult:
    """What became of a retry."""

    retried: int
    succeeded: int
    failed: int


Ids = Annotated[list[Id] | None, strawberry.argument(description="Without it, all of them.")]


@strawberry.type
class Mutation(CorrectionMutations, RuleMutations):
    """The entry points for writing."""

    @strawberry.mutation(description="Report identifiers that were seen together. Answers after the commit.")
    async def observe(self, info: Info, input: ObservationInput) -> ObserveResult:
        """Take an observation in."""
        context = info.context
        observed = await observe(
            context.service,
            source=input.source,
            message_id=input.message_id,
            occurred_at=given(input.occurred_at),
            received_at=context.received_at,
            type=input.type,
            name=given(input.name),
            identifiers=tuple(RawIdentifier(one.namespace, one.value) for one in input.identifiers),
            properties=given(input.properties),
            traits=given(input.traits),
        )
        context.forget()
        return await _observe_result(info, observed)

    @strawberry.mutation(description="Read dead letters again, after what was wrong has been mended.")
    async def retry_dead_letters(self, info: Info, ids: Ids = UNSET) -> RetryResult:
        """Try dead letters again."""
        result = await retry_dead_letters(info.context.service, given(ids))
        return RetryResult(retried=result.retried, succeeded=result.succeeded, failed=result.failed)


async def _observe_result(info: Info, observed: Observed) -> ObserveResult:
    customer = None
    if observed.strongest_key is not None:
        row = await info.context.loaders.identifiers.load(observed.strongest_key)
        customer = None if row is None else customer_of_identifier(row)
    return ObserveResult(
        duplicate=observed.duplicate,
        customer=customer,
        ignored=[
            IgnoredIdentifier(namespace=one.namespace, value=one.value, code=one.code) for one in observed.ignored
        ],
    )
