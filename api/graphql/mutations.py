"""The entry points for writing."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.access.keys import AccessKeyMutations
from api.graphql.activation.alerts import AlertMutations
from api.graphql.activation.saving import ActivationMutations
from api.graphql.analysis.experiments import ExperimentMutations
from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.scalars import Id
from api.graphql.collecting.observing import ObservationInput, ObserveResult, RetryResult, _observe_result
from api.graphql.consent.mutations import ConsentMutations
from api.graphql.corrections.corrections import CorrectionMutations
from api.graphql.privacy.cases import PrivacyRequestMutations
from api.graphql.privacy.erasure import PrivacyMutations
from api.graphql.profiles.catalogues import CatalogueMutations
from api.graphql.profiles.scores import ScoreMutations
from api.graphql.rules.rules import RuleMutations
from api.graphql.segments.mutations import SegmentMutations
from identity_graph.domain.access.keys import check_source
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.service.collecting.dead_letters import retry_dead_letters
from identity_graph.service.collecting.observing import observe

Ids = Annotated[list[Id] | None, strawberry.argument(description="Without it, all of them.")]


@strawberry.type
class Mutation(
    CorrectionMutations,
    RuleMutations,
    ScoreMutations,
    CatalogueMutations,
    ActivationMutations,
    AlertMutations,
    SegmentMutations,
    ExperimentMutations,
    AccessKeyMutations,
    ConsentMutations,
    PrivacyMutations,
    PrivacyRequestMutations,
):
    """The entry points for writing."""

    @strawberry.mutation(description="Report identifiers that were seen together. Answers after the commit.")
    async def observe(self, info: Info, input: ObservationInput) -> ObserveResult:
        """Take an observation in."""
        context = info.context
        check_source(context.principal, input.source)
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

    @strawberry.mutation(description="Retry dead letters after the problem was corrected.")
    async def retry_dead_letters(self, info: Info, ids: Ids = UNSET) -> RetryResult:
        """Try dead letters again."""
        result = await retry_dead_letters(info.context.service, given(ids))
        return RetryResult(retried=result.retried, succeeded=result.succeeded, failed=result.failed)
