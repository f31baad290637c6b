"""`make pictures`: GraphiQL, Neo4j Browser and a customer's card, taken of the demo with few people.

Not a test: pictures differ in a few pixels from one machine to the other. They are files of docs/pictures.
"""

import asyncio
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright
from rich.console import Console
from rich.text import Text

from identity_graph.demo.catalogue import apply_catalogue
from identity_graph.demo.findings import find_out
from identity_graph.demo.records import import_records
from identity_graph.demo.sending import Delivery, first_day, send_world
from identity_graph.demo.service import RunningService, command_path, started_service
from identity_graph.demo.summary import RECUT
from identity_graph.simulation import BackOffice, simulate
from tests.docs.blocks import ROOT
from tests.sdk.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

FOLDER = ROOT / "docs" / "pictures"
PEOPLE, SEED = 300, 7
WIDTH, HEIGHT = 1280, 800

QUESTION = """query WhoIsIt {
  lookup(value: "%s") {
    identifier { key }
    customer {
      id
      journey(first: 3) {
        edges { node { occurredAt channel name } }
      }
      identifiers { key }
    }
  }
}"""

GRAPH = """MATCH (:Identifier {key: '%s'})-[:BELONGS_TO]->(c:Customer)
MATCH p = (c)<-[:BELONGS_TO]-(:Identifier)
RETURN p"""

_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<style>{styles} .{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#1e1e1e"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""
"""Rich's own names a font on a server of strangers."""


def main() -> int:
    """Take the pictures; 1 when there is no Chromium."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        print("There is no Chromium; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, started_service(Path(folder) / "data") as service:
        namespace, value = load(service, Path(folder))
        take_card(service, value)
        asyncio.run(take_screens(path, service, f"{namespace}:{value}", value))
    print(f"The pictures are in {FOLDER.relative_to(ROOT)}.")
    return 0


def load(service: RunningService, folder: Path) -> tuple[str, str]:
    """Load what the demo loads of the retailer; return namespace and value of the customer that it shows."""
    console, start = Console(), first_day()
    apply_catalogue(console, service)
    office = BackOffice(simulate(PEOPLE, SEED, start=start))
    for sent in office.world:
        office.note(sent)
    delivery = Delivery(host=service.url, write_key=service.write_key, people=PEOPLE, seed=SEED, start=start)
    send_world(delivery, lambda _: None)
    import_records(console, service, office.write(folder))
    service.ask(RECUT)
    return find_out(service, folder, office).example


def take_card(service: RunningService, value: str) -> None:
    """Write what `identity-graph lookup` shows, as an SVG."""
    command = [str(command_path()), "lookup", value]
    environment = service.environment | {"FORCE_COLOR": "1", "COLUMNS": "96", "TERM": "xterm-256color"}
    shown = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    console = Console(record=True, width=98, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"$ identity-graph lookup {value}\n{shown}"))
    console.save_svg(str(FOLDER / "card.svg"), code_format=_SVG, unique_id="card")


async def take_screens(chromium: str, service: RunningService, key: str, value: str) -> None:
    """Photograph GraphiQL and Neo4j Browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        await take_graphiql(await new_page(browser), service, value)
        await take_browser(await new_page(browser), service, key)
        await browser.close()


async def new_page(browser: Browser) -> Page:
    """Open a page of one size for all pictures."""
    return await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1)


async def take_graphiql(page: Page, service: RunningService, value: str) -> None:
    """Ask a question in GraphiQL as a person does."""
    await page.goto(f"{service.url}/graphql")
    await page.fill("#key", service.admin_key)
    await page.press("#key", "Enter")
    editor = page.locator(".graphiql-query-editor .CodeMirror").first
    await editor.click()
    await editor.evaluate("(element, text) => element.CodeMirror.setValue(text)", QUESTION % value)
    await page.wait_for_timeout(1000)  # until GraphiQL has read which operation is to run
    await page.keyboard.press("Control+Enter")
    await page.locator(".result-window", has_text="journey").wait_for()
    await page.screenshot(path=FOLDER / "graphiql.png")


async def take_browser(page: Page, service: RunningService, key: str) -> None:
    """Draw a customer in Neo4j Browser."""
    neo4j = service.neo4j
    await page.goto(f"{neo4j.http_url}/browser/")
    await page.locator("[data-testid=username]").fill(neo4j.user)
    await page.locator("[data-testid=password]").fill(neo4j.password)
    await page.locator("[data-testid=connect]").click()
    editor = page.locator(".monaco-editor textarea").first
    await page.get_by_text("You are connected as user").first.wait_for()
    style = (ROOT / "cypher" / "browser" / "style.grass").read_text(encoding="utf-8")
    await editor.fill(":style " + " ".join(style.split()))
    await page.keyboard.press("Control+Enter")
    await page.wait_for_timeout(1000)
    await editor.fill((GRAPH % key).replace("\n", " "))
    await page.keyboard.press("Control+Enter")
    await page.locator("svg .node").first.wait_for()
    await page.wait_for_timeout(3000)
    await page.screenshot(path=FOLDER / "browser.png")


if __name__ == "__main__":
    sys.exit(main())
