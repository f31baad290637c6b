"""The driver of a Neo4j: where it is, as whom one signs in, and what its errors mean."""

import asyncio
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neo4j import AsyncDriver, AsyncGraphDatabase, Auth, NotificationMinimumSeverity, TrustCustomCAs, basic_auth
from neo4j.auth_management import AsyncAuthManager
from neo4j.exceptions import (
    ClientError,
    ConfigurationError,
    DatabaseError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from identity_graph.errors import GraphSignInError, GraphUnavailableError, SettingsError, UnwritableError

AWAY = (ServiceUnavailable, SessionExpired, TransientError, DriverError, OSError)
"""What the driver raises when Neo4j does not answer, or not in time."""

_BOLT = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://")
_SECURITY = "Neo.ClientError.Security."
# The database as a whole cannot go on; a single statement that fails has a code of Neo.DatabaseError.Statement or .General.
_FAILED = re.compile(r"Neo\.DatabaseError\.(Transaction|Database|Cluster)\.|critical error, and needs to be restarted")
_CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a Neo4j is and as whom to sign in. ``prove`` raises GraphUnavailableError when a stranger listens there."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str = "neo4j"
    prove: Callable[[], None] | None = None
    retry_seconds: float = 10
    ca: Path | None = None


def open_driver(address: Address, *, connections: int = 100) -> AsyncDriver:
    """Make a driver; nothing is connected yet.

    Raises:
        SettingsError: the URI is none.
    """
    if _BOLT.match(address.uri) is None:
        raise SettingsError(
            f"IDENTITY_GRAPH_NEO4J_URI is not a Bolt address: {address.uri!r} does not begin with bolt:// or neo4j:// (or with "
            "one of these and +s or +ssc, for TLS)."
        )
    uri, encryption = _encrypt(address)
    auth = basic_auth(address.user, address.password)
    try:
        return AsyncGraphDatabase.driver(
            uri,
            **encryption,
            auth=auth if address.prove is None else _ProvenAuth(auth, address.prove),
            max_transaction_retry_time=address.retry_seconds,
            connection_acquisition_timeout=address.retry_seconds,
            connection_timeout=address.retry_seconds,
            max_connection_pool_size=connections,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        )
    except (ConfigurationError, ValueError) as error:
        raise SettingsError(f"IDENTITY_GRAPH_NEO4J_URI is not a Bolt address: {error}") from error


def _encrypt(address: Address) -> tuple[str, dict[str, Any]]:
    """Give the URI and the options with which the driver trusts the authority that was given, and no other.

    Raises:
        SettingsError: the file is missing or no certificate, or the URI asks for no checked encryption.
    """
    if address.ca is None:
        return address.uri, {}
    if "+s://" not in address.uri:
        raise SettingsError(
            "IDENTITY_GRAPH_NEO4J_CA is set, so IDENTITY_GRAPH_NEO4J_URI must begin with bolt+s:// or neo4j+s://; "
            f"it is {address.uri!r}."
        )
    try:
        ssl.create_default_context(cafile=address.ca)
    except (OSError, ssl.SSLError) as error:
        reason = "it is no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(f"IDENTITY_GRAPH_NEO4J_CA: {address.ca} cannot be read: {reason}.") from error
    trusted = TrustCustomCAs(str(address.ca))
    return address.uri.replace("+s://", "://", 1), {"encrypted": True, "trusted_certificates": trusted}


async def close_driver(driver: AsyncDriver) -> None:
    """Close all connections; a server that does not answer is not waited for."""
    with suppress(*AWAY, TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await driver.close()


async def greet(driver: AsyncDriver, address: Address) -> None:
    """Sign in and look whether the database answers.

    Raises:
        GraphSignInError: Neo4j refuses the user or the password.
        SettingsError: there is no such database.
        GraphUnavailableError: nothing answers there, or a stranger does.
    """
    try:
        async with driver.session(database=address.database) as session:
            await (await session.run("RETURN 1")).consume()
    except (*AWAY, ValueError) as error:  # ValueError: an unknown host
        raise GraphUnavailableError(
            f"Nothing answers at {address.uri}: is Neo4j running there? ({type(error).__name__})", uri=address.uri
        ) from error
    except Neo4jError as error:
        known = explain(error, address)
        if known is not None:
            raise known from error
        if isinstance(error, ClientError):
            raise SettingsError(
                f"Neo4j at {address.uri} has no database {address.database!r}: {error.message}"
            ) from error
        raise


def explain(error: BaseException, address: Address) -> GraphUnavailableError | None:
    """Make the error that tells why Neo4j cannot be worked with; None when it answered, and refused what was asked."""
    if is_sign_in(error):
        return GraphSignInError(
            f"Neo4j at {address.uri} refuses the user {address.user!r} ({getattr(error, 'code', '')}): check "
            "IDENTITY_GRAPH_NEO4J_USER and _PASSWORD, or, of the embedded server, the file `password` in its folder. A Neo4j in "
            "Docker keeps the password of its first start, whatever NEO4J_PASSWORD says later.",
            uri=address.uri,
        )
    if is_failed_database(error):
        return GraphUnavailableError(
            f"The database of Neo4j has failed ({getattr(error, 'code', '')}): is its disk full? Try again in a moment."
        )
    if is_too_much(error):
        return too_much()
    if isinstance(error, AWAY):
        return GraphUnavailableError(f"Neo4j does not answer ({type(error).__name__}); try again in a moment.")
    return None


def is_sign_in(error: BaseException) -> bool:
    """Tell whether Neo4j refused to let us in."""
    return isinstance(error, ClientError) and str(error.code).startswith(_SECURITY)


def is_too_much(error: BaseException) -> bool:
    """Tell whether a transaction asked for more memory than it may have, which counts as transient at Neo4j."""
    return isinstance(error, TransientError) and "OutOfMemory" in (error.code or "")


def too_much() -> UnwritableError:
    """Make the error for a transaction that asked for more memory than it may have."""
    return UnwritableError("Neo4j has too little memory for this; send less at a time, or try again in a moment.")


def is_failed_database(error: BaseException) -> bool:
    """Tell whether the database cannot go on by itself, as after its disk was full."""
    return (
        isinstance(error, DatabaseError | TransientError)
        and _FAILED.search(f"{error.code} {error.message}") is not None
    )


class _ProvenAuth(AsyncAuthManager):
    """Gives the password away only after a proof of who listens. The driver asks after it has connected, before it signs in."""

    def __init__(self, auth: Auth, prove: Callable[[], None]) -> None:
        self._auth = auth
        self._prove = prove

    async def get_auth(self) -> Auth:
        self._prove()
        return self._auth

    async def handle_security_exception(self, auth: object, error: Neo4jError) -> bool:  # noqa: ARG002
        return False
