"""Neo4j Browser as it comes with the embedded server, in Chromium: it plays the guide on connecting, whose queries draw."""

from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from identity_graph.runtime import find_server
from identity_graph.runtime.server import ServerHandle
from tests.runtime.embedding import WRITE_KEY, Serving, clear, serving, small
from tests.sdk.conftest import chromium

__all__ = ["chromium"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PATIENCE = 120_000
ANN = [
    {
        "type": "page",
        "name": "Home",
        "messageId": "1",
        "timestamp": "2026-03-02T09:00:00Z",
        "anonymousId": "cookie-ann",
    },
    {
        "type": "identify",
        "messageId": "2",
        "timestamp": "2026-03-02T09:05:00Z",
        "anonymousId": "cookie-ann",
        "userId": "ann",
        "traits": {"email": "ann@example.com"},
    },
    {
        "type": "track",
        "event": "Order Completed",
        "messageId": "4",
        "timestamp": "2026-03-02T09:20:00Z",
        "userId": "ann",
        "properties": {"order_id": "A-1", "total": 69.99, "currency": "CNY"},
    },
    {
        "type": "track",
        "event": "Call Received",
        "messageId": "3",
        "timestamp": "2027-03-09T12:00:00Z",
        "userId": "ann",
        "context": {"channel": "CALL_CENTRE"},
    },
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Serving]:
    """Give a service with a Neo4j of its own that knows Ann."""
    settings = small(tmp_path_factory.mktemp("browser"))
    try:
        with serving(settings) as service:
            answer = httpx.post(f"{service.url}/v1/batch", json={"batch": ANN}, auth=(WRITE_KEY, ""), timeout=60)
            assert answer.status_code == 200
            yield service
    finally:
        clear(settings)


async def connect(browser: Browser, server: ServerHandle) -> Page:
    """Open Neo4j Browser and sign in, as a person does."""
    page = await browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    there = quote(server.uri.replace("://", f"://{server.user}@"), safe="")
    await page.goto(f"{server.http_url}/browser/?connectURL={there}", timeout=PATIENCE)
    await page.locator("[data-testid=password]").fill(server.password)
    await page.locator("[data-testid=connect]").click()
    return page


async def run_block(page: Page, text: str) -> None:
    """Click the block of the guide that has a text, and run what then stands in the editor."""
    await page.locator("pre.code.runnable", has_text=text).first.click()
    await page.locator("[data-testid=editor-Run]").first.click()


async def captions(page: Page) -> set[str]:
    """Give what is written on the nodes of the newest picture."""
    await page.locator("svg .node").first.wait_for()
    await page.wait_for_timeout(2000)
    frame = page.locator("[data-testid=frame]").first
    return {"".join(text.split()) for text in await frame.locator("svg .node").all_text_contents()}


async def test_the_browser_plays_the_guide_whose_queries_draw_people_journeys_and_orders(
    chromium: Browser, service: Serving, tmp_path: Path
) -> None:
    server = find_server(service.settings)
    assert server is not None
    page = await connect(chromium, server)
    await expect(page.get_by_text("You look at the product's own store")).to_be_visible(timeout=PATIENCE)

    await run_block(page, "style.grass")
    await page.wait_for_function(
        "(localStorage.getItem('neo4j.grass') ?? '').includes('OBSERVED_WITH')", timeout=PATIENCE
    )

    await page.locator("[data-testid=nextSlide]").first.click()
    await run_block(page, "c.last_seen DESC")
    drawn = await captions(page)
    assert {"ann", "cookie-…"} <= drawn, drawn

    await page.locator("[data-testid=nextSlide]").first.click()
    await run_block(page, "s.started_at DESC")
    drawn = await captions(page)
    assert any(text.startswith("CallRec") for text in drawn), drawn
    assert any(text.startswith("CALL_") for text in drawn), drawn

    await page.locator("[data-testid=nextSlide]").first.click()
    await run_block(page, "o.at DESC")
    drawn = await captions(page)
    assert "69.99CNY" in drawn, drawn
    assert any(text.startswith("Order") for text in drawn), drawn
    await page.close()


async def test_every_query_of_the_guide_runs(chromium: Browser, service: Serving) -> None:
    server = find_server(service.settings)
    assert server is not None
    page = await connect(chromium, server)
    await expect(page.get_by_text("You look at the product's own store")).to_be_visible(timeout=PATIENCE)
    guide = page.locator("[data-testid=frame]", has=page.locator("[data-testid=carousel]")).first
    ran = 0
    while True:
        blocks = await guide.locator("pre.code.runnable").all()
        for block in blocks:
            ran += 1
            before = await page.locator("[data-testid=frameCommand]").count()
            await block.click()
            await page.locator("[data-testid=editor-Run]").first.click()
            await expect(page.locator("[data-testid=frameCommand]")).not_to_have_count(before, timeout=PATIENCE)
        forward = guide.locator("[data-testid=nextSlide]")
        if not await forward.count():
            break
        await forward.first.click()
    assert ran >= 10
    await page.wait_for_timeout(2000)
    assert await page.get_by_text("Neo.ClientError").count() == 0
    await page.close()
