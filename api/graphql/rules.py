"""Entry points for changing the rules."""

import strawberry

from api.graphql.context import Info
from api.graphql.operations import RuleSet, rule_set_of
from identity_graph.service.changing_rules import put_in_force, roll_back


@strawberry.type(description="The rules that are in force now; see `status` and `progress` for their application.")
class RuleSetResult:
    """Rules that were put in force."""

    rules: RuleSet


@strawberry.type
class RuleMutations:
    """The entry points for changing the rules."""

    @strawberry.mutation(
        description="Put rules in force as the next version. Events are resolved under them at once; what is stored is "
        "brought under them in the background."
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
