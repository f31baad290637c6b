"""A context that was packed is the same one again."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.journeys.contexts import pack_context, unpack_context
from tests.properties import examples

WEB: dict[str, Any] = {
    "page": {
        "path": "/cart",
        "referrer": "https://www.google.com/",
        "search": "",
        "title": "Cart",
        "url": "https://a.example/cart",
    },
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "locale": "fr-FR",
    "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=20,
)


@examples(100)
@given(context=st.dictionaries(st.text(max_size=20), JSON, min_size=1, max_size=8))
def test_what_was_packed_is_read_again(context: dict[str, Any]) -> None:
    packed = pack_context(context)
    assert packed is not None
    assert orjson.loads(unpack_context(packed)) == context


def test_the_context_of_a_browser_shrinks_to_less_than_half() -> None:
    packed = pack_context(WEB)
    assert packed is not None
    assert len(packed) < len(orjson.dumps(WEB)) / 2


def test_a_whole_number_beyond_64_bits_keeps_its_digits() -> None:
    assert unpack_context(pack_context({"n": 10**30})) == '{"n":' + str(10**30) + "}"


def test_no_context_is_nothing() -> None:
    assert pack_context({}) is None
    assert unpack_context(None) == "{}"


@pytest.mark.parametrize(
    ("packed", "context"),
    [
        (
            bytes.fromhex("01ab26a7096202f7b19101a8116068086e960000"),
            {"library": {"name": "analytics-python", "version": "2.3.4"}, "ip": "203.0.113.0"},
        )
    ],
)
def test_what_was_packed_with_the_first_dictionary_is_read_for_ever(packed: bytes, context: dict[str, Any]) -> None:
    assert orjson.loads(unpack_context(packed)) == context
