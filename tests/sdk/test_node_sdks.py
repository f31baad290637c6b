import subprocess
from pathlib import Path

import pytest

from identity_graph.store.driver.graph import Graph
from tests.live import Live
from tests.sdk.conftest import JS
from tests.sdk.life import StoredEvent, arrived, customers, oldest_delay, sources, traits_of_events
from tests.sdk.running import run

pytestmark = pytest.mark.sdk

WHOLE_LIFE = {
    StoredEvent("page", "Home", "WEB"),
    StoredEvent("identify", "identify", "OTHER"),
    StoredEvent("track", "Order Completed", "OTHER"),
    StoredEvent("screen", "Cart", "APP"),
    StoredEvent("group", "group", "OTHER"),
    StoredEvent("alias", "alias", "OTHER"),
}
WHOLE_CUSTOMER = frozenset({
    "user_id:user-1", "anonymous_id:cookie-1", "anonymous_id:cookie-0", "email:li@example.com", "device_id:device-1",
    "crm_id:crm-1",
})  # fmt: skip
LIFE_OF_JITSU = {event for event in WHOLE_LIFE if event.type not in {"screen", "alias"}}
CUSTOMER_OF_JITSU = frozenset({"user_id:user-1", "anonymous_id:cookie-1", "email:li@example.com"})


def send(node: str, client: str, live: Live, key: str) -> subprocess.CompletedProcess[str]:
    return run([node, str(JS / "clients" / f"{client}.mjs"), live.url, key])


@pytest.mark.parametrize(
    ("client", "life", "customer"),
    [
        ("segment", WHOLE_LIFE, WHOLE_CUSTOMER),
        ("rudder", WHOLE_LIFE, WHOLE_CUSTOMER),
        ("jitsu", LIFE_OF_JITSU, CUSTOMER_OF_JITSU),
    ],
)
async def test_a_life_sent_by_a_node_sdk_is_one_customer(
    client: str,
    life: set[StoredEvent],
    customer: frozenset[str],
    node: str,
    node_modules: Path,
    live: Live,
    graph: Graph,
) -> None:
    result = send(node, client, live, live.write_key)

    assert result.returncode == 0, result.stderr
    await arrived(graph, life)
    assert await customers(graph) == {customer}
    assert await sources(graph) == {"default"}
    assert await traits_of_events(graph, "identify") == [{"email": "li@example.com", "plan": "pro"}]
    assert await oldest_delay(graph) < 60


async def test_a_wrong_key_is_an_error_that_the_node_sdk_reports(node: str, node_modules: Path, live: Live) -> None:
    result = send(node, "segment", live, "no-such-key")

    assert result.returncode == 1
    assert "401" in result.stderr
