"""Entry points for changing the rules, and for looking first at what that would come to."""

import asyncio
from collections.abc import Awaitable

import strawberry
from strawberry import Private

from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.base.identifiers import Identifier, identifier_of, unknown_identifier
from api.graphql.customers.customers import customer_of
from api.graphql.rules.rule_sets import RuleSet, rule_set_of
from identity_graph.domain.identity import customer_diff
from identity_graph.domain.rules import rule_set as rules
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.values import identifiers
from identity_graph.service.rules.changing import put_in_force, roll_back
from identity_graph.service.rules.preview import preview_rules


@strawberry.type(description="The rules in force now; `status` and `progress` show how far they are applied.")
class RuleSetResult:
    """Rules that were put in force."""

    rules: RuleSet


@strawberry.type(description="Customers before and after: as they are now, and as they would be under other rules.")
class RuleDiffExample:
    """An example of what would change."""

    before: list[list[Identifier]] = strawberry.field(description="The identifiers of each customer now.")
    after: list[list[Identifier]] = strawberry.field(
        description="The identifiers of each customer under the other rules. A new identifier has no customer yet."
    )


@strawberry.type(description="What other rules would change in the graph.")
class RuleDiff:
    """Customers before and after, counted."""

    customers_before: int
    customers_after: int
    merged: int = strawberry.field(description="Customers that would merge with another one.")
    split: int = strawberry.field(description="Customers that would split.")
    unchanged: int = strawberry.field(description="Customers that would have exactly the same identifiers.")
    largest: list[int] = strawberry.field(description="The sizes of the largest new customers.")
    found: Private[customer_diff.RuleDiff]
    new: Private[rules.RuleSet]

    @strawberry.field(description="Customers that would merge, split or change, the most striking first; 100 at most.")
    async def examples(self, info: Info, first: int | None = 10) -> list[RuleDiffExample]:
        """Show some of what would change."""
        shown = self.found.examples[: check_first(first)]

        async def show(customers: tuple[tuple[str, ...], ...]) -> list[list[Identifier]]:
            return list(
                await asyncio.gather(
                    *(asyncio.gather(*(self._identifier(info, key) for key in customer)) for customer in customers)
                )
            )

        return list(await asyncio.gather(*(_example(show(one.before), show(one.after)) for one in shown)))

    async def _identifier(self, info: Info, key: str) -> Identifier:
        row = await info.context.loaders.identifiers.load(key)
        if row is not None:
            return identifier_of(info, row, customer_of(row.customer))
        rule = self.new.find_namespace(identifiers.Identifier.from_key(key).namespace)
        seen = self.found.newcomers.get(key)
        first, last = (0, 0) if seen is None else (seen.first_seen, seen.last_seen)
        return unknown_identifier(info, key, "" if rule is None else rule.label, first, last)


@strawberry.type
class RuleQueries:
    """The entry points for trying rules."""

    @strawberry.field(
        description="What other rules would change in the graph; nothing is changed. For a large graph, use "
        "`identity-graph rules diff`."
    )
    async def preview_rules(self, info: Info, yaml: str) -> RuleDiff:
        """Compare rules with those in force."""
        service = info.context.service
        new = parse_rules(yaml, name="rules")
        found = await preview_rules(service.graph, new, max_identifiers=service.settings.preview_max_identifiers)
        return RuleDiff(
            customers_before=found.customers_before,
            customers_after=found.customers_after,
            merged=found.merged,
            split=found.split,
            unchanged=found.unchanged,
            largest=found.largest,
            found=found,
            new=new,
        )


@strawberry.type
class RuleMutations:
    """The entry points for changing the rules."""

    @strawberry.mutation(
        description="Put rules in force as the next version. New events are resolved under them at once; stored "
        "customers are converted in the background."
    )
    async def apply_rules(self, info: Info, yaml: str, expected_version: int) -> RuleSetResult:
        """Put rules in force."""
        service = info.context.service
        row = await put_in_force(service.units, yaml, expected_version, info.context.actor)
        return _begun(info, RuleSetResult(rules=rule_set_of(row)))

    @strawberry.mutation(description="Put the rules of an earlier version in force again, as a new version.")
    async def rollback_rules(self, info: Info, to_version: int) -> RuleSetResult:
        """Put earlier rules in force again."""
        row = await roll_back(info.context.service.units, to_version, info.context.actor)
        return _begun(info, RuleSetResult(rules=rule_set_of(row)))


def _begun(info: Info, result: RuleSetResult) -> RuleSetResult:
    info.context.service.applier.wake()
    info.context.forget()
    return result


async def _example(
    before: Awaitable[list[list[Identifier]]], after: Awaitable[list[list[Identifier]]]
) -> RuleDiffExample:
    olds, news = await asyncio.gather(before, after)
    return RuleDiffExample(before=olds, after=news)
