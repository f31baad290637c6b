"""Without `pii`, no answer holds a personal value, whatever is asked for; ids and cursors do not, either."""

import base64
import re
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from identity_graph.domain.access.masking import HIDDEN, SMALLEST_COUNT
from identity_graph.domain.access.principals import ALL_SCOPES, Scope
from identity_graph.domain.access.table import GRAPHQL, Shown
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.api.graphql.access.asking import Asking, asking_of
from tests.api.graphql.access.walking import fields_of, selection_of

BLIND = ALL_SCOPES - {Scope.PII}
NEEDLES = (
    "13912345",
    "lihua",
    "Needleman",
    "u-needle",
    "kiosk-needle",
    "c-needle",
    "said-needle",
    "bad-needle",
    "card-needle",
)
"""Parts of all values in the graph that tell who somebody is."""

EMAIL = "lihua@needle.example"
MESSAGES: list[dict[str, Any]] = [
    {"type": "identify", "userId": "u-needle-1", "anonymousId": "c-needle-1", "traits": {
        "email": EMAIL, "phone": "+8613912345678", "name": "Li Needleman", "said": "said-needle", "birthday": "1990-01-02"}},
    {"type": "track", "event": "Viewed", "userId": "u-needle-1", "anonymousId": "c-needle-1",
     "properties": {"email": EMAIL, "note": "said-needle"}, "context": {"device": {"id": "kiosk-needle"}}},
    {"type": "track", "event": "Viewed", "userId": "u-needle-2", "context": {"device": {"id": "kiosk-needle"}}},
    {"type": "track", "event": "NPS Answered", "userId": "u-needle-1", "properties": {"nps": 9, "comment": "said-needle"}},
    {"type": "track", "event": "Survey Answered", "userId": "u-needle-1", "properties": {"nps": 9, "comment": "said-needle"}},
    {"type": "track", "event": "Order Completed", "userId": "u-needle-1",
     "properties": {"order_id": "1001", "total": 9.5, "currency": "CNY", "email": EMAIL}},
    {"type": "track", "event": "Viewed", "userId": "u-needle-2", "anonymousId": "c-needle-1"},
    {"type": "track", "event": "Viewed", "userId": "u-needle-1", "phone": "bad-needle", "traits": {"phone": "bad-needle"}},
    {"type": "track", "event": "Viewed", "email": "bad-needle"},
    {"type": "nothing", "userId": "u-needle-1", "bad": "bad-needle"},
]  # fmt: skip

CALLS = {
    "changes": "changes(first: 2)",
    "customers": "customers(first: 2)",
    "why": 'why(a: {namespace: "user_id", value: "u-needle-1"}, b: {namespace: "user_id", value: "u-needle-2"})',
    "violations": "violations(first: 20)",
    "customer": 'customer(by: {namespace: "user_id", value: "u-needle-1"})',
    "lookup": f'lookup(value: "{EMAIL}")',
    "order": 'order(orderId: "1001")',
    "node": 'node(id: "idn_nobody")',
    "segment": 'segment(name: "buyers")',
    "previewSegment": "previewSegment(rule: {metric: {name: ORDERS, op: GE, value: 1}}, audience: ALL)",
    "previewRules": 'previewRules(yaml: "format: 1\\nnamespaces: {user_id: {label: Account, limit: 1}}")',
    "previewCatalogue": 'previewCatalogue(yaml: "traits: {name: {policy: oldest}}")',
    "funnel": 'funnel(input: {steps: [{event: "Viewed"}, {event: "Order Completed"}], within: "P9D"})',
    "paths": "paths(input: {})",
    "attribution": 'attribution(input: {conversion: {did: {event: "Order Completed"}}})',
}
DEEP = {"changes", "why"}
"""Entry points that have identifiers further below."""

SKIPPED = {"explainMembership"}
"""Asked for below, since it needs ids."""


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    async with open_service(settings) as opened:
        numbered = [
            {"messageId": f"m{n}", "timestamp": f"2026-01-{n + 1:02}T08:00:00Z"} | one for n, one in enumerate(MESSAGES)
        ]
        await collect(opened, numbered, source="web", received_at=now_instant(), sent_at=None, default_type=None)
        yield opened


@pytest.fixture
async def asking(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Asking]:
    async with asking_of(service, monkeypatch) as opened:
        yield opened


