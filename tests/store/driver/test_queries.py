"""Every query: bound by one function, planned without a scan, and with the columns that its row declares."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import neo4j
import pytest
from neo4j import AsyncGraphDatabase, NotificationMinimumSeverity

from identity_graph import store
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import event_id
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.collecting import events as event_store
from identity_graph.store.corrections import judgements
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import (
    QUERIES,
    SENT,
    QueryFile,
    QuerySignatureError,
    ReadTransaction,
    WriteTransaction,
    compose,
    cypher_root,
    query,
    run_together,
)
from identity_graph.store.identity import customers
from tests.neo4j_server import TestServer, wipe
from tests.store.driver.everything import make_judgement, seed_everything
from tests.worlds.worlds import make_event, make_rules

for _module in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
    importlib.import_module(_module.name)

SCANS = {"AllNodesScan", "NodeByLabelScan", "CartesianProduct"}
SEEKS = {"NodeUniqueIndexSeek", "NodeUniqueIndexSeek(Locking)", "NodeByElementIdSeek"}
_ALLOWED = re.compile(r"^// plan: (\w+) because \S.{9,}$", re.MULTILINE)


@pytest.fixture(scope="module")
async def planner(session_graph: Graph, neo4j_server: TestServer) -> AsyncGenerator[neo4j.AsyncSession]:
    """Give a session on a graph that holds something of everything, so that plans are those of a graph in use."""
    await wipe(session_graph)
    await seed_everything(session_graph)
    await session_graph.run("CALL db.resampleOutdatedIndexes()")
    await session_graph.run("CALL db.clearQueryCaches()")
    server = neo4j_server
    driver = AsyncGraphDatabase.driver(
        server.uri,
        auth=(server.user, server.password),
        notifications_min_severity=NotificationMinimumSeverity.WARNING,
    )
    async with driver, driver.session(database=server.database) as session:
        yield session


def operators(plan: dict[str, Any]) -> Iterable[str]:
    """Name all operators of a plan."""
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


def products(plan: dict[str, Any]) -> Iterable[set[str]]:
    """Give, for each product of a plan, where its rows come from."""
    children = plan.get("children", ())
    if plan["operatorType"].startswith("CartesianProduct"):
        yield set(leaves(plan))
    for child in children:
        yield from products(child)


def leaves(plan: dict[str, Any]) -> Iterable[str]:
    """Name the operators of a plan that read no others."""
    children = plan.get("children", ())
    if not children:
        yield plan["operatorType"].partition("@")[0]
    for child in children:
        yield from leaves(child)


async def explain(
    planner: neo4j.AsyncSession, text: str, parameters: Iterable[str] = ()
) -> tuple[tuple[str, ...], Any]:
    """Plan a statement and give its columns and the summary."""
    given = {"given": {}, **dict.fromkeys(parameters)}
    result = await planner.run(f"EXPLAIN {text}", given)  # pyright: ignore[reportArgumentType]
    return tuple(result.keys()), await result.consume()


def allowed_in(files: Iterable[QueryFile]) -> set[str]:
    """Name the operators that these files give a reason for."""
    return {operator for file in files for operator in _ALLOWED.findall(file.text)}


def warnings_of(summary: neo4j.ResultSummary) -> list[str]:
    """Tell what the planner warns of."""
    return [
        f"{status.gql_status}: {status.status_description}"
        for status in summary.gql_status_objects
        if status.is_notification and status.raw_severity == "WARNING"
    ]


@pytest.fixture(params=sorted(QUERIES))
def file(request: pytest.FixtureRequest) -> QueryFile:
    return QUERIES[request.param]


async def test_a_query_is_planned_without_scans_and_warnings(planner: neo4j.AsyncSession, file: QueryFile) -> None:
    allowed = allowed_in([file])
    assert allowed <= {"CartesianProduct", "NodeByLabelScan"}
    _, summary = await explain(planner, compose([file]))
    assert set(operators(summary.plan)) & SCANS <= allowed, "the file does not say why"
    assert all(product <= SEEKS for product in products(summary.plan)), "only rows that were sought may be multiplied"
    assert warnings_of(summary) == []


async def test_queries_that_are_sent_together_are_planned_without_scans_and_warnings(
    planner: neo4j.AsyncSession,
) -> None:
    together = [names for names in SENT if len(names) > 1]
    assert {"collecting/create_events", "identity/create_links", "identity/create_customers"} <= {
        n for t in together for n in t
    }
    for names in together:
        _, summary = await explain(planner, SENT[names])
        # Each part gives one row: a product of parts is none, and within one the test of the query alone finds it.
        allowed = allowed_in(QUERIES[name] for name in names) | {"CartesianProduct"}
        assert set(operators(summary.plan)) & SCANS <= allowed, names
        assert warnings_of(summary) == [], names


async def test_a_query_gives_the_columns_that_its_row_declares(planner: neo4j.AsyncSession, file: QueryFile) -> None:
    columns, _ = await explain(planner, file.text, file.parameters)
    assert columns == file.columns


async def test_a_scan_and_an_unknown_name_would_be_seen(planner: neo4j.AsyncSession) -> None:
    _, summary = await explain(planner, "MATCH (n:Customer) WHERE n.coat = 'red' RETURN n")
    assert set(operators(summary.plan)) & SCANS == {"NodeByLabelScan"}
    _, product = await explain(planner, "MATCH (a:Customer {id: 'x'}), (b:Session) RETURN a, b")
    assert [rows <= SEEKS for rows in products(product.plan)] == [False]
    assert any(status.raw_severity == "WARNING" for status in summary.gql_status_objects)


async def test_no_query_scans_while_the_graph_is_empty(planner: neo4j.AsyncSession, session_graph: Graph) -> None:
    """A plan that is made now may stay in use while the graph grows."""
    await wipe(session_graph)
    await session_graph.run("CALL db.clearQueryCaches()")
    found: dict[str, set[str]] = {}
    for file in QUERIES.values():
        _, summary = await explain(planner, compose([file]))
        found[file.name] = set(operators(summary.plan)) & SCANS - allowed_in([file])
    assert {name: scans for name, scans in found.items() if scans} == {}


async def test_queries_that_are_sent_together_keep_their_parameters_and_rows_apart(graph: Graph) -> None:
    rules = make_rules()
    await graph.write(lambda tx: take_in(tx, [make_event(1, 1, ("crm:1",), rules)], Regime(rules, 1, 10**15)))

    async def work(tx: WriteTransaction) -> tuple[list[str], None, list[str], list[str]]:
        owners = customers.find_owners.call(keys=["crm:1", "crm:2"])
        touched = customers.touch_customers.call(rows=[])
        known = event_store.find_events.call(ids=[event_id("test", "m1")])
        unknown = event_store.find_events.call(ids=[event_id("test", "m2")])
        await run_together(tx, owners, touched, known, unknown)
        return (
            [row.key for row in owners.rows],
            touched.rows,
            [row.id for row in known.rows],
            [row.id for row in unknown.rows],
        )

    assert await graph.write(work) == (["crm:1"], None, [event_id("test", "m1")], [])


async def test_what_is_sent_together_sees_what_came_before_it(graph: Graph) -> None:
    async def work(tx: WriteTransaction) -> list[int]:
        before, after = judgements.count_judgements.call(), judgements.count_judgements.call()
        locked = judgements.lock_judging.call()
        made = make_judgement("jdg_1", "same", "crm:2", None)
        await run_together(tx, before, locked, made, after)
        return [before.rows[0].total, after.rows[0].total]

    assert await graph.write(work) == [0, 1]


def test_every_seek_is_demanded_by_a_hint() -> None:
    """Until an index is sampled the planner takes it for empty, and a plan that walks all of it for free."""
    for file in QUERIES.values():
        text = re.sub(r"^\s*//.*$", "", file.text, flags=re.MULTILINE)
        sought = re.findall(r"(?<!MERGE )\((\w*):(\w+) \{(\w+):", text)  # what is created spreads over several lines
        hinted = re.findall(r"USING INDEX SEEK (\w+):(\w+)\((\w+)\)", text)
        assert Counter(sought) <= Counter(hinted), file.name
        assert all("IS NOT NULL" in after for after in re.findall(r"USING INDEX (?!SEEK).*\n(.*)", text)), file.name


def test_every_file_is_bound_by_one_function() -> None:
    files = {path.relative_to(cypher_root() / "queries") for path in (cypher_root() / "queries").rglob("*.*")}
    assert {path.with_suffix("").as_posix() for path in files} == QUERIES.keys()
    assert {path.suffix for path in files} == {".cypher"}
    assert all(len(path.parts) == 2 for path in files)


def test_every_file_begins_with_what_it_is_for_and_holds_one_statement() -> None:
    for file in QUERIES.values():
        first, *_ = file.text.splitlines()
        assert re.fullmatch(r"// [A-Z].{8,}", first), file.name
        assert ";" not in re.sub(r"//.*", "", file.text), file.name


def test_a_function_must_take_the_parameters_of_its_file() -> None:
    with pytest.raises(QuerySignatureError, match=r"takes \['ids'\], but .* gives \['keys'\]"):

        @query("collecting/find_events")
        async def find_events(tx: ReadTransaction, *, keys: list[str]) -> None: ...  # pyright: ignore[reportUnusedFunction]


def test_a_function_must_be_called_as_its_file() -> None:
    with pytest.raises(QuerySignatureError):

        @query("collecting/find_events")
        async def look_up_events(tx: ReadTransaction, *, ids: list[str]) -> None: ...  # pyright: ignore[reportUnusedFunction]
