"""Reading the body of a request: never trusting what its headers say, never holding more than the limit."""

import asyncio
import json
import zlib
from math import isfinite
from typing import Any

import orjson
from starlette.requests import Request

from api.collector.errors import BodyTimeoutError, BodyTooLargeError, MalformedBodyError

MAX_BODY_BYTES = 5 * 1024 * 1024
"""What a request may hold, inflated; rudder sends up to 4 MB."""

_MAX_DRAINED_BYTES = 64 * 1024 * 1024
"""A larger body is read on and dropped up to here: a client that still sends could not read the answer."""

_BODY_SECONDS = 60
_GZIP_MAGIC = b"\x1f\x8b"
_AUTO_DETECT_HEADER = 32 + zlib.MAX_WBITS
_LONGEST_INTEGER = 19
"""Digits that always fit in 64 bits."""


async def read_json(request: Request) -> Any:
    """Read the body as a JSON object or array, gzipped or not, whatever the headers say.

    Raises:
        MalformedBodyError: it is no such JSON.
        BodyTooLargeError: it is too large, as it came or inflated.
        BodyTimeoutError: it does not arrive in time.
    """
    return parse_json(inflate(await _read(request), request.headers.get("content-encoding", "")))


def inflate(body: bytes, encoding: str = "") -> bytes:
    """Inflate a body that is gzipped (or deflated, when it says so); stops early at the limit.

    Raises:
        BodyTooLargeError: it would be too large.
        MalformedBodyError: it is damaged or cut off.
    """
    is_gzip = body.startswith(_GZIP_MAGIC)
    if not is_gzip and encoding.strip().lower() != "deflate":
        return body
    inflated = bytearray()
    rest = body
    while rest:
        stream = zlib.decompressobj(_AUTO_DETECT_HEADER)
        try:
            inflated += stream.decompress(rest, MAX_BODY_BYTES + 1 - len(inflated))
        except zlib.error:
            if not is_gzip and not inflated:
                return body
            raise MalformedBodyError("The body is damaged: it cannot be inflated.") from None
        if len(inflated) > MAX_BODY_BYTES:
            raise _too_large()
        if not stream.eof:
            raise MalformedBodyError("The body is cut off: it cannot be inflated to its end.")
        rest = stream.unused_data
        if not rest.startswith(_GZIP_MAGIC):
            break
    return bytes(inflated)


def parse_json(body: bytes) -> Any:
    """Parse an object or an array.

    What a strict parser refuses in one message of a batch (half a surrogate pair, bytes that are no UTF-8, NaN, numbers
    beyond 64 bits) is let through here as far as possible, so that the neighbours of that message are kept.

    Raises:
        MalformedBodyError: it is neither.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _parse_leniently(body)
    if not isinstance(value, dict | list):
        raise MalformedBodyError("The body must be a JSON object or array.")
    return value


def _parse_leniently(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig", "surrogateescape")
        return json.loads(text, parse_constant=_drop, parse_int=_read_integer, parse_float=_read_float)
    except RecursionError:
        raise MalformedBodyError("The body is nested too deeply.") from None
    except ValueError:
        if not body.strip():
            raise MalformedBodyError("The body is empty: it must be a JSON object or array.") from None
        raise MalformedBodyError("The body is no JSON.") from None


def _drop(_: str) -> None:
    """Read NaN and Infinity, which JSON does not have, as null."""


def _read_integer(text: str) -> int | float | None:
    return int(text) if len(text) <= _LONGEST_INTEGER else _read_float(text)


def _read_float(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


async def _read(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= MAX_BODY_BYTES:
                    chunks.append(chunk)
                elif size > _MAX_DRAINED_BYTES:
                    break
                else:
                    chunks.clear()
    except TimeoutError:
        raise BodyTimeoutError(f"The body did not arrive within {_BODY_SECONDS} seconds; send it again.") from None
    if size > MAX_BODY_BYTES:
        raise _too_large()
    return b"".join(chunks) if len(chunks) != 1 else chunks[0]


def _too_large() -> BodyTooLargeError:
    return BodyTooLargeError(
        f"A request may hold {MAX_BODY_BYTES} bytes, inflated: send smaller batches.", limit=MAX_BODY_BYTES
    )
