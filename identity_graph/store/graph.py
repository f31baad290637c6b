"""The connection to Neo4j: read and write transactions that are retried as a whole."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from neo4j import AsyncDriver, AsyncGraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConstraintError,
    DriverError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from identity_graph.errors import GraphUnavailableError, SettingsError
from identity_graph.store.query import Transaction

T = TypeVar("T")
Work = Callable[[Transaction], Awaitable[T]]

_CONFLICT_RETRIES = 30
_CONSTRAINT_RETRIES = 8
"""Another writer that was faster with the same key is seen at the next try; what is forbidden stays forbidden."""

_BOLT = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://")
_RETRY_DELAY = 0.02  # seconds; a deadlock is over as soon as one of its transactions gave way


class ConflictError(Exception):
    """Another writer changed what this transaction had read; the unit of work starts anew."""


class UnwritableError(GraphUnavailableError):
    """One transaction asks for what the graph does not take, however often: more memory, or what a constraint forbids.

    Less at a time may be taken.
    """


class Graph:
    """A database of a Neo4j server, for units of work."""

    def __init__(self, driver: AsyncDriver, database: str) -> None:
        self._driver = driver
        self._database = database

    @classmethod
    async def connect(
        cls, uri: str, user: str, password: str, database: str = "neo4j", *, retry_seconds: float = 10
    ) -> Self:
        """Connect and check that the server answers.

        Raises:
            SettingsError: the URI or the credentials are wrong.
            GraphUnavailableError: nothing answers there.
        """
        if _BOLT.match(uri) is None:
            raise SettingsError(
                f"IDENTITY_GRAPH_NEO4J_URI is no Bolt address: {uri!r} does not begin with bolt:// or neo4j:// (or with one "
                "of these and +s or +ssc, for TLS)."
            )
        try:
            driver = AsyncGraphDatabase.driver(
                uri,
                auth=(user, password),
                max_transaction_retry_time=retry_seconds,
                connection_acquisition_timeout=retry_seconds,
                connection_timeout=retry_seconds,
                notifications_min_severity=NotificationMinimumSeverity.OFF,
            )
        except (ConfigurationError, ValueError) as error:
            raise SettingsError(f"IDENTITY_GRAPH_NEO4J_URI is no Bolt address: {error}") from error
        try:
            await _greet(driver, uri, user, database)
        except BaseException:
            await driver.close()
            raise
        return cls(driver, database)

    async def read(self, work: Work[T]) -> T:
        """Run the work in one read transaction, again if the server asks for it.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        try:
            async with self._driver.session(database=self._database) as session:
                return await session.execute_read(work)
        except (ServiceUnavailable, SessionExpired, TransientError, DriverError, OSError) as error:
            raise _unavailable(error) from error

    async def write(self, work: Work[T]) -> T:
        """Run the work in one write transaction; a conflict with another writer starts it anew.

        The work may run several times, so it keeps no state between its runs.

        Raises:
            UnwritableError: it is too much for one transaction, or breaks a constraint.
            GraphUnavailableError: Neo4j does not answer, or other writers were always faster.
        """

        async def work_once(tx: Transaction) -> T:
            try:
                return await work(tx)
            except TransientError as error:
                if _is_too_much(error):  # the driver would try again
                    raise _too_much() from error
                raise

        forbidden = 0
        try:
            async with self._driver.session(database=self._database, initial_retry_delay=_RETRY_DELAY) as session:
                for attempt in range(_CONFLICT_RETRIES):
                    try:
                        return await session.execute_write(work_once)
                    except (ConflictError, ConstraintError) as error:
                        forbidden += isinstance(error, ConstraintError)
                        if forbidden > _CONSTRAINT_RETRIES:
                            raise UnwritableError("A constraint of the graph forbids what is to be written.") from error
                        await _pause(attempt)
        except (ServiceUnavailable, SessionExpired, TransientError, DriverError, OSError) as error:
            raise (_too_much() if _is_too_much(error) else _unavailable(error)) from error
        raise GraphUnavailableError("Other writers changed the same customers again and again; try again.")

    async def run(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement on its own, outside a managed transaction: for schema commands.

        A deadlock, as of several services that make the schema at once, starts it anew.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        try:
            async with self._driver.session(database=self._database) as session:
                for attempt in range(_CONFLICT_RETRIES):
                    try:
                        result = await session.run(text, parameters)  # pyright: ignore[reportArgumentType]
                        return await result.data()
                    except TransientError:
                        await _pause(attempt)
        except (ServiceUnavailable, SessionExpired, DriverError, OSError) as error:
            raise _unavailable(error) from error
        raise GraphUnavailableError("Neo4j does not come to an end with one statement; try again in a moment.")

    async def close(self) -> None:
        """Close all connections."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _greet(driver: AsyncDriver, uri: str, user: str, database: str) -> None:
    try:
        async with driver.session(database=database) as session:
            await (await session.run("RETURN 1")).consume()
    except AuthError as error:
        raise SettingsError(
            f"Neo4j at {uri} refuses the user {user!r}: check IDENTITY_GRAPH_NEO4J_USER and _PASSWORD."
        ) from error
    except ClientError as error:
        raise SettingsError(f"Neo4j at {uri} has no database {database!r}: {error.message}") from error
    except (
        ServiceUnavailable,
        TransientError,
        DriverError,
        OSError,
        ValueError,
    ) as error:  # ValueError: an unknown host
        raise GraphUnavailableError(
            f"Nothing answers at {uri}: is Neo4j running there? ({type(error).__name__})", uri=uri
        ) from error


async def _pause(attempt: int) -> None:
    await asyncio.sleep(random.random() * min(0.001 * 2**attempt, 0.5))  # noqa: S311 - only jitter


def _is_too_much(error: BaseException) -> bool:
    """Tell whether a transaction asked for more memory than it may have, which counts as transient at Neo4j."""
    return isinstance(error, TransientError) and "OutOfMemory" in (error.code or "")


def _too_much() -> UnwritableError:
    return UnwritableError(
        "Neo4j has too little memory for this at once; send less at a time, or try again in a moment."
    )


def _unavailable(error: BaseException) -> GraphUnavailableError:
    return GraphUnavailableError(f"Neo4j does not answer ({type(error).__name__}); try again in a moment.")
