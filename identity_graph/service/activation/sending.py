"""Sending one message by the Standard Webhooks specification, within limits that hold whatever the receiver does."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import NamedTuple, Self

import certifi
import httpcore
from standardwebhooks import Webhook

from identity_graph.domain.activation.retrying import Attempt, Outcome, judge
from identity_graph.domain.values.observations import Instant
from identity_graph.service.activation.checked_network import AddressRefusedError, CheckedNetwork, UnresolvedError

ATTEMPT_SECONDS = 15.0
"""How long an attempt may take, from resolving the name to the head of the answer."""

CONNECT_SECONDS = 5.0
_DRAIN_SECONDS = 1.0
_DRAIN_BYTES = 65_536
"""The body of an answer says nothing; so much of it is read so that the connection can be used again."""

_IDLE_SECONDS = 4.0


class Message(NamedTuple):
    """What is sent: the ``webhook-id`` and the body, which are the same at every attempt."""

    id: str
    payload: str


class Target(NamedTuple):
    """Where to, and the secrets that sign, the newest first."""

    url: str
    secrets: Sequence[str]


@cache
def tls_context() -> ssl.SSLContext:
    """Give what certificates are checked with: the authorities that this machine trusts, and those of ``certifi``."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Sender:
    """Sends to one destination, over connections of its own."""

    def __init__(self, *, connections: int, allow_private: bool, seconds: float = ATTEMPT_SECONDS) -> None:
        self._seconds = seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=CheckedNetwork(allow_private=allow_private),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def send(self, target: Target, message: Message, now: Instant) -> Attempt:
        """Send a message once and say what came of it. Nothing is raised: whatever goes wrong is the attempt's error."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(target, message, now)
        except (TimeoutError, httpcore.TimeoutException):
            return _failed(f"No answer within {self._seconds:g} seconds.")
        except AddressRefusedError:
            return _failed(
                "The host leads to an address that webhooks may not go to. Private networks can be allowed by "
                "IDENTITY_GRAPH_WEBHOOK_ALLOW_PRIVATE=true."
            )
        except UnresolvedError:
            return _failed("The name of the host leads nowhere.")
        except httpcore.ConnectError as error:
            return _failed(f"Cannot connect: {str(error)[:200] or 'refused'}.")
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            return _failed("The answer is not HTTP.")
        except httpcore.NetworkError:
            return _failed("The connection broke off before an answer came.")
        except Exception as error:  # noqa: BLE001 - a receiver must not be able to stop the others
            return _failed(f"The message cannot be sent: {type(error).__name__}.")

    async def _send(self, target: Target, message: Message, now: Instant) -> Attempt:
        async with self._pool.stream(
            "POST",
            target.url,
            headers=headers_of(target, message, now),
            content=message.payload.encode(),
            extensions={"timeout": {"connect": CONNECT_SECONDS}},
        ) as response:
            header = next((value for name, value in response.headers if name.lower() == b"retry-after"), None)
            attempt = judge(response.status, None if header is None else header.decode("latin-1"), now)
            await _drain(response)
            return attempt


def headers_of(target: Target, message: Message, now: Instant) -> list[tuple[bytes, bytes]]:
    """Make the headers of a message, signed by all secrets that sign."""
    at = datetime.fromtimestamp(now // 1_000_000, UTC)  # the library takes whatever it gets for UTC
    signatures = [Webhook(secret).sign(message.id, at, message.payload) for secret in target.secrets]
    headers = {
        "content-type": "application/json",
        "user-agent": "identity-graph",
        "webhook-id": message.id,
        "webhook-timestamp": str(now // 1_000_000),
        "webhook-signature": " ".join(signatures),
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _drain(response: httpcore.Response) -> None:
    """Read a short body to its end; of any other the connection is closed."""
    size = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > _DRAIN_BYTES:
                    return
    except (TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        return  # the status is known, and nothing else counts


def _failed(error: str) -> Attempt:
    return Attempt(outcome=Outcome.FAILED, error=error)
