"""Connections for webhooks: the address that is connected to is the one that was checked."""

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import httpcore

from identity_graph.domain.activation.addresses import may_call

_RESOLVERS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="resolve webhook")
"""Threads of their own: a name server that hangs must not hold up what else the process does in threads."""


class AddressRefusedError(httpcore.ConnectError):
    """The name leads only to addresses that webhooks may not go to."""


class UnresolvedError(httpcore.ConnectError):
    """The name leads nowhere."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves names itself, leaves out addresses that may not be called, and connects to what is left.

    A name is never resolved a second time between check and connection. One name is resolved at a time.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())
        self._resolving = asyncio.Lock()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that may be called and answers.

        Raises:
            UnresolvedError: the name leads nowhere.
            AddressRefusedError: no address may be called.
            httpcore.ConnectError: none answers.
        """
        found = await self._resolve(host, port)
        allowed = [address for address in found if may_call(address, allow_private=self._allow_private)]
        if not allowed:
            raise AddressRefusedError("every address of the host is one that webhooks may not go to")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in allowed:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None  # noqa: S101 - there was an address
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        async with self._resolving:
            try:
                infos = await asyncio.get_running_loop().run_in_executor(
                    _RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                )
            except (OSError, UnicodeError) as error:
                raise UnresolvedError("the name of the host leads nowhere") from error
        return list(dict.fromkeys(str(info[4][0]) for info in infos))
