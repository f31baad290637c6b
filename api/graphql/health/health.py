"""Identity health: how well identities are resolved, in numbers and findings."""

import strawberry

from api.graphql.base.connections import First
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.base.identifiers import Identifier, get_identifier
from api.graphql.base.scalars import DateTime
from api.graphql.collecting.operations import IgnoredCount
from identity_graph.domain.health.findings import Level, Verdict, find_findings, verdict_of
from identity_graph.domain.health.numbers import DayHealth, Health, NamespaceHealth
from identity_graph.domain.values.instants import DAY, format_day
from identity_graph.service.health import numbers as service
from identity_graph.service.health.numbers import Suspect

_DAY = 86_400

strawberry.enum(Verdict, name="HealthVerdict", description="The worst of the findings.")
strawberry.enum(Level, name="FindingLevel", description="What a finding requires.")


@strawberry.type(name="HealthFinding", description="Something unusual in the numbers, and what to do about it.")
class HealthFindingType:
    """A finding."""

    level: Level
    code: str
    title: str = strawberry.field(description="What stands out.")
    advice: str = strawberry.field(description="What to do about it.")


@strawberry.type(name="NamespaceHealth", description="One namespace in numbers.")
class NamespaceHealthType:
    """A namespace."""

    namespace: str
    identifiers: int
    observations: int = strawberry.field(description="How often one of them was seen in an event.")
    customers: int = strawberry.field(description="Customers that have at least one.")
    mean: float = strawberry.field(description="How many such a customer has on average.")
    p95: int = strawberry.field(description="95 of 100 such customers have no more than this.")
    max: int = strawberry.field(description="The most that one customer has.")
    quarantined: int = strawberry.field(description="Seen with too many people: their links do not count.")
    crowded: int = strawberry.field(description="Those with 80 % or more of `max_partners`.")
    ignored: list[IgnoredCount] = strawberry.field(
        description="How many values were not identifiers, or linked nothing, and why, since the graph began."
    )


@strawberry.type(description="How many customers have so many identifiers.")
class SizeCount:
    """A band of sizes."""

    least: int
    most: int | None = strawberry.field(description="null: and more.")
    customers: int


@strawberry.type(description="How many violations of a code there are.")
class ViolationCount:
    """A count of violations."""

    code: str
    count: int


@strawberry.type(name="DayHealth", description="What happened on a day in UTC.")
class DayHealthType:
    """A day."""

    date: str = strawberry.field(description="Such as 2026-01-31.")
    new_customers: int
    merges: int
    splits: int
    moved_identifiers: int
    refused_links: int = strawberry.field(description="Links that were refused on this day and still are.")
    ignored_values: int = strawberry.field(description="Values that were not identifiers, or linked nothing.")


@strawberry.type(name="Suspect", description="An identifier close to quarantine.")
class SuspectType:
    """A suspect."""

    partners: int = strawberry.field(description="The number of its partners in one namespace.")
    of: str = strawberry.field(description="That namespace, with its scope if it has scopes: `user_id`, `openid/wx1`.")
    limit: int | None = strawberry.field(
        description="`max_partners` of its namespace; with more partners it is quarantined."
    )
    percent: int
    key: strawberry.Private[str]

    @strawberry.field
    async def identifier(self, info: Info) -> Identifier:
        """Read the identifier."""
        return await get_identifier(info, self.key)


@strawberry.type(description="How well identities are resolved. The numbers are taken at most once a minute.")
class IdentityHealth:
    """The numbers of one moment."""

    taken_at: DateTime = strawberry.field(description="When the numbers were taken; `suspects` are read now.")
    verdict: Verdict
    findings: list[HealthFindingType] = strawberry.field(
        description="What is unusual, the most urgent first; `identity-graph doctor` shows the same."
    )
    identifiers: int
    customers: int
    anonymous_customers: int = strawberry.field(
        description="Customers with only identifiers of namespaces marked `visitor`: only their visits are known."
    )
    anonymous_share: float = strawberry.field(description="Their share of all customers, from 0 to 1.")
    largest_customer: int = strawberry.field(description="Identifiers of the largest customer.")
    max_identifiers: int = strawberry.field(description="How many identifiers a customer may have.")
    quarantined: int = strawberry.field(description="Quarantined identifiers.")
    dead_letters: int = strawberry.field(description="Messages that are dead letters now.")
    namespaces: list[NamespaceHealthType] = strawberry.field(description="Strongest first, undeclared ones last.")
    sizes: list[SizeCount] = strawberry.field(description="How many identifiers customers have.")
    violation_counts: list[ViolationCount] = strawberry.field(description="`violations` by code.")
    days: list[DayHealthType] = strawberry.field(description="The last 30 days, today first.")

    @strawberry.field(description="Identifiers with half of `max_partners` or more, the most crowded first.")
    async def suspects(self, info: Info, first: First = 20) -> list[SuspectType]:
        """Read the suspects."""
        opened = info.context.service
        found = await service.read_suspects(info.context.loaders.reads, opened.rules, check_first(first))
        return [_suspect_of(suspect) for suspect in found]


@strawberry.type
class HealthQueries:
    """How well identities are resolved."""

    @strawberry.field(description="How well identities are resolved, and what is unusual.")
    async def identity_health(self, info: Info) -> IdentityHealth:
        """Read the numbers, or pass on those of the last minute."""
        opened = info.context.service
        health = await opened.health.read(opened.graph, opened.rules, opened.rules_version)
        findings = find_findings(health, opened.rules)
        return IdentityHealth(
            taken_at=DateTime(health.taken_at),
            verdict=verdict_of(findings),
            findings=[HealthFindingType(**finding._asdict()) for finding in findings],
            identifiers=health.identifiers,
            customers=health.customers,
            anonymous_customers=health.anonymous_customers,
            anonymous_share=health.anonymous_share,
            largest_customer=health.largest_customer,
            max_identifiers=health.max_identifiers,
            quarantined=sum(namespace.quarantined for namespace in health.namespaces),
            dead_letters=health.dead_letters,
            namespaces=[_namespace_of(namespace) for namespace in health.namespaces],
            sizes=[
                SizeCount(least=band.least, most=band.most, customers=info.context.mask.count(band.customers))
                for band in health.sizes
            ],
            violation_counts=_counts_of(health),
            days=[_day_of(day) for day in health.days],
        )


def _counts_of(health: Health) -> list[ViolationCount]:
    return [ViolationCount(code=code, count=count) for code, count in sorted(health.violations.items())]


def _namespace_of(health: NamespaceHealth) -> NamespaceHealthType:
    return NamespaceHealthType(
        namespace=health.namespace,
        identifiers=health.identifiers,
        observations=health.observations,
        customers=health.spread.customers,
        mean=health.spread.mean,
        p95=health.spread.p95,
        max=health.spread.most,
        quarantined=health.quarantined,
        crowded=health.crowded,
        ignored=[
            IgnoredCount(namespace=health.namespace, code=code, count=count)
            for code, count in sorted(health.ignored.items())
        ],
    )


def _day_of(health: DayHealth) -> DayHealthType:
    return DayHealthType(
        date=format_day(health.day * DAY),
        new_customers=health.new_customers,
        merges=health.merges,
        splits=health.splits,
        moved_identifiers=health.moved_identifiers,
        refused_links=health.refused_links,
        ignored_values=health.ignored_values,
    )


def _suspect_of(suspect: Suspect) -> SuspectType:
    return SuspectType(
        partners=suspect.partners, of=suspect.scope, limit=suspect.limit, percent=suspect.percent, key=suspect.key
    )
