"""How fast events may come, by key and by address: whoever sends more is told when to send again."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from api.collector.errors import TooFastError
from api.connections import network_of

BURST_SECONDS = 10
"""Seconds of the allowed rate that may come at once after a pause."""

MOST_SENDERS = 20_000
"""Senders of each kind that are remembered, some 200 bytes each. Beyond that, whoever was silent longest is forgotten."""


class RateLimit:
    """Counts the events of senders of one kind; ``per_second`` 0 counts nothing.

    Each sender has an account that fills at the allowed rate. Events are taken while it is above zero, and a batch may take it
    below: so batches of any size pass, and are paid for afterwards.
    """

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self._clock = clock
        self._accounts: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def find_wait(self, sender: str) -> int:
        """Tell how many whole seconds a sender has to wait; 0 for none."""
        if not self.per_second:
            return 0
        left = self._left(sender)
        return 0 if left > 0 else max(1, math.ceil(-left / self.per_second))

    def spend(self, sender: str, events: int) -> None:
        """Note that events of a sender were taken."""
        if self.per_second:
            self._accounts[sender] = (self._left(sender) - events, self._clock())
            self._accounts.move_to_end(sender)
            if len(self._accounts) > MOST_SENDERS:
                self._accounts.popitem(last=False)

    def _left(self, sender: str) -> float:
        most = float(self.per_second * BURST_SECONDS)
        account = self._accounts.get(sender)
        if account is None:
            return most
        left, at = account
        return min(most, left + (self._clock() - at) * self.per_second)


class RateLimits:
    """The limits of one service."""

    def __init__(self, per_key: int, per_address: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._by_source = RateLimit(per_key, clock)
        self._by_address = RateLimit(per_address, clock)

    def take(self, source: str, address: str, events: int) -> None:
        """Take events of a source from an address, all or none.

        Raises:
            TooFastError: its key, or its address, sent too many.
        """
        if not (self._by_source.per_second or self._by_address.per_second):
            return
        network = network_of(address)
        for limit, sender, what in (
            (self._by_source, source, "this write key"),
            (self._by_address, network, "this address"),
        ):
            if wait := limit.find_wait(sender):
                raise TooFastError(f"Too many events of {what}: send them again after {wait} s.", retry_after=wait)
        self._by_source.spend(source, events)
        self._by_address.spend(network, events)
