"""Three segments that fill while the simulation is sent, and why somebody is in one of them."""

import subprocess
import time
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table
from rich.text import Text

from identity_graph.demo.service import RunningService, command_path

TEMPLATES = ("cart-abandoners", "repeat-buyers", "mini-program-only")
"""What the demo saves, of the segments that ship."""

SIZES = "{ segments { edges { node { id name size asOf sentence transitions(first: 1) { edges { node { customerId } } } } } } }"


_BETWEEN_LOOKS = 1.0


def save_segments(console: Console, service: RunningService) -> None:
    """Save the segments as a person does, before anybody could be in them."""
    for name in TEMPLATES:
        console.print(f"$ identity-graph segments apply {name}", style="dim", highlight=False)
        command = [str(command_path()), "segments", "apply", name]
        subprocess.run(command, env=service.environment, cwd=service.log.parent, check=True)


class SizeWatch:
    """Shows beside the progress how many members each segment has by now; it looks at most once a second."""

    def __init__(self, service: RunningService, bars: Progress) -> None:
        self._service = service
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._looked = 0.0

    def look(self) -> None:
        """Look again, if some time has passed."""
        if time.monotonic() - self._looked < _BETWEEN_LOOKS:
            return
        for segment in read_segments(self._service):
            id, name, size = segment["id"], segment["name"], segment["size"]
            if id not in self._tasks:
                self._tasks[id] = self._bars.add_task(f"members of {name!r}", total=None)
            self._bars.update(self._tasks[id], completed=size)
        self._looked = time.monotonic()


def read_segments(service: RunningService) -> list[dict[str, Any]]:
    """Read all segments with their sizes."""
    return [edge["node"] for edge in service.ask(SIZES)["segments"]["edges"]]


def print_segments(console: Console, service: RunningService) -> None:
    """Print who is in each segment in words, how many that are, and why the last one to enter or leave did."""
    console.rule("[bold]Segments, live")
    segments = read_segments(service)
    table = Table("segment", "members", "who is in", show_edge=False)
    table.columns[1].justify = "right"
    for segment in segments:
        table.add_row(Text(segment["name"]), f"{segment['size']:,}", Text(segment["sentence"]))
    console.print(table)
    example = next((one for one in segments if one["transitions"]["edges"]), None)
    if example is not None:
        customer = example["transitions"]["edges"][0]["node"]["customerId"]
        console.print(f"$ identity-graph segments why {example['name']!r} {customer}", style="dim", highlight=False)
        command = [str(command_path()), "segments", "why", example["name"], customer]
        subprocess.run(command, env=service.environment, cwd=service.log.parent, check=True)