def found_in(text: str) -> set[str]:
    """Find needles, also in what looks like base64."""
    words = {part for word in re.findall(r"[A-Za-z0-9_-]{16,}", text) for part in (word, word.partition("_")[2])}
    texts = [text, *(base64.urlsafe_b64decode(word[: len(word) // 4 * 4]).decode("latin-1") for word in words)]
    return {needle for needle in NEEDLES for one in texts if needle in one}


def queries() -> dict[str, str]:
    """Ask for everything that may be seen without `pii`: each entry point, and each field of a customer."""
    entries = {
        name: f"{{ {CALLS.get(name, name)} {selection_of(kind, BLIND, 3 if name in DEEP else 2)} }}"
        for name, kind in fields_of("Query").items()
        if name not in SKIPPED
    }
    parts = {
        f"customer.{name}": f"{{ {CALLS['customer']} {{ {name} {selection_of(kind, BLIND, 2)} }} }}"
        for name, kind in fields_of("Customer").items()
        if name not in {"firstTouch", "lastTouch", "mayUse"}
    }
    return entries | parts


def counts_in(value: object) -> Iterator[tuple[str, int]]:
    """Find the counts in an answer that the table says are not told where they are small."""
    if isinstance(value, list):
        for one in value:
            yield from counts_in(one)
    elif isinstance(value, dict):
        needs = GRAPHQL.get(value.get("__typename", ""), {})
        for name, one in value.items():
            if isinstance(one, int) and name in needs and needs[name].shown is Shown.ROUNDED:
                yield f"{value['__typename']}.{name}", one
            yield from counts_in(one)


async def test_no_answer_holds_a_personal_value(asking: Asking) -> None:
    saved = await asking.ask(
        ALL_SCOPES,
        """mutation { saveSegment(input: {name: "buyers", audience: ALL,
        rule: {metric: {name: ORDERS, op: GE, value: 1}}}) { segment { id } } }""",
    )
    assert "errors" not in saved[1]

    hidden = shown = 0
    counted = dict[str, int]()
    for name, query in queries().items():
        answer = await asking.send(BLIND, query, {})
        assert answer.status_code == 200, (name, answer.text[:500])
        assert "errors" not in answer.json(), (name, answer.text[:1000])
        assert found_in(answer.text) == set(), (name, answer.text)
        counted.update(counts_in(answer.json()["data"]))
        assert {place: count for place, count in counted.items() if count < SMALLEST_COUNT} == {}, name
        hidden += answer.text.count(HIDDEN)
        seen = await asking.send(ALL_SCOPES, query, {})
        shown += bool(found_in(seen.text))
        assert HIDDEN not in seen.text, name
    assert hidden > 50, "the world has nothing to hide"
    assert shown > 5, "the needles are not in the answers"
    assert {"SizeCount.customers", "SegmentPreview.size", "FunnelStep.customers", "Segment.size"} <= set(counted)


async def test_a_sealed_id_leads_back_and_a_forged_one_leads_nowhere(asking: Asking) -> None:
    ask = (
        '{ customer(by: {namespace: "user_id", value: "u-needle-1"}) { identifiers { id key value customer { id } } } }'
    )
    blind = (await asking.ask(BLIND, ask))[1]["data"]["customer"]["identifiers"]
    whole = (await asking.ask(ALL_SCOPES, ask))[1]["data"]["customer"]["identifiers"]
    assert {one["value"] for one in blind} == {HIDDEN}
    assert {one["key"] for one in blind} == {one["key"].partition(":")[0] + f":{HIDDEN}" for one in whole}
    assert (await asking.ask(BLIND, ask))[1]["data"]["customer"]["identifiers"] == blind

    node = "query($id: ID!) { node(id: $id) { id ... on Identifier { namespace value } } }"
    for sealed, plain in zip(blind, whole, strict=True):
        found = (await asking.ask(BLIND, node, id=sealed["id"]))[1]["data"]["node"]
        assert found == {"id": sealed["id"], "namespace": plain["key"].partition(":")[0], "value": HIDDEN}
        seen = (await asking.ask(ALL_SCOPES, node, id=sealed["id"]))[1]["data"]["node"]
        assert (seen["id"], seen["value"]) == (plain["id"], plain["value"])
    forged = blind[0]["id"][:-4] + "AAAA"
    assert (await asking.ask(BLIND, node, id=forged))[1]["data"]["node"] is None


async def test_pages_go_on_after_a_sealed_cursor(asking: Asking) -> None:
    ask = "query($after: String) { violations(first: 1, after: $after) { edges { node { code } } pageInfo { endCursor hasNextPage } } }"
    codes: list[str] = []
    after = None
    while True:
        page = (await asking.ask(BLIND, ask, after=after))[1]["data"]["violations"]
        codes += [edge["node"]["code"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        assert after.startswith("~")
    whole = (await asking.ask(ALL_SCOPES, "{ violations(first: 100) { edges { node { code } } } }"))[1]["data"][
        "violations"
    ]
    assert codes == [edge["node"]["code"] for edge in whole["edges"]]
    assert len(codes) > 1
    _, body = await asking.ask(BLIND, ask, after="~forged")
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_without_pii_a_lookup_needs_the_exact_value(asking: Asking) -> None:
    for part in ("lihua", "lihua@needle", "1391234", "u-needle"):
        assert (await asking.ask(BLIND, f'{{ lookup(value: "{part}") {{ customer {{ id }} }} }}'))[1]["data"][
            "lookup"
        ] == []
    assert (await asking.ask(BLIND, f'{{ lookup(value: "{EMAIL}") {{ customer {{ id }} }} }}'))[1]["data"][
        "lookup"
    ] != []


@pytest.mark.parametrize(
    "query",
    [
        'previewSegment(rule: {not: {trait: {name: "email", op: STARTS_WITH, value: "li"}}}) { size }',
        'previewSegment(rule: {did: {event: "Viewed", where: [{name: "email", op: EQ, value: "x"}]}}) { size }',
        'funnel(input: {steps: [{event: "A"}, {event: "B"}], within: "P9D", trait: "email"}) { groups { key } }',
        'funnel(input: {steps: [{event: "A", where: [{name: "phone", op: EQ, value: "1"}]}, {event: "B"}], within: "P9D"}) { asOf }',
        'paths(input: {startsWith: {event: "A", where: [{name: "phone", op: EQ, value: "1"}]}}) { steps }',
    ],
)
async def test_without_pii_nobody_asks_by_personal_values(asking: Asking, query: str) -> None:
    _, body = await asking.ask(BLIND, f"{{ {query} }}")
    assert body["errors"][0]["extensions"] == {"code": "FORBIDDEN", "missing": ["PII"]}, body
    _, body = await asking.ask(ALL_SCOPES, f"{{ {query} }}")
    assert "FORBIDDEN" not in str(body)


async def test_without_pii_nobody_saves_conditions_on_personal_values(asking: Asking) -> None:
    condition = '{name: "email", op: STARTS_WITH, value: "li"}'
    segment = f'saveSegment(input: {{name: "curious", rule: {{trait: {condition}}}}}) {{ segment {{ id }} }}'
    alert = f'saveAlertRule(input: {{name: "curious", event: "Viewed", where: [{condition}]}}) {{ rule {{ id }} }}'
    for mutation in (segment, alert):
        _, body = await asking.ask(BLIND, f"mutation {{ {mutation} }}")
        assert body["errors"][0]["extensions"] == {"code": "FORBIDDEN", "missing": ["PII"]}, body
        assert "errors" not in (await asking.ask(ALL_SCOPES, f"mutation {{ {mutation} }}"))[1]


async def test_without_pii_no_small_count_of_people_is_told(asking: Asking) -> None:
    preview = "{ previewSegment(rule: {metric: {name: ORDERS, op: GE, value: 1}}, audience: ALL) { size least most audienceSize share } }"
    assert (await asking.ask(ALL_SCOPES, preview))[1]["data"]["previewSegment"]["size"] == 1
    blind = (await asking.ask(BLIND, preview))[1]["data"]["previewSegment"]
    assert blind == dict.fromkeys(("size", "least", "most", "audienceSize"), SMALLEST_COUNT) | {"share": 1.0}

    funnel = '{ funnel(input: {steps: [{event: "Viewed"}, {event: "Order Completed"}], within: "P9D"}) { steps { customers dropped open conversion } } }'
    steps = (await asking.ask(BLIND, funnel))[1]["data"]["funnel"]["steps"]
    assert {step[name] for step in steps for name in ("customers", "dropped", "open")} == {SMALLEST_COUNT}
    assert (await asking.ask(BLIND, "{ paths(input: {}) { customers } }"))[1]["data"]["paths"] == []
