"""Every answer tells browsers not to guess types, not to keep it, and not to say where they come from."""

import httpx
import pytest


@pytest.mark.parametrize(
    "path", ["/", "/graphql", "/health/live", "/metrics", "/nowhere", "/openapi.json", "/guide", "/v1/batch", "/sa.gif"]
)
async def test_every_answer_has_them(stranger: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        headers = (await stranger.request(method, path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


async def test_what_may_be_kept_says_so_itself(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/graphql/assets/start.js")
    assert answer.headers["cache-control"] == "max-age=3600"
    assert answer.headers["x-content-type-options"] == "nosniff"
