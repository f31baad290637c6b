from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Response, Route

from identity_graph.store.driver.graph import Graph
from tests.live import Live
from tests.sdk.life import StoredEvent, arrived, customers, oldest_delay, sources, traits_of_events
from tests.sdk.pages import PageServer

pytestmark = [pytest.mark.sdk, pytest.mark.browser]

PAGE = StoredEvent("page", "Home", "WEB")
IDENTIFY = StoredEvent("identify", "identify", "WEB")
ORDER = StoredEvent("track", "Order Completed", "WEB")
GROUP = StoredEvent("group", "group", "WEB")
SCREEN = StoredEvent("screen", "Cart", "WEB")
ALIAS = StoredEvent("alias", "alias", "WEB")


async def visit(browser: Browser, address: str, live: Live, scripts: dict[str, Path]) -> tuple[str, set[str]]:
    """Open a page in a fresh profile; return the cookie that it sent by, and the paths it asked of the service.

    ``scripts`` are put beside the service.
    """
    context = await browser.new_context()
    try:
        page = await context.new_page()
        complaints, asked = _listen(page, live)
        for path, file in scripts.items():
            await page.route(f"{live.url}{path}", partial(_serve_script, file))
        await page.goto(address)
        try:
            await page.wait_for_function("document.title.startsWith('sent by ')", timeout=30_000)
        except Exception as error:
            raise AssertionError(f"the page did not send: {complaints}") from error
        cookie = (await page.title()).removeprefix("sent by ")
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(500)
        await page.close(run_before_unload=False)
        assert complaints == []
        return cookie, asked
    finally:
        await context.close()


async def _serve_script(file: Path, route: Route) -> None:
    await route.fulfill(path=file, content_type="text/javascript")


def _listen(page: Page, live: Live) -> tuple[list[str], set[str]]:
    """Collect errors of the page and refused requests, and which paths of the service were asked."""
    complaints: list[str] = []
    asked: set[str] = set()

    def note(response: Response) -> None:
        if response.url.startswith(live.url):
            asked.add(f"{response.request.method} {response.url.removeprefix(live.url).partition('?')[0]}")
            if response.status != 200:
                complaints.append(f"{response.status} {response.url}")

    page.on("response", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return complaints, asked


async def check(graph: Graph, expected: set[StoredEvent], cookie: str, *others: str) -> None:
    await arrived(graph, expected)
    keys = {"user_id:user-1", f"anonymous_id:{cookie}", "email:li@example.com", *others}
    assert await customers(graph) == {frozenset(keys)}
    assert await sources(graph) == {"default"}
    assert await oldest_delay(graph) < 60
    [traits] = await traits_of_events(graph, "identify")
    assert traits == {"email": "li@example.com", "plan": "pro"}


@pytest.mark.parametrize("options", [{}, {"batching": "1"}])
async def test_the_segment_sdk_in_a_browser(
    options: dict[str, str], chromium: Browser, pages: PageServer, live: Live, graph: Graph
) -> None:
    address = pages.page("segment", host=live.url, key=live.write_key, **options)
    cookie, asked = await visit(chromium, address, live, {})

    await check(graph, {PAGE, IDENTIFY, ORDER, GROUP, SCREEN, ALIAS}, cookie, "anonymous_id:cookie-0")
    assert f"GET /v1/projects/{live.write_key}/settings" in asked
    assert ("POST /v1/b" if options else "POST /v1/t") in asked


async def test_the_segment_snippet_whose_order_comes_before_the_login(
    chromium: Browser, pages: PageServer, live: Live, graph: Graph
) -> None:
    cookie, asked = await visit(chromium, pages.page("snippet", host=live.url, key=live.write_key), live, {})

    await check(graph, {PAGE, IDENTIFY, ORDER}, cookie)
    assert f"GET /v1/projects/{live.write_key}/settings" in asked


@pytest.mark.parametrize(
    ("options", "path"),
    [({}, "/v1/track"), ({"batching": "1"}, "/v1/batch"), ({"beacon": "1"}, "/beacon/v1/batch")],
)
async def test_the_rudder_sdk_in_a_browser(
    options: dict[str, str], path: str, chromium: Browser, pages: PageServer, live: Live, graph: Graph
) -> None:
    address = pages.page("rudder", host=live.url, key=live.write_key, **options)
    cookie, asked = await visit(chromium, address, live, {})

    await check(graph, {PAGE, IDENTIFY, ORDER, GROUP, ALIAS}, cookie, "anonymous_id:cookie-0")
    assert {"GET /sourceConfig/", f"POST {path}"} <= asked


async def test_the_jitsu_sdk_in_a_browser(
    chromium: Browser, pages: PageServer, node_modules: Path, live: Live, graph: Graph
) -> None:
    """Jitsu's script sends to where it was loaded from, so it is put there for the test."""
    script = node_modules / "@jitsu/js/dist/web/p.js.txt"
    cookie, asked = await visit(
        chromium, pages.page("jitsu", host=live.url, key=live.write_key), live, {"/p.js": script}
    )

    await check(graph, {PAGE, IDENTIFY, ORDER, GROUP}, cookie)
    assert "POST /api/s/track" in asked
