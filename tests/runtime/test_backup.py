"""A backup that is restored holds what was there; one that is broken restores nothing and harms nothing."""

import asyncio
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from identity_graph.errors import BackupError
from identity_graph.runtime import ensure_server, make_backup, restore_backup, server_home, stop_server
from identity_graph.runtime.backup import MANIFEST, _describe, read_backup
from identity_graph.service.audit.signing_key import key_file, load_signer
from identity_graph.settings import Settings
from identity_graph.spool import read_folder, spool_folder, take_file
from identity_graph.store.driver.graph import Graph
from tests.runtime.embedding import clear, small
from tests.spool.test_file import AMPLE, entry

EVERYTHING = (
    "MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN labels(n) AS labels, n {.*} AS own, type(r) AS kind, m.name AS other"
)


@pytest.fixture
def here(tmp_path: Path) -> Generator[Settings]:
    settings = small(tmp_path / "data")
    yield settings
    clear(settings)


@pytest.fixture
def there(tmp_path: Path) -> Generator[Settings]:
    settings = small(tmp_path / "other")
    yield settings
    clear(settings)


async def ask(settings: Settings, text: str) -> list[dict[str, Any]]:
    server = ensure_server(settings)
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        return await graph.run(text)


def everything(settings: Settings) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in asyncio.run(ask(settings, EVERYTHING)))


def test_what_is_restored_is_what_was_backed_up(here: Settings, there: Settings, tmp_path: Path) -> None:
    asyncio.run(
        ask(
            here,
            "UNWIND range(1, 500) AS n CREATE (:Person {name: n, at: datetime(), tags: ['a', 'b']})-[:KNOWS]->(:Thing {name: -n})",
        )
    )
    before = everything(here)
    assert len(before) == 1000
    with pytest.raises(BackupError, match="Neo4j runs"):
        make_backup(here, tmp_path / "backup")
    stop_server(here)
    held = take_file(spool_folder(here.data_dir), AMPLE)
    held.file.write([entry("waits", messages=3)])
    signs = load_signer(here.data_dir).public_key

    manifest = make_backup(here, tmp_path / "backup")
    held.release()
    assert set(manifest.files) == {"neo4j.dump", "spool-1.db", "audit.key"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in [tmp_path / "backup", *(tmp_path / "backup").iterdir()])
    with pytest.raises(BackupError, match="is there already"):
        make_backup(here, tmp_path / "backup")

    with pytest.raises(BackupError, match="holds a graph already"):
        restore_backup(here, tmp_path / "backup")
    assert restore_backup(there, tmp_path / "backup")[1] == []
    assert everything(there) == before
    assert read_folder(spool_folder(there.data_dir)).messages == 3
    assert load_signer(there.data_dir).public_key == signs
    assert key_file(there.data_dir).stat().st_mode & 0o077 == 0

    asyncio.run(ask(there, "MATCH (n) DETACH DELETE n"))
    stop_server(there)
    key_file(there.data_dir).unlink()
    another = load_signer(there.data_dir).public_key
    _, aside = restore_backup(there, tmp_path / "backup", force=True)
    assert [path.name.partition(".before")[0] for path in aside] == ["data", "spool", "audit.key"]
    assert load_signer(there.data_dir).public_key == signs != another

    broken = tmp_path / "backup" / "neo4j.dump"
    content = broken.read_bytes()
    broken.write_bytes(content[:-1])
    with pytest.raises(BackupError, match="is not what was written"):
        restore_backup(there, tmp_path / "backup", force=True)
    described = json.loads((tmp_path / "backup" / MANIFEST).read_text())
    broken.write_bytes(b"no dump")
    described["files"]["neo4j.dump"] = _describe(broken)
    (tmp_path / "backup" / MANIFEST).write_text(json.dumps(described))
    with pytest.raises(BackupError, match="own tool failed"):
        restore_backup(there, tmp_path / "backup", force=True)
    assert everything(there) == before, "what was there is there again"
    assert load_signer(there.data_dir).public_key == signs


def write_backup(folder: Path, **more: Any) -> Path:
    folder.mkdir()
    told = {"format": 1, "created_at": "", "version": "1", "neo4j": "5.26.1", "database": "neo4j", "files": {}, **more}
    (folder / MANIFEST).write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"format": 2}, "newer"),
        ({"neo4j": "2026.8.1"}, "newer"),
        ({"files": {"neo4j.dump": {}}}, "is missing"),
        ({"files": {"../manifest.json": {}}}, "is missing"),
        ({"files": [1]}, "is no backup"),
        ({"surprise": 1}, "is no backup"),
    ],
)
def test_what_is_no_whole_backup_of_a_known_version_is_refused(tmp_path: Path, more: Any, said: str) -> None:
    with pytest.raises(BackupError, match=said):
        read_backup(write_backup(tmp_path / "backup", **more))


def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is no backup"):
        read_backup(tmp_path)


def test_a_backup_of_another_database_or_of_a_neo4j_of_your_own_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", neo4j_uri=None)
    with pytest.raises(BackupError, match="NEO4J_DATABASE=shop"):
        restore_backup(settings, write_backup(tmp_path / "backup", database="shop"))
    with pytest.raises(BackupError, match="as its manual says"):
        make_backup(settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"}), tmp_path / "new")
    with pytest.raises(BackupError, match="no graph"):
        make_backup(settings, tmp_path / "new")
    assert not server_home(settings).store.exists()
