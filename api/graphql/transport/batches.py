"""Taking from a stream what is there, without waiting for more: what is answered together costs one query instead of many."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def in_batches(source: AsyncGenerator[T], most: int) -> AsyncGenerator[list[T]]:
    """Give the items of a stream in batches: as many as are there at once, up to ``most``, never fewer than one.

    The stream is closed at the end. What it raises comes after all items that it gave before.
    """
    waiting: asyncio.Task[T] | None = None
    try:
        while True:
            waiting = waiting or asyncio.create_task(_next(source))
            try:
                batch = [await waiting]
            except StopAsyncIteration:
                return
            waiting = None
            while len(batch) < most:
                waiting = asyncio.create_task(_next(source))
                await asyncio.sleep(0)
                if not waiting.done() or waiting.exception() is not None:
                    break
                batch.append(waiting.result())
                waiting = None
            yield batch
    finally:
        if waiting is not None:
            waiting.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await waiting
        await source.aclose()


async def _next(source: AsyncGenerator[T]) -> T:
    return await anext(source)
