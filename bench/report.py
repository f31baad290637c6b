"""The report: what was measured, on what, and whether it reaches what the product promises."""

import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from identity_graph import __version__
from identity_graph.runtime import NEO4J_VERSION


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report; ``passed`` is None where there is no target."""

    item: str
    name: str
    value: str
    target: str = ""
    passed: bool | None = None


@dataclass(slots=True)
class Report:
    """The lines of a run, and its raw numbers for programs."""

    lines: list[Line] = field(default_factory=list[Line])
    numbers: dict[str, Any] = field(default_factory=dict[str, Any])

    def add(self, item: str, name: str, value: str) -> None:
        """Add a line without a target."""
        self.lines.append(Line(item, name, value))

    def judge(self, item: str, name: str, value: str, target: str, passed: bool) -> None:
        """Add a line with a target."""
        self.lines.append(Line(item, name, value, target, passed))

    @property
    def missed(self) -> list[Line]:
        """The lines that miss their targets."""
        return [line for line in self.lines if line.passed is False]

    def show(self, console: Console) -> None:
        """Print the report as one table."""
        machine = describe_machine()
        table = Table(title=f"Identity Graph {machine['identity-graph']}: benchmark", title_justify="left")
        for column in ("", "measured", "value", "target", ""):
            table.add_column(column, justify="right" if column == "value" else "left")
        for line in self.lines:
            verdict = "" if line.passed is None else "[green]reached[/]" if line.passed else "[red]missed[/]"
            table.add_row(line.item, line.name, line.value, line.target, verdict)
        console.print(table)
        console.print(
            f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB; service, Neo4j and clients share them. "
            f"Python {machine['python']}, Neo4j {machine['neo4j']} Community, driver {machine['driver']}.",
            highlight=False,
        )


def describe_machine() -> dict[str, Any]:
    """Describe the machine and the versions of what ran."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": _cpu_model(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "neo4j": NEO4J_VERSION,
        "driver": version("neo4j"),
        "identity-graph": __version__,
    }


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
