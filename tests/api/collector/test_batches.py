"""A stream is taken in batches of what is there, and nobody waits for a batch to fill."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from api.graphql.transport.batches import in_batches


class Stream:
    """Gives numbers at once up to each pause, and tells whether it was closed."""

    def __init__(self, *numbers: int | None, error: Exception | None = None) -> None:
        self.numbers = numbers
        self.error = error
        self.given = 0
        self.is_closed = False

    async def open(self) -> AsyncGenerator[int]:
        try:
            for number in self.numbers:
                if number is None:
                    await asyncio.sleep(0.02)
                else:
                    self.given += 1
                    yield number
            if self.error is not None:
                raise self.error
        finally:
            self.is_closed = True


async def batches_of(stream: Stream, most: int) -> list[list[int]]:
    return [batch async for batch in in_batches(stream.open(), most)]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((), []),
        ((1,), [[1]]),
        ((1, 2, 3), [[1, 2, 3]]),
        ((1, 2, 3, 4), [[1, 2, 3], [4]]),
        ((1, None, 2, 3, None, 4), [[1], [2, 3], [4]]),
        ((None, 1, 2, 3, 4, 5, 6, None), [[1, 2, 3], [4, 5, 6]]),
    ],
)
async def test_what_is_there_is_one_batch(numbers: tuple[int | None, ...], expected: list[list[int]]) -> None:
    stream = Stream(*numbers)
    assert await batches_of(stream, 3) == expected
    assert stream.is_closed


async def test_what_goes_wrong_comes_after_all_that_was_given_before() -> None:
    stream = Stream(1, 2, error=ValueError("broken"))
    async with aclosing(in_batches(stream.open(), 5)) as batches:
        assert await anext(batches) == [1, 2]
        with pytest.raises(ValueError, match="broken"):
            await anext(batches)


async def test_no_more_than_a_batch_is_taken_ahead() -> None:
    stream = Stream(*range(100))
    async with aclosing(in_batches(stream.open(), 10)) as batches:
        assert await anext(batches) == list(range(10))
        assert stream.given == 10
    assert stream.is_closed


async def test_who_stops_waiting_closes_the_stream() -> None:
    stream = Stream(1, *[None] * 1000)
    async with aclosing(in_batches(stream.open(), 10)) as batches:
        assert await anext(batches) == [1]
        waiting = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert stream.is_closed
