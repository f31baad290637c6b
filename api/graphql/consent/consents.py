"""What a customer allows, and all that it decided."""

from functools import partial

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.base.identifiers import Identifier, get_identifier
from api.graphql.base.scalars import DateTime
from api.graphql.consent.enums import ConsentState, Refusal
from api.graphql.journeys.journeys import Channel
from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.deriving import Standing
from identity_graph.domain.consent.permission import Person, may_use, say_refusal
from identity_graph.service.consent.reading import Standings, read_decisions_of, read_people, read_standings_of


@strawberry.type(description="What a customer said to a purpose, or to a channel of it: the decision that counts.")
class Consent:
    """A consent; the identifier is read when it is asked for."""

    purpose: str
    channel: Channel | None = strawberry.field(
        description="The channel of contacting; null for the use of data. Neither says anything of the other."
    )
    state: ConsentState
    at: DateTime = strawberry.field(description="When it was decided.")
    source: str = strawberry.field(description="Who told of it.")
    version: str | None = strawberry.field(description="The version of what was read before deciding.")
    evidence: str | None = strawberry.field(description="What was read before deciding, or how it was said.")
    key: strawberry.Private[str]

    @strawberry.field(description="Whose decision it is.")
    async def identifier(self, info: Info) -> Identifier:
        """Read the identifier."""
        return await get_identifier(info, self.key)


@strawberry.type(description="A decision of one identifier, as proof: also those that later ones replaced.")
class ConsentDecision:
    """A decision."""

    subject: str = strawberry.field(
        description="`purpose:` and its name, `category:` and what a consent banner calls it, or `opt_out` of a browser."
    )
    channel: Channel | None
    state: ConsentState
    at: DateTime = strawberry.field(description="When it was decided.")
    repeated_at: DateTime = strawberry.field(description="When it was said last before another decision.")
    source: str
    message_id: str = strawberry.field(description="The message that said it first.")
    version: str | None
    evidence: str | None
    key: strawberry.Private[str]

    @strawberry.field(description="Whose decision it is.")
    async def identifier(self, info: Info) -> Identifier:
        """Read the identifier."""
        return await get_identifier(info, self.key)


@strawberry.type(description="Whether data may be used, and if not, why.")
class Permission:
    """An answer."""

    allowed: bool
    refusal: Refusal | None
    reason: str | None = strawberry.field(description="The refusal in words.")


async def consents_of(info: Info, customer_id: str) -> list[Consent]:
    """Read what a customer said to purposes and channels, as far as it counts."""
    loaders = info.context.loaders
    loader: DataLoader[str, Standings] = loaders.kept(
        "consents",
        lambda: DataLoader(partial(read_standings_of, loaders.reads, in_force=info.context.service.units.in_force)),
    )
    standings = await loader.load(customer_id)
    return [_consent_of(purpose, channel, one) for (purpose, channel), one in standings.items()]


async def decisions_of(info: Info, customer_id: str) -> list[ConsentDecision]:
    """Read all decisions of the identifiers of a customer, the newest first."""
    loaders = info.context.loaders
    loader: DataLoader[str, list[Decision]] = loaders.kept(
        "consent decisions", lambda: DataLoader(partial(read_decisions_of, loaders.reads))
    )
    return [_decision_of(one) for one in reversed(await loader.load(customer_id))]


async def permission_of(info: Info, customer_id: str, purpose: str, channel: Channel | None) -> Permission:
    """Tell whether the data of a customer may be used for a purpose now, and through a channel if one is named."""
    context, loaders = info.context, info.context.loaders
    in_force = context.service.units.in_force
    loader: DataLoader[str, Person] = loaders.kept(
        "people", lambda: DataLoader(partial(read_people, loaders.reads, in_force=in_force))
    )
    person = await loader.load(customer_id)
    refusal = may_use(person, purpose, channel, context.received_at, in_force.catalogue.consent).refusal
    return Permission(
        allowed=refusal is None, refusal=refusal, reason=None if refusal is None else say_refusal(refusal)
    )


def _consent_of(purpose: str, channel: Channel | None, standing: Standing) -> Consent:
    decision = standing.decision
    return Consent(
        purpose=purpose,
        channel=channel,
        state=decision.state,
        at=DateTime(decision.at),
        source=decision.source,
        version=decision.version or None,
        evidence=decision.text or None,
        key=decision.identifier,
    )


def _decision_of(decision: Decision) -> ConsentDecision:
    return ConsentDecision(
        subject=decision.subject,
        channel=decision.channel,
        state=decision.state,
        at=DateTime(decision.at),
        repeated_at=DateTime(decision.last[0]),
        source=decision.source,
        message_id=decision.order[2],
        version=decision.version or None,
        evidence=decision.text or None,
        key=decision.identifier,
    )
