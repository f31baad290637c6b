"""Funnels, paths and attribution by GraphQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity_graph.service.analysis import asking
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.segments.members import get_segment
from tests.asking import Ask

NOW = 1_800_000_000_000_000
SEARCH = {"page": {"url": "https://shop.example/", "referrer": "https://www.google.com/"}}


def seen(user: str, day: float, event: str = "Product Viewed", **more: Any) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    named = {"type": "track", "event": event, "messageId": f"{user} {day} {event}", "timestamp": at.isoformat()}
    return {**named, "userId": user, **more}


def bought(user: str, day: float, total: str, **more: Any) -> dict[str, Any]:
    said = {"order_id": f"{user} {day}", "total": total, "currency": "USD"}
    return seen(user, day, "Order Completed", properties=said, **more)


FUNNEL = """query($input: FunnelInput!) { funnel(input: $input) {
  asOf steps { number event customers conversion fromPrevious medianSeconds dropped open droppedRule }
  groups { key steps { customers } }
} }"""
PATHS = "query($input: PathsInput!) { paths(input: $input) { steps customers share isRest } }"
ATTRIBUTION = """query($input: AttributionInput!) { attribution(input: $input) {
  key visits assisted unconverted credits { model conversions value { amount currency } share }
} }"""


async def test_a_funnel_with_a_breakdown_and_the_segment_of_who_dropped_out(service: Service, ask: Ask) -> None:
    messages = [
        seen("ann", 0, context=SEARCH), bought("ann", 1, "10"), seen("bob", 0), seen("eve", 0),
        {**seen("eve", 0, "traits"), "type": "identify", "traits": {"city": "Oslo"}},
    ]  # fmt: skip
    await collect(service, messages, source="web", received_at=NOW)
    steps = [{"event": "Product Viewed"}, {"event": "Order Completed", "where": [{"name": "total", "op": "EXISTS"}]}]
    asked = {"steps": steps, "within": "P7D", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    funnel = (await ask(FUNNEL, input={**asked, "by": "MEDIUM"}))["funnel"]
    first, second = funnel["steps"]
    assert (first["customers"], first["dropped"], second["customers"], second["conversion"]) == (3, 2, 1, 1 / 3)
    assert (second["medianSeconds"], second["open"], second["droppedRule"]) == (86_400, 0, None)
    assert [(one["key"], [step["customers"] for step in one["steps"]]) for one in funnel["groups"]] == [
        ("(direct)", [2, 0]),
        ("organic", [1, 1]),
    ]
    funnel = (await ask(FUNNEL, input={**asked, "trait": "city", "first": 1}))["funnel"]
    assert [(one["key"], one["steps"][0]["customers"]) for one in funnel["groups"]] == [("(not set)", 2), ("(rest)", 1)]
    assert first["droppedRule"]["all"][0] == {
        "did": {"event": "Product Viewed", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    }


async def test_who_dropped_out_can_be_saved_as_a_segment(service: Service, ask: Ask) -> None:
    steps = [{"event": "Product Viewed"}, {"event": "Order Completed"}]
    funnel = await ask(FUNNEL, input={"steps": steps, "within": "P7D", "same": ["cart_id"]})
    saved = await ask(
        "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { rule } } }",
        input={"name": "Dropped out", "rule": funnel["funnel"]["steps"][0]["droppedRule"]},
    )
    assert saved["saveSegment"]["segment"]["rule"] == funnel["funnel"]["steps"][0]["droppedRule"]


async def test_paths(service: Service, ask: Ask) -> None:
    messages = [seen("ann", 0), bought("ann", 1, "10"), seen("bob", 0), seen("bob", 0.001), seen("eve", 0, "Other")]
    await collect(service, messages, source="web", received_at=NOW)
    assert (await ask(PATHS, input={"endsWith": {"event": "Order Completed"}}))["paths"] == [
        {"steps": ["Product Viewed", "Order Completed"], "customers": 1, "share": 1, "isRest": False}
    ]
    listed = (await ask(PATHS, input={"by": "CHANNEL", "first": 1}))["paths"]
    assert listed == [{"steps": ["OTHER"], "customers": 3, "share": 1, "isRest": False}]


async def test_attribution_of_direct_organic_direct(service: Service, ask: Ask) -> None:
    visits = [seen("ann", 0), seen("ann", 1, context=SEARCH), seen("ann", 2), bought("ann", 2.01, "140.00")]
    await collect(service, visits, source="web", received_at=NOW)
    models = ["FIRST", "LAST", "LINEAR", "POSITION"]
    asked = {"conversion": {"ordered": {}}, "models": models}
    direct, organic = (await ask(ATTRIBUTION, input=asked))["attribution"]
    assert (direct["key"], direct["visits"], direct["assisted"], direct["unconverted"]) == ("(direct)", 2, 1, 0)
    assert [one["value"]["amount"] for one in direct["credits"]] == ["140.00", "140.00", "93.33", "112.00"]
    assert [one["value"]["amount"] for one in organic["credits"]] == ["0.00", "0.00", "46.67", "28.00"]
    assert [one["conversions"] for one in organic["credits"]] == ["0", "0", "0.333333333", "0.2"]
    (row,) = (await ask(ATTRIBUTION, input={**asked, "models": ["LAST"], "skipDirect": True, "lookBack": "PT1H"}))[
        "attribution"
    ]
    assert (row["key"], row["credits"][0]["value"]) == ("(direct)", {"amount": "140.00", "currency": "USD"})
    viewed = {"conversion": {"did": {"event": "Product Viewed", "pick": "LAST"}}, "by": "CHANNEL"}
    rows = (await ask(ATTRIBUTION, input=viewed))["attribution"]
    assert [(row["key"], row["visits"], row["credits"][0]["conversions"]) for row in rows] == [
        ("WEB", 1, "1"),
        ("OTHER", 1, "0"),
    ]


async def find_state(service: Service, segment: str) -> str:
    return (await service.graph.read(lambda tx: get_segment(tx, segment))).state


async def test_only_the_journeys_of_a_segment(service: Service, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [
        seen("tom", 0),
        bought("tom", 1, "30"),
        seen("ann", 0),
        bought("ann", 1, "10"),
        seen("bob", 0),
        bought("bob", 1, "30"),
        seen("eve", 0),
    ]
    await collect(service, messages, source="web", received_at=NOW)
    large = {"ordered": {"where": [{"name": "total", "op": "GT", "value": 20}]}}
    saved = await ask(
        "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id } } }",
        input={"name": "Large orders", "rule": {"any": [large, {"trait": {"name": "vip", "op": "EXISTS"}}]}},
    )
    segment = saved["saveSegment"]["segment"]["id"]
    monkeypatch.setattr(asking, "CUSTOMERS_AT_ONCE", 1)
    async with asyncio.timeout(60):
        while (await find_state(service, segment)) != "LIVE":  # noqa: ASYNC110 - the evaluator is filling it
            await asyncio.sleep(0.05)
    steps = [{"event": "Product Viewed"}, {"event": "Order Completed"}]
    funnel = (await ask(FUNNEL, input={"steps": steps, "within": "P7D", "segment": segment}))["funnel"]
    assert [step["customers"] for step in funnel["steps"]] == [2, 2]
    (path,) = (await ask(PATHS, input={"segment": segment}))["paths"]
    assert path["customers"] == 2
    (row,) = (await ask(ATTRIBUTION, input={"conversion": {"ordered": {}}, "segment": segment}))["attribution"]
    assert row["credits"][0]["value"]["amount"] == "60.00"
    (error,) = await ask(PATHS, input={"segment": "seg_0"}, fails=True)
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_a_segment_that_is_being_filled_is_no_answer(service: Service, ask: Ask) -> None:
    await service.evaluator.close()
    saved = await ask(
        "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id } } }",
        input={"name": "All", "rule": {"not": {"hasIdentifier": "phone"}}},
    )
    (error,) = await ask(PATHS, input={"segment": saved["saveSegment"]["segment"]["id"]}, fails=True)
    assert "'All' is being filled (0%)" in error["message"]


async def test_what_makes_no_sense_is_refused_with_its_place(ask: Ask) -> None:
    (error,) = await ask(FUNNEL, input={"steps": [{"event": "A"}], "within": "P1M"}, fails=True)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(error["extensions"]["problems"]) == 2
    (error,) = await ask(ATTRIBUTION, input={"conversion": {}}, fails=True)
    assert "conversion: expected exactly one of did and ordered" in error["message"]
