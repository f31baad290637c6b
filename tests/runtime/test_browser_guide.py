"""Neo4j Browser as it comes with the embedded server, in Chromium: it plays the guide on connecting, whose queries draw."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

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


async def run_block(page: Page, block: Locator) -> None:
    """Click a block of the guide, run what then stands in the editor, and wait until there is an answer."""
    answers = page.locator("[data-testid=frameCommand]")
    before = await answers.count()
    await block.click()
    await page.locator("[data-testid=editor-Run]").first.click()
    await expect(answers).to_have_count(before + 1, timeout=PATIENCE)


async def draw(page: Page, text: str) -> list[str]:
    """Run the block that has a text, and give what is written on the nodes of its picture, without blanks."""
    await run_block(page, page.locator("pre.code.runnable", has_text=text).first)
    nodes = page.locator("[data-testid=frame]").first.locator("svg .node")
    await nodes.first.wait_for()
    await page.wait_for_timeout(2000)
    return ["".join(caption.split()) for caption in await nodes.all_text_contents()]


def shows(captions: list[str], *beginnings: str) -> bool:
    """Whether there is a node for each of these; long captions are cut where the circle ends."""
    return all(any(caption.startswith(beginning) for caption in captions) for beginning in beginnings)


async def until_styled(page: Page) -> None:
    """Wait until the Browser has the style. Its own rules let no page wait for a text of JavaScript."""
    async with asyncio.timeout(PATIENCE / 1000):
        while "OBSERVED_WITH" not in await page.evaluate("localStorage.getItem('neo4j.grass') ?? ''"):
            await page.wait_for_timeout(200)


async def test_the_browser_plays_the_guide_whose_queries_draw_people_journeys_and_orders(
    chromium: Browser, service: Serving, tmp_path: Path
) -> None:
    server = find_server(service.settings)
    assert server is not None
    page = await connect(chromium, server)
    await expect(page.get_by_text("You look at the product's own store")).to_be_visible(timeout=PATIENCE)

    await run_block(page, page.locator("pre.code.runnable", has_text="style.grass"))
    await until_styled(page)

    await page.locator("[data-testid=nextSlide]").first.click()
    drawn = await draw(page, "c.last_seen DESC")
    assert shows(drawn, "cus_", "ann", "ann@", "cook"), drawn

    await page.locator("[data-testid=nextSlide]").first.click()
    drawn = await draw(page, "s.started_at DESC")
    assert shows(drawn, "cus_", "Call", "CALL", "Home", "WEB"), drawn

    await page.locator("[data-testid=nextSlide]").first.click()
    drawn = await draw(page, "o.at DESC")
    assert shows(drawn, "cus_", "69.99", "Order"), drawn
    await page.close()


SLIDES = 6


@pytest.mark.parametrize("slide", range(SLIDES))
async def test_every_query_of_a_slide_runs(chromium: Browser, service: Serving, slide: int) -> None:
    """A slide at a time: the Browser keeps fifteen answers and drops older ones."""
    server = find_server(service.settings)
    assert server is not None
    page = await connect(chromium, server)
    await expect(page.get_by_text("You look at the product's own store")).to_be_visible(timeout=PATIENCE)
    for _ in range(slide):
        await page.locator("[data-testid=nextSlide]").first.click()
    blocks = await page.locator("pre.code.runnable").all()
    assert blocks
    for block in blocks:
        await run_block(page, block)
    assert (slide == SLIDES - 1) == (await page.locator("[data-testid=nextSlide]").count() == 0)
    await page.wait_for_timeout(2000)
    assert await page.get_by_text("Neo.ClientError").count() == 0
    await page.close()
