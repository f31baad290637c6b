"""Sets of rules, as they are shown."""

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.scalars import DateTime
from api.graphql.base.statuses import RuleSetStatus
from identity_graph.domain.rules.read_models import StoredRuleSet
from identity_graph.service.rules.changing import read_rule_set


@strawberry.type(description="The rules that customers are resolved under.")
class RuleSet:
    """A rule set as it was applied."""

    version: int
    yaml: str
    applied_at: DateTime
    applied_by: str
    status: RuleSetStatus
    progress: float = strawberry.field(description="From 0 to 1; 1 when it is active.")
    error: str | None


async def read_rules(info: Info) -> RuleSet:
    """Read the rules in force.

    Raises:
        NotFoundError: none were ever applied.
    """
    return rule_set_of(await read_rule_set(info.context.loaders.reads))


def rule_set_of(row: StoredRuleSet) -> RuleSet:
    """Make a rule set of a row."""
    return RuleSet(
        version=row.version,
        yaml=row.yaml,
        applied_at=DateTime(row.applied_at),
        applied_by=row.applied_by,
        status=RuleSetStatus(row.status),
        progress=row.progress,
        error=row.error,
    )
