"""A Compose project of the tests' own: the files that ship, in a folder of their own, on ports of its own."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOREIGN = re.compile(r"IDENTITY_GRAPH_|NEO4J_|COMPOSE_|PYTHON_IMAGE$")
SECONDS = 300


class Project:
    """The compose file and what its image is made of, copied to a folder, as a fresh clone has them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"identity-graph-{os.getpid()}"
        self.image = f"{self._name}-service"
        # What the shell has set would outrank the file .env.
        self._environment = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        for source in ("docker-compose.yml", "Dockerfile", ".dockerignore", *_copied()):
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(ROOT / source, folder / source)

    def set(self, values: dict[str, str]) -> None:
        """Write the file .env."""
        (self._folder / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))

    def docker(self, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command of Docker and return how it ended; its two outputs come as one."""
        done = subprocess.run(
            ["docker", *words],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        assert not check or done.returncode == 0, f"docker {' '.join(words)}: {done.returncode}\n{done.stdout}"
        return done

    def compose(self, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command of Compose on this project."""
        return self.docker("compose", "--project-name", self._name, *words, check=check)

    def up(self, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Start everything and wait until it is healthy."""
        return self.compose("up", "--detach", "--wait", check=check)

    def logs(self, service: str) -> str:
        """Return what a service said."""
        return self.compose("logs", "--no-log-prefix", service).stdout

    def state(self, service: str) -> dict[str, Any]:
        """Return what Docker knows of the container of a service."""
        container = self.compose("ps", "--all", "--quiet", service).stdout.split()[0]
        return self.inspect(container)

    def inspect(self, name: str) -> dict[str, Any]:
        """Return what Docker knows of a container or an image."""
        return json.loads(self.docker("inspect", name).stdout)[0]

    def run(self, *words: str) -> str:
        """Start a container of the image, without a network, and return its id."""
        return self.docker("run", "--detach", "--network", "none", *words).stdout.strip()


def until(wanted: Any, what: str, seconds: float = 60) -> Any:
    """Wait until something is there, and return it."""
    begun = time.monotonic()
    while not (found := wanted()):
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return found


def _copied() -> Iterator[str]:
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            yield from line.split()[1:-1]
