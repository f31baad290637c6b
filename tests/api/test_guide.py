"""The guide for Neo4j Browser over HTTP: what it shows, and that a page of another origin may read it without a key."""

import re
from html import unescape

import httpx

from api.guide import OWN, SECTIONS, read_queries
from tests.api.conftest import Live
from tests.docs.blocks import ROOT

FOLDER = ROOT / "cypher" / "browser"
BROWSER = "http://127.0.0.1:7474"


def test_the_guide_shows_the_saved_queries_that_need_no_value(live: Live) -> None:
    answer = httpx.get(f"{live.url}/guide")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    runnable = [
        unescape(block) for block in re.findall(r'<pre class="code runnable">(.*?)</pre>', answer.text, re.DOTALL)
    ]
    queries = read_queries(FOLDER)
    assert len(queries) >= 8
    assert {query.section for query in queries} <= set(SECTIONS)
    assert runnable[0] == f":style {live.url}/guide/style.grass"
    assert set(runnable[1:]) == {query.cypher for query in queries}
    with_value = {query.section for query in queries if "WITH '" in query.cypher.replace("STARTS WITH", "")}
    assert with_value == {OWN}, "elsewhere a reader has to put in nothing"


def test_a_page_of_another_origin_may_read_it_and_asks_first(live: Live) -> None:
    asked = {
        "Origin": BROWSER,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "cache-control",
    }
    for path in ("/guide", "/guide/style.grass"):
        may = httpx.options(f"{live.url}{path}", headers=asked)
        assert may.status_code == 200
        assert may.headers["access-control-allow-origin"] == "*"
        assert may.headers["access-control-allow-headers"] == "cache-control"
        read = httpx.get(f"{live.url}{path}", headers={"Origin": BROWSER})
        assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, "*")


def test_the_style_is_that_of_the_folder(live: Live) -> None:
    assert httpx.get(f"{live.url}/guide/style.grass").text == (FOLDER / "style.grass").read_text("utf-8")


def test_the_name_of_the_host_cannot_put_anything_into_the_guide(live: Live) -> None:
    answer = httpx.get(f"{live.url}/guide", headers={"Host": 'x"><script>alert(1)</script>'})
    assert "<script" not in answer.text
