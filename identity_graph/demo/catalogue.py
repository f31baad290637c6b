"""The catalogue of the demo: put in force as a person does, before anything is loaded."""

import subprocess
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console

from identity_graph.demo.service import RunningService, command_path


def find_catalogue() -> Path:
    """Find the catalogue that says how the retailer's customers are described and scored."""
    with as_file(files("identity_graph.demo") / "catalogue.yaml") as path:
        return path


def apply_catalogue(console: Console, service: RunningService) -> None:
    """Put the catalogue in force."""
    console.print("$ identity-graph catalogue apply catalogue.yaml", style="dim", highlight=False)
    command = [str(command_path()), "catalogue", "apply", str(find_catalogue())]
    subprocess.run(command, env=service.environment, cwd=service.log.parent, check=True)
