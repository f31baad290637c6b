"""The folder of one embedded Neo4j: where its files lie, its configuration and its password."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from identity_graph.errors import RuntimeServerError
from identity_graph.settings import Settings

USER = "neo4j"
GUIDE_PATH = "/guide"
"""Where the service serves the guide that Neo4j Browser plays on connecting."""

NO_EXTRAS: Mapping[str, str] = MappingProxyType({})
DROP_THE_TAIL = MappingProxyType({"internal.dbms.tx_log.fail_on_corrupted_log_files": "false"})
"""Lets a database start whose last transaction was cut off; see ``has_cut_off_tail``."""

_HASH_ROUNDS = 1024
_UNREADABLE = b"Unreadable bytes are encountered after last readable position"
_RUN = b"[o.n.g.f.m.GlobalModule] Logging config in use"  # the first that a server says
_OPENED = re.compile(rb"\[ Database: (?!system )")
_FULL = re.compile(rb"No space left on device|Disk quota exceeded|File too large|not enough space on the disk")
_HEAP_OF_ONE_TRANSACTION = 0.4


@dataclass(frozen=True, slots=True)
class ServerHome:
    """Paths below ``<data dir>/neo4j``."""

    root: Path

    @property
    def conf(self) -> Path:
        """Folder of neo4j.conf."""
        return self.root / "conf"

    @property
    def log(self) -> Path:
        """What the server tells its users, ``Started.`` among it."""
        return self.root / "logs" / "neo4j.log"

    @property
    def console_log(self) -> Path:
        """What the Java process itself printed since its last start."""
        return self.root / "logs" / "console.log"

    @property
    def debug_log(self) -> Path:
        """What the server tells its makers."""
        return self.root / "logs" / "debug.log"

    @property
    def store(self) -> Path:
        """Folder of the databases and their transaction logs."""
        return self.root / "data"

    @property
    def compacted(self) -> Path:
        """A complete new store that is about to replace ``store``."""
        return self.root / "data.compacted"

    @property
    def former(self) -> Path:
        """The store that was replaced, until it is deleted."""
        return self.root / "data.former"

    @property
    def password_file(self) -> Path:
        """The password, readable by its owner only."""
        return self.root / "password"

    @property
    def process_file(self) -> Path:
        """Which process serves this folder, and where."""
        return self.root / "run" / "process.json"

    @property
    def stopping_file(self) -> Path:
        """Which process was told to end."""
        return self.root / "run" / "stopping.json"

    @property
    def keep_file(self) -> Path:
        """There while the server is to outlive its users: it was started by hand."""
        return self.root / "run" / "keep"

    @property
    def users(self) -> Path:
        """A locked file for each process that uses the server."""
        return self.root / "run" / "users"

    @property
    def start_lock(self) -> Path:
        """Held while somebody starts or stops the server, or comes or goes as its user."""
        return self.root / "run" / "start.lock"


def server_home(settings: Settings) -> ServerHome:
    """Return the home of the embedded server that these settings mean."""
    return ServerHome(settings.data_dir.expanduser().resolve() / "neo4j")


def store_size(home: ServerHome) -> int:
    """Bytes of the databases with their transaction logs."""
    return sum(path.stat().st_size for path in home.store.rglob("*") if path.is_file())


def finish_switch(home: ServerHome) -> None:
    """Finish a change of stores, or undo one that was killed before the old store had made room. The caller holds the lock."""
    if home.compacted.exists():
        if home.store.exists():
            shutil.rmtree(home.compacted)
        else:
            home.compacted.rename(home.store)
    if home.former.exists():
        if home.store.exists():
            shutil.rmtree(home.former)
        else:
            home.former.rename(home.store)


def read_password(home: ServerHome) -> str | None:
    """Read the password of the embedded server; None before its first start."""
    try:
        return home.password_file.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def ensure_password(home: ServerHome) -> str:
    """Return the password; on the first start make a random one and tell it to Neo4j.

    Raises RuntimeServerError when there is a store, but the password to it is gone.
    """
    password = read_password(home)
    if (home.store / "databases" / "system").exists():
        if password is None:
            raise lost_password_error(home)
        return password
    if password is None:
        password = secrets.token_urlsafe(18)
        write_private(home.password_file, f"{password}\n")
    write_private(home.store / "dbms" / "auth.ini", _initial_credential(password))
    return password


def lost_password_error(home: ServerHome) -> RuntimeServerError:
    """Make the error for a store without the file that holds its password."""
    system = ", ".join(str(home.store / part / "system") for part in ("databases", "transactions"))
    return RuntimeServerError(
        f"The password of the Neo4j in {home.root} is missing: {home.password_file} does not exist. Restore the file from "
        f"a backup. Without one, stop Neo4j if it runs and delete {system}, which contain its users but no customers: the "
        "next start creates a new password.",
        file=str(home.password_file),
    )


def write_configuration(
    home: ServerHome, settings: Settings, bolt_port: int, http_port: int, extras: Mapping[str, str] = NO_EXTRAS
) -> None:
    """Write neo4j.conf for these ports and settings, and ``extras``; whatever was in it is replaced."""
    lines = {
        "server.default_listen_address": "127.0.0.1",
        "server.default_advertised_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{bolt_port}",
        "server.bolt.advertised_address": f"127.0.0.1:{bolt_port}",
        "server.http.listen_address": f"127.0.0.1:{http_port}",
        "server.http.advertised_address": f"127.0.0.1:{http_port}",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": "true",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "initial.dbms.default_database": settings.neo4j_database,
        "server.memory.pagecache.size": settings.neo4j_page_cache,
        # Of a full heap the server ends. So one transaction is refused in time, which the service knows how to take.
        "db.memory.transaction.max": _share(settings.neo4j_heap, _HEAP_OF_ONE_TRANSACTION),
        # Every query demands its seeks (ADR 17), however large the graph is: planning anew as it grows changes nothing.
        "dbms.cypher.min_replan_interval": "600s",
        # A fresh store takes 2 MB instead of 500, and never more than these logs beyond its data.
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.size": "64m",
        "db.tx_log.rotation.retention_policy": "128M size",
        # The databases are closed before Bolt; without this each stop then idles for ten seconds.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        **_guide_of(settings),
        **extras,
    }
    text = "# Written at every start by identity-graph: changes here are lost.\n"
    text += "".join(f"{name}={value}\n" for name, value in lines.items())
    write_private(home.conf / "neo4j.conf", text)


def _guide_of(settings: Settings) -> dict[str, str]:
    """Have Neo4j Browser play the guide that the service serves, where its port is known."""
    if settings.port == 0:
        return {}
    return {
        "browser.post_connect_cmd": f"play http://localhost:{settings.port}{GUIDE_PATH}",
        "browser.remote_content_hostname_whitelist": "localhost,guides.neo4j.com",
    }


def says_started(home: ServerHome, offset: int) -> bool:
    """Tell whether the server's log says so after ``offset`` bytes."""
    try:
        log = home.log.read_bytes()
    except FileNotFoundError:
        return False
    rotated = len(log) < offset
    return b"Started." in (log if rotated else log[offset:])


