"""HTTP and WebSockets as uvicorn speaks them, with what it does not limit by itself: connections, heads and time."""

import asyncio
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.connections import SEAT, Phase, Seat, Seats

MAX_HEAD_BYTES = 64 * 1024
"""Bytes of a request before its body. An image's address carries a whole message in base64; nothing else is near it."""

_GRACE_SECONDS = 5
"""How much longer than its body may take a connection lives, so that who reads the body can answer that it is late."""

_MOST_PIECES = 20_000
"""Chunks of a body; 5 MB in chunks of 256 bytes have as many."""

_TOO_LARGE = f"The headers of a request may have {MAX_HEAD_BYTES} bytes."
_TOO_MANY_PIECES = "The body has too many chunks."
_FULL = "The service has too many connections; try again in a moment."


class GuardedConfig(uvicorn.Config):
    """The configuration of a server that keeps its connections in ``seats``."""

    def __init__(self, app: Any, *, seats: Seats, **options: Any) -> None:
        super().__init__(app, http=GuardedHttp, ws=GuardedWebSocket, **options)
        self.seats = seats


class GuardedHttp(HttpToolsProtocol):
    """HTTP on one connection.

    uvicorn bounds neither the head of a request nor the time that it takes: the parser joins the parts of a header that
    does not end again and again, which takes the longer the more there is.
    """

    seat: Seat | None = None
    _head_bytes = 0
    _unread_bytes = 0
    _pieces = 0

    @property
    def _seats(self) -> Seats:
        return cast("GuardedConfig", self.config).seats

    @property
    def _is_answered(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is None or cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take a seat, or tell that there is none."""
        peer = transport.get_extra_info("peername")
        seat = self._seats.take(transport, str(peer[0]) if peer else "")
        if seat is None:
            self.transport = transport
            self._answer_and_close("503 Service Unavailable", _FULL, "retry-after: 5\r\n")
            return
        self.seat = seat
        seat.expect(self._seats.limits.head_seconds)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the seat up."""
        if self.seat is not None:
            self.seat.leave()
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and see whether the client is done."""
        if self.seat is None:
            return
        self._unread_bytes += len(data)
        super().data_received(data)
        if self._unread_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
        elif self.seat.deadline is None and self.seat.phase is not Phase.SERVED:
            self.seat.expect(self._seats.limits.head_seconds)

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a part of the address."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; those behind a body count, too."""
        self._count_head(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        self._unread_bytes = self._pieces = 0
        if self.seat is not None:
            self.seat.expect(self._seats.limits.body_seconds + _GRACE_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; chunks that are far too small cost more than they bring."""
        self._unread_bytes = 0
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise ValueError(_TOO_MANY_PIECES)  # the parser stops at that
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Owe the client an answer."""
        self._unread_bytes = 0
        super().on_message_complete()
        if self.seat is not None:
            self.seat.relax()
            if not self._is_answered:
                self.seat.enter(Phase.SERVED)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of a body that nobody wants."""
        super().on_response_complete()
        if self.seat is not None and self._is_answered:
            self.seat.enter(Phase.QUIET)

    def pause_writing(self) -> None:
        """Give a client that does not read its answer some time."""
        super().pause_writing()
        if self.seat is not None:
            self.seat.expect(self._seats.limits.answer_seconds)

    def resume_writing(self) -> None:
        """Let a client that reads go on."""
        super().resume_writing()
        if self.seat is not None:
            self.seat.relax()

    def handle_websocket_upgrade(self) -> None:
        """Pass the seat on; the client has still to say who it is."""
        if self.seat is not None:
            self.seat.expect(self._seats.limits.body_seconds)
        self.app_state = {**self.app_state, SEAT: self.seat}
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed, which a head that is too large is, too."""
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            raise ValueError(_TOO_LARGE)  # the parser stops at that

    def _refuse_head(self) -> None:
        if not self.transport.is_closing():
            self._answer_and_close("431 Request Header Fields Too Large", _TOO_LARGE)

    def _answer_and_close(self, status: str, text: str, headers: str = "") -> None:
        self.transport.write(
            f"HTTP/1.1 {status}\r\n{headers}content-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}".encode()
        )
        self.transport.close()


class GuardedWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket in the seat of the request that opened it."""

    @property
    def _seat(self) -> Seat | None:
        return self.app_state.get(SEAT)

    @property
    def _is_known(self) -> bool:
        """Tell whether the client said who it is; until then another deadline runs."""
        return self._seat is not None and self._seat.phase is Phase.SERVED

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the seat up."""
        if self._seat is not None:
            self._seat.leave()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give a client that does not read what it follows some time."""
        super().pause_writing()
        if self._seat is not None and self._is_known:
            self._seat.expect(cast("GuardedConfig", self.config).seats.limits.answer_seconds)

    def resume_writing(self) -> None:
        """Let a client that reads go on."""
        super().resume_writing()
        if self._seat is not None and self._is_known:
            self._seat.relax()
