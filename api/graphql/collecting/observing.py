"""What `observe` and `retryDeadLetters` take and answer."""

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.scalars import JSON, DateTime
from api.graphql.customers.customers import Customer, customer_of
from identity_graph.service.collecting.observing import Observed


@strawberry.input(description="Identifiers that were seen together, and what happened.")
class ObservationInput:
    """An observation; unique per source and message id."""

    source: str
    message_id: str = strawberry.field(
        description="Identifies the observation together with the source: the first one counts."
    )
    occurred_at: DateTime | None = strawberry.field(
        default=UNSET,
        description="By default now; a time in the future counts as now, and is told among `ignored` from an hour on.",
    )
    type: str | None = "track"
    name: str | None = UNSET
    identifiers: list[IdentifierInput] = strawberry.field(description="1 to 20, in any spelling.")
    properties: JSON | None = strawberry.field(default=UNSET, description="A JSON object.")
    traits: JSON | None = strawberry.field(
        default=UNSET, description="A JSON object; belongs to the strongest usable identifier."
    )


@strawberry.type(description="A value that is not an identifier, or that links nothing, and why.")
class IgnoredIdentifier:
    """An ignored value."""

    namespace: str
    value: str
    code: str = strawberry.field(description="blocked, invalid, undeclared, claimed or ambiguous_observation.")


@strawberry.type(description="The result of an observation.")
class ObserveResult:
    """The result of an observation."""

    duplicate: bool = strawberry.field(description="It was already known; nothing changed.")
    customer: Customer | None = strawberry.field(
        description="The customer of the strongest usable identifier; null if there is none."
    )
    ignored: list[IgnoredIdentifier]


@strawberry.type(description="The result of retrying dead letters.")
class RetryResult:
    """What became of a retry."""

    retried: int
    succeeded: int
    failed: int


async def _observe_result(info: Info, observed: Observed) -> ObserveResult:
    customer = None
    if observed.strongest_key is not None:
        row = await info.context.loaders.identifiers.load(observed.strongest_key)
        customer = None if row is None else customer_of(row.customer)
    return ObserveResult(
        duplicate=observed.duplicate,
        customer=customer,
        ignored=[
            IgnoredIdentifier(namespace=one.namespace, value=one.value, code=one.code) for one in observed.ignored
        ],
    )
