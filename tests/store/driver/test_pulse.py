"""What the watch over Neo4j makes of answers that do not come, and of its own mishaps."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from identity_graph.errors import GraphUnavailableError
from identity_graph.store.driver import pulse as pulse_module
from identity_graph.store.driver.pulse import Pulse

_PATIENCE = 0.3


class Answers:
    """Answers to what a pulse asks, as long as ``good``; else it raises ``error``, or, without one, is silent."""

    def __init__(self, *, good: bool = True) -> None:
        self.good = good
        self.error: Exception | None = None
        self.asked = 0

    async def ask(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        if not self.good:
            await asyncio.sleep(3600)


@asynccontextmanager
async def watching(answers: Answers, read_work: Callable[[], float] | None = None) -> AsyncGenerator[Pulse]:
    pulse = Pulse(answers.ask, _PATIENCE, read_work)
    try:
        yield pulse
    finally:
        await asyncio.wait_for(pulse.close(), 5)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a condition of any kind
            await asyncio.sleep(0.01)


def why() -> GraphUnavailableError:
    return GraphUnavailableError("Away.")


async def test_who_is_slow_to_end_is_told_once_and_the_watch_goes_on() -> None:
    answers = Answers(good=False)

    async def wait_and_tidy(pulse: Pulse) -> None:
        async with pulse.bound(why):
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(0.5)  # as a connection that is closed

    async with watching(answers) as pulse:
        waiting = asyncio.create_task(wait_and_tidy(pulse))
        await until(lambda: pulse.trouble is not None)
        pulse.end_waiting()
        await asyncio.sleep(0.05)
        pulse.end_waiting()
        with pytest.raises(GraphUnavailableError, match="Away"):
            await waiting
        answers.good = True
        await until(lambda: pulse.trouble is None)


async def test_a_mishap_of_the_watch_does_not_end_it() -> None:
    answers, mishaps = Answers(good=False), 0

    def read_work() -> float:
        nonlocal mishaps
        mishaps += 1
        raise OSError(24, "Too many open files")

    async with watching(answers, read_work) as pulse:
        await until(lambda: mishaps >= 3 and pulse.trouble is not None)
        assert "OSError" in str(pulse.trouble)
        answers.good = True
        await until(lambda: pulse.trouble is None)


async def test_what_others_are_told_counts_when_the_own_question_is_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse_module, "_TICKS_GIVEN", 5)
    answers = Answers(good=False)
    async with watching(answers) as pulse:
        for _ in range(150):
            await asyncio.sleep(0.01)
            pulse.answered()
        assert answers.asked >= 2
        assert pulse.trouble is None
        answers.error = ConnectionResetError()
        before = answers.asked
        for _ in range(300):
            await asyncio.sleep(0.01)
            pulse.answered()
        assert answers.asked >= before + 3
        assert pulse.trouble is None
        await until(lambda: pulse.trouble is not None)  # nobody is answered any more


async def test_a_server_that_works_gets_longer_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "_TICKS_GIVEN", 15)
    work = 0.0

    def read_work() -> float:
        nonlocal work
        work += 0.1
        return work

    async with watching(Answers(good=False), read_work) as pulse:
        await asyncio.sleep(0.9)
        assert pulse.trouble is None
        await until(lambda: pulse.trouble is not None)


async def test_the_watch_can_be_ended_while_it_drops_a_question() -> None:
    dropping = asyncio.Event()

    async def ask() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            dropping.set()
            await asyncio.sleep(0.2)  # until its connection is closed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulse_module, "_TICKS_GIVEN", 2)
        pulse = Pulse(ask, _PATIENCE)
        await dropping.wait()
        closing = asyncio.create_task(pulse.close())
        ended, _ = await asyncio.wait({closing}, timeout=2)
        closing.cancel()
        assert ended
