"""The schema is brought up to date by steps that are never skipped, repeated, altered or undone."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from identity_graph.errors import SchemaError
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import Migration, apply_migrations, read_migrations

TO_COME = 9001
"""The number of the first step that only these tests have."""


def make_migration(version: int = TO_COME, name: str = "coats", *statements: str) -> Migration:
    texts = statements or ("CREATE INDEX coat_colour IF NOT EXISTS FOR (n:Coat) ON (n.colour)",)
    return Migration(version, name, f"checksum of {name}", texts)


@pytest.fixture
async def schema(graph: Graph) -> AsyncGenerator[Graph]:
    """Give a graph whose schema a test may change. It is put back before the next test, which trusts that it is there."""
    try:
        yield graph
    finally:
        await graph.run("MATCH (m:Migration) WHERE m.version >= $first DELETE m", first=TO_COME)
        await graph.run("DROP INDEX coat_colour IF EXISTS")
        await apply_migrations(graph)


async def drop_everything(graph: Graph) -> None:
    await graph.run("MATCH (m:Migration) WHERE m.version > 0 DELETE m")
    for row in await graph.run("SHOW CONSTRAINTS YIELD name"):
        await graph.run(f"DROP CONSTRAINT {row['name']}")
    for row in await graph.run("SHOW INDEXES YIELD name, type WHERE type = 'RANGE' RETURN name"):
        await graph.run(f"DROP INDEX {row['name']}")


async def names_in(graph: Graph) -> set[str]:
    """Name all constraints and indexes."""
    rows = await graph.run("SHOW INDEXES YIELD name RETURN name")
    constraints = await graph.run("SHOW CONSTRAINTS YIELD name")
    return {row["name"] for row in [*rows, *constraints]}


async def versions_in(graph: Graph) -> list[int]:
    rows = await graph.run("MATCH (m:Migration) WHERE m.version > 0 RETURN m.version AS version ORDER BY version")
    return [row["version"] for row in rows]


async def test_a_fresh_graph_gets_all_of_the_schema_once(schema: Graph) -> None:
    expected = await names_in(schema)
    await drop_everything(schema)
    assert await apply_migrations(schema) == read_migrations()
    assert await names_in(schema) == expected
    assert await schema.run("SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name") == []
    assert {"identifier_key", "customer_id", "event_id", "migration_version"} <= expected
    assert await apply_migrations(schema) == []
    assert await versions_in(schema) == [migration.version for migration in read_migrations()]


async def test_several_services_may_start_on_a_fresh_graph_at_once(schema: Graph) -> None:
    await drop_everything(schema)
    await asyncio.gather(*(apply_migrations(schema) for _ in range(4)))
    assert await versions_in(schema) == [migration.version for migration in read_migrations()]


async def test_only_what_is_new_is_applied(schema: Graph) -> None:
    coats = make_migration()
    assert await apply_migrations(schema, [*read_migrations(), coats]) == [coats]
    assert await apply_migrations(schema, [*read_migrations(), coats]) == []
    assert "coat_colour" in await names_in(schema)


async def test_what_was_applied_is_written_down(schema: Graph) -> None:
    await apply_migrations(schema, [*read_migrations(), make_migration()])
    rows = await schema.run(
        "MATCH (m:Migration {version: $version}) "
        "RETURN m.name AS name, m.checksum AS checksum, m.applied_at <= datetime() AS applied",
        version=TO_COME,
    )
    assert rows == [{"name": "coats", "checksum": "checksum of coats", "applied": True}]


async def test_a_step_that_was_applied_with_another_content_is_refused(schema: Graph) -> None:
    await apply_migrations(schema, [*read_migrations(), make_migration()])
    altered = replace(make_migration(), checksum="another")
    with pytest.raises(SchemaError, match=r"9001 \(coats\) was applied to this graph with other content") as raised:
        await apply_migrations(schema, [*read_migrations(), altered])
    assert raised.value.facts == {"version": TO_COME}


async def test_a_newer_schema_is_refused_and_nothing_is_applied(schema: Graph) -> None:
    newer = make_migration(
        TO_COME + 1, "hats", "CREATE CONSTRAINT hat_id IF NOT EXISTS FOR (n:Hat) REQUIRE n.id IS UNIQUE"
    )
    await apply_migrations(schema, [*read_migrations(), newer])
    with pytest.raises(SchemaError, match=r"9002 \(hats\), which this version of Identity Graph does not know"):
        await apply_migrations(schema, [*read_migrations(), make_migration()])
    assert "coat_colour" not in await names_in(schema)
    await schema.run("DROP CONSTRAINT hat_id")


async def test_a_step_that_a_crash_left_half_done_is_done_again(schema: Graph) -> None:
    coats = make_migration()
    broken = replace(coats, statements=(*coats.statements, "CREATE INDEX FOR nothing"))
    with pytest.raises(Exception, match="Invalid input"):
        await apply_migrations(schema, [*read_migrations(), broken])
    assert "coat_colour" in await names_in(schema)
    assert TO_COME not in await versions_in(schema)
    assert await apply_migrations(schema, [*read_migrations(), coats]) == [coats]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.cypher").write_text(text, encoding="utf-8")
    return folder


def test_statements_end_in_semicolons_and_comments_are_left_out(tmp_path: Path) -> None:
    text = (
        "// What it is for; and why.\nCREATE (a)\n  // in between; so\n  -[:IN]->(b);\n\n  CREATE (c) ;\n// The end.\n"
    )
    (migration,) = read_migrations(write(tmp_path, V0001__all_of_it=text))
    assert (migration.version, migration.name) == (1, "all_of_it")
    assert [" ".join(statement.split()) for statement in migration.statements] == [
        "CREATE (a) -[:IN]->(b)",
        "CREATE (c)",
    ]


def test_a_checksum_is_of_the_statements_and_not_of_the_comments(tmp_path: Path) -> None:
    texts = ["CREATE (a);", "// now with a comment\nCREATE (a);\n", "CREATE (b);", "CREATE (a); CREATE (a);"]
    checksums = [read_migrations(write(tmp_path, V0001__step=text))[0].checksum for text in texts]
    assert checksums[0] == checksums[1]
    assert len(set(checksums)) == 3


def test_steps_are_taken_by_their_number(tmp_path: Path) -> None:
    write(tmp_path, V0010__ten="RETURN 1;", V0002__two="RETURN 1;", V0001__one="RETURN 1;")
    assert [migration.version for migration in read_migrations(tmp_path)] == [1, 2, 10]


def test_two_steps_of_one_number_are_refused(tmp_path: Path) -> None:
    write(tmp_path, V0001__one="RETURN 1;", V0002__two="RETURN 1;", V0002__other="RETURN 1;")
    with pytest.raises(SchemaError, match="two migrations are number 2, other and two"):
        read_migrations(tmp_path)


@pytest.mark.parametrize("name", ["V1__short", "V0001_one", "v0001__one", "V0001__One", "notes"])
def test_a_file_that_is_named_otherwise_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SchemaError, match=f"{name}.cypher is not a migration"):
        read_migrations(write(tmp_path, **{name: "RETURN 1;"}))


async def test_what_earlier_versions_wrote_is_brought_up_to_date(schema: Graph) -> None:
    await schema.run(
        "CREATE (:Customer:Merged {id: 'cus_1'}), (:Change {id: 'chg_b', at: datetime('2026-01-02')}), "
        "(:Change {id: 'chg_a', at: datetime('2026-01-01')}), "
        "(:Event {id: 'evt_1', ignored: ['blocked user_id:null'], received_at: datetime('2026-01-03')}), "
        "(:Identifier {key: 'a:1', quarantined: true, last_seen: datetime('2026-01-04')})"
        "-[:OBSERVED_WITH {witness: '[]', last_seen: datetime('2026-01-05')}]->(:Identifier {key: 'b:1'})"
    )
    await schema.run("MATCH (m:Migration) WHERE m.version >= 2 DELETE m")
    assert [step.version for step in await apply_migrations(schema)] == versions_from(2)
    rows = await schema.run(
        "MATCH (c:Former {id: 'cus_1'}) MATCH (e:Event) MATCH (i:Identifier {key: 'a:1'})-[l:OBSERVED_WITH]->() "
        "MATCH (s:Sequence {name: 'changes'}) RETURN labels(c) AS labels, e.ignored_at = e.received_at AS ignored, "
        "i.quarantined_at = i.last_seen AS quarantined, l.refused_at = l.last_seen AS refused, s.last AS last"
    )
    assert [sorted(row.pop("labels")) for row in rows] == [["Customer", "Former"]]
    assert rows == [{"ignored": True, "quarantined": True, "refused": True, "last": 2}]
    changes = await schema.run("MATCH (c:Change) RETURN c.id AS id, c.position AS position ORDER BY position")
    assert changes == [{"id": "chg_a", "position": 1}, {"id": "chg_b", "position": 2}]


async def test_the_latest_moment_up_to_each_change_is_found_for_changes_that_were_there(schema: Graph) -> None:
    """Also where it goes back between two, and where some were seen to before a crash."""
    await schema.run(
        "CREATE (:Sequence {name: 'changes', last: 4, reached_at: datetime('2026-01-01')}) "
        "WITH [1, 3, 2, 4] AS days UNWIND range(1, 4) AS n "
        "CREATE (:Change {id: 'chg_' + n, position: n, at: datetime({year: 2026, month: 1, day: days[n - 1]}), "
        "reached_at: CASE n WHEN 1 THEN datetime('2026-01-01') END})"
    )
    await schema.run("MATCH (m:Migration) WHERE m.version >= 3 DELETE m")
    assert [step.version for step in await apply_migrations(schema)] == versions_from(3)
    rows = await schema.run("MATCH (c:Change) RETURN c.reached_at.day AS day ORDER BY c.position")
    assert [row["day"] for row in rows] == [1, 3, 3, 4]


async def test_touchpoints_that_were_there_are_put_beside_those_of_the_same_owner(schema: Graph) -> None:
    await schema.run(
        "CREATE (:Event {id: 'evt_1'})-[:IN]->(:Session {id: 'ses_1'})-[:OF]->(:Identifier {key: 'a:1'}), (:Event {id: 'evt_2', channel: 'APP'})"
    )
    await schema.run("MATCH (m:Migration {name: 'journeys'}) DELETE m")
    assert [step.name for step in await apply_migrations(schema)] == ["journeys"]
    rows = await schema.run(
        "MATCH (e:Event) RETURN e.id AS id, e.owner AS owner, e.former_channel AS former ORDER BY id"
    )
    assert rows == [
        {"id": "evt_1", "owner": "a:1", "former": None},
        {"id": "evt_2", "owner": None, "former": "APP"},
    ]


def versions_from(first: int) -> list[int]:
    return [step.version for step in read_migrations() if step.version >= first]
