import asyncio
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser
from sensorsanalytics import (
    BatchConsumer,
    DebugConsumer,
    DefaultConsumer,
    SensorsAnalytics,
    SensorsAnalyticsDebugException,
    SensorsAnalyticsIdentity,
)

from identity_graph.store.driver.graph import Graph
from tests.api.collector.test_hooks import PLAIN, query, xml
from tests.live import APP_ID, Live
from tests.sdk.conftest import JS
from tests.sdk.life import StoredEvent, arrived, customers, events, oldest_delay, traits_of_events
from tests.sdk.pages import PageServer
from tests.sdk.running import run
from tests.sdk.test_browser_sdks import visit

pytestmark = pytest.mark.sdk

FIRST_APP, OTHER_APP = "wx1111111111111111", "wxfedcba9876543210"
LIFE_OF_NODE = {
    StoredEvent("track", "ViewProduct", "OTHER"),
    StoredEvent("track_signup", "$SignUp", "OTHER"),
    StoredEvent("track", "BuyNow", "OTHER"),
    StoredEvent("profile_set", "profile_set", "OTHER"),
    StoredEvent("profile_unset", "profile_unset", "OTHER"),
    StoredEvent("profile_increment", "profile_increment", "OTHER"),
    StoredEvent("item_set", "item_set", "OTHER"),
}
LIFE_OF_WEB = {
    StoredEvent("page", "Shop", "WEB"),
    StoredEvent("profile_set_once", "profile_set_once", "WEB"),
    StoredEvent("track_signup", "$SignUp", "WEB"),
    StoredEvent("track_id_bind", "$BindID", "WEB"),
    StoredEvent("profile_set", "profile_set", "WEB"),
    StoredEvent("track", "BuyNow", "WEB"),
}
LIFE_OF_MINI_PROGRAM = {
    StoredEvent("profile_set_once", "profile_set_once", "MINI_PROGRAM"),
    StoredEvent("track_id_bind", "$BindID", "MINI_PROGRAM"),
    StoredEvent("track", "ViewProduct", "MINI_PROGRAM"),
    StoredEvent("track_signup", "$SignUp", "MINI_PROGRAM"),
    StoredEvent("profile_set", "profile_set", "MINI_PROGRAM"),
    StoredEvent("track", "BuyNow", "MINI_PROGRAM"),
}


def address(live: Live, key: str | None = None) -> str:
    return f"{live.url}/sa?project=default&token={key or live.write_key}"


async def come(graph: Graph, expected: set[StoredEvent]) -> None:
    """Wait for events, of which some may come several times."""
    deadline = time.monotonic() + 20
    while not await events(graph) >= expected and time.monotonic() < deadline:  # noqa: ASYNC110 - SDKs send when they like
        await asyncio.sleep(0.05)
    assert await events(graph) == expected
    letters = await graph.run("MATCH (d:DeadLetter) WHERE d.id >= '' RETURN d.code AS code, d.reason AS reason")
    assert letters == []


async def keys_of(graph: Graph, namespace: str) -> set[str]:
    return {key for part in await customers(graph) for key in part if key.startswith(f"{namespace}:")}


# --- Python -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [DefaultConsumer, BatchConsumer, DebugConsumer])
async def test_a_life_sent_by_the_python_sdk_is_one_customer(make: Any, live: Live, graph: Graph) -> None:
    sensors = SensorsAnalytics(make(address(live)))
    account = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.LOGIN_ID, "user-1")
    mobile = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.MOBILE, "138-0013-8000")
    email = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.EMAIL, "li@example.com")
    sensors.track("cookie-1", "ViewProduct", {"product": "book"})
    sensors.track_signup("user-1", "cookie-1", {})
    sensors.bind(account, mobile, email)
    sensors.track_by_id("BuyNow", {"price": 9.5}, account)
    sensors.profile_set_by_id({"city": "Wuhan"}, account)
    sensors.profile_append("user-1", {"tags": ["vip"]}, is_login_id=True)
    sensors.item_set("book", "17", {"price": 5})
    sensors.flush()
    sensors.close()

    await arrived(
        graph,
        {
            StoredEvent("track", "ViewProduct", "OTHER"),
            StoredEvent("track_signup", "$SignUp", "OTHER"),
            StoredEvent("track_id_bind", "$BindID", "OTHER"),
            StoredEvent("track", "BuyNow", "OTHER"),
            StoredEvent("profile_set", "profile_set", "OTHER"),
            StoredEvent("profile_append", "profile_append", "OTHER"),
            StoredEvent("item_set", "item_set", "OTHER"),
        },
    )
    assert await customers(graph) == {
        frozenset({
            "user_id:user-1", "anonymous_id:user-1", "anonymous_id:cookie-1", "phone:+8613800138000", "email:li@example.com",
        })
    }  # fmt: skip
    assert await traits_of_events(graph, "profile_set") == [{"city": "Wuhan"}]
    assert await oldest_delay(graph) < 60


