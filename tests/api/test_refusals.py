"""Whoever comes without a valid key is in the audit log, once for many times."""

import asyncio

import httpx

from identity_graph.domain.audit.entries import SealedEntry
from identity_graph.service.audit.reading import stream_log
from identity_graph.store.driver.graph import Graph


async def test_refusals_are_recorded_together(stranger: httpx.AsyncClient, graph: Graph) -> None:
    for number in range(20):
        answer = await stranger.post(
            "/graphql", json={"query": "{ rules { version } }"}, headers={"Authorization": f"Bearer secret-{number}"}
        )
        assert answer.status_code == 401
        assert (await stranger.post("/v1/track", json={}, auth=(f"wrong-{number}", ""))).status_code == 401
    log: list[SealedEntry] = []
    async with asyncio.timeout(20):
        while sum(dict(one.entry.counts)["times"] for one in log) < 40:
            await asyncio.sleep(0.1)
            log = [sealed async for sealed in stream_log(graph)]
    assert len(log) < 20
    assert {(one.entry.operation, str(one.entry.outcome), one.entry.reason) for one in log} == {
        ("/graphql", "refused", "UNAUTHENTICATED"),
        ("/v1/{name}", "refused", "UNAUTHENTICATED"),
    }
    assert {one.entry.who.address for one in log} == {"127.0.0.1"}
    assert "secret" not in str(log)
    assert "wrong" not in str(log)
