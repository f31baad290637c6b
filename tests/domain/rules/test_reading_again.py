"""What is stored, read again under other rules."""

from identity_graph.domain.collecting.segment.messages import Message, extract, reread_event, to_event
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.rules.normalization import read_identifiers, read_key, read_stored
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import RawIdentifier

DEFAULT = load_preset()


def test_a_stored_event_is_read_as_its_message_was() -> None:
    raw = [RawIdentifier("email", "Ann@Example.com"), RawIdentifier("hat:size", "7"), RawIdentifier("phone", "null")]
    assert read_stored([one.text for one in raw], DEFAULT) == read_identifiers(raw, DEFAULT)


def test_a_judged_key_is_read_as_a_raw_value() -> None:
    assert read_key("email:Ann@Example.com", DEFAULT) == "email:ann@example.com"
    assert read_key("email:nobody", DEFAULT) is None
    assert read_key("hat_size:7", DEFAULT) is None


def test_an_event_that_is_read_again_is_what_it_would_be_had_it_come_under_these_rules() -> None:
    said = {"type": "track", "messageId": "m1", "userId": "u1", "anonymousId": "c1", "properties": {"email": "A@b.com"}}
    message = extract(said, source="web", received_at=1_800_000_000_000_000)
    assert isinstance(message, Message)
    fewer = RuleSet(namespaces={"user_id": DEFAULT.namespaces["user_id"]})
    event = to_event(message, DEFAULT)
    again = reread_event(event, fewer)
    assert again == to_event(message, fewer) != event
    assert {one.key for one in again.identifiers} == {"user_id:u1"}
    assert {(one.namespace, one.code) for one in again.ignored} == {
        ("anonymous_id", "undeclared"),
        ("email", "undeclared"),
    }
    assert reread_event(again, DEFAULT) == event
