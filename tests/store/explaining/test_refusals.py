"""The queries read why a link is refused in the same order as the domain."""

import re
from pathlib import Path

import pytest

from identity_graph.cypher_folder import cypher_root
from identity_graph.domain.identity.resolution import RefusalCode

_TOLD = re.compile(r"\b(?:THEN|ELSE) '(\w+)'")
FILES = sorted(
    path
    for path in (cypher_root() / "queries").rglob("*.cypher")
    if RefusalCode.LIMIT_EXCEEDED in _TOLD.findall(path.read_text("utf-8"))
)


def test_three_queries_tell_codes() -> None:
    assert [path.stem for path in FILES] == ["page_refused_links", "page_refusals", "count_refusals"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_tells_the_code_that_comes_first(path: Path) -> None:
    told = _TOLD.findall(path.read_text("utf-8"))
    order = [code.value for code in RefusalCode]
    assert told == order[order.index(told[0]) :], "the codes of RefusalCode, in its order"
