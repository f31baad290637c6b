"""The files of the retailer's other systems, imported with the mappings that ship as examples."""

import subprocess
from pathlib import Path

from rich.console import Console

from identity_graph.demo.service import RunningService, command_path
from identity_graph.errors import NotFoundError
from identity_graph.simulation import RecordFile

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "imports"


def find_example(mapping: str) -> Path:
    """Find a mapping in ``examples/imports`` of the checkout.

    Raises:
        NotFoundError: the checkout has no such file.
    """
    path = _EXAMPLES / mapping
    if not path.is_file():
        raise NotFoundError(
            f"The demo reads {path}, which is not there: run it in a complete checkout.", path=str(path)
        )
    return path


def import_records(console: Console, service: RunningService, files: list[RecordFile]) -> None:
    """Import files as a person does, one command after the other; a rejected record ends the demo."""
    for file in files:
        mapping = find_example(file.mapping)
        shown = f"$ identity-graph import {file.path.name} --mapping examples/imports/{file.mapping}"
        console.print(shown, style="dim", highlight=False, soft_wrap=True)
        command = [str(command_path()), "import", file.path.name, "--mapping", str(mapping), "--strict"]
        subprocess.run(command, env=service.environment, cwd=file.path.parent, check=True)
