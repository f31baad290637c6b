"""Connections: how many there may be, in all and of one address, and which ones give way when there are too many.

A connection *waits* while its client owes something: the head of a request, the rest of a body, or a word of who it is on a
WebSocket. One that waits gives way to a new one: the longest that never completed a request, else the longest of all. So
a client that opens many connections and sends nothing loses its own, and others still connect.
"""

import asyncio
import ipaddress
import time
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum

from starlette.types import Scope

SEAT = "seat"
"""Where the seat of a WebSocket is found in the state of its scope."""

_SWEEP_SECONDS = 1.0
_MOMENT = 1.0


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and how long a client may take; seconds."""

    connections: int = 2000
    connections_per_address: int = 500
    head_seconds: float = 10
    body_seconds: float = 60
    answer_seconds: float = 60


class Phase(Enum):
    """What a connection is at."""

    UNKNOWN = "it never completed a request"
    QUIET = "it waits between two requests"
    SERVED = "the service works for it"


class Seat:
    """One connection among all."""

    __slots__ = ("_seats", "address", "deadline", "phase", "since", "transport")

    def __init__(self, seats: "Seats", transport: asyncio.Transport, address: str) -> None:
        self._seats = seats
        self.transport = transport
        self.address = address
        self.phase = Phase.UNKNOWN
        self.since = time.monotonic()
        self.deadline: float | None = None

    def expect(self, seconds: float) -> None:
        """Close the connection unless ``relax`` or a later ``expect`` comes within so many seconds."""
        self.deadline = time.monotonic() + seconds

    def relax(self) -> None:
        """Wait for nothing that the client owes."""
        self.deadline = None

    def enter(self, phase: Phase) -> None:
        """Note what the connection is at from now on."""
        if phase is not self.phase:
            self._seats.move(self, phase)

    def leave(self) -> None:
        """Give the seat up; the connection is gone."""
        self._seats.remove(self)


@dataclass(slots=True)
class _Row:
    """Seats by what they are at, those that entered it first coming first."""

    seats: dict[Phase, dict[Seat, None]] = field(default_factory=lambda: {phase: {} for phase in Phase})

    def count(self) -> int:
        return sum(map(len, self.seats.values()))

    def find_waiting(self) -> Seat | None:
        unknown = next(iter(self.seats[Phase.UNKNOWN]), None)
        quiet = next(iter(self.seats[Phase.QUIET]), None)
        if unknown is None or quiet is None:
            return unknown or quiet
        # A new client needs a moment to be heard; others may complete requests without a key as fast as they like.
        if time.monotonic() - unknown.since > _MOMENT:
            return unknown
        return min(unknown, quiet, key=lambda seat: seat.since)


class Seats:
    """The connections of one server."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.refused = 0
        self.parted = 0
        self._all = _Row()
        self._by_address: defaultdict[str, _Row] = defaultdict(_Row)
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def taken(self) -> int:
        """How many connections there are."""
        return self._all.count()

    def take(self, transport: asyncio.Transport, address: str) -> Seat | None:
        """Give a new connection a seat, that of one that waits when there are too many; None when all are served."""
        limits = self.limits
        address = network_of(address)
        own = self._by_address.get(address)
        if own is not None and own.count() >= limits.connections_per_address and not self._make_room(own):
            return None
        if self._all.count() >= limits.connections and not self._make_room(self._all):
            return None
        seat = Seat(self, transport, address)
        for row in (self._by_address[address], self._all):
            row.seats[seat.phase][seat] = None
        if self._sweeping is None:
            self._sweep()
        return seat

    def move(self, seat: Seat, phase: Phase) -> None:
        """Note what a connection is at from now on."""
        for row in (self._by_address.get(seat.address), self._all):
            if row is not None and seat in row.seats[seat.phase]:
                del row.seats[seat.phase][seat]
                row.seats[phase][seat] = None
        seat.phase, seat.since = phase, time.monotonic()

    def remove(self, seat: Seat) -> None:
        """Give a seat up, whose connection is gone."""
        self._all.seats[seat.phase].pop(seat, None)
        row = self._by_address.get(seat.address)
        if row is not None:
            row.seats[seat.phase].pop(seat, None)
            if not row.count():
                del self._by_address[seat.address]

    def _make_room(self, row: _Row) -> bool:
        waiting = row.find_waiting()
        if waiting is None:
            self.refused += 1
            return False
        self._part(waiting)
        return True

    def _part(self, seat: Seat) -> None:
        self.parted += 1
        self.remove(seat)
        seat.transport.abort()

    def _sweep(self) -> None:
        """Close the connections of clients that ran out of time, and look again as long as there are connections."""
        now = time.monotonic()
        late = [
            seat
            for seats in self._all.seats.values()
            for seat in seats
            if seat.deadline is not None and seat.deadline < now
        ]
        for seat in late:
            self._part(seat)
        self._sweeping = None
        if self._all.count():
            self._sweeping = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)


def keep_seat(scope: Scope) -> None:
    """Let a WebSocket whose client said who it is keep its connection."""
    seat: Seat | None = scope.get("state", {}).get(SEAT)
    if seat is not None:
        seat.relax()
        seat.enter(Phase.SERVED)


def network_of(address: str) -> str:
    """Take the addresses of IPv6 that one subscriber has for one; a socket for both kinds writes those of IPv4 as IPv6."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return address
    return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))


def address_of(scope: Scope) -> str:
    """Give the network address that a request came from; empty when it is not known."""
    client = scope.get("client")
    return str(client[0]) if client else ""
