"""Recording what somebody said."""

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.scalars import DateTime
from api.graphql.consent.consents import Consent
from api.graphql.consent.enums import ConsentState
from api.graphql.journeys.journeys import Channel
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.service.collecting.consenting import Given, set_consent


@strawberry.input(description="What somebody said to a purpose, or to a channel of it.")
class ConsentInput:
    """A consent to record."""

    by: IdentifierInput = strawberry.field(description="Who said it, in any spelling; it may be new.")
    purpose: str = strawberry.field(description="A purpose of the catalogue.")
    channel: Channel | None = strawberry.field(
        default=UNSET, description="The channel of contacting that it is about; without it, the use of data."
    )
    state: ConsentState
    at: DateTime | None = strawberry.field(default=UNSET, description="When it was said; by default now.")
    source: str = strawberry.field(description="Who tells of it, such as `preference-centre` or `call-centre`.")
    version: str | None = strawberry.field(
        default=UNSET, description="The version of what was read before; up to 100 characters."
    )
    evidence: str | None = strawberry.field(
        default=UNSET, description="What was read before, or how it was said; up to 4,000 characters."
    )


@strawberry.type(description="The consent that was recorded.")
class SetConsentResult:
    """What was recorded."""

    consent: Consent


@strawberry.type
class ConsentMutations:
    """Recording consents."""

    @strawberry.mutation(
        description="Record what somebody said to a purpose or a channel. It stays as proof; what counts for the customer follows from "
        "all that its identifiers decided. Answers after the commit."
    )
    async def set_consent(self, info: Info, input: ConsentInput) -> SetConsentResult:
        """Record a consent."""
        context = info.context
        said = Given(
            by=RawIdentifier(input.by.namespace, input.by.value),
            purpose=input.purpose,
            channel=given(input.channel),
            state=input.state,
            at=given(input.at),
            source=input.source,
            version=given(input.version),
            evidence=given(input.evidence),
        )
        recorded = await set_consent(context.service, said, context.received_at)
        context.forget()
        return SetConsentResult(
            consent=Consent(
                purpose=said.purpose,
                channel=said.channel,
                state=said.state,
                at=DateTime(recorded.at),
                source=said.source,
                version=said.version,
                evidence=said.evidence,
                key=recorded.key,
            )
        )