async def test_what_the_python_sdk_unbinds_is_another_customer(live: Live, graph: Graph) -> None:
    sensors = SensorsAnalytics(DefaultConsumer(address(live)))
    account = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.LOGIN_ID, "user-1")
    mobile = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.MOBILE, "13800138000")
    sensors.bind(account, mobile)
    assert await customers(graph) == {frozenset({"user_id:user-1", "phone:+8613800138000"})}
    await asyncio.sleep(1)
    sensors.unbind(mobile)
    assert await customers(graph) == {frozenset({"user_id:user-1"}), frozenset({"phone:+8613800138000"})}
    await asyncio.sleep(1)
    sensors.bind(account, mobile)
    assert await customers(graph) == {frozenset({"user_id:user-1", "phone:+8613800138000"})}


async def test_the_debug_mode_of_the_python_sdk_hears_what_is_wrong_and_stores_nothing(
    live: Live, graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    sensors = SensorsAnalytics(DebugConsumer(address(live), write_data=False))
    sensors.track("cookie-1", "ViewProduct", {"product": "book"})
    crowd = {f"long_{number}": "x" * 8000 for number in range(5)}
    with pytest.raises(SensorsAnalyticsDebugException):
        sensors.track("cookie-1", "ViewProduct", crowd)
    assert "a message may have 32768 bytes" in capfd.readouterr().out
    assert await events(graph) == set()


# --- Node ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["track", "debug"])
async def test_a_life_sent_by_the_node_sdk_is_one_customer(
    mode: str, node: str, node_modules: Path, live: Live, graph: Graph
) -> None:
    result = run([node, str(JS / "clients" / "sensors.mjs"), live.url, live.write_key, mode])

    assert result.returncode == 0, result.stderr
    await arrived(graph, LIFE_OF_NODE)
    assert await customers(graph) == {frozenset({"user_id:user-1", "anonymous_id:user-1", "anonymous_id:cookie-1"})}
    assert await traits_of_events(graph, "profile_unset") == [{"level": None}]


async def test_a_dry_run_of_the_node_sdk_stores_nothing(
    node: str, node_modules: Path, live: Live, graph: Graph
) -> None:
    result = run([node, str(JS / "clients" / "sensors.mjs"), live.url, live.write_key, "dryRun"])

    assert result.returncode == 0, result.stderr
    assert await events(graph) == set()


# --- Web ----------------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(
    ("options", "asked_for"),
    [
        ({"send": "image"}, "GET /sa.gif"), ({"send": "ajax"}, "POST /sa.gif"), ({"send": "beacon"}, "POST /sa.gif"),
        ({"batch": "1", "send": "ajax"}, "POST /sa.gif"), ({"debug": "1"}, "GET /debug"),
    ],
)  # fmt: skip
async def test_the_web_sdk_in_a_browser(
    options: dict[str, str], asked_for: str, chromium: Browser, pages: PageServer, live: Live, graph: Graph
) -> None:
    cookie, asked = await visit(chromium, pages.page("sensors", host=live.url, key=live.write_key, **options), live, {})

    await come(graph, LIFE_OF_WEB)
    assert asked_for in asked
    assert await customers(graph) == {frozenset({"user_id:user-1", f"anonymous_id:{cookie}", "email:li@example.com"})}
    assert await traits_of_events(graph, "profile_set") == [{"city": "Wuhan"}]


@pytest.mark.browser
async def test_a_dry_run_of_the_web_sdk_stores_nothing(
    chromium: Browser, pages: PageServer, live: Live, graph: Graph
) -> None:
    address = pages.page("sensors", host=live.url, key=live.write_key, debug="dry")
    _, asked = await visit(chromium, address, live, {})

    assert "GET /debug" in asked
    assert await events(graph) == set()


# --- Mini-program -------------------------------------------------------------------------------------------------------


def mini_program(node: str, live: Live, *said: str) -> subprocess.CompletedProcess[str]:
    return run([node, str(JS / "clients" / "miniprogram.mjs"), live.url, live.write_key, *said])