def has_cut_off_tail(home: ServerHome, offset: int) -> bool:
    """Tell whether the database could not start because a full disk had cut off the last transaction in its log.

    That transaction was never committed, and nothing came after it: the database fails at once. Unreadable bytes for which no
    full disk is on record are another matter, and for people to look at.
    """
    try:
        text = home.debug_log.read_bytes()
    except OSError:
        return False
    if _UNREADABLE not in text[offset if len(text) >= offset else 0 :]:
        return False
    return was_full(home)


def was_full(home: ServerHome) -> bool:
    """Tell whether the disk was full when the database was last open, or since.

    A full disk of an earlier run says nothing: what damaged the log after that is for people to look at.
    """
    for run in _read_runs(home):
        if _FULL.search(run):
            return True
        if _OPENED.search(run) and _UNREADABLE not in run:
            return False
    return False


def _read_runs(home: ServerHome) -> Generator[bytes]:
    """Read what the server told its makers run by run, the last one first, also what was rotated meanwhile."""
    rest = b""
    for path in (home.debug_log, *sorted(home.debug_log.parent.glob("debug.log.*"))):
        with suppress(OSError):
            *earlier, begun = reversed((path.read_bytes() + rest).split(_RUN))
            yield from earlier
            rest = begun
    yield rest


def log_tail(path: Path, offset: int = 0, lines: int = 12) -> str:
    """Return the last lines of a log after ``offset`` bytes, without stack frames; empty when there is no log."""
    try:
        text = path.read_bytes()[offset:].decode(errors="replace")
    except OSError:
        return ""
    kept = [line for line in text.splitlines() if line.strip() and not re.match(r"\s+(at |\.\.\. )", line)]
    return "\n".join(kept[-lines:])


def _initial_credential(password: str) -> str:
    """Make what ``neo4j-admin dbms set-initial-password`` writes: SHA-256 of salt and password, hashed on."""
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_HASH_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{_HASH_ROUNDS}:\n"


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only."""
    if not folder.is_dir():
        make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner only, whole or not at all, whatever happens meanwhile."""
    make_private_folder(path.parent)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def make_private(home: ServerHome) -> None:
    """Take from others what earlier releases let them read: 0700 for every folder of the home, 0600 for every file."""
    for folder, _folders, files in os.walk(home.root):
        Path(folder).chmod(0o700)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o600)


def _share(size: str, share: float) -> str:
    """Take a share of a size such as ``512m`` or ``1g``."""
    megabytes = int(size[:-1]) * (1024 if size.endswith("g") else 1)
    return f"{max(1, int(megabytes * share))}m"
