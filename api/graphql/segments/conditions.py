"""Who may ask by which conditions."""

from api.graphql.base.context import Info
from identity_graph.domain.segments.personal import check_conditions


def check_conditions_for(info: Info, conditions: object) -> None:
    """See that who asks may see the values that conditions compare.

    Raises:
        ForbiddenError: they may not.
    """
    context = info.context
    check_conditions(conditions, context.principal, context.service.rules, context.service.units.in_force.catalogue)
