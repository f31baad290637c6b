"""The embedded Neo4j: fetched once, started on demand, found again, stopped."""

from identity_graph.runtime.backup import make_backup, restore_backup
from identity_graph.runtime.home import server_home, store_size
from identity_graph.runtime.jars import NEO4J_VERSION
from identity_graph.runtime.ports import bolt_answers, free_port
from identity_graph.runtime.progress import Fetching, Progress, Waiting, shown_on, silent
from identity_graph.runtime.server import (
    STORE_SPACE,
    ServerHandle,
    ensure_server,
    find_server,
    stop_keeping,
    stop_server,
)
from identity_graph.runtime.use import Proof, ServerUse

__all__ = [
    "NEO4J_VERSION",
    "STORE_SPACE",
    "Fetching",
    "Progress",
    "Proof",
    "ServerHandle",
    "ServerUse",
    "Waiting",
    "bolt_answers",
    "ensure_server",
    "find_server",
    "free_port",
    "make_backup",
    "restore_backup",
    "server_home",
    "shown_on",
    "silent",
    "stop_keeping",
    "stop_server",
    "store_size",
]
