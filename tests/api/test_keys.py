import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from identity_graph.cli.keys import keys_app
from identity_graph.domain.access.keys import ONLY_WRITE, Refusal
from identity_graph.domain.access.principals import ALL_SCOPES, Principal, Scope
from identity_graph.errors import ForbiddenError, GraphUnavailableError, InvalidInputError, NotFoundError
from identity_graph.service.access import keys as checking
from identity_graph.service.access.keys import AccessKeys
from identity_graph.service.access.managing import (
    NewKeys,
    create_key,
    ensure_keys,
    find_key_named,
    list_keys,
    revoke_key,
    rotate_key,
)
from identity_graph.service.access.uses import write_last_uses
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations


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
        first = await service.keys.identify(keys.admin)
        assert isinstance(first, Principal)
        assert (first.name, first.kind, first.scopes) == ("admin", "key", ALL_SCOPES)
        assert await service.keys.find_source(keys.admin) is None
        assert await ensure_keys(service.graph, service.settings) is None
    assert [(key.name, key.scopes) for key in await list_keys(graph)] == [
        ("admin", ALL_SCOPES),
        ("default", ONLY_WRITE),
    ]


async def test_a_key_of_the_settings_counts_at_once_and_is_not_stored(graph: Graph, settings: Settings) -> None:
    chosen = settings.model_copy(update={"write_key": SecretStr("chosen"), "admin_key": SecretStr("master")})
    async with open_service(chosen) as service:
        assert await ensure_keys(service.graph, service.settings) is None
        assert await service.keys.find_source("chosen") == "default"
        assert await service.keys.identify("master") == Principal("admin", "key", ALL_SCOPES)
        assert await service.keys.find_source("master") is None
    assert await list_keys(graph) == []

    only_write = settings.model_copy(update={"write_key": SecretStr("chosen")})
    async with open_service(only_write) as service:
        made = await ensure_keys(service.graph, service.settings)
        assert made is not None
        assert made == NewKeys(made.admin, None)


async def test_the_graph_never_holds_a_key(graph: Graph) -> None:
    made = await create_key(graph, "web-shop")
    rotated = await rotate_key(graph, made.key.id)

    rows = await graph.run("MATCH (k:AccessKey) WHERE k.id >= '' RETURN properties(k) AS properties")
    assert made.secret not in str(rows)
    assert rotated.secret not in str(rows)


async def test_names_are_unique_among_write_keys_and_among_others(graph: Graph) -> None:
    await create_key(graph, "web-shop")
    await create_key(graph, "web-shop", ALL_SCOPES)

    with pytest.raises(InvalidInputError, match="already"):
        await create_key(graph, "web-shop")
    with pytest.raises(InvalidInputError, match="already"):
        await create_key(graph, "web-shop", frozenset({Scope.READ}))
    for name in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInputError):
            await create_key(graph, name)
    with pytest.raises(InvalidInputError, match="--kind"):
        await find_key_named(graph, "web-shop")


async def test_a_key_that_is_revoked_is_refused_listed_and_its_name_is_free(graph: Graph, settings: Settings) -> None:
    made = await create_key(graph, "web-shop")
    await revoke_key(graph, made.key.id)

    assert await AccessKeys(graph, settings).identify(made.secret) is Refusal.REVOKED
    assert await AccessKeys(graph, settings).find_source(made.secret) is None
    with pytest.raises(NotFoundError):
        await revoke_key(graph, made.key.id)
    with pytest.raises(NotFoundError):
        await rotate_key(graph, made.key.id)
    again = await create_key(graph, "web-shop")
    assert {key.id: key.revoked_at is None for key in await list_keys(graph)} == {
        made.key.id: False,
        again.key.id: True,
    }


