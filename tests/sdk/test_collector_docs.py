"""docs/collector.md says what is so: each of its examples is run as it stands, but for the address and the key."""

import asyncio
import re
import sys
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser

from identity_graph.domain.collecting.segment.messages import RejectionCode
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.live import TOKEN, Live
from tests.sdk.conftest import JS
from tests.sdk.life import customers
from tests.sdk.pages import PageServer
from tests.sdk.running import run
from tests.sdk.test_browser_sdks import visit

pytestmark = pytest.mark.sdk

TEXT = (Path(__file__).parents[2] / "docs" / "collector.md").read_text("utf-8")
ONE_CUSTOMER = {"user_id:u-17", "email:li@example.com"}
SENSORS_CUSTOMER = {"user_id:u-17", "anonymous_id:c-9f3"}
IN_MINI_PROGRAM = {*ONE_CUSTOMER, "openid:wx0123456789abcdef/o-5f1", "unionid:n-77a"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def with_address(block: str, live: Live) -> str:
    return block.replace("https://collect.example.com", live.url).replace("WRITE_KEY", live.write_key)


async def assert_one_customer(graph: Graph, expected: set[str] = ONE_CUSTOMER) -> None:
    deadline = time.monotonic() + 20
    while not any(found >= expected for found in await customers(graph)) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    [found] = await customers(graph)
    assert found >= expected


def in_mini_program(app_id: str) -> str:
    """Give what a script of a mini-program finds around it; it ends when it has sent all."""
    stub = (JS / "clients" / "wx.mjs").as_uri()
    return (
        f'import {{ startMiniProgram }} from "{stub}";\nstartMiniProgram("{app_id}");\n'
        "setTimeout(() => process.exit(0), 8000);"
    )


def test_every_fenced_block_of_the_page_is_tried() -> None:
    tried = sum(len(blocks(language)) for language in ("sh", "python", "js", "html"))
    assert TEXT.count("```") == 2 * tried


@pytest.mark.parametrize("block", blocks("sh"))
async def test_the_commands_of_the_page_work(block: str, live: Live, graph: Graph, settings: Settings) -> None:
    assert settings.neo4j_password is not None
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "WECHAT_TOKEN": TOKEN,
        "IDENTITY_GRAPH_NEO4J_URI": settings.neo4j_uri or "",
        "IDENTITY_GRAPH_NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
    }
    script = "set -e\n" + with_address(block, live)
    result = run(["bash", "-c", script], environment)

    assert result.returncode == 0, result.stderr
    if "/v1/track" in block:
        assert result.stdout == '{"success":true}' * 2
        assert await customers(graph) == {frozenset({*ONE_CUSTOMER, "anonymous_id:c-9f3", "phone:+8613800138000"})}
    if "/hooks/" in block:
        assert result.stdout == "hello"


@pytest.mark.parametrize("block", blocks("python"))
async def test_the_python_of_the_page_works(block: str, live: Live, graph: Graph) -> None:
    result = run([sys.executable, "-c", with_address(block, live)])

    assert result.returncode == 0, result.stderr
    await assert_one_customer(graph)


@pytest.mark.parametrize("block", blocks("js"))
async def test_the_node_of_the_page_works(
    block: str, node: str, node_modules: Path, tmp_path: Path, live: Live, graph: Graph
) -> None:
    script = tmp_path / "example.mjs"
    script.write_text(with_address(block, live))
    (tmp_path / "node_modules").symlink_to(node_modules)
    start = tmp_path / "start.mjs"
    start.write_text(in_mini_program("wx0123456789abcdef") if "miniprogram" in block else "")
    result = run([node, "--import", str(start), str(script)])

    assert result.returncode == 0, result.stderr
    if "sa-sdk" in block:
        await assert_one_customer(graph, SENSORS_CUSTOMER if "sa-sdk-node" in block else IN_MINI_PROGRAM)
    else:
        await assert_one_customer(graph)


@pytest.mark.browser
@pytest.mark.parametrize("block", blocks("html"))
async def test_the_pages_of_the_page_work(
    block: str, chromium: Browser, pages: PageServer, live: Live, graph: Graph
) -> None:
    done = "<script>setTimeout(() => { document.title = 'sent by anyone'; }, 2000);</script>"
    html = f'<!doctype html>\n<link rel="icon" href="data:,">\n{with_address(block, live)}{done}'
    script = JS / "node_modules/@jitsu/js/dist/web/p.js.txt"
    pages.extra["/example"] = html.encode()
    await visit(chromium, f"{pages.url}/example", live, {"/p.js": script})

    await assert_one_customer(graph)


def test_every_dead_letter_code_is_named() -> None:
    assert {code for code in RejectionCode if f"(errors/{code}.md)" not in TEXT} == set()
