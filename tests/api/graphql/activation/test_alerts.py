"""Alerts: rules over GraphQL, events as they arrive, and who hears of it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from strawberry.types import ExecutionResult

from api.graphql.schema import new_context, schema
from identity_graph.domain.access.principals import SERVICE
from identity_graph.domain.activation.quiet_hours import QuietHours
from identity_graph.service.activation import alerting
from identity_graph.service.activation.alerting import Alerting
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service, open_service
from identity_graph.service.segments.members import read_now
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.asking import ADMIN_KEY, Ask
from tests.receivers import receiver
from tests.worlds.live_segments import save_segment

SAVE = """mutation($input: AlertRuleInput!) { saveAlertRule(input: $input) { rule {
  id name event where orderAbove backAfter segment repeatAfter enabled quietHours { from to } } } }"""
ALERTS = """{ alerts { totalCount edges { node {
  name eventName repeats customer { id } event { id name } } } } }"""
DESTINATION = """mutation($url: String!) { saveDestination(input: {name: "Desk", url: $url, kinds: ["alert"]}) {
  destination { id } } }"""


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    """Give a service that may call this machine."""
    given = {"admin_key": SecretStr(ADMIN_KEY), "webhook_allow_private": True}
    async with open_service(settings.model_copy(update=given)) as service:
        yield service


async def save(ask: Ask, **fields: Any) -> dict[str, Any]:
    return (await ask(SAVE, input={"name": "R"} | fields))["saveAlertRule"]["rule"]


async def send(service: Service, event: str, user: str = "ann", *, days_ago: float = 0, **properties: Any) -> None:
    """Send an event."""
    at = datetime.now(UTC) - timedelta(days=days_ago, seconds=1)
    message = {
        "type": "track",
        "event": event,
        "userId": user,
        "messageId": f"{event}-{user}-{at.timestamp()}",
        "timestamp": at.isoformat(),
        "properties": properties,
    }
    await collect(service, [message], source="web", received_at=now_instant())


async def told(service: Service, ask: Ask) -> list[str]:
    """Look at what was noted and give the events of all alerts, the first one first."""
    await service.alerting.look()
    return [edge["node"]["eventName"] for edge in reversed((await ask(ALERTS))["alerts"]["edges"])]


async def test_a_complaint_is_told_to_a_webhook_and_a_follower(ask: Ask, service: Service, graph: Graph) -> None:
    rule = await save(ask, name="Complaints", event="Complaint Filed")
    document = "subscription { alerts { id name eventName cursor customer { id } } }"
    context = new_context(service, 0, SERVICE)
    async with receiver() as there:
        await ask(DESTINATION, url=there.url)
        stream = await schema.subscribe(document, context_value=context)
        assert not isinstance(stream, ExecutionResult)
        async with aclosing(stream):
            following = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.2)
            await send(service, "Complaint Filed")
            await send(service, "Page Viewed")
            result = await asyncio.wait_for(following, 10)
        await there.wait_for(1)
        (got,) = there.received
    assert result.data is not None
    alert = result.data["alerts"]
    assert (alert["name"], alert["eventName"]) == ("Complaints", "Complaint Filed")
    body = json.loads(got.body)
    assert body["type"] == "alert"
    assert (body["data"]["alert"], body["data"]["rule"], body["data"]["customer"]) == (
        alert["id"],
        rule["id"],
        alert["customer"]["id"],
    )
    assert await graph.run("MATCH (c:AlertCandidate) RETURN c") == []


async def test_rules_look_at_properties_orders_and_absence(ask: Ask, service: Service) -> None:
    await save(ask, event="NPS Answered", where=[{"name": "score", "op": "LE", "value": 6}])
    await save(ask, event="Brand Mentioned", where=[{"name": "sentiment", "op": "EQ", "value": "negative"}])
    await save(ask, event="Order Refunded", orderAbove=1000)
    await save(ask, event="*", backAfter="P90D")
    await send(service, "NPS Answered", "a", score=7)
    await send(service, "NPS Answered", "b", score=6)
    await send(service, "Brand Mentioned", "c", sentiment="positive")
    await send(service, "Brand Mentioned", "d", sentiment="negative")
    for user, total in (("e", 1000), ("f", 1000.5)):
        await send(service, "Order Completed", user, order_id=f"o-{user}", total=total, currency="EUR", days_ago=0.1)
        await send(service, "Order Refunded", user, order_id=f"o-{user}")
    await send(service, "Page Viewed", "g", days_ago=100)
    await send(service, "Page Viewed", "h", days_ago=80)
    await send(service, "Came Back", "g")
    await send(service, "Again", "g")
    await send(service, "Came Back", "h")
    await send(service, "Came Back", "new")
    assert sorted(await told(service, ask)) == ["Brand Mentioned", "Came Back", "NPS Answered", "Order Refunded"]


async def test_a_rule_may_be_about_the_members_of_a_segment(ask: Ask, service: Service) -> None:
    await save_segment(service.units, "seg_vip", {"did": {"event": "Paid"}}, "ALL")
    await save(ask, event="*", backAfter="P90D", segment="seg_vip")
    for user in ("vip", "other"):
        await send(service, "Page Viewed", user, days_ago=100)
    await send(service, "Paid", "vip", days_ago=99)
    await wait_for_members(service, "seg_vip", 1)
    for user in ("vip", "other"):
        await send(service, "Came Back", user)
    assert await told(service, ask) == ["Came Back"]
    (error,) = await ask(SAVE, fails=True, input={"name": "R", "event": "E", "segment": "seg_no"})
    assert "seg_no" in error["message"]
    (error,) = await ask('mutation { deleteSegment(id: "seg_vip") { id } }', fails=True)
    assert error["extensions"]["code"] == "SEGMENT_IN_USE"
    shown = await ask('{ node(id: "seg_vip") { ... on Segment { usedBy { __typename } } } }')
    assert shown["node"]["usedBy"] == [{"__typename": "AlertRule"}]


async def wait_for_members(service: Service, segment: str, count: int) -> None:
    """Wait until a segment has so many members."""
    async with asyncio.timeout(20):
        while (await read_now(service.graph, segment, service.units.now())).size != count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_alerts_of_one_customer_are_counted_instead_of_repeated(ask: Ask, service: Service) -> None:
    await save(ask, event="Complaint Filed", repeatAfter="PT1H")
    for _ in range(3):
        await send(service, "Complaint Filed", "ann")
        await told(service, ask)
    await send(service, "Complaint Filed", "bob")
    await told(service, ask)
    nodes = [edge["node"] for edge in (await ask(ALERTS))["alerts"]["edges"]]
    assert [node["repeats"] for node in nodes] == [0, 2]


async def test_the_same_event_makes_one_alert(ask: Ask, service: Service, graph: Graph) -> None:
    await save(ask, event="Complaint Filed")
    await send(service, "Complaint Filed")
    assert len(await told(service, ask)) == 1
    await graph.run("MATCH (e:Event {name: 'Complaint Filed'}) CREATE (:AlertCandidate {id: e.id})")
    assert len(await told(service, ask)) == 1


async def test_in_quiet_hours_alerts_are_held_back_and_not_lost(
    ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save(ask, event="Complaint Filed", quietHours={"from": "22:00", "to": "08:00"})
    release = now_instant() + 3_600_000_000
    seen: list[QuietHours | None] = []

    def find_release(_: int, quiet: QuietHours | None, __: object) -> int:
        seen.append(quiet)
        return release

    monkeypatch.setattr(alerting, "find_release", find_release)
    async with receiver() as there:
        await ask(DESTINATION, url=there.url)
        await send(service, "Complaint Filed")
        assert await told(service, ask) == []
        assert [str(quiet.start) for quiet in seen if quiet] == ["22:00:00"]
        monkeypatch.setattr(service.units, "_clock", lambda: release)
        monkeypatch.setattr(service.deliverer, "_clock", lambda: release)
        assert await told(service, ask) == ["Complaint Filed"]
        await there.wait_for(1)


async def test_old_events_and_those_of_other_names_cost_nothing(ask: Ask, service: Service, graph: Graph) -> None:
    await save(ask, event="Complaint Filed")
    await service.alerting.close()
    await send(service, "Page Viewed")
    assert await graph.run("MATCH (c:AlertCandidate) RETURN c") == []
    await send(service, "Complaint Filed", days_ago=2)
    assert len(await graph.run("MATCH (c:AlertCandidate) RETURN c")) == 1
    assert await told(service, ask) == []
    rule = (await ask("{ alertRules { id } }"))["alertRules"][0]["id"]
    await save(ask, id=rule, event="Complaint Filed", enabled=False)
    await send(service, "Complaint Filed")
    assert await graph.run("MATCH (c:AlertCandidate) RETURN c") == []


async def test_what_a_killed_process_had_noted_is_looked_at_by_the_next_once(
    ask: Ask, service: Service, graph: Graph
) -> None:
    await save(ask, event="Complaint Filed")
    await service.alerting.close()
    for number in range(5):
        await send(service, "Complaint Filed", f"user-{number}")
    others = [Alerting(service.units, lambda: None) for _ in range(3)]
    counts = await asyncio.gather(*(other.look() for other in others))
    assert sum(counts) == 5
    rows = await graph.run("MATCH (a:Alert) RETURN a.position AS position ORDER BY position")
    assert [row["position"] for row in rows] == [1, 2, 3, 4, 5]


async def test_a_follower_goes_on_from_its_cursor(ask: Ask, service: Service) -> None:
    await save(ask, event="Complaint Filed")
    for user in ("a", "b", "c"):
        await send(service, "Complaint Filed", user)
        await told(service, ask)
    seen = []
    async with aclosing(service.alerting.feed.follow(0)) as alerts:
        async for alert in alerts:
            seen.append(alert.position)
            if len(seen) == 3:
                break
    assert seen == [1, 2, 3]
    page = await ask("{ alerts(first: 2) { totalCount pageInfo { endCursor hasNextPage } edges { node { cursor } } } }")
    assert (page["alerts"]["totalCount"], page["alerts"]["pageInfo"]["hasNextPage"]) == (3, True)
    rest = await ask(
        "query($after: String) { alerts(after: $after) { edges { node { id } } } }",
        after=page["alerts"]["pageInfo"]["endCursor"],
    )
    assert len(rest["alerts"]["edges"]) == 1


async def test_rules_are_shown_changed_and_deleted(ask: Ask) -> None:
    given = {
        "name": "Refunds",
        "event": "Order Refunded",
        "where": [{"name": "reason", "op": "IN", "value": ["broken", "late"]}],
        "orderAbove": 99.5,
        "backAfter": "P1D",
        "repeatAfter": "PT1H",
        "quietHours": {"from": "22:00", "to": "08:00"},
    }
    made = await save(ask, **given)
    assert made == {"id": made["id"], "enabled": True, "segment": None, **given, "orderAbove": "99.5"}
    changed = await save(ask, id=made["id"], event="Other")
    assert (changed["id"], changed["event"], changed["where"], changed["orderAbove"]) == (made["id"], "Other", [], None)
    shown = await ask("query($id: ID!) { node(id: $id) { ... on AlertRule { event } } }", id=made["id"])
    assert shown["node"] == {"event": "Other"}
    await ask("mutation($id: ID!) { deleteAlertRule(id: $id) { id } }", id=made["id"])
    assert (await ask("{ alertRules { id } }"))["alertRules"] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "`name`"),
        ({"event": "*"}, "backAfter"),
        ({"event": ""}, "event"),
        ({"backAfter": "P1M"}, "`backAfter`"),
        ({"repeatAfter": "an hour"}, "`repeatAfter`"),
        ({"orderAbove": -1}, "`orderAbove`"),
        ({"quietHours": {"from": "22", "to": "08:00"}}, "`quietHours`"),
        ({"quietHours": {"from": "08:00", "to": "08:00"}}, "whole day"),
        ({"where": [{"name": "score", "op": "LE", "value": "x"}]}, "where[0]"),
        ({"id": "alr_no"}, "alr_no"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(ask: Ask, fields: dict[str, Any], said: str) -> None:
    (error,) = await ask(SAVE, fails=True, input={"name": "R", "event": "E"} | fields)
    assert said in error["message"]
    assert (await ask("{ alertRules { id } }"))["alertRules"] == []