async def test_a_rotated_key_has_two_secrets_for_a_while(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await create_key(graph, "web-shop")
    rotated = await rotate_key(graph, made.key.id)
    keys = AccessKeys(graph, settings)
    assert [await keys.find_source(secret) for secret in (made.secret, rotated.secret)] == ["web-shop"] * 2

    until = rotated.key.previous_until
    assert until is not None
    monkeypatch.setattr(checking, "now_instant", lambda: until)
    assert await keys.identify(made.secret) is Refusal.EXPIRED
    assert await keys.find_source(rotated.secret) == "web-shop"

    at_once = await rotate_key(graph, made.key.id, overlap=0)
    keys = AccessKeys(graph, settings)
    assert await keys.identify(made.secret) is Refusal.UNKNOWN
    assert await keys.identify(rotated.secret) is Refusal.EXPIRED
    assert await keys.find_source(at_once.secret) == "web-shop"
    with pytest.raises(InvalidInputError, match="P90D"):
        await rotate_key(graph, made.key.id, overlap=-1)


async def test_a_key_ends_by_itself(graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInputError, match="past"):
        await create_key(graph, "web-shop", expires_at=1)
    until = checking.now_instant() + 3_600_000_000
    made = await create_key(graph, "web-shop", expires_at=until)
    keys = AccessKeys(graph, settings)

    monkeypatch.setattr(checking, "now_instant", lambda: until - 1)
    assert await keys.find_source(made.secret) == "web-shop"
    monkeypatch.setattr(checking, "now_instant", lambda: until)
    assert await keys.identify(made.secret) is Refusal.EXPIRED


async def test_while_neo4j_is_away_a_write_key_that_was_valid_is_valid(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await create_key(graph, "web-shop")
    keys = AccessKeys(graph, settings)
    assert await keys.find_source(made.secret) == "web-shop"
    monkeypatch.setattr(checking, "_KNOWN_FOR_SECONDS", -1.0)
    monkeypatch.setattr(checking, "_UNKNOWN_FOR_SECONDS", -1.0)

    async def hang(_work: object) -> object:
        await asyncio.sleep(0.3)
        raise GraphUnavailableError("Neo4j hangs.")

    async def fail(_work: object) -> object:
        raise GraphUnavailableError("Neo4j is away.")

    for read in (hang, fail):
        monkeypatch.setattr(graph, "read", read)
        assert await keys.find_source(made.secret) == "web-shop"
        with pytest.raises(GraphUnavailableError):
            await keys.find_source("guessed")
    await asyncio.sleep(0.3)


async def test_nobody_gives_scopes_away_that_they_do_not_have(graph: Graph) -> None:
    keeper = Principal("keeper", "key", frozenset({Scope.ADMIN, Scope.READ}))

    made = await create_key(graph, "crm", frozenset({Scope.READ}), by=keeper)
    assert made.key.scopes == {Scope.READ}
    with pytest.raises(ForbiddenError, match="`pii`"):
        await create_key(graph, "curious", frozenset({Scope.READ, Scope.PII}), by=keeper)
    strong = await create_key(graph, "strong", ALL_SCOPES)
    with pytest.raises(ForbiddenError):
        await rotate_key(graph, strong.key.id, by=keeper)


async def test_the_last_use_is_kept_without_a_write_per_request(graph: Graph, settings: Settings) -> None:
    made = await create_key(graph, "web-shop")
    keys = AccessKeys(graph, settings)
    assert [key.last_used_at for key in await list_keys(graph)] == [None]
    for _ in range(20):
        await keys.identify(made.secret)

    assert await write_last_uses(graph, keys) == 1
    [key] = await list_keys(graph)
    assert key.last_used_at is not None
    assert key.created_at <= key.last_used_at
    assert await write_last_uses(graph, keys) == 0


async def test_keys_of_earlier_versions_keep_what_they_could_do(graph: Graph, settings: Settings) -> None:
    await graph.run(
        "UNWIND ['write', 'admin'] AS kind "
        "CREATE (:AccessKey {id: kind + '/shop', kind: kind, name: 'shop', sha256: $sha, created_at: datetime()})",
        sha=checking.hash_key("secret of old"),
    )
    await graph.run("MATCH (k:AccessKey {id: 'admin/shop'}) SET k.sha256 = $sha", sha=checking.hash_key("another"))
    await graph.run("MATCH (m:Migration {version: 20}) DELETE m")
    await apply_migrations(graph)

    keys = AccessKeys(graph, settings)
    assert await keys.find_source("secret of old") == "shop"
    strong = await keys.identify("another")
    assert isinstance(strong, Principal)
    assert strong.scopes == ALL_SCOPES
    assert all(key.id.startswith("key_") for key in await list_keys(graph))
    with pytest.raises(InvalidInputError, match="already"):
        await create_key(graph, "shop")


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


def test_the_terminal_lists_creates_rotates_and_revokes(
    graph: Graph, environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    runner = CliRunner()

    assert "no keys yet" in runner.invoke(keys_app, ["list"]).output
    created = runner.invoke(keys_app, ["create", "web-shop"])
    assert created.output.startswith("write_")
    assert runner.invoke(keys_app, ["create", "boss", "--kind", "admin"]).output.startswith("admin_")
    scoped = ["create", "crm", "--scope", "read", "--scope", "pii", "--expires", "P90D"]
    assert runner.invoke(keys_app, scoped).output.startswith("key_")
    listed = runner.invoke(keys_app, ["list"]).output
    assert "web-shop" in listed
    assert "read pii" in listed
    assert created.output.strip() not in listed

    rotated = runner.invoke(keys_app, ["rotate", "web-shop", "--overlap", "PT1H"])
    assert rotated.output.startswith("write_")
    assert "earlier secret" in " ".join(runner.invoke(keys_app, ["list"]).output.split())
    assert "revoked" in runner.invoke(keys_app, ["revoke", "web-shop"]).output
    assert "revoked" in runner.invoke(keys_app, ["list"]).output
    assert isinstance(runner.invoke(keys_app, ["revoke", "web-shop"]).exception, NotFoundError)
    for wrong in (["rotate", "crm", "--overlap", "soon"], [*scoped, "--kind", "admin"]):
        assert isinstance(runner.invoke(keys_app, wrong).exception, InvalidInputError)
