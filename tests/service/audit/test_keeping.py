"""Checkpoints are made, show what a chain does not, and let old entries go."""

import stat
from pathlib import Path

import pytest

from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.domain.audit.verification import SHORTEST_KEPT, Fault
from identity_graph.errors import SettingsError
from identity_graph.service.audit import keeping
from identity_graph.service.audit.keeping import delete_old_entries, make_checkpoint
from identity_graph.service.audit.reading import verify_log
from identity_graph.service.audit.recording import record
from identity_graph.service.audit.signing_key import find_signer, key_file, load_signer
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.worlds.audit import SIGNER, make_entry

NOW = 2_000_000_000_000_000


async def record_some(graph: Graph, *numbers: int) -> None:
    await graph.write(lambda tx: record(tx, *(make_entry(number) for number in numbers)))


def test_the_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert find_signer(folder) is None
    signer = load_signer(folder)
    assert stat.S_IMODE(key_file(folder).stat().st_mode) == 0o600
    assert load_signer(folder).public_key == signer.public_key
    assert [path.name for path in folder.iterdir()] == ["audit.key"]


@pytest.mark.parametrize("content", ["not hex", "00", ""])
def test_a_damaged_key_is_told(tmp_path: Path, content: str) -> None:
    key_file(tmp_path).write_text(content)
    with pytest.raises(SettingsError):
        load_signer(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError):
        load_signer(tmp_path / "file")


async def test_a_cut_tail_shows_against_a_checkpoint_only(graph: Graph) -> None:
    await record_some(graph, 1, 2, 3)
    checkpoint = await make_checkpoint(graph, SIGNER, NOW)
    assert checkpoint is not None
    assert await make_checkpoint(graph, SIGNER, NOW) is None
    rows = await graph.run("MATCH (e:AuditEntry {number: 2}) RETURN e.hash AS hash")
    await graph.run("MATCH (e:AuditEntry {number: 3}) DELETE e")
    await graph.run("MATCH (c:AuditCheckpoint) DELETE c")
    await graph.run("MATCH (s:Sequence {name: 'audit'}) SET s.last = 2, s.root = $root", root=rows[0]["hash"])
    assert (await verify_log(graph, now=NOW)).verdict.problem is None
    problem = (await verify_log(graph, now=NOW, against=[checkpoint])).verdict.problem
    assert problem is not None
    assert (problem.fault, problem.number) == (Fault.CUT_OFF, 3)


async def test_old_entries_go_when_a_checkpoint_covers_them(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    long_ago = NOW - SHORTEST_KEPT
    await record_some(graph, 1, 2)
    await make_checkpoint(graph, SIGNER, long_ago - 1)
    await record_some(graph, 3)
    await make_checkpoint(graph, SIGNER, long_ago)
    await record_some(graph, 4)
    await make_checkpoint(graph, SIGNER, NOW)
    assert await delete_old_entries(graph, 0, NOW) == 3
    assert await delete_old_entries(graph, 0, NOW) == 0
    verdict = (await verify_log(graph, now=NOW)).verdict
    assert (verdict.problem, verdict.verified, verdict.deleted) == (None, 1, 3)


async def test_the_latest_entries_are_verified_since_a_checkpoint(graph: Graph) -> None:
    await record_some(graph, 1, 2)
    await make_checkpoint(graph, SIGNER, NOW)
    await record_some(graph, 3)
    assert (await verify_log(graph, now=NOW, latest=1)).verdict.verified == 1
    assert (await verify_log(graph, now=NOW, latest=2)).verdict.verified == 3


async def test_a_service_that_stops_leaves_a_checkpoint_of_its_own_key(graph: Graph, settings: Settings) -> None:
    async with open_service(settings) as service:
        service.audit.note(make_entry(1))
    signer: Signer | None = find_signer(settings.data_dir)
    assert signer is not None
    verified = await verify_log(graph, now=NOW, trusted=frozenset({signer.public_key}))
    assert verified.verdict.problem is None
    assert verified.last_checkpoint is not None
    assert (verified.last_checkpoint.count, verified.last_checkpoint.key) == (1, signer.public_key)
