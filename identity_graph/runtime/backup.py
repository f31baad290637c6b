"""Backups of a data folder: a dump of the database, the spool, the key of the audit log, and a manifest with hashes."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from identity_graph import __version__
from identity_graph.errors import BackupError
from identity_graph.runtime.admin import run_admin_quietly
from identity_graph.runtime.home import (
    ServerHome,
    finish_switch,
    make_private,
    make_private_folder,
    server_home,
    write_private,
)
from identity_graph.runtime.jars import NEO4J_VERSION
from identity_graph.runtime.process import find_process
from identity_graph.runtime.progress import Progress, Waiting, silent
from identity_graph.runtime.server import TURN
from identity_graph.runtime.turns import own_turn
from identity_graph.runtime.users import find_users
from identity_graph.settings import Settings
from identity_graph.spool import copy_file, list_files, read_folder, spool_folder

MANIFEST = "manifest.json"
AUDIT_KEY = "audit.key"
"""The file of a data folder with the key that signs the audit log. What it signed is verified only with it."""

FORMAT = 1

_CHUNK = 1 << 20
_LINES = 6


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: ``files`` gives bytes and SHA-256 of each."""

    format: int
    created_at: str
    version: str
    neo4j: str
    database: str
    files: dict[str, dict[str, Any]]


