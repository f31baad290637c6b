"""Entry points for corrections by people."""

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.identifiers import Identifier, IdentifierInput, get_identifier
from api.graphql.base.scalars import DateTime, Id
from api.graphql.customers.customers import Customer, customer_of
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.service.corrections import corrections
from identity_graph.service.corrections.corrections import Named


@strawberry.type(description="A judgement, and the customers of its identifiers now.")
class JudgementResult:
    """What became of a judgement."""

    id: Id = strawberry.field(description="What `withdrawJudgement` takes.")
    customers: list[Customer] = strawberry.field(description="The customers of the identifiers now: one, or two.")


@strawberry.type(description="The customers of the identifiers whose evidence was removed.")
class RetractResult:
    """What became of evidence that was taken back."""

    id: Id | None = strawberry.field(
        description="The id for `withdrawJudgement`; only `unlink` has one, since a retraction is permanent."
    )
    customers: list[Customer] = strawberry.field(
        description="The resulting customers. Identifiers without other evidence are gone."
    )
    still_linked: bool = strawberry.field(description="Other evidence still keeps them one customer.")


@strawberry.type(description="An identifier whose quarantine was overruled.")
class QuarantineResult:
    """What became of a quarantine."""

    id: Id = strawberry.field(description="What `withdrawJudgement` takes.")
    identifier: Identifier


@strawberry.type
class CorrectionMutations:
    """The entry points for judgements and retractions."""

    @strawberry.mutation(
        description="Declare that two identifiers are the same person. It outranks limits and quarantine."
    )
    async def declare_same(self, info: Info, a: IdentifierInput, b: IdentifierInput, reason: str) -> JudgementResult:
        """Judge two identifiers to be the same."""
        return await _declare(info, Verdict.SAME, a, b, reason)

    @strawberry.mutation(
        description="Declare that two identifiers are different persons: nothing joins them to one customer."
    )
    async def declare_different(
        self, info: Info, a: IdentifierInput, b: IdentifierInput, reason: str
    ) -> JudgementResult:
        """Judge two identifiers to differ."""
        return await _declare(info, Verdict.DIFFERENT, a, b, reason)

    @strawberry.mutation(description="Withdraw a judgement: same, different, unlinked, or an overruled quarantine.")
    async def withdraw_judgement(self, info: Info, id: Id) -> JudgementResult:
        """Withdraw a judgement."""
        done = await corrections.withdraw_judgement(info.context.service, str(id), info.context.actor)
        return JudgementResult(id=id, customers=await _customers_of(info, done.keys))

    @strawberry.mutation(description="Retract an observation permanently: sending its message again changes nothing.")
    async def retract_observation(self, info: Info, source: str, message_id: str) -> RetractResult:
        """Retract an observation."""
        keys = await corrections.retract_observation(info.context.service, source, message_id, info.context.actor)
        customers = await _customers_of(info, keys)
        return RetractResult(id=None, customers=customers, still_linked=len(keys) > 1 and len(customers) == 1)

    @strawberry.mutation(
        description="Remove the evidence that links two identifiers up to `at`, by default now. Later evidence "
        "links them again."
    )
    async def unlink(
        self, info: Info, a: IdentifierInput, b: IdentifierInput, reason: str, at: DateTime | None = UNSET
    ) -> RetractResult:
        """Unlink a pair."""
        done = await corrections.unlink_pair(
            info.context.service, _named(a), _named(b), given(at), reason, info.context.actor
        )
        customers = await _customers_of(info, done.keys)
        return RetractResult(id=Id(done.judgement_id), customers=customers, still_linked=len(customers) == 1)

    @strawberry.mutation(
        description="Declare that an identifier belongs to one person, however many others it is seen with: it is never quarantined."
    )
    async def overrule_quarantine(self, info: Info, identifier: IdentifierInput, reason: str) -> QuarantineResult:
        """Overrule a quarantine."""
        done = await corrections.overrule_quarantine(
            info.context.service, _named(identifier), reason, info.context.actor
        )
        info.context.forget()
        return QuarantineResult(id=Id(done.judgement_id), identifier=await get_identifier(info, done.keys[0]))


async def _declare(
    info: Info, verdict: Verdict, a: IdentifierInput, b: IdentifierInput, reason: str
) -> JudgementResult:
    done = await corrections.declare(info.context.service, verdict, _named(a), _named(b), reason, info.context.actor)
    return JudgementResult(id=Id(done.judgement_id), customers=await _customers_of(info, done.keys))


async def _customers_of(info: Info, keys: list[str]) -> list[Customer]:
    """Read the distinct customers of identifiers as they are after the commit, in the order of the keys."""
    info.context.forget()
    rows = await info.context.loaders.identifiers.load_many(keys)
    found = {row.customer_id: customer_of(row.customer) for row in rows if row is not None}
    return list(found.values())


def _named(one: IdentifierInput) -> Named:
    return Named(one.namespace, one.value)
