"""Who sends: the write key, wherever an SDK puts it."""

import base64
import binascii
from typing import Any

from starlette.requests import Request

from api.collector.errors import UnknownKeyError
from identity_graph.service.access.keys import AccessKeys


def key_of_request(request: Request) -> str:
    """Find the key outside the body: X-Write-Key, Basic user, Bearer, query; ``""`` when there is none."""
    key = request.headers.get("x-write-key")
    if key:
        return key
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    scheme, value = scheme.lower(), value.strip()
    if scheme == "basic" and (user := _basic_user(value)):
        return user
    if scheme == "bearer" and value:
        return value
    if request.scope["query_string"]:
        return request.query_params.get("writeKey") or request.query_params.get("token") or ""
    return ""


def key_of_body(body: Any, messages: list[Any]) -> str:
    """Find the key in the body: its own, else that of its first message; ``""`` when there is none."""
    for holder in (body, messages[0] if messages else None):
        if isinstance(holder, dict):
            key = holder.get("writeKey")
            if isinstance(key, str) and key:
                return key
    return ""


async def find_source(keys: AccessKeys, key: str) -> str:
    """Find the source that a key names. Of ``id:secret``, as Jitsu sends it, the part before the colon is the key.

    Raises:
        UnknownKeyError: the key is missing or not valid.
        GraphUnavailableError: Neo4j does not answer.
    """
    if not key:
        raise UnknownKeyError("There is no write key: send it as the user of basic authentication, or as X-Write-Key.")
    source = await keys.find_source(key)
    if source is None and ":" in key:
        source = await keys.find_source(key.partition(":")[0])
    if source is None:
        raise UnknownKeyError("The write key is not valid: `identity-graph keys list` lists the keys.")
    return source


def _basic_user(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""