def make_backup(settings: Settings, target: Path, *, progress: Progress = silent) -> Manifest:
    """Back up a data folder that nobody uses; ``target`` is a folder that does not exist yet, or is empty.

    Raises:
        BackupError: the Neo4j is your own, something runs, or the dump fails. The target is not there then.
        RuntimeServerError: the jars cannot be fetched, or there is no Java.
    """
    _refuse_own(settings)
    home = server_home(settings)
    if home.compacted.exists() or home.former.exists():
        with alone(home, progress):
            finish_switch(home)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(f"{target} is there already: name a folder that does not exist yet.", target=str(target))
    if not _has_store(home, settings):
        raise BackupError(f"There is no graph in {home.root} to back up: is IDENTITY_GRAPH_DATA_DIR right?")
    making = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    with alone(home, progress):
        try:
            make_private_folder(making)
            _say(progress, "Backing up the graph")
            _run(settings, ["dump", settings.neo4j_database, f"--to-path={making}"], progress)
            for path in list_files(spool_folder(settings.data_dir)):
                copy_file(path, making / f"spool-{path.name}")
            if (settings.data_dir / AUDIT_KEY).is_file():
                shutil.copyfile(settings.data_dir / AUDIT_KEY, making / AUDIT_KEY)
            _say(progress, "Computing the hashes")
            manifest = Manifest(
                FORMAT,
                f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                __version__,
                NEO4J_VERSION,
                settings.neo4j_database,
                {path.name: _describe(path) for path in sorted(making.iterdir())},
            )
            for path in making.iterdir():
                path.chmod(0o600)
            write_private(making / MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")
            if target.is_dir():
                target.rmdir()
            making.replace(target)
        except OSError as error:
            raise BackupError(f"The backup cannot be written to {target}: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return manifest


def restore_backup(
    settings: Settings, source: Path, *, force: bool = False, progress: Progress = silent
) -> tuple[Manifest, list[Path]]:
    """Restore a backup into a data folder that holds no graph, or set what it holds aside first.

    Returns what was restored, and where the former graph, spool and key of the audit log are now.

    Raises:
        BackupError: the backup is incomplete, changed or of a newer version; something runs; or the folder holds a graph and
            ``force`` is not given. The data folder is as it was.
        RuntimeServerError: the jars cannot be fetched, or there is no Java.
    """
    _refuse_own(settings)
    home, spool, audit_key = server_home(settings), spool_folder(settings.data_dir), settings.data_dir / AUDIT_KEY
    _say(progress, "Checking the backup")
    manifest = read_backup(source)
    if manifest.database != settings.neo4j_database:
        raise BackupError(
            f"The backup is of the database {manifest.database!r}: set IDENTITY_GRAPH_NEO4J_DATABASE={manifest.database}."
        )
    with alone(home, progress):
        is_taken = _has_store(home, settings) or bool(read_folder(spool).messages)
        if is_taken and not force:
            raise BackupError(
                f"{settings.data_dir} holds a graph already. Set IDENTITY_GRAPH_DATA_DIR to another folder, or say --force: then what "
                "is there is kept under another name."
            )
        # A backup of before there was a key leaves the one that is there: it still signs what comes.
        moved = _set_aside([home.store, spool, *([audit_key] if AUDIT_KEY in manifest.files else [])])
        try:
            _say(progress, "Restoring the graph")
            arguments = ["load", manifest.database, f"--from-path={source.resolve()}", "--overwrite-destination=true"]
            _run(settings, arguments, progress)
            make_private(home)
            _restore_spool(source, manifest, spool)
            if AUDIT_KEY in manifest.files:
                _copy_private(source / AUDIT_KEY, audit_key)
        except BaseException as error:
            for path in (home.store, spool):
                shutil.rmtree(path, ignore_errors=True)
            if AUDIT_KEY in manifest.files:
                audit_key.unlink(missing_ok=True)
            for former, aside in moved.items():
                aside.replace(former)
            if isinstance(error, OSError):
                raise BackupError(f"The backup cannot be restored: {error.strerror or error}.") from error
            raise
    return manifest, list(moved.values())


def read_backup(source: Path) -> Manifest:
    """Read the manifest of a backup and check every file against it.

    Raises:
        BackupError: it is no backup, it is incomplete or changed, or a newer version made it.
    """
    try:
        manifest = Manifest(**json.loads((source / MANIFEST).read_text(encoding="utf-8")))
        if manifest.format > FORMAT or _numbers(manifest.neo4j) > _numbers(NEO4J_VERSION):
            raise BackupError(
                f"The backup was made by version {manifest.version} with Neo4j {manifest.neo4j}, which is newer: use that version."
            )
        for name, wanted in manifest.files.items():
            path = source / name
            if Path(name).name != name or not path.is_file():
                raise BackupError(f"The backup is incomplete: {path} is missing.")
            if _describe(path) != wanted:
                raise BackupError(f"The backup was changed: {path} is not what was written.")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BackupError(f"{source} is no backup: its {MANIFEST} is missing or cannot be read.") from error
    return manifest


def _refuse_own(settings: Settings) -> None:
    if settings.neo4j_uri is not None:
        raise BackupError(
            "IDENTITY_GRAPH_NEO4J_URI is set: back up your own Neo4j as its manual says, and the folder "
            f"{spool_folder(settings.data_dir)} and the file {settings.data_dir / AUDIT_KEY} beside it (docs/operations.md#backup)."
        )


def _has_store(home: ServerHome, settings: Settings) -> bool:
    return (home.store / "databases" / settings.neo4j_database).exists()


@contextmanager
def alone(home: ServerHome, progress: Progress) -> Generator[None]:
    """Keep everybody from starting the server meanwhile.

    Raises:
        BackupError: it runs, or somebody uses it.
    """
    with own_turn(home.start_lock, progress, TURN):
        users = find_users(home)
        if users:
            named = ", ".join(map(str, users))
            raise BackupError(f"Processes use this Neo4j ({named}): stop them first, the service among them.")
        if find_process(home) is not None:
            raise BackupError("Neo4j runs: stop it with `identity-graph neo4j stop`.")
        yield


def _run(settings: Settings, arguments: list[str], progress: Progress) -> None:
    code, said = run_admin_quietly(settings, ["database", *arguments], progress)
    if code:
        lines = "\n".join([line for line in said.splitlines() if line.strip()][-_LINES:])
        raise BackupError(f"Neo4j's own tool failed with exit code {code}:\n{lines}")


def _set_aside(paths: list[Path]) -> dict[Path, Path]:
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    moved: dict[Path, Path] = {}
    for path in paths:
        if path.exists():
            moved[path] = path.rename(path.with_name(f"{path.name}.before-restore-{now}"))
    return moved


def _restore_spool(source: Path, manifest: Manifest, spool: Path) -> None:
    for name in manifest.files:
        if name.startswith("spool-"):
            make_private_folder(spool)
            _copy_private(source / name, spool / name.removeprefix("spool-"))


def _copy_private(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    shutil.copyfile(source, target)


def _describe(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _say(progress: Progress, what: str) -> None:
    progress(Waiting(what))
