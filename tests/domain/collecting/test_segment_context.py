"""What an event keeps of the context of its message."""

from typing import Any

import pytest

from identity_graph.domain.collecting.segment.context import shorten_ip
from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.observations import Event, Message


def read(context: Any, *, keep_ip: bool = False, **fields: Any) -> Message:
    message = {"type": "track", "userId": "u", "context": context, **fields}
    found = extract(message, source="s", received_at=1_767_225_600_000_000, keep_ip=keep_ip)
    assert isinstance(found, Message), found
    return found


def kept(context: Any, **fields: Any) -> Any:
    return read(context, **fields).context


def odd(message: Message) -> set[tuple[str, str]]:
    return {(field.namespace, field.value) for field in message.unreadable}


def test_what_is_said_of_the_surroundings_is_kept() -> None:
    context = {
        "library": {"name": "x"},
        "page": {"url": "https://a.example/", "title": ""},
        "screen": {"width": 5},
        "n": 0,
        "b": False,
    }
    assert kept(context) == context
    event = to_event(read(context), load_preset())
    assert isinstance(event, Event)
    assert event.context == context


@pytest.mark.parametrize("context", [None, {}, "", {"locale": None, "timezone": ""}])
def test_nothing_is_kept_of_what_says_nothing(context: Any) -> None:
    assert kept(context) == {}


def test_what_the_event_keeps_elsewhere_is_not_kept_twice() -> None:
    context = {
        "traits": {"email": "a@example.com", "plan": "gold"},
        "device": {"id": "d1", "advertisingId": "ad1", "adTrackingEnabled": True, "type": "ios"},
        "externalIds": [{"type": "crm_id", "id": "7", "collection": "users"}],
        "externalId": {"type": "loyalty_id", "id": 8},
    }
    message = read(context)
    assert message.context == {"device": {"adTrackingEnabled": True, "type": "ios"}}
    assert message.traits == {"email": "a@example.com", "plan": "gold"}
    keys = {raw.text for raw in message.identifiers}
    assert keys == {"user_id:u", "email:a@example.com", "device_id:d1", "ad_id:ad1", "crm_id:7", "loyalty_id:8"}


def test_an_advertising_id_that_may_not_be_used_is_kept_nowhere() -> None:
    message = read({"device": {"advertisingId": "ad1", "adTrackingEnabled": False}})
    assert message.context == {"device": {"adTrackingEnabled": False}}
    assert [raw.text for raw in message.identifiers] == ["user_id:u"]


def test_a_trait_of_the_context_that_the_messages_own_one_outranks_is_kept() -> None:
    message = read({"traits": {"city": "Lyon", "plan": "gold", "age": None}}, type="identify", traits={"city": "Paris"})
    assert message.traits == {"city": "Paris", "plan": "gold", "age": None}
    assert message.context == {"traits": {"city": "Lyon"}}


def test_ids_that_are_no_identifiers_of_a_person_are_kept() -> None:
    entries = [
        {"type": "crm_id", "id": "7"},
        {"type": "store", "id": "S1", "collection": "stores"},
        {"type": "crm_id", "id": "8", "encoding": "md5"},
        "odd",
    ]
    assert kept({"externalIds": entries})["externalIds"] == entries[1:]
    with_fraction = kept({"externalIds": [{"type": "store", "id": 1.5, "collection": "stores"}]})
    assert with_fraction["externalIds"] == [{"type": "store", "id": 1.5, "collection": "stores"}]


def test_the_channel_that_stands_beside_the_context_comes_along() -> None:
    assert kept({"locale": "en"}, channel="mobile") == {"locale": "en", "_channel": "mobile"}
    assert kept(None, channel="server") == {"_channel": "server"}
    assert odd(read({}, channel=5)) == {("channel", "a number")}


def test_wrong_types_are_kept_or_counted() -> None:
    message = read({"traits": 5, "device": "x", "ip": 7})
    assert message.context == {"device": "x"}
    assert odd(message) == {("context.traits", "a number"), ("context.device", "a text"), ("context.ip", "a number")}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        (" 203.0.113.77 ", "203.0.113.0"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::"),
        ("::1", "::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("203.0.113.77, 10.0.0.1", None),
        ("unknown", None),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str, network: str | None) -> None:
    assert shorten_ip(address) == network
    assert kept({"ip": address}) == ({} if network is None else {"ip": network})
    assert kept({"ip": address}, keep_ip=True) == {"ip": address}


def test_what_is_no_address_is_counted() -> None:
    assert odd(read({"ip": "unknown"})) == {("context.ip", "a text")}
