"""Every query: bound by one function, planned without a scan, and with the columns that its row declares."""

import importlib
import pkgutil
import random
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import neo4j
import pytest
from neo4j import AsyncGraphDatabase, NotificationMinimumSeverity

from identity_graph import store
from identity_graph.domain.collecting.source_counts import ClaimKey, ClaimTally, MessageKey, MessageTally
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.difference import READING
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import event_id
from identity_graph.service.commit.source_counting import SourceCounts
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.corrections.retracting import retract
from identity_graph.store.access import keys as access_keys
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.collecting import dead_letters, imported_rows, imports
from identity_graph.store.collecting import events as event_store
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.corrections import judgements
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import (
    QUERIES,
    SENT,
    Call,
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
from identity_graph.store.profiles import catalogues, scores, traits
from identity_graph.store.rules import rule_sets
from tests.neo4j_server import TestServer, wipe
from tests.worlds.worlds import VALUES, make_event, make_rules

for _module in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
    importlib.import_module(_module.name)

SCANS = {"AllNodesScan", "NodeByLabelScan", "CartesianProduct"}
SEEKS = {"NodeUniqueIndexSeek", "NodeUniqueIndexSeek(Locking)", "NodeByElementIdSeek"}
_ALLOWED = re.compile(r"^// plan: (\w+) because \S.{9,}$", re.MULTILINE)
_KEYS = [f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values]


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


async def seed_everything(graph: Graph) -> None:
    """Take in events of crowds that are contested, ambiguous and quarantined, and keep something of all else."""
    rng = random.Random(7)
    await graph.write(judge_some)
    for crowd, conflict in enumerate(Conflict):
        rules = make_rules(conflict=conflict, max_partners=2)
        events = [
            make_event(
                1000 * crowd + number,
                rng.randrange(300),
                tuple(f"{key}{crowd}{number // 12}" for key in rng.sample(_KEYS, 3)),
                rules,
            )
            for number in range(60)
        ]
        for start in range(0, len(events), 20):
            batch = events[start : start + 20]
            await graph.write(lambda tx, batch=batch, rules=rules: take_in(tx, batch, Regime(rules, 1, 10**15)))
    await graph.write(keep_something_of_all_else)
    await graph.run("MATCH (e:Event {id: $id}) SET e.former_channel = e.channel", id=event_id("test", "m1"))


def make_judgement(id: str, verdict: str, b: str | None, until: int | None) -> Call[WriteTransaction, None]:
    return judgements.create_judgement.call(
        id=id,
        verdict=verdict,
        a="crm:100",
        b=b,
        until_s=until,
        until_ns=until,
        reason="?",
        actor="?",
        at_s=1,
        at_ns=1,
    )


async def judge_some(tx: WriteTransaction) -> None:
    """Judge identifiers of the first crowd before they are seen."""
    for number, (verdict, b, until) in enumerate(
        [
            ("same", "phone:100", None),
            ("different", "crm:200", None),
            ("unlinked", "device:100", 1),
            ("overruled", None, None),
        ]
    ):
        await run_together(tx, make_judgement(f"jdg_{number}", verdict, b, until))
    await judgements.withdraw_judgement(tx, id="jdg_2", actor="?", at_s=2, at_ns=2)


async def count_something(tx: WriteTransaction, day: int) -> None:
    """Count a message and a claim of some day."""
    counted = SourceCounts("w").calls(
        {MessageKey(day, "web", "track", "Cart Viewed"): MessageTally(1, 1)},
        {ClaimKey(day, "web", "name"): ClaimTally(claims=1, newest=day, misfit="evt_1")},
    )
    await run_together(tx, *counted)


async def keep_something_of_all_else(tx: WriteTransaction) -> None:
    await reading_store.mark_events(tx, ids=[event_id("test", "m1")])
    await retract(tx, "test", "m2", "?", Regime(make_rules(), 1, 10**15))
    alone = make_event(9000, 1, ("device:gone",), make_rules())
    await take_in(tx, [alone], Regime(make_rules(), 1, 10**15))
    await retract(tx, "test", "m9000", "?", Regime(make_rules(), 1, 10**15))
    for number in range(1, 3):
        await scores.create_rfm_cut(
            tx,
            at_s=number,
            at_ns=0,
            method="quintiles",
            population=1,
            currency="CNY",
            recency=[1],
            frequency=[1],
            monetary=["1"],
            recency_classes=2,
            frequency_classes=2,
            monetary_classes=2,
            rhythm=number,
        )
    letters: list[dead_letters.NewDeadLetter] = [
        {
            "id": f"dlq_{number}",
            "code": "unknown_type",
            "reason": "?",
            "source": "web",
            "raw": "{}",
            "type_hint": None if number % 2 else "track",
            "sent_at": None if number % 2 else "2026-01-01T00:00:00Z",
            "protocol": None if number % 2 else "sensors",
            "received_s": number,
            "received_ns": 0,
        }
        for number in range(300)
    ]
    await dead_letters.create_dead_letters(tx, rows=letters)
    await dead_letters.update_dead_letters(tx, rows=[{"id": "dlq_1", "last_error": "?"}])
    for number in range(20):
        await access_keys.create_access_key(
            tx, kind="write", name=f"shop {number}", sha256=f"{number}", created_s=1, created_ns=1
        )
        await counter_store.set_counts(tx, writer=f"w{number}", accepted=1, duplicates=1, ignored="{}")
        await count_something(tx, number)
        await rule_sets.create_rule_set(
            tx,
            version=number,
            yaml="",
            fingerprint="",
            applied_by="",
            status="APPLYING",
            replaces=[],
            reading=READING,
            at_s=1,
            at_ns=1,
        )
        await catalogues.create_catalogue(
            tx,
            version=number,
            yaml="",
            fingerprint="",
            applied_by="",
            status="APPLYING",
            replaces=[],
            derivation=1,
            at_s=1,
            at_ns=1,
        )
        await imports.save_import(
            tx,
            key=f"k{number}",
            file="f",
            source="s",
            records=1,
            accepted=1,
            duplicates=1,
            skipped=1,
            rejected="{}",
            rejects_bytes=1,
            unused_columns=["a"],
            is_finished=True,
            at_s=1,
            at_ns=1,
        )
    await imported_rows.create_imported_rows(tx, keys=[f"row-{number}" for number in range(30)])
    await rule_sets.fail_application(tx, version=1, error="?")
    await rule_sets.save_application(tx, version=2, phase="customers", cursor="", seen=1, progress=0.5)
    await catalogues.fail_application(tx, version=1, error="?")
    await catalogues.save_application(tx, version=2, phase="traits", cursor="", seen=1, progress=0.5)
    points: traits.NewTrait = {
        "identifier": "crm:100",
        "key": "crm:100\npoints",
        "name": "points",
        "value": "null",
        "observed_s": 1,
        "observed_ns": 1,
        "source": "test",
        "message_id": "m1",
        "deleted": True,
        "policy": "sum",
        "state": "{}",
    }
    await traits.set_traits(tx, rows=[points])
    (row,) = await customers.find_owners(tx, keys=["crm:100"])
    await customers.await_customers(tx, ids=[row.customer_id], rule_version=10**6)


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
