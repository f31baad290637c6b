"""What conditions mean, on the compiled execution: all that the tests of the evaluator ask is asked of one graph.

Each test has the name of the statement, which is tested there against what it says, and here against the evaluator.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from identity_graph.domain.segments.evaluation import evaluate, is_member
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import AnyOf, Audience
from identity_graph.domain.segments.sheet import FactSheet
from identity_graph.service.segments.matching import Matching, list_members
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments.compiling import compile_rule
from identity_graph.store.segments.compiling_asked import Definition
from tests.domain.segments import test_meaning, test_meaning_of_time
from tests.neo4j_server import wipe
from tests.worlds.segment_facts import DAY, NOW, TERMS, Asked, event, make_sheet, recording
from tests.worlds.segment_graphs import renamed, store_sheets

Statement = Callable[..., None]


def statements() -> Iterator[tuple[str, Statement]]:
    """Give the tests of all statements."""
    for module in (test_meaning, test_meaning_of_time):
        for name, test in vars(module).items():
            if name.startswith("test_"):
                yield name, test


def ask_all(test: Statement) -> list[Asked]:
    """Run a test with all its parameters, and note what it asks."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    choices: list[list[dict[str, Any]]] = []
    for mark in marks:
        names, values = mark.args
        if isinstance(names, str):
            choices.append([{names: value} for value in values])
        else:
            choices.append([dict(zip(names, value, strict=True)) for value in values])
    with recording() as asked:
        for chosen in product(*choices):
            test(**{name: value for part in chosen for name, value in part.items()})
    return asked


ASKED = {name: asked for name, test in statements() if (asked := ask_all(test))}
SHEETS: dict[int, FactSheet] = {}
for _asked in ASKED.values():
    for _one in _asked:
        SHEETS.setdefault(id(_one.sheet), renamed(_one.sheet, len(SHEETS)))


@pytest.fixture(scope="module")
async def told(session_graph: Graph) -> Graph:
    """Give a graph with everybody who is asked about."""
    await wipe(session_graph)
    await store_sheets(session_graph, SHEETS.values())
    return session_graph


def test_every_statement_about_evaluation_is_asked() -> None:
    numbers = {int(name.split("_")[1]) for name in ASKED}
    about_saving = {7, 13, 20, 27, 28, 29, 30, 33, 36, 37, 43, 44, 45}
    assert numbers | about_saving == set(range(1, 46))


@pytest.mark.parametrize("statement", sorted(ASKED))
async def test_a_compiled_rule_means(told: Graph, statement: str) -> None:
    groups: dict[str, list[Asked]] = {}
    for one in ASKED[statement]:
        groups.setdefault(repr((one.rule, one.at, id(one.terms), one.audience)), []).append(one)
    for asked in groups.values():
        first = asked[0]
        sheets = [SHEETS[id(one.sheet)] for one in asked]
        members = await find_members(told, first, sheets)
        rule = read_rule(first.rule)
        for sheet in sheets:
            wanted = evaluate(rule, sheet, first.at, first.terms, first.audience).holds
            assert (sheet.customer_id in members) is wanted, (first.rule, sheet)


async def find_members(graph: Graph, asked: Asked, sheets: list[FactSheet]) -> set[str]:
    used = {name: {sheet.customer_id: True for sheet in sheets if name in sheet.segments} for name in "abc"}
    segments = {name: Definition(AnyOf(()), Audience.ALL, pins) for name, pins in used.items()}
    matching = Matching(Definition(read_rule(asked.rule), asked.audience), asked.terms, asked.at, segments)

    async def work(tx: ReadTransaction) -> set[str]:
        return {id async for portion in list_members(tx, matching) for id in portion}

    return await graph.read(work)


async def test_35_pins_outrank_the_compiled_rule_in_both_directions(graph: Graph) -> None:
    seen, unseen = renamed(make_sheet(events=[event(DAY, "Seen")]), 1), renamed(make_sheet(), 2)
    await store_sheets(graph, [seen, unseen])
    pins = {seen.customer_id: False, unseen.customer_id: True}
    pinned = Definition(read_rule({"did": {"event": "Seen"}}), Audience.ALL, pins)
    for definition, segments in (
        (pinned, {}),
        (Definition(read_rule({"inSegment": "seg_1"}), Audience.ALL), {"seg_1": pinned}),
    ):
        matching = Matching(definition, TERMS, NOW, segments)

        async def work(tx: ReadTransaction, matching: Matching = matching) -> list[str]:
            return [id async for portion in list_members(tx, matching) for id in portion]

        assert await graph.read(work) == [unseen.customer_id]
    assert is_member(evaluate(pinned.rule, unseen, NOW, TERMS), pinned=True)


def test_45_no_text_of_a_user_becomes_part_of_a_query() -> None:
    nasty = "x') RETURN c //`\\u0027"
    where = [{"name": nasty, "op": op, "value": nasty} for op in ("EQ", "NE", "CONTAINS", "STARTS_WITH")]
    steps = [{"event": nasty, "where": where}, {"event": nasty}]
    written = {
        "any": [
            {"trait": {"name": nasty, "op": "EQ", "value": nasty}},
            {"trait": {"name": "city", "op": "CONTAINS", "value": nasty}},
            {"trait": {"name": "city", "op": "STARTS_WITH", "value": nasty}},
            {"did": {"event": nasty, "where": where}},
            {"sequence": {"steps": steps, "within": "P1D", "without": {"event": nasty}, "same": [nasty]}},
            {
                "ordered": {
                    "product": nasty,
                    "category": nasty,
                    "where": [{"name": "currency", "op": "EQ", "value": nasty}],
                }
            },
            {"inSegment": nasty},
            {"share": {"of": 0.1, "salt": nasty}},
        ]
    }
    compiled = compile_rule(Definition(read_rule(written)), TERMS, NOW)
    assert not any(part in text for text in compiled.bounds for part in ("RETURN c //", "u0027"))
    assert any(nasty in str(value) for value in compiled.parameters.values())
