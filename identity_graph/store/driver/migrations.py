"""Versioned migrations of the schema, with checksums.

A migration is ``cypher/migrations/V<number>__<name>.cypher``: statements that end in ``;``, each of which may run
again after a crash. What was applied is kept as ``(:Migration)``.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from neo4j.exceptions import ClientError

from identity_graph.cypher_folder import cypher_root
from identity_graph.errors import SchemaError
from identity_graph.store.driver.graph import Graph

_NAME = re.compile(r"V(\d{4})__([a-z0-9_]+)\.cypher")
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


@dataclass(frozen=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    checksum: str
    statements: tuple[str, ...]


def read_migrations(folder: Path | None = None) -> list[Migration]:
    """Read all migrations of a folder, in order.

    Raises:
        SchemaError: a file is named otherwise, or two have one number.
    """
    migrations: list[Migration] = []
    for path in sorted((folder or cypher_root() / "migrations").glob("*.cypher")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise SchemaError(f"{path.name} is not a migration: name it V0001__what_it_does.cypher")
        text = path.read_text(encoding="utf-8")
        statements = tuple(part.strip() for part in _COMMENT.sub("", text).split(";") if part.strip())
        checksum = hashlib.sha256("\n;\n".join(statements).encode()).hexdigest()
        migrations.append(Migration(int(match[1]), match[2], checksum, statements))
    for one, other in pairwise(migrations):
        if one.version == other.version:
            raise SchemaError(f"two migrations are number {one.version}, {one.name} and {other.name}: renumber one")
    return migrations


async def apply_migrations(graph: Graph, migrations: list[Migration] | None = None) -> list[Migration]:
    """Bring the schema up to date and return what was applied.

    Raises:
        SchemaError: the graph has a newer schema, or an applied migration differs from the one known here.
    """
    # These statements stand here and not in files: they must work before any schema is in place.
    await _run_statement(
        graph, "CREATE CONSTRAINT migration_version IF NOT EXISTS FOR (n:Migration) REQUIRE n.version IS UNIQUE"
    )
    pending = await find_pending(graph, migrations)
    for migration in pending:
        for statement in migration.statements:
            await _run_statement(graph, statement)
        await graph.run(
            "MERGE (m:Migration {version: $version}) "
            "ON CREATE SET m.name = $name, m.checksum = $checksum, m.applied_at = datetime()",
            version=migration.version,
            name=migration.name,
            checksum=migration.checksum,
        )
    if pending:
        await graph.run("CALL db.awaitIndexes(300)")
    return pending


async def find_pending(graph: Graph, migrations: list[Migration] | None = None) -> list[Migration]:
    """List the migrations that were not applied yet; nothing is written.

    Raises:
        SchemaError: the graph has a newer schema, or an applied migration differs from the one known here.
    """
    if migrations is None:
        migrations = read_migrations()
    known = {migration.version: migration for migration in migrations}
    rows = await graph.run(
        "MATCH (m:Migration) WHERE m.version > 0 RETURN m.version AS version, m.name AS name, m.checksum AS checksum"
    )
    applied = {int(row["version"]): row for row in rows}
    for version, row in sorted(applied.items()):
        if version not in known:
            raise SchemaError(
                f"The graph has schema version {version} ({row['name']}), which this version of Identity Graph does "
                "not know: update the service, or point it at another database.",
                version=version,
            )
        if row["checksum"] != known[version].checksum:
            raise SchemaError(
                f"Schema version {version} ({row['name']}) was applied to this graph with other content: use the "
                "release that made the graph, or point the service at another database.",
                version=version,
            )
    return [migration for version, migration in sorted(known.items()) if version not in applied]


async def _run_statement(graph: Graph, statement: str) -> None:
    """Run a statement that says ``IF NOT EXISTS``, which Neo4j does not keep to while another service runs the same."""
    try:
        await graph.run(statement)
    except ClientError as error:
        if not (error.code or "").endswith("AlreadyExists"):
            raise
        await graph.run(statement)
