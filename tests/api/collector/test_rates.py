"""Who sends more events than they may is told when to send again, and others are not affected."""

import httpx
import pytest

from api.collector import rates
from api.collector.errors import TooFastError
from api.collector.rates import BURST_SECONDS, RateLimit, RateLimits
from tests.live import Live


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def wait_of(limits: RateLimits, source: str, address: str, events: int = 1) -> int:
    """Give how long a sender has to wait; 0 if the events are taken."""
    try:
        limits.take(source, address, events)
    except TooFastError as error:
        return int(error.facts["retry_after"])
    return 0


def test_a_sender_that_was_silent_may_send_ten_seconds_of_events_at_once() -> None:
    clock = Clock()
    limit = RateLimit(5, clock)
    taken = 0
    while not limit.find_wait("shop"):
        limit.spend("shop", 1)
        taken += 1
    assert taken == 5 * BURST_SECONDS
    clock.now += 1
    limit.spend("shop", 5)
    assert limit.find_wait("shop") == 1
    clock.now += 3600
    limit.spend("shop", 5 * BURST_SECONDS)
    assert limit.find_wait("shop") == 1


def test_a_large_batch_passes_and_is_paid_for_afterwards() -> None:
    clock = Clock()
    limits = RateLimits(10, 0, clock)
    assert wait_of(limits, "shop", "a", 1000) == 0
    assert wait_of(limits, "shop", "a") == 90
    clock.now = 89.9
    assert wait_of(limits, "shop", "a") == 1
    clock.now = 90.1
    assert wait_of(limits, "shop", "a") == 0


def test_keys_and_addresses_have_accounts_of_their_own() -> None:
    limits = RateLimits(1, 2, Clock())
    assert wait_of(limits, "shop", "10.0.0.1", 15) == 0
    assert wait_of(limits, "shop", "10.0.0.2") == 5
    assert wait_of(limits, "crm", "10.0.0.1", 5) == 0
    assert wait_of(limits, "app", "10.0.0.1") == 1
    assert wait_of(limits, "app", "10.0.0.2") == 0


def test_what_was_refused_costs_nothing() -> None:
    clock = Clock()
    limits = RateLimits(1, 1, clock)
    assert wait_of(limits, "shop", "a", 20) == 0
    assert [wait_of(limits, "shop", "b", 1000) for _ in range(3)] == [10] * 3
    assert wait_of(limits, "crm", "b") == 0


def test_whoever_has_a_network_of_ipv6_has_one_address() -> None:
    limits = RateLimits(0, 1, Clock())
    assert wait_of(limits, "shop", "2001:db8::1", 20) == 0
    assert wait_of(limits, "shop", "2001:db8::ffff:2") == 10
    assert wait_of(limits, "shop", "2001:db8:0:1::1") == 0
    assert wait_of(limits, "shop", "::ffff:10.0.0.1", 20) == 0
    assert wait_of(limits, "shop", "10.0.0.1") == 10


def test_without_a_limit_nobody_is_remembered() -> None:
    limits = RateLimits(0, 0, Clock())
    assert wait_of(limits, "shop", "a", 10**9) == 0
    assert wait_of(limits, "shop", "a") == 0
    assert not limits._by_source._accounts


def test_whoever_was_silent_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_SENDERS", 2)
    limit = RateLimit(1, Clock())
    for sender in ("one", "two", "one", "three"):
        limit.spend(sender, 100)
    assert [bool(limit.find_wait(sender)) for sender in ("one", "two", "three")] == [True, False, True]


async def test_the_answer_tells_when_to_send_again(
    client: httpx.AsyncClient, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.app.state, "rate_limits", RateLimits(1, 0), raising=False)
    batch = {"batch": [{"type": "track", "event": "x", "userId": "u", "messageId": str(n)} for n in range(15)]}
    assert (await client.post("/v1/batch", json=batch)).status_code == 200
    refused = await client.post("/v1/batch", json=batch, headers={"Origin": "https://shop.example"})
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_FAST")
    assert 1 <= int(refused.headers["Retry-After"]) <= 5
    assert refused.headers["Access-Control-Expose-Headers"] == "Retry-After"
