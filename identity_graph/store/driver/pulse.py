"""Whether Neo4j answers, known within two seconds: tells a dead server from a long commit.

A small question goes to Neo4j a few times a second, on a connection of its own. While it is answered everything else may take as
long as it takes. When it is not, all that waits is ended, and what comes is refused, until there is an answer again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from identity_graph.errors import GraphSignInError, GraphUnavailableError

_TICK = 0.1
_TICKS_BETWEEN = 2
_TICKS_AFTER_REFUSAL = 50  # a wrong password that is tried too often locks the user out
_TICKS_GIVEN = 50  # then it is asked anew, on another connection
_BUSY_WINDOW = 10
_BUSY_SECONDS = 0.03  # of processor time, within the window; a server that idles needs less
_FAILURES = 2  # one connection may break without anything being wrong
_CLOSE_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Pulse:
    """Watches whether ``ask`` is answered within ``patience`` seconds, or five by a server that works meanwhile.

    ``read_work`` tells the seconds of processor time that the server has used up, where that can be known.
    Time is counted in turns of the event loop, so that a process that was held up itself does not blame Neo4j.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[None]], patience: float, read_work: Callable[[], float] | None = None
    ) -> None:
        self._ask = ask
        self._read_work = read_work or _no_work
        self._patience = round(patience / _TICK)
        self._trouble: GraphUnavailableError | None = None
        self._limits: set[asyncio.Timeout] = set()
        self._signs = self._signs_seen = 0
        self._silent = 0  # ticks since Neo4j answered anybody
        self._work: deque[float] = deque(maxlen=_BUSY_WINDOW)
        self._task = asyncio.create_task(self._run(), name="pulse")

    @property
    def trouble(self) -> GraphUnavailableError | None:
        """Why Neo4j cannot be worked with; None when it answers."""
        return self._trouble

    def answered(self) -> None:
        """Say that Neo4j answered just now."""
        self._signs += 1

    def end_waiting(self) -> None:
        """End all that waits for an answer: there will be none."""
        now = asyncio.get_running_loop().time()
        for limit in self._limits:
            if limit.when() is None:  # one that was told already may still be on its way out
                limit.reschedule(now)

    @asynccontextmanager
    async def bound(self, why: Callable[[], GraphUnavailableError]) -> AsyncGenerator[None]:
        """Do something with Neo4j for as long as it answers; when it does no more, raise the error that ``why`` gives."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            if limit.expired():
                raise why() from None
            raise

    async def close(self) -> None:
        """Stop watching."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        failures = signs = 0
        while True:
            error = await self._try_once()
            if error is None:
                failures, self._trouble = 0, None
            else:
                # Who is answered meanwhile shows that it is this connection that fails.
                failures = failures + 1 if signs == self._signs else 1
                signs = self._signs
                if self._trouble is not None or failures >= _FAILURES or isinstance(error, GraphSignInError):
                    self._lose(error)
            pause = _TICKS_AFTER_REFUSAL if isinstance(error, GraphSignInError) else _TICKS_BETWEEN
            await asyncio.sleep(pause * _TICK)

    async def _try_once(self) -> GraphUnavailableError | None:
        """Ask, and tell why there was no answer, whatever the reason: without this watch nothing would be taken in again."""
        try:
            return await self._ask_once()
        except GraphUnavailableError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the next look may be better
            _log.error("neo4j cannot be asked", error=type(error).__name__)
            return GraphUnavailableError(f"Neo4j does not answer ({type(error).__name__}).")

    async def _ask_once(self) -> GraphUnavailableError | None:
        """Ask, and tell why there was no answer in time. Raises what the asking raises."""
        asking = asyncio.ensure_future(self._ask())
        try:
            for _ in range(_TICKS_GIVEN):
                done, _ = await asyncio.wait({asking}, timeout=_TICK)
                if done:
                    asking.result()
                    self._silent = 0
                    return None
                self._listen()
        finally:
            asking.cancel()
            await asyncio.wait({asking}, timeout=_CLOSE_SECONDS)  # until its connection is closed
            if asking.done() and not asking.cancelled():
                asking.exception()  # is known, or of no interest any more
        return _silence()

    def _listen(self) -> None:
        """See whether Neo4j answered others meanwhile, or works; when it did neither for long enough, give it up."""
        self._silent = self._silent + 1 if self._signs == self._signs_seen else 0
        self._signs_seen = self._signs
        self._work.append(self._read_work())
        idles = self._work[-1] - self._work[0] < _BUSY_SECONDS
        if self._silent >= _TICKS_GIVEN or (self._silent >= self._patience and idles):
            self._lose(_silence())

    def _lose(self, error: GraphUnavailableError) -> None:
        self._trouble = error
        self.end_waiting()


def _no_work() -> float:
    return 0.0


def _silence() -> GraphUnavailableError:
    return GraphUnavailableError("Neo4j does not answer; try again in a moment.")
