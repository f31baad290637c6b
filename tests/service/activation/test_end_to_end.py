"""From an event to the webhook: who enters a segment is told within moments."""

import asyncio
import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

from identity_graph.service.activation.destinations import Draft, save_destination
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.receivers import receiver
from tests.worlds.activation import SECRET
from tests.worlds.live_segments import save_segment


async def test_an_order_is_told_as_an_entry(graph: Graph, settings: Settings) -> None:
    async with (
        receiver() as there,
        open_service(settings.model_copy(update={"webhook_allow_private": True})) as service,
    ):
        await save_segment(service.units, "seg_1", {"did": {"event": "Order Completed"}}, "ALL")
        async with asyncio.timeout(20):
            while not await graph.run("MATCH (s:Segment {state: 'LIVE'}) RETURN s"):  # noqa: ASYNC110 - it is a graph
                await asyncio.sleep(0.1)
        draft = Draft(name="CRM", url=there.url, segments=["seg_1"], secret=SECRET)
        await save_destination(graph, draft, allow_private=True)
        now = datetime.now(UTC).isoformat()
        order = {"type": "track", "event": "Order Completed", "userId": "ann", "messageId": "m1", "timestamp": now}
        results = await collect(service, [order], source="web", received_at=now_instant())
        assert results
        await there.wait_for(1, seconds=20)
        (got,) = there.received
        rows = await graph.run("MATCH (c:Customer) RETURN c.id AS id")
    message = Webhook(SECRET).verify(got.body, got.headers)
    assert message == json.loads(got.body)
    assert (message["type"], message["data"]["segment"]) == ("segment.entered", "seg_1")
    assert [row["id"] for row in rows] == [message["data"]["customer"]]
