"""Reading the body of a request: never trusting what its headers say, never holding more than the limit."""

import asyncio
import base64
import binascii
import zlib
from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from api.collector.errors import BodyTimeoutError, BodyTooLargeError, MalformedBodyError
from identity_graph.domain.values import json_reader
from identity_graph.domain.values.json_reader import JsonError

MAX_BODY_BYTES = 5 * 1024 * 1024
"""What a request may hold, inflated; rudder sends up to 4 MB."""

MAX_MESSAGES = 10_000
"""Messages of a request. SDKs send some hundred, and 5 MB of the smallest that says anything are fewer."""

MAX_NO_OBJECTS = 100
"""Members of a batch that are no objects. A few are kept as dead letters; a body of them is none of an SDK."""

_GZIP_MAGIC = b"\x1f\x8b"
_AUTO_DETECT_HEADER = 32 + zlib.MAX_WBITS
_MOST_MEMBERS = 100
"""Members of a gzipped body: whoever packs in parts has a handful."""

_PIECE = 64 * 1024


async def read_json(request: Request, seconds: float) -> Any:
    """Read the body as a JSON object or array, gzipped or not, whatever the headers say.

    Raises:
        MalformedBodyError: it is no such JSON.
        BodyTooLargeError: it is too large, as it came or inflated.
        BodyTimeoutError: it does not arrive within so many seconds.
    """
    parts: list[bytes] = []
    await read_body(request, seconds, parts.append)
    return parse_json(inflate(b"".join(parts) if len(parts) != 1 else parts[0], encoding_of(request)))


async def read_body(request: Request, seconds: float, add: Callable[[bytes], None]) -> None:
    """Read the body as it came, part by part.

    Raises:
        BodyTooLargeError: it is too large. The server reads the rest and drops it, or the client would not hear of that.
        BodyTimeoutError: it does not arrive within so many seconds.
    """
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > MAX_BODY_BYTES:
                    raise too_large()
                add(part)
    except TimeoutError:
        raise BodyTimeoutError(f"The body did not arrive within {seconds:g} seconds; send it again.") from None


def encoding_of(request: Request) -> str:
    """Tell how the head says that the body is packed."""
    return request.headers.get("content-encoding", "")


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
    view = memoryview(body)
    position = 0
    for _ in range(_MOST_MEMBERS):
        stream = zlib.decompressobj(_AUTO_DETECT_HEADER)
        while not stream.eof:
            # In pieces: behind each member zlib copies all that it was given and did not need.
            piece = view[position : position + _PIECE]
            if not piece:
                raise MalformedBodyError("The body is truncated: it cannot be decompressed completely.")
            try:
                inflated += stream.decompress(piece, MAX_BODY_BYTES + 1 - len(inflated))
            except zlib.error:
                if not is_gzip and not inflated:
                    return body
                raise MalformedBodyError("The body is damaged: it cannot be decompressed.") from None
            if len(inflated) > MAX_BODY_BYTES:
                raise too_large()
            position += len(piece) - len(stream.unused_data)
        if not body.startswith(_GZIP_MAGIC, position):
            return bytes(inflated)
    raise MalformedBodyError(f"The body has more than {_MOST_MEMBERS} gzip parts: compress it as one.")


def decode_base64(text: str) -> bytes:
    """Decode base64, also as addresses carry it: with ``-`` and ``_``, without ``=``, and a ``+`` that became a blank.

    Raises:
        MalformedBodyError: it is none.
    """
    data = text.replace("-", "+").replace("_", "/").replace(" ", "+")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedBodyError("data must be the base64 of a message's JSON.") from None


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


def check_messages(messages: list[Any]) -> list[Any]:
    """Check that a request has no more messages than one may have.

    Raises:
        BodyTooLargeError: it has too many.
        MalformedBodyError: too many of them are no objects.
    """
    if len(messages) > MAX_MESSAGES:
        raise BodyTooLargeError(
            f"A request may have {MAX_MESSAGES} messages, and this one has {len(messages)}: send smaller batches.",
            limit=MAX_MESSAGES,
        )
    if sum(not isinstance(message, dict) for message in messages) > MAX_NO_OBJECTS:
        raise MalformedBodyError(f"More than {MAX_NO_OBJECTS} messages of the batch are no JSON objects.")
    return messages


def too_large() -> BodyTooLargeError:
    """Make the error of a request that holds too much."""
    return BodyTooLargeError(
        f"A request may have {MAX_BODY_BYTES} bytes, uncompressed: send smaller batches.", limit=MAX_BODY_BYTES
    )
