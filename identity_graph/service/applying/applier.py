"""Applying in the background of a process what was put in force, whoever did it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import structlog

from identity_graph.errors import GraphUnavailableError, NotFoundError, UnwritableError
from identity_graph.service.applying.steps import Applicable, apply_all
from identity_graph.service.commit.units import Units

_WAIT_SECONDS = 1.0
_PATIENCE = 2.0
_ATTEMPTS = 3

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Applier:
    """Applies what is in force, one kind after the other, from where it was left.

    So no version of one kind waits for one of another kind that cannot be applied.
    """

    def __init__(self, units: Units, kinds: Sequence[Applicable[Any]]) -> None:
        self._units = units
        self._kinds = kinds
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start; needs a running event loop. What is left of an earlier application is done at once."""
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="applier")

    def wake(self) -> None:
        """Say that there is something to apply."""
        self._wake.set()

    async def close(self) -> None:
        """Stop; the rest is done when a service runs again."""
        if self._task is not None:
            # Whoever ends it in the midst of a question to Neo4j leaves a connection in disorder.
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._idle.wait()
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._idle.clear()
            try:
                for what in self._kinds:
                    await self._apply(what)
                self._idle.set()
            except Exception as error:  # noqa: BLE001 - whatever it is, this goes on as long as the service runs
                _log.error("what is in force cannot be looked after", error=type(error).__name__)
                await asyncio.sleep(_WAIT_SECONDS)
                self._wake.set()

    async def _apply(self, what: Applicable[Any]) -> None:
        failures: Counter[int] = Counter()
        while True:
            try:
                await apply_all(self._units, what)
            except NotFoundError:
                return  # no rules at all: the graph was emptied
            except Exception as error:  # noqa: BLE001 - whatever it is, it is shown with the version
                if _passes(error):
                    await asyncio.sleep(_WAIT_SECONDS)
                    continue
                current = await _until_answered(lambda: self._units.graph.read(what.get))
                failures[current.version] += 1
                attempt = failures[current.version]
                _log.error(f"{what.name} cannot be applied", error=type(error).__name__, attempt=attempt)
                if attempt == _ATTEMPTS:
                    await self._give_up(what, current.version, error)
                    return
                await asyncio.sleep(_WAIT_SECONDS)
            else:
                return

    async def _give_up(self, what: Applicable[Any], version: int, error: Exception) -> None:
        text = f"{type(error).__name__}: see the service's log. Apply another version, or roll back."
        await _until_answered(
            lambda: self._units.graph.write(lambda tx: what.fail_application(tx, version=version, error=text))
        )


async def _until_answered(call: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await call()
        except GraphUnavailableError as error:
            if not _passes(error):
                raise
            await asyncio.sleep(_WAIT_SECONDS)


def _passes(error: Exception) -> bool:
    """Tell whether it is enough to wait until Neo4j answers."""
    return isinstance(error, GraphUnavailableError) and not isinstance(error, UnwritableError)
