"""What brought a customer: filters, sessions, and the first and last touch before a conversion."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, event, seed, session

Ask = Callable[..., Awaitable[Any]]

MINUTE = 60_000_000
COOKIE, ACCOUNT = "anonymous_id:c1", "user_id:ann"
GOOGLE = {"source": "google", "medium": "organic"}
SPRING = {"source": "weibo", "medium": "social", "name": "spring"}


@pytest.fixture
async def ann(graph: Graph) -> None:
    """Store a customer who came by a search, directly, and by a campaign, and bought twice."""
    await seed(
        graph,
        customers=[customer("cus_ann", identifiers=[COOKIE, ACCOUNT])],
        sessions=[
            session(COOKIE, event("evt_a1", at=NOON, campaign=GOOGLE), event("evt_a2", at=NOON + MINUTE), id="ses_a1"),
            session(ACCOUNT, event("evt_b1", at=NOON + DAY, name="Bought"), id="ses_b1"),
            session(ACCOUNT, event("evt_c1", at=NOON + 9 * DAY, source="app", campaign=SPRING), id="ses_c1"),
            session(
                ACCOUNT,
                event("evt_d1", at=NOON + 10 * DAY, channel="APP"),
                event("evt_d2", at=NOON + 10 * DAY + MINUTE, name="Bought"),
                id="ses_d1",
            ),
        ],
    )


async def test_sessions_tell_channel_source_and_campaign_of_their_first_event(ann: None, ask: Ask) -> None:
    answer = await ask(
        """{ customer(id: "cus_ann") { sessions { edges { node { id channel source campaign { source medium name term } } } } } }"""
    )
    found = [edge["node"] for edge in answer["customer"]["sessions"]["edges"]]
    campaigns = {"ses_c1": {**SPRING, "term": None}, "ses_a1": {**GOOGLE, "name": None, "term": None}}
    assert found == [
        {"id": "ses_d1", "channel": "APP", "source": "web", "campaign": None},
        {"id": "ses_c1", "channel": "WEB", "source": "app", "campaign": campaigns["ses_c1"]},
        {"id": "ses_b1", "channel": "WEB", "source": "web", "campaign": None},
        {"id": "ses_a1", "channel": "WEB", "source": "web", "campaign": campaigns["ses_a1"]},
    ]


async def test_a_journey_is_narrowed_by_name_and_campaign(ann: None, ask: Ask) -> None:
    query = """query($names: [String!], $campaigns: [String!]) { customer(id: "cus_ann") {
      journey(names: $names, campaigns: $campaigns) {
        totalCount edges { node { id campaign { name } session { source campaign { name } } } } } } }"""

    async def ids(**given: Any) -> list[str]:
        journey = (await ask(query, **given))["customer"]["journey"]
        assert journey["totalCount"] == len(journey["edges"])
        return [edge["node"]["id"] for edge in journey["edges"]]

    assert await ids(names=["Bought"]) == ["evt_d2", "evt_b1"]
    assert await ids(campaigns=["spring", "autumn"]) == ["evt_c1"]
    assert await ids(names=["Bought"], campaigns=["spring"]) == []
    assert await ids(names=[]) == []


@pytest.mark.parametrize(
    ("arguments", "first", "last"),
    [
        ({}, "evt_a1", "evt_d1"),
        ({"within": "P5D"}, "evt_c1", "evt_d1"),
        ({"within": "PT1M"}, "evt_d1", "evt_d1"),
        ({"within": "PT59S"}, None, None),
        ({"direct": False}, "evt_a1", "evt_c1"),
        ({"direct": False, "within": "P1D"}, None, None),
        ({"conversion": "Never"}, None, None),
    ],
)
async def test_touches_are_the_visits_before_the_latest_conversion(
    ann: None, ask: Ask, arguments: dict[str, Any], first: str | None, last: str | None
) -> None:
    query = """query($conversion: String!, $within: String! = "P30D", $direct: Boolean! = true) { customer(id: "cus_ann") {
      first: firstTouch(conversion: $conversion, within: $within, direct: $direct) { id }
      last: lastTouch(conversion: $conversion, within: $within, direct: $direct) { id session { id } } } }"""
    found = (await ask(query, **{"conversion": "Bought", **arguments}))["customer"]
    assert {name: touch and touch["id"] for name, touch in found.items()} == {"first": first, "last": last}


async def test_a_visit_that_begins_with_the_conversion_leads_to_nothing(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        customers=[customer("cus_ann", identifiers=[COOKIE])],
        sessions=[session(COOKIE, event("evt_1", name="Bought"), event("evt_2", at=NOON + MINUTE), id="ses_1")],
    )
    answer = await ask('{ customer(id: "cus_ann") { firstTouch(conversion: "Bought") { id } } }')
    assert answer["customer"]["firstTouch"] is None


@pytest.mark.parametrize("within", ["30 days", "P1M", "", "P0D", "P40000D"])
async def test_a_window_that_is_none_is_refused(ann: None, ask: Ask, within: str) -> None:
    query = (
        'query($within: String!) { customer(id: "cus_ann") { firstTouch(conversion: "x", within: $within) { id } } }'
    )
    (error,) = await ask(query, fails=True, within=within)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "within": within}
