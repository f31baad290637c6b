"""Neo4j's own administration tool for the embedded server: ``python -m identity_graph.runtime.admin database dump neo4j …``.

All arguments go to ``neo4j-admin``; ``--help`` lists its commands. What touches a database wants the server stopped.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from identity_graph.runtime.environment import foreign_environment
from identity_graph.runtime.fetch import ensure_jars
from identity_graph.runtime.home import server_home, write_configuration
from identity_graph.runtime.jars import read_lock
from identity_graph.runtime.java import java_program
from identity_graph.runtime.progress import Progress, silent
from identity_graph.settings import Settings

MAIN_CLASS = "org.neo4j.server.startup.Neo4jAdminCommand"
_HEAP = "512m"
_PORTS = (7687, 7474)


def run_admin(settings: Settings, arguments: Sequence[str]) -> int:
    """Run ``neo4j-admin`` on the embedded server of the data folder and return its exit code.

    Raises:
        RuntimeServerError: the jars cannot be fetched, or there is no Java.
    """
    command, environment = _prepare(settings, arguments, silent)
    return subprocess.run(command, env=environment, check=False).returncode


def run_admin_quietly(settings: Settings, arguments: Sequence[str], progress: Progress) -> tuple[int, str]:
    """Run ``neo4j-admin`` as ``run_admin`` does, and return its exit code and what it printed.

    Raises:
        RuntimeServerError: the jars cannot be fetched, or there is no Java.
    """
    command, environment = _prepare(settings, arguments, progress)
    done = subprocess.run(
        command, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, done.stdout


def _prepare(settings: Settings, arguments: Sequence[str], progress: Progress) -> tuple[list[str], dict[str, str]]:
    """Give the command and its environment, with everything in place that it needs."""
    java = java_program()  # before anything is fetched
    home = server_home(settings)
    if not home.conf.exists():
        write_configuration(
            home, settings, *_PORTS
        )  # a dump can be loaded before the first start, which writes its own
    class_path = os.pathsep.join(map(str, ensure_jars(settings.cache_dir, read_lock(), progress)))
    opened = "--add-opens=java.base/java.nio=ALL-UNNAMED"
    command = [java, f"-Xmx{_HEAP}", opened, "-cp", class_path, MAIN_CLASS, *arguments]
    return command, {**foreign_environment(), "NEO4J_HOME": str(home.root), "NEO4J_CONF": str(home.conf)}


if __name__ == "__main__":
    sys.exit(run_admin(Settings(), sys.argv[1:]))
