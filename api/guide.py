"""The guide to the graph that Neo4j Browser plays on connecting, and the style that goes with it.

Both are files of ``cypher/browser`` and hold nothing of the graph, so they need no key. Neo4j Browser is a page of another
origin, so every origin may read them.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from identity_graph.cypher_folder import cypher_root
from identity_graph.runtime.home import GUIDE_PATH

STYLE_PATH = f"{GUIDE_PATH}/style.grass"

_TITLE = re.compile(r"// ([^:\n]+): (.+)\n")
_SECTION = re.compile(r"^// guide: (.+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^// (?!Put).*\n", re.MULTILINE)
"""All comments but the one that says what to put in."""

OWN = "Your own person"
"""The section whose queries begin with a value that the reader puts in."""

SECTIONS = {
    "People": (
        "A <b>Customer</b> is a person as all sources together know them. It has <b>Identifiers</b>: a phone number, an account, a "
        "cookie. A line between two identifiers is a link: events have both. Its number says how many."
    ),
    "Journeys": (
        "Each <b>Event</b> is part of a <b>Session</b>, a visit. The session belongs to the strongest identifier seen in it, and so to "
        "its customer, across all channels."
    ),
    "Orders": (
        "An <b>Order</b> is what all events that report it come to, so it counts once. It belongs to the strongest identifier "
        "in any of them."
    ),
    "Changes": "Customers merge and split as facts come in. Each <b>Change</b> says when, which customers, and why.",
    OWN: (
        "Begin with any identifier, in its stored form: <code>+8613800138000</code>, lower case for an e-mail address. Put yours in "
        "place of the value. Only read: what you write here is no fact of any source. Double-click a node to see its "
        "neighbours."
    ),
}
"""What the guide says about each part of the graph, in its order."""


class GuideQuery(NamedTuple):
    """A saved query that the guide shows. Outside ``OWN``, it finds something in any graph, without a value to fill in."""

    section: str
    title: str
    meaning: str
    cypher: str


def guide_routes() -> list[Route]:
    """Serve the guide at ``/guide`` and the style at ``/guide/style.grass``."""
    return [Route(GUIDE_PATH, _open_to_all(_show_guide)), Route(STYLE_PATH, _open_to_all(_show_style))]


def read_queries(folder: Path) -> list[GuideQuery]:
    """Read the saved queries that name a section of the guide, by the names of their files."""
    found: list[GuideQuery] = []
    for path in sorted(folder.glob("*.cypher")):
        text = path.read_text("utf-8")
        title, section = _TITLE.match(text), _SECTION.search(text)
        if title is not None and section is not None:
            found.append(GuideQuery(section[1], title[1], title[2], _COMMENT.sub("", text).strip()))
    return found


def write_guide(queries: Iterable[GuideQuery], style_url: str) -> str:
    """Write the guide as the slides that Neo4j Browser shows."""
    slides = [_slide("Identity Graph", _welcome(style_url))]
    by_section: dict[str, list[GuideQuery]] = {}
    for query in queries:
        by_section.setdefault(query.section, []).append(query)
    for section, text in SECTIONS.items():
        if section in by_section:
            shown = "".join(
                f"<h4>{escape(it.title)}</h4><p>{escape(it.meaning[:1].upper() + it.meaning[1:])}.</p>{_runnable(it.cypher)}"
                for it in by_section[section]
            )
            slides.append(_slide(section, f"<p>{text}</p>{shown}"))
    return f'<article class="guide"><title>Identity Graph</title><carousel>{"".join(slides)}</carousel></article>'


def _welcome(style_url: str) -> str:
    return (
        "<p>You look at the product's own store. Each query below runs on it: click it, then the arrow of the editor.</p>"
        "<p>First give every kind of node its colour and a readable caption:</p>"
        f"{_runnable(f':style {style_url}')}"
        "<p>Then go on with the arrow on the right.</p>"
    )


def _slide(title: str, content: str) -> str:
    return f'<slide class="row-fluid"><div class="col-sm-12"><h3>{escape(title)}</h3>{content}</div></slide>'


def _runnable(command: str) -> str:
    return f'<pre class="code runnable">{escape(command)}</pre>'


def _open_to_all(show: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """Let every page read what is shown; a browser asks first whether it may."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await (await show(Request(scope, receive)))(scope, receive, send)

    return CORSMiddleware(answer, allow_origins=("*",), allow_methods=("GET",), allow_headers=("*",))


@cache
def _queries() -> list[GuideQuery]:
    return read_queries(cypher_root() / "browser")


async def _show_guide(request: Request) -> Response:
    style_url = f"{request.url.scheme}://{request.url.netloc}{STYLE_PATH}"
    return HTMLResponse(write_guide(_queries(), style_url))


async def _show_style(_request: Request) -> Response:
    return PlainTextResponse((cypher_root() / "browser" / "style.grass").read_text("utf-8"))
