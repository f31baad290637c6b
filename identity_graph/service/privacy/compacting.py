"""Rewriting the store of the embedded Neo4j, so that its files hold only what is in the graph.

Neo4j does not overwrite what is deleted: records, index pages and transaction logs keep it. So what lives is copied into a new store, which then
replaces the old one.
"""

import asyncio
import os
import shutil
from pathlib import Path

from identity_graph.errors import BackupError
from identity_graph.runtime import Progress, ensure_server, silent, stop_server, store_size
from identity_graph.runtime.backup import alone
from identity_graph.runtime.disk import require_space
from identity_graph.runtime.home import ServerHome, finish_switch, make_private_folder, server_home, write_private
from identity_graph.runtime.progress import Waiting
from identity_graph.runtime.server import STORE_SPACE
from identity_graph.settings import Settings
from identity_graph.store.driver.copying import copy_graph, count_kinds
from identity_graph.store.driver.graph import Graph

_FOLDER = "compacting"


def compact_store(settings: Settings, *, progress: Progress = silent) -> tuple[int, int]:
    """Rewrite the store of a data folder that nobody uses, and return its bytes before and after.

    It works on copies, and switches by renaming. If it is killed, the next start finds the old store or the new one.

    Raises:
        BackupError: the Neo4j is your own, something runs, there is no graph, or the copy differs. The store is as it was.
        RuntimeServerError: the disk is too full, or a server cannot be started.
    """
    if settings.neo4j_uri is not None:
        raise BackupError("IDENTITY_GRAPH_NEO4J_URI is set: only the store of the embedded Neo4j can be compacted.")
    home = server_home(settings)
    with alone(home, progress):
        finish_switch(home)
        if not (home.store / "databases" / settings.neo4j_database).exists():
            raise BackupError(f"There is no graph in {home.root} to compact: is IDENTITY_GRAPH_DATA_DIR right?")
        folder = home.root / _FOLDER
        source, target = (_settings(settings, folder / name) for name in ("from", "into"))
        _clear(folder, source, target)
        before = store_size(home)
        require_space(home.root, 2 * before + 2 * STORE_SPACE, "the compaction", "IDENTITY_GRAPH_DATA_DIR")
        try:
            _copy_store(home, server_home(source), server_home(target))
            progress(Waiting("Copying what lives into a new store"))
            asyncio.run(_copy(source, target, progress))
            stop_server(source, progress=progress)
            stop_server(target, progress=progress)
            os.sync()
            server_home(target).store.rename(home.compacted)
            home.store.rename(home.former)
            finish_switch(home)
        finally:
            _clear(folder, source, target)
    return before, store_size(home)


async def _copy(source: Settings, target: Settings, progress: Progress) -> None:
    former, new = (ensure_server(one, progress=progress) for one in (source, target))
    database = source.neo4j_database
    async with (
        await Graph.connect(former.uri, former.user, former.password, database) as graph,
        await Graph.connect(new.uri, new.user, new.password, database) as copied,
    ):
        await copy_graph(graph, copied)
        if await count_kinds(graph) != await count_kinds(copied):
            raise BackupError("The compacted store differs from the one that was there, so it is not used.")


def _settings(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"data_dir": folder, "neo4j_bolt_port": 0, "neo4j_http_port": 0})


def _copy_store(home: ServerHome, source: ServerHome, target: ServerHome) -> None:
    password = home.password_file.read_text(encoding="utf-8")
    for copied in (source, target):
        make_private_folder(copied.root)
        write_private(copied.password_file, password)
    shutil.copytree(home.store, source.store)


def _clear(folder: Path, *servers: Settings) -> None:
    """Stop what a compaction left running, and delete its copies, which hold personal data."""
    for one in servers:
        stop_server(one)
    if folder.exists():
        shutil.rmtree(folder)
