import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_graph.domain.values.json_reader import (
    JsonError,
    NoNumber,
    is_text,
    messages_in,
    read_json,
    read_strict_json,
    without_odd_numbers,
    write_json,
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(values, st.booleans())
def test_json_is_read_as_it_was_written_with_every_digit(value: Any, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert read_json(text) == value
    assert read_json(write_json(value).encode()) == value


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**30, 10**3999])
def test_a_whole_number_beyond_64_bits_keeps_its_digits(number: int) -> None:
    for text in (f"{number}", f"[{number}]", f'{{"a":{number}}}', f"[1,\n{number}]"):
        assert str(number) in write_json(read_json(text.encode()))


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "Infinity", "1e999", "-1e999", "9" * 5000])
def test_what_is_no_number_stays_and_cannot_be_stored_unseen(text: str) -> None:
    [found] = read_json(f"[{text}]".encode())
    assert isinstance(found, NoNumber)
    with pytest.raises(TypeError):
        orjson.dumps(found)
    [again] = read_json(write_json([found]).encode())
    assert isinstance(again, NoNumber)


def test_half_a_surrogate_pair_stays_and_is_escaped() -> None:
    for content in (b'{"a":"\\ud800"}', b'{"a":"caf\xe9"}'):
        assert read_json(write_json(read_json(content)).encode()) == read_json(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"), (b"  ", "is empty"), (b"{", "is not JSON: "), (b"{}{}", "is not JSON: Extra data: line 1 column 3"),
        (b"\xff", "is not JSON"), (b"[" * 100_000, "is nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_json_says_so(content: bytes, problem: str) -> None:
    with pytest.raises(JsonError, match=f"^{problem}"):
        read_json(content)


@settings(deadline=None)
@given(values)
def test_what_is_no_number_becomes_null_and_everything_else_stays(value: Any) -> None:
    found = without_odd_numbers([value, {"a": [NoNumber("nan")]}, NoNumber("inf"), 2**64])
    assert found == [value, {"a": [None]}, None, 2**64]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'[NaN, "\xc3\xa9"]', True), (b'[NaN, "\\ud800"]', False), (b'{"\\udc00": 1}', False), (b'["\xff"]', False),
        (b"[" * 900 + b"]" * 900, True),
    ],
)  # fmt: skip
def test_what_is_no_text_is_found(content: bytes, text: bool) -> None:
    assert is_text(read_json(content)) is text


def test_what_is_too_deep_to_be_looked_through_counts_as_text() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert is_text(deep)
    while deep:
        deep = deep.pop()  # taken apart piece by piece: the destructor recurses, too


def test_a_request_holds_json_and_nothing_else() -> None:
    assert read_strict_json(b'{"n": [123456789012345678901, 1.5]}') == {"n": [123456789012345678901, 1.5]}
    for content in (b"[NaN]", b"[1e999]", b'["\\ud800"]', b'["\xff"]', b"[", b""):
        with pytest.raises(JsonError, match=r"^is not JSON: "):
            read_strict_json(content)


def test_what_lies_too_deep_to_be_read_again_is_left_out() -> None:
    deep: Any = [NoNumber("nan")]
    for _ in range(300):
        deep = [{"a": deep}]
    assert "…" in json.loads(json.dumps(read_json(write_json(deep).encode()), ensure_ascii=False)).__repr__()


@pytest.mark.parametrize(
    ("value", "messages"),
    [([1, {}], [1, {}]), ({"batch": [1]}, [1]), ({"batch": {}}, None), ({"userId": "u"}, None), (5, None), ("", None)],
)
def test_several_messages_come_as_an_array_or_a_batch(value: Any, messages: Any) -> None:
    assert messages_in(value) == messages
