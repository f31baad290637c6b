"""``identity-graph backup`` and ``restore``: the graph of the embedded Neo4j, the spool and the audit log's key, in a folder and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from identity_graph.runtime import make_backup, restore_backup, shown_on
from identity_graph.settings import Settings
from identity_graph.terminal import Console

_out = Console(soft_wrap=True)
DataDir = Annotated[
    Path | None, typer.Option(help="Data folder.", show_default="IDENTITY_GRAPH_DATA_DIR, or the user's data folder")
]


def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder to make.", metavar="FOLDER", show_default="identity-graph-backup-<time>"),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Back up the embedded Neo4j, what waits in the spool, and the key of the audit log. Stop the service first."""
    target = folder or Path(f"identity-graph-backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    with shown_on(Console(stderr=True)) as progress:
        manifest = make_backup(_settings(data_dir), target, progress=progress)
    size = sum(int(one["bytes"]) for one in manifest.files.values())
    _out.print(
        f"The backup is in {target} ({decimal(size)}). It holds personal data and the key of the audit log: keep it where you keep such."
    )


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder of the backup.", metavar="FOLDER")],
    data_dir: DataDir = None,
    force: Annotated[
        bool, typer.Option("--force", help="Restore also where there is a graph; it is kept under another name.")
    ] = False,
) -> None:
    """Restore a backup into a data folder without a graph. Every file is checked first."""
    settings = _settings(data_dir)
    with shown_on(Console(stderr=True)) as progress:
        manifest, aside = restore_backup(settings, folder, force=force, progress=progress)
    _out.print(
        f"The backup of {manifest.created_at} is restored in {settings.data_dir}. Start it: identity-graph serve."
    )
    for path in aside:
        _out.print(f"What was there before is in {path}; remove it when you do not need it any more.")


def _settings(data_dir: Path | None) -> Settings:
    return Settings() if data_dir is None else Settings(data_dir=data_dir)
