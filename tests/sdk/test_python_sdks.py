import time
from typing import Any

import pytest

from identity_graph.store.driver.graph import Graph
from tests.live import Live
from tests.sdk.life import StoredEvent, arrived, customers, oldest_delay, sources, traits_of_events

pytestmark = pytest.mark.sdk

LIFE = {
    StoredEvent("page", "Home", "WEB"),
    StoredEvent("identify", "identify", "OTHER"),
    StoredEvent("track", "Order Completed", "OTHER"),
    StoredEvent("screen", "Cart", "APP"),
    StoredEvent("group", "group", "OTHER"),
    StoredEvent("alias", "alias", "OTHER"),
}


def live_a_life(client: Any) -> None:
    client.page(anonymous_id="cookie-1", name="Home", properties={"url": "https://shop.example/"})
    client.identify("user-1", {"email": "li@example.com", "plan": "pro"}, anonymous_id="cookie-1")
    client.track(
        "user-1",
        "Order Completed",
        {"order_id": "o-1", "revenue": 9.5},
        context={
            "device": {"id": "device-1"},
            "externalIds": [{"id": "crm-1", "type": "crm_id", "collection": "users", "encoding": "none"}],
        },
    )
    client.screen("user-1", name="Cart")
    client.group("user-1", "acme", {"email": "info@acme.example"})
    client.alias("cookie-0", "user-1")
    client.flush()
    client.join()


def segment(live: Live, key: str, errors: list[Any], **options: Any) -> Any:
    from segment.analytics.client import Client

    return Client(key, host=live.url, on_error=lambda error, _: errors.append(error), **options)


def rudder(live: Live, key: str, errors: list[Any], **options: Any) -> Any:
    from rudderstack.analytics.client import Client

    return Client(key, host=live.url, on_error=lambda error, _: errors.append(error), **options)


@pytest.mark.parametrize("make", [segment, rudder])
@pytest.mark.parametrize("gzip", [False, True])
async def test_a_life_sent_by_a_python_sdk_is_one_customer(make: Any, gzip: bool, live: Live, graph: Graph) -> None:
    errors: list[Any] = []
    live_a_life(make(live, live.write_key, errors, gzip=gzip))

    assert errors == []
    await arrived(graph, LIFE)
    assert await customers(graph) == {
        frozenset({
            "user_id:user-1", "anonymous_id:cookie-1", "anonymous_id:cookie-0", "email:li@example.com",
            "device_id:device-1", "crm_id:crm-1",
        })
    }  # fmt: skip
    assert await sources(graph) == {"default"}
    assert await traits_of_events(graph, "identify") == [{"email": "li@example.com", "plan": "pro"}]
    assert await oldest_delay(graph) < 60


@pytest.mark.parametrize("make", [segment, rudder])
async def test_a_wrong_key_is_an_error_at_once_and_not_after_many_tries(make: Any, live: Live) -> None:
    errors: list[Any] = []
    client = make(live, "no-such-key", errors)
    started = time.monotonic()
    client.track("user-1", "Order Completed")
    client.flush()
    client.join()

    assert [(error.status, error.code) for error in errors] == [(401, "UNKNOWN_KEY")]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("make", [segment, rudder])
async def test_one_bad_message_is_set_aside_and_its_neighbours_are_kept(make: Any, live: Live, graph: Graph) -> None:
    errors: list[Any] = []
    client = make(live, live.write_key, errors)
    crowd = [{"id": str(number), "type": "loyalty_id", "collection": "users"} for number in range(21)]
    client.track("user-1", "Signed Up")
    client.track("user-1", "Order Completed", context={"externalIds": crowd})
    client.track("user-1", "Signed Out")
    client.flush()
    client.join()

    assert errors == []
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.name AS name")
    assert {row["name"] for row in rows} == {"Signed Up", "Signed Out"}
    letters = await graph.run("MATCH (d:DeadLetter) WHERE d.id >= '' RETURN d.code AS code, d.source AS source")
    assert [(letter["code"], letter["source"]) for letter in letters] == [("too_many_identifiers", "default")]
