"""Reading the body of a request: never trusting what its headers say, never holding more than the limit."""

import asyncio
import zlib
from typing import Any

from starlette.requests import Request

from api.collector.errors import BodyTimeoutError, BodyTooLargeError, MalformedBodyError
from identity_graph.domain import json_reader
from identity_graph.domain.json_reader import JsonError

MAX_BODY_BYTES = 5 * 1024 * 1024
"""What a request may hold, inflated; rudder sends up to 4 MB."""

_MAX_DRAINED_BYTES = 64 * 1024 * 1024
"""A larger body is read on and dropped up to here: a client that still sends could not read the answer."""

_BODY_SECONDS = 60
_GZIP_MAGIC = b"\x1f\x8b"
_AUTO_DETECT_HEADER = 32 + zlib.MAX_WBITS


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

    What JSON cannot hold is let through here, so that only the message that holds it is refused.

    Raises:
        MalformedBodyError: it is neither.
    """
    try:
        value = json_reader.read_json(body)
    except JsonError as error:
        raise MalformedBodyError(
            f"The body {str(error).partition(':')[0]}: it must be a JSON object or array."
        ) from None
    if not isinstance(value, dict | list):
        raise MalformedBodyError("The body must be a JSON object or array.")
    return value


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
