"""Alerts, their rules, and following them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from decimal import Decimal
from typing import Annotated

import orjson
import strawberry
from strawberry import UNSET, Private

from api.graphql.base.connections import After, Connection, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor, given
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id, json_text
from api.graphql.customers.customers import Customer, customer_of
from api.graphql.journeys.journeys import Touchpoint, touchpoint_of
from api.graphql.segments.conditions import check_conditions_for
from api.graphql.segments.inputs import PropertyCondition
from api.graphql.segments.written import write_input
from identity_graph.domain.activation.read_models import AlertRuleRow, AlertView
from identity_graph.domain.segments.rule_tree import PropertyRule
from identity_graph.service.activation import alert_rules as service
from identity_graph.service.activation.alert_reading import count_alerts, find_alert, read_alerts
from identity_graph.service.positions import ABOVE_ALL

_CURSOR = "alerts"

AfterAlert = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last alert that you processed; without it, only new alerts."),
]


@strawberry.input(description="Hours of the day in which nobody is told: alerts are told at their end.")
class QuietHoursInput:
    """Quiet hours in the project's time zone."""

    from_: str = strawberry.field(name="from", description="Such as `22:00`, in the time zone of the catalogue.")
    to: str = strawberry.field(description="Such as `08:00`; the next day if it is the earlier one.")


@strawberry.type(description="Hours of the day in which nobody is told: alerts are told at their end.")
class QuietHours:
    """Quiet hours in the project's time zone."""

    from_: str = strawberry.field(name="from")
    to: str


@strawberry.input(
    description="Which events somebody wants to hear of at once. With `id`, it takes the place of that rule."
)
class AlertRuleInput:
    """A rule as somebody wants it."""

    id: Id | None = UNSET
    name: str
    event: str = strawberry.field(description="The exact name of the event; `*` for any, of customers who come back.")
    where: list[PropertyCondition] | None = strawberry.field(
        default=UNSET, description="What must hold of its properties."
    )
    order_above: Decimal | None = strawberry.field(
        default=UNSET, description="The total of the order that it tells of is above this, in the order's currency."
    )
    back_after: str | None = strawberry.field(
        default=UNSET, description="The customer was not seen for so long before it, such as `P90D`."
    )
    segment: Id | None = strawberry.field(default=UNSET, description="The customer is in this segment.")
    repeat_after: str | None = strawberry.field(
        default=UNSET, description="For so long there is one alert for a customer, such as `PT1H`."
    )
    quiet_hours: QuietHoursInput | None = UNSET
    enabled: bool | None = True


@strawberry.type(description="Which events somebody wants to hear of at once.")
class AlertRule(Node):
    """A rule of alerts."""

    name: str
    event: str
    order_above: str | None
    back_after: str | None
    segment: Id | None
    repeat_after: str | None
    quiet_hours: QuietHours | None
    enabled: bool
    created_at: DateTime
    updated_at: DateTime
    conditions: Private[str]

    @strawberry.field(description="What must hold of the properties, as it was written.")
    def where(self) -> JSON:
        """Pass the conditions on."""
        return json_text(self.conditions, "[]")


@strawberry.type(description="An event that somebody wanted to hear of.")
class Alert(Node):
    """An alert."""

    cursor: str = strawberry.field(description="To follow from here: the `after` of the subscription.")
    rule: Id = strawberry.field(description="The id of the rule.")
    name: str = strawberry.field(description="The name of the rule at that time.")
    event_name: str
    occurred_at: DateTime
    at: DateTime = strawberry.field(description="When the alert was written.")
    repeats: int = strawberry.field(description="How many events would have been alerts so soon after it.")
    row: Private[AlertView]

    @strawberry.field(description="The customer; null of an event without anybody.")
    async def customer(self, info: Info) -> Customer | None:
        """Read the customer, or the one that it was merged into."""
        if self.row.customer_id is None:
            return None
        row = await info.context.loaders.customers.load(self.row.customer_id)
        return None if row is None else customer_of(row)

    @strawberry.field(description="The event.")
    async def event(self, info: Info) -> Touchpoint | None:
        """Read the event."""
        row = await info.context.loaders.touchpoints.load(self.row.event_id)
        return None if row is None else touchpoint_of(row)


AlertConnection = Connection[Alert]


@strawberry.type(description="A rule that was saved.")
class AlertRuleResult:
    """A saved rule."""

    rule: AlertRule


@strawberry.type(description="A rule that was deleted.")
class DeleteAlertRuleResult:
    """The id of what is gone."""

    id: Id


