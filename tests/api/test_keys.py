import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from identity_graph.cli.keys import keys_app
from identity_graph.errors import GraphUnavailableError, InvalidInputError, NotFoundError
from identity_graph.service.access.keys import (
    AccessKeys,
    KeyKind,
    NewKeys,
    create_key,
    ensure_keys,
    list_keys,
    revoke_key,
)
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph


async def test_the_first_start_makes_one_key_of_each_kind_and_later_ones_make_none(
    graph: Graph, settings: Settings
) -> None:
    async with open_service(settings) as service, open_service(settings) as other:
        made = [
            keys
            for keys in await asyncio.gather(
                ensure_keys(service.graph, service.settings), ensure_keys(other.graph, other.settings)
            )
            if keys is not None
        ]
        [keys] = made
        assert keys.admin is not None
        assert keys.write is not None
        assert await service.keys.find_source(keys.write) == "default"
        assert await service.keys.find_admin(keys.admin) == "admin"
        assert await service.keys.find_admin(keys.write) is None
        assert await service.keys.find_source(keys.admin) is None
        assert await ensure_keys(service.graph, service.settings) is None
    assert [(key.kind, key.name) for key in await list_keys(graph)] == [("admin", "admin"), ("write", "default")]


async def test_a_key_of_the_settings_counts_at_once_and_is_not_stored(graph: Graph, settings: Settings) -> None:
    chosen = settings.model_copy(update={"write_key": SecretStr("chosen"), "admin_key": SecretStr("master")})
    async with open_service(chosen) as service:
        assert await ensure_keys(service.graph, service.settings) is None
        assert await service.keys.find_source("chosen") == "default"
        assert await service.keys.find_admin("master") == "admin"
        assert await service.keys.find_source("master") is None
    assert await list_keys(graph) == []

    only_write = settings.model_copy(update={"write_key": SecretStr("chosen")})
    async with open_service(only_write) as service:
        made = await ensure_keys(service.graph, service.settings)
        assert made is not None
        assert made == NewKeys(made.admin, None)


async def test_the_graph_never_holds_a_key(graph: Graph) -> None:
    key = await create_key(graph, "web-shop")

    rows = await graph.run("MATCH (k:AccessKey) WHERE k.id >= '' RETURN properties(k) AS properties")
    assert key not in str(rows)
    assert {tuple(sorted(row["properties"])) for row in rows} == {("created_at", "id", "kind", "name", "sha256")}


async def test_names_are_unique_within_a_kind(graph: Graph) -> None:
    await create_key(graph, "web-shop")
    await create_key(graph, "web-shop", KeyKind.ADMIN)

    with pytest.raises(InvalidInputError, match="already"):
        await create_key(graph, "web-shop")
    for name in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInputError):
            await create_key(graph, name)


async def test_what_is_revoked_is_gone_and_cannot_be_revoked_again(graph: Graph, settings: Settings) -> None:
    key = await create_key(graph, "web-shop")
    await revoke_key(graph, "web-shop")

    assert await AccessKeys(graph, settings).find_source(key) is None
    with pytest.raises(NotFoundError):
        await revoke_key(graph, "web-shop")


async def test_a_flood_of_wrong_keys_reads_the_graph_once_a_second(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = AccessKeys(graph, settings)
    reads = 0
    read = graph.read

    async def counted(work: object) -> object:
        nonlocal reads
        reads += 1
        return await read(work)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(graph, "read", counted)
    found = await asyncio.gather(*(keys.find_source(f"guess-{n}") for n in range(500)))

    assert set(found) == {None}
    assert reads <= 2


def test_the_terminal_lists_creates_and_revokes(
    graph: Graph, environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    runner = CliRunner()

    assert "no keys yet" in runner.invoke(keys_app, ["list"]).output
    created = runner.invoke(keys_app, ["create", "web-shop"])
    assert created.output.startswith("write_")
    assert runner.invoke(keys_app, ["create", "web-shop", "--kind", "admin"]).output.startswith("admin_")
    listed = runner.invoke(keys_app, ["list"]).output
    assert "web-shop" in listed
    assert created.output.strip() not in listed
    assert "revoked" in runner.invoke(keys_app, ["revoke", "web-shop"]).output
    assert isinstance(runner.invoke(keys_app, ["revoke", "web-shop"]).exception, NotFoundError)


async def test_a_write_key_that_was_valid_is_valid_while_neo4j_does_not_answer(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await create_key(graph, "shop")
    keys = AccessKeys(graph, settings)
    assert await keys.find_source(key) == "shop"

    async def refuse(*_: object) -> None:
        raise GraphUnavailableError("Neo4j is away.")

    async def hang(*_: object) -> None:
        await asyncio.sleep(60)

    for read in (refuse, hang):
        monkeypatch.setattr(graph, "read", read)
        keys._read_at = float("-inf")
        async with asyncio.timeout(5):
            assert await keys.find_source(key) == "shop"
    monkeypatch.setattr(graph, "read", refuse)
    keys._reading = asyncio.Lock()
    with pytest.raises(GraphUnavailableError):
        await keys.find_source("nobody's")
    with pytest.raises(GraphUnavailableError):
        await keys.find_admin(key)
    monkeypatch.undo()
    await revoke_key(graph, "shop")
    keys._read_at = float("-inf")
    assert await keys.find_source(key) is None
