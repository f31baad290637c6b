"""Requests that come again: WeChat repeats a push that was not answered in time, and so may somebody who saw one."""

from hashlib import blake2b

from api.collector.errors import ReplayedError

WINDOW_SECONDS = 600
"""How far the time of a request may be from now."""

_MOST = 100_000

Nonce = tuple[str, str, str]
"""The path, the time and the random text of a request."""


class SeenRequests:
    """The requests of the last minutes that were taken, each with a hash of its body; bounded, the oldest goes first."""

    def __init__(self) -> None:
        self._seen: dict[Nonce, tuple[float, bytes]] = {}

    def check(self, nonce: Nonce, body: bytes, now: float) -> None:
        """Let a request pass that is new or says again what it said: a repeat of that changes nothing.

        Raises:
            ReplayedError: its time is too far from now, or it came before with another body.
        """
        timestamp = nonce[1]
        if not (timestamp.isascii() and timestamp.isdigit()) or abs(int(timestamp) - now) > WINDOW_SECONDS:
            raise ReplayedError(
                f"The timestamp is more than {WINDOW_SECONDS // 60} minutes from now: check this machine's clock."
            )
        known = self._seen.get(nonce)
        if known is not None and known[1] != _hash(body):
            raise ReplayedError("The same timestamp and nonce came before with another body.")

    def remember(self, nonce: Nonce, body: bytes, now: float) -> None:
        """Note a request that was taken."""
        while self._seen:
            oldest = next(iter(self._seen))
            if len(self._seen) < _MOST and self._seen[oldest][0] >= now - 2 * WINDOW_SECONDS:
                break
            del self._seen[oldest]
        self._seen[nonce] = (now, _hash(body))


def _hash(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