async def test_the_mini_program_sdk_links_what_it_binds(
    node: str, node_modules: Path, live: Live, graph: Graph
) -> None:
    result = mini_program(node, live, APP_ID, "o1", "u1", "user-1", "13800138000")

    assert result.returncode == 0, result.stderr
    await come(graph, LIFE_OF_MINI_PROGRAM)
    [cookie] = await keys_of(graph, "anonymous_id")
    assert await customers(graph) == {
        frozenset({"user_id:user-1", "unionid:u1", f"openid:{APP_ID}/o1", "phone:+8613800138000", cookie})
    }


async def test_what_the_mini_program_sdk_unbinds_is_another_customer(
    node: str, node_modules: Path, live: Live, graph: Graph
) -> None:
    result = mini_program(node, live, APP_ID, "o1", "u1", "user-1", "13800138000", "unbind")

    assert result.returncode == 0, result.stderr
    await come(graph, {*LIFE_OF_MINI_PROGRAM, StoredEvent("track_id_unbind", "$UnbindID", "MINI_PROGRAM")})
    [cookie] = await keys_of(graph, "anonymous_id")
    assert await customers(graph) == {
        frozenset({"user_id:user-1", "unionid:u1", f"openid:{APP_ID}/o1", cookie}),
        frozenset({"phone:+8613800138000"}),
    }


# --- One person everywhere ----------------------------------------------------------------------------------------------

JOURNEY = """{ lookup(value: "u1", namespace: "unionid") { customer {
  identifiers { namespace value }
  journey(first: 50) { edges { node { name channel source } } }
} } }"""


async def test_a_person_is_followed_by_unionid_across_mini_programs_an_official_account_and_a_store(
    node: str, node_modules: Path, live: Live, graph: Graph
) -> None:
    assert mini_program(node, live, FIRST_APP, "o1", "u1").returncode == 0
    await asyncio.sleep(1)  # WeChat counts in whole seconds
    now = int(time.time())
    scanned = {
        "ToUserName": "gh_1", "FromUserName": "o3", "CreateTime": now, "MsgType": "event", "Event": "SCAN",
        "EventKey": "shop-17", "UnionID": "u1",
    }  # fmt: skip
    order = {
        "event": "Order Completed", "properties": {"order_id": "A-1", "total": 29.33, "currency": "CNY"},
        "context": {"channel": "STORE", "externalIds": [{"id": "card-1", "type": "loyalty_id"}, {"id": "u1", "type": "unionid"}]},
    }  # fmt: skip
    async with httpx.AsyncClient(base_url=live.url, timeout=30) as client:
        assert (await client.post(f"{PLAIN}?{query()}", content=xml(**scanned))).text == "success"
        await asyncio.sleep(1)
        assert mini_program(node, live, OTHER_APP, "o2", "u1", "user-1").returncode == 0
        answer = await client.post("/v1/track", json=order, headers={"X-Write-Key": live.write_key})
        assert answer.status_code == 200
        asked = await client.post(
            "/graphql", json={"query": JOURNEY}, headers={"Authorization": f"Bearer {live.admin_key}"}
        )

    [found] = asked.json()["data"]["lookup"]
    customer = found["customer"]
    named = {f"{one['namespace']}:{one['value']}" for one in customer["identifiers"]}
    assert {key for key in named if not key.startswith("anonymous_id:")} == {
        "unionid:u1", f"openid:{FIRST_APP}/o1", f"openid:{OTHER_APP}/o2", f"openid:{APP_ID}/o3", "user_id:user-1", "loyalty_id:card-1",
    }  # fmt: skip
    assert len(await customers(graph)) == 1
    steps = [(edge["node"]["channel"], edge["node"]["name"]) for edge in customer["journey"]["edges"]][::-1]
    told = [step for step in steps if step[1] in {"ViewProduct", "QR Code Scanned", "BuyNow", "Order Completed"}]
    assert told == [
        ("MINI_PROGRAM", "ViewProduct"),
        ("WECHAT_OFFICIAL_ACCOUNT", "QR Code Scanned"),
        ("MINI_PROGRAM", "ViewProduct"),
        ("MINI_PROGRAM", "BuyNow"),
        ("STORE", "Order Completed"),
    ]
    rows = await graph.run(
        "MATCH (e:Event {name: 'QR Code Scanned'}) WHERE e.id >= '' RETURN e.properties AS properties"
    )
    assert json.loads(rows[0]["properties"])["scene"] == "shop-17"
