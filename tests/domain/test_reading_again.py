"""What is stored, read again under other rules."""

from identity_graph.domain.identifiers import RawIdentifier
from identity_graph.domain.normalization import read_identifiers, read_key, read_stored
from identity_graph.domain.rules_file import load_preset

DEFAULT = load_preset()


def test_a_stored_event_is_read_as_its_message_was() -> None:
    raw = [RawIdentifier("email", "Ann@Example.com"), RawIdentifier("hat:size", "7"), RawIdentifier("phone", "null")]
    assert read_stored([one.text for one in raw], DEFAULT) == read_identifiers(raw, DEFAULT)


def test_a_judged_key_is_read_as_a_raw_value() -> None:
    assert read_key("email:Ann@Example.com", DEFAULT) == "email:ann@example.com"
    assert read_key("email:nobody", DEFAULT) is None
    assert read_key("hat_size:7", DEFAULT) is None
