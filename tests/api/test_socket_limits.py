"""How many sockets and subscriptions a key and an address may have, and what somebody unknown may send."""

import pytest

from api.graphql.transport import sockets
from tests.api.graphql.changes.following import following
from tests.live import Live

pytestmark = pytest.mark.timeout(60)


async def test_a_large_message_of_somebody_unknown_is_closed(live: Live) -> None:
    async with following(live) as follower:
        await follower.say("ping", payload={"n": "x" * 900_000})
        assert await follower.end() == 4401


async def test_a_key_has_not_any_number_of_sockets_and_subscriptions(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MAX_SOCKETS_PER_KEY", 2)
    monkeypatch.setattr(sockets, "MAX_SUBSCRIPTIONS_PER_KEY", 2)
    async with following(live) as one, following(live) as other, following(live) as third:
        for number, follower in enumerate((one, other)):
            await follower.enter(live)
            await follower.subscribe(id=str(number))
        await other.subscribe(id="too many")
        message = await other.hear()
        assert (message["id"], message["payload"][0]["extensions"]["maximum"]) == ("too many", 2)
        await one.say("complete", id="0")
        await one.say("ping")
        assert await one.hear() == {"type": "pong"}
        await other.subscribe(id="room again")
        await other.say("ping")
        assert await other.hear() == {"type": "pong"}
        await third.say("connection_init", payload={"adminKey": live.admin_key})
        assert await third.end() == 1013


async def test_an_address_has_not_any_number_of_sockets(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "ADDRESS_SHARE", 500)
    async with following(live) as one, following(live) as other:
        await one.enter(live)
        await other.say("connection_init", payload={"adminKey": live.admin_key})
        assert await other.end() == 1013