@strawberry.type
class AlertQueries:
    """The entry points for looking at alerts."""

    @strawberry.field(description="All rules of alerts.")
    async def alert_rules(self, info: Info) -> list[AlertRule]:
        """Read the rules."""
        return [alert_rule_of(row) for row in await service.read_alert_rules(info.context.loaders.reads)]

    @strawberry.field(description="The alerts, the last one first; those that are held back are not among them yet.")
    async def alerts(self, info: Info, first: First = 20, after: After = UNSET) -> AlertConnection:
        """Read a page of the alerts."""
        reads = info.context.loaders.reads
        position = decode_cursor(_CURSOR, after, int)
        page = await read_alerts(
            reads, first=check_first(first), before=ABOVE_ALL if position is None else int(position[0])
        )
        edges, page_info = edges_of(page, alert_of, _cursor_of)
        return AlertConnection(edges=edges, page_info=page_info, count=lambda: count_alerts(reads))


@strawberry.type
class AlertMutations:
    """The entry points for changing rules of alerts."""

    @strawberry.mutation(
        description="Save a rule of alerts. It is about events that are stored from now on, or from two seconds on by another process."
    )
    async def save_alert_rule(self, info: Info, input: AlertRuleInput) -> AlertRuleResult:
        """Save a rule."""
        id, quiet, above = given(input.id), given(input.quiet_hours), given(input.order_above)
        segment, where = given(input.segment), given(input.where) or []
        check_conditions_for(info, tuple(PropertyRule(name=one.name, op=one.op) for one in where))
        row = await service.save_alert_rule(
            info.context.service.units,
            service.Draft(
                id=None if id is None else str(id),
                name=input.name,
                event=input.event,
                where=[write_input(one) for one in where],
                order_above=None if above is None else str(above),
                back_after=given(input.back_after),
                segment=None if segment is None else str(segment),
                repeat_after=given(input.repeat_after),
                quiet_from=None if quiet is None else quiet.from_,
                quiet_to=None if quiet is None else quiet.to,
                enabled=input.enabled is not False,
            ),
        )
        info.context.forget()
        return AlertRuleResult(rule=alert_rule_of(row))

    @strawberry.mutation(description="Delete a rule of alerts; its alerts stay.")
    async def delete_alert_rule(self, info: Info, id: Id) -> DeleteAlertRuleResult:
        """Delete a rule."""
        await service.delete_alert_rule(info.context.service.units, str(id))
        info.context.forget()
        return DeleteAlertRuleResult(id=id)


@strawberry.type
class AlertSubscription:
    """The entry point for following alerts."""

    @strawberry.subscription(description="Alerts: first those after the cursor, then each as it is told.")
    async def alerts(self, info: Info, after: AfterAlert = UNSET) -> AsyncGenerator[Alert]:
        """Follow the alerts."""
        feed = info.context.service.alerting.feed
        place = decode_cursor(_CURSOR, after, int)
        position = await feed.find_end() if place is None else int(place[0])
        async with aclosing(feed.follow(position)) as alerts:
            async for row in alerts:
                yield alert_of(row)


def alert_rule_of(row: AlertRuleRow) -> AlertRule:
    """Make a rule of a row."""
    rule = orjson.loads(row.rule)
    did = rule["did"]["did"]
    quiet = (
        None if row.quiet_from is None or row.quiet_to is None else QuietHours(from_=row.quiet_from, to=row.quiet_to)
    )
    return AlertRule(
        id=Id(row.id),
        name=row.name,
        event=did["event"],
        order_above=rule["orderAbove"],
        back_after=rule["backAfter"],
        segment=None if rule["segment"] is None else Id(rule["segment"]),
        repeat_after=row.repeat_after,
        quiet_hours=quiet,
        enabled=row.enabled,
        created_at=DateTime(row.created_at),
        updated_at=DateTime(row.updated_at),
        conditions=orjson.dumps(did.get("where", [])).decode(),
    )


def alert_of(row: AlertView) -> Alert:
    """Make an alert of a row."""
    return Alert(
        id=Id(row.id),
        cursor=_cursor_of(row),
        rule=Id(row.rule_id),
        name=row.rule_name,
        event_name=row.event_name,
        occurred_at=DateTime(row.occurred_at),
        at=DateTime(row.at),
        repeats=row.repeats,
        row=row,
    )


async def find_alert_node(info: Info, id: str) -> Alert | None:
    """Find an alert that was told by its id."""
    row = await find_alert(info.context.loaders.reads, id)
    return None if row is None else alert_of(row)


async def find_alert_rule(info: Info, id: str) -> AlertRule | None:
    """Find a rule by its id."""
    rows = await service.read_alert_rules(info.context.loaders.reads)
    return next((alert_rule_of(row) for row in rows if row.id == id), None)


def _cursor_of(row: AlertView) -> str:
    return encode_cursor(_CURSOR, row.position, row.id)
