from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identifiers import Identifier


@given(namespace=st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), value=st.text(min_size=1))
def test_a_key_is_read_back_as_it_was_written(namespace: str, value: str) -> None:
    identifier = Identifier(namespace, value)
    assert Identifier.from_key(identifier.key) == identifier


def test_a_value_may_hold_colons() -> None:
    assert Identifier.from_key("mac:00:1b:63") == Identifier("mac", "00:1b:63")
