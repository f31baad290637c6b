"""Lists of customers that a rule holds for."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.segments.inputs import RuleInput
from api.graphql.segments.preview import read_rule_input
from identity_graph.domain.identity.read_models import ListedCustomer
from identity_graph.service.positions import Page
from identity_graph.service.segments.filtering import count_filtered, read_filtered

Filter = Annotated[
    RuleInput | None,
    strawberry.argument(
        description="Only those that this rule holds for at the moment, as in a segment with the audience ALL."
    ),
]


async def filter_customers(
    info: Info, filter: RuleInput, order: str, first: int | None, after: tuple[int, str] | None
) -> tuple[Page[ListedCustomer], Callable[[], Awaitable[int]]]:
    """Read a page of the customers that a rule holds for, and give what counts them."""
    service, now, rule = info.context.service, info.context.received_at, read_rule_input(info, filter)
    in_force = service.units.in_force
    page = await read_filtered(service.graph, rule, in_force, now, order=order, first=check_first(first), after=after)
    return page, lambda: count_filtered(service.graph, rule, in_force, now)
