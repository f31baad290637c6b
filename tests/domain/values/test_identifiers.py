from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.values.identifiers import Identifier, RawIdentifier


@given(namespace=st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), value=st.text(min_size=1))
def test_a_key_is_read_back_as_it_was_written(namespace: str, value: str) -> None:
    identifier = Identifier(namespace, value)
    assert Identifier.from_key(identifier.key) == identifier


def test_a_value_may_hold_colons() -> None:
    assert Identifier.from_key("mac:00:1b:63") == Identifier("mac", "00:1b:63")


@given(namespace=st.text(min_size=1).filter(lambda name: "%3A" not in name), value=st.text(min_size=1))
def test_a_raw_identifier_is_read_back_as_it_came(namespace: str, value: str) -> None:
    raw = RawIdentifier(namespace, value)
    assert RawIdentifier.from_text(raw.text) == raw


def test_a_raw_identifier_of_a_known_namespace_is_kept_as_it_is_written() -> None:
    assert RawIdentifier("mac", "00:1b:63").text == "mac:00:1b:63"
    assert RawIdentifier("mac:00", "1b").text == "mac%3A00:1b", "not the value 00:1b of mac"
