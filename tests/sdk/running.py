"""Running a client as a process of its own."""

import subprocess


def run(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; the service of the tests answers from another thread meanwhile."""
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
