"""The connection to Neo4j: read and write transactions that are retried as a whole."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, cast

from neo4j import READ_ACCESS, AsyncDriver, AsyncManagedTransaction
from neo4j.exceptions import ConstraintError, DriverError, Neo4jError, TransientError

from identity_graph.errors import GraphUnavailableError, UnwritableError
from identity_graph.store.driver.connection import (
    Address,
    close_driver,
    explain,
    greet,
    is_failed_database,
    is_too_much,
    open_driver,
    too_much,
)
from identity_graph.store.driver.pulse import Pulse
from identity_graph.store.driver.query import Call, ReadTransaction, WriteTransaction, run_together
from identity_graph.store.driver.tracing import traced

T = TypeVar("T")
ReadWork = Callable[[ReadTransaction], Awaitable[T]]
WriteWork = Callable[[WriteTransaction], Awaitable[T]]

_CONFLICT_RETRIES = 30
_CONSTRAINT_RETRIES = 8
"""Another writer that was faster with the same key is seen at the next try; what is forbidden stays forbidden."""

_LAST_SECONDS = 1.0
"""What is under way when the connection is closed may take so long: the driver leaves connections open that are just being made."""

_RETRY_DELAY = 0.02  # seconds; a deadlock is over as soon as one of its transactions gave way


class ConflictError(Exception):
    """Another writer changed what this transaction had read; the unit of work starts anew."""


class Companion(Protocol):
    """What a transaction takes along: it is told of the start, of each run of the work, and of the commit."""

    def starts(self) -> None:
        """Take note that a transaction is about to begin."""
        ...

    def runs(self) -> None:
        """Take note that its work begins, perhaps once more."""
        ...

    async def write(self, tx: WriteTransaction) -> None:
        """Write it, at the end of the work."""
        ...

    def written(self) -> None:
        """Take note of the commit."""
        ...


def _alone() -> Companion | None:
    return None


class Graph:
    """A database of a Neo4j server, for units of work.

    ``failed`` tells that the database said of itself that it cannot go on, since it was last connected to.
    """

    def __init__(self, driver: AsyncDriver, address: Address) -> None:
        self._driver = driver
        self._address = address
        self._pulse: Pulse | None = None
        self._pulse_driver: AsyncDriver | None = None
        self._suspended: GraphUnavailableError | None = None
        self._no_writes: GraphUnavailableError | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._find_companion = _alone
        self._is_closed = False
        self.failed = False

    @classmethod
    async def connect(
        cls,
        uri: str,
        user: str,
        password: str,
        database: str = "neo4j",
        *,
        retry_seconds: float = 10,
        prove: Callable[[], None] | None = None,
        ca: Path | None = None,
    ) -> Self:
        """Connect and check that the server answers. ``prove`` raises when it is another server than the one that is meant.

        ``ca`` is the file of the authority that alone is trusted to have signed the certificate of the server.

        Raises:
            SettingsError: the URI is none, or there is no such database.
            GraphSignInError: Neo4j refuses the user or the password.
            GraphUnavailableError: nothing answers there.
        """
        address = Address(
            uri=uri, user=user, password=password, database=database, prove=prove, retry_seconds=retry_seconds, ca=ca
        )
        driver = open_driver(address)
        try:
            await greet(driver, address)
        except BaseException:
            await close_driver(driver)
            raise
        return cls(driver, address)

    def keep_pulse(self, patience: float, read_work: Callable[[], float] | None = None) -> None:
        """From now on nothing waits longer than about ``patience`` seconds for a server that does not answer at all.

        One that works meanwhile, as ``read_work`` tells by its processor time in seconds, gets longer.
        """
        if self._pulse is None:
            self._pulse = Pulse(self._ask, patience, read_work)

    async def move(self, uri: str, user: str, password: str, *, prove: Callable[[], None]) -> None:
        """Go on with the server at another address, or with the one that was started anew there.

        Raises:
            GraphUnavailableError: it does not answer; then everything stays as it was.
        """
        former, database = self._address, self._address.database
        address = Address(
            uri=uri, user=user, password=password, database=database, prove=prove, retry_seconds=former.retry_seconds
        )
        driver = open_driver(address)
        try:
            await greet(driver, address)
        except BaseException:
            await close_driver(driver)
            raise
        for old in (self._driver, self._pulse_driver):
            self._close_aside(old)
        self._driver, self._address, self._pulse_driver, self.failed = driver, address, None, False

    def accompany(self, find_companion: Callable[[], Companion | None]) -> None:
        """Ask from now on, for each transaction that writes, what it takes along."""
        self._find_companion = find_companion

    def suspend(self, why: GraphUnavailableError) -> None:
        """Refuse everything, and end what waits, until ``resume``."""
        self._suspended = why
        if self._pulse is not None:
            self._pulse.end_waiting()

    def resume(self) -> None:
        """Work again."""
        self._suspended = None

    def refuse_writes(self, why: GraphUnavailableError | None) -> None:
        """Refuse to write for a reason, or, without one, no more."""
        self._no_writes = why

    @property
    def trouble(self) -> GraphUnavailableError | None:
        """Why events cannot be taken in at the moment, as far as is known; None when nothing is wrong."""
        return self._suspended or self._no_writes or (self._pulse.trouble if self._pulse is not None else None)

    async def read(self, work: ReadWork[T]) -> T:
        """Run the work in one read transaction, again if the server asks for it.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        async with self._answering("read"), self._driver.session(database=self._address.database) as session:
            return await session.execute_read(cast("Callable[[AsyncManagedTransaction], Awaitable[T]]", work))

    async def ask(self, *calls: Call[ReadTransaction, Any]) -> None:
        """Run queries that read as one statement of its own, again in a transaction if the server asks for it.

        That is one message and its answer; a transaction has two more. Neither shows the graph as of one moment.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        async with (
            self._answering("ask"),
            self._driver.session(database=self._address.database, default_access_mode=READ_ACCESS) as session,
        ):
            try:
                await run_together(cast("ReadTransaction", session), *calls)
            except (Neo4jError, DriverError) as error:
                if not error.is_retryable():
                    raise
                await session.execute_read(lambda tx: run_together(cast("ReadTransaction", tx), *calls))

    async def write(self, work: WriteWork[T]) -> T:
        """Run the work in one write transaction; a conflict with another writer starts it anew.

        The work may run several times, so it keeps no state between its runs.

        Raises:
            UnwritableError: it is too much for one transaction, or breaks a constraint.
            GraphUnavailableError: Neo4j does not answer, or other writers were always faster.
        """
        companion = self._find_companion()
        if companion is not None:
            work = _with_companion(work, companion)

        async def work_once(tx: AsyncManagedTransaction) -> T:
            try:
                return await work(cast("WriteTransaction", tx))
            except TransientError as error:
                if is_too_much(error):  # the driver would try again
                    raise too_much() from error
                raise

        if self._no_writes is not None:
            raise again(self._no_writes)
        forbidden = 0
        async with (
            self._answering("write"),
            self._driver.session(database=self._address.database, initial_retry_delay=_RETRY_DELAY) as session,
        ):
            for attempt in range(_CONFLICT_RETRIES):
                try:
                    result = await session.execute_write(work_once)
                except (ConflictError, ConstraintError) as error:
                    forbidden += isinstance(error, ConstraintError)
                    if forbidden > _CONSTRAINT_RETRIES:
                        raise UnwritableError("A constraint of the graph forbids this write.") from error
                    await _pause(attempt)
                else:
                    if companion is not None:
                        companion.written()
                    return result
        raise GraphUnavailableError("Other writers kept changing the same customers; try again.")

    async def run(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement on its own, outside a managed transaction: for schema commands.

        A deadlock, as of several services that make the schema at once, starts it anew.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        async with self._answering("run"), self._driver.session(database=self._address.database) as session:
            for attempt in range(_CONFLICT_RETRIES):
                try:
                    result = await session.run(text, parameters)  # pyright: ignore[reportArgumentType]
                    return await result.data()
                except TransientError:
                    await _pause(attempt)
        raise GraphUnavailableError("Neo4j does not finish a statement; try again in a moment.")

    async def close(self) -> None:
        """Close all connections, after what is under way has ended, or has had a moment to end."""
        self._is_closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await self._is_idle.wait()
        if self._pulse is not None:
            await self._pulse.close()
        for driver in (self._driver, self._pulse_driver):
            self._close_aside(driver)
        await asyncio.gather(*self._closing)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def _answering(self, what: str) -> AsyncGenerator[None]:
        """Say what errors mean, and wait only for a server that answers, when a pulse is kept."""
        if self._is_closed:
            raise GraphUnavailableError("The connection to Neo4j was closed.")
        address = self._address
        self._under_way += 1
        self._is_idle.clear()
        try:
            if self._pulse is None:
                with traced(what):
                    yield
                return
            why = self._suspended or self._pulse.trouble
            if why is not None:
                raise again(why)
            async with self._pulse.bound(self._why):
                with traced(what):
                    yield
            self._pulse.answered()
        except (Neo4jError, DriverError, OSError) as error:
            known = self._explain(error, address)
            if known is None:
                raise
            raise known from error
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._is_idle.set()

    def _explain(self, error: BaseException, address: Address) -> GraphUnavailableError | None:
        if is_failed_database(error) and address is self._address:
            self.failed = True
        return explain(error, address)

    def _why(self) -> GraphUnavailableError:
        return again(self.trouble or GraphUnavailableError("Neo4j did not answer; try again in a moment."))

    async def _ask(self) -> None:
        if self._pulse_driver is None:
            self._pulse_driver = open_driver(self._address, connections=1)
        address = self._address
        try:
            async with self._pulse_driver.session(database=address.database) as session:
                await (await session.run("RETURN 1")).consume()
        except (Neo4jError, DriverError, OSError) as error:
            known = self._explain(error, address)
            if known is None:
                raise
            raise known from error

    def _close_aside(self, driver: AsyncDriver | None) -> None:
        if driver is not None:
            task = asyncio.create_task(close_driver(driver))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _with_companion(work: WriteWork[T], companion: Companion) -> WriteWork[T]:
    companion.starts()

    async def work_with_companion(tx: WriteTransaction) -> T:
        companion.runs()
        result = await work(tx)
        await companion.write(tx)
        return result

    return work_with_companion


async def _pause(attempt: int) -> None:
    await asyncio.sleep(random.random() * min(0.001 * 2**attempt, 0.5))  # noqa: S311 - only jitter


def again(error: GraphUnavailableError) -> GraphUnavailableError:
    """Make an error of its own for each who hears of it: a shared one would gather everybody's tracebacks."""
    return type(error)(error.message, **error.facts)
