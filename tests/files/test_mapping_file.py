"""Mapping files: what they say, and what they are told when they say it wrongly."""

from pathlib import Path
from typing import Any

import pytest

from identity_graph.errors import InvalidInputError
from identity_graph.files.mapping import ValueType
from identity_graph.files.mapping_file import load_mapping, parse_mapping

EVENT = "event: {value: Paid}\n"
MINIMAL = "identifiers: {crm_id: id}\n" + EVENT


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_mapping(text, name="m.yaml")
    return caught.value.facts["problems"]


def test_a_plain_word_is_a_column_and_value_is_a_constant() -> None:
    read = parse_mapping(MINIMAL)
    assert read.messages[0].identifiers["crm_id"][0].column == "id"
    assert read.messages[0].event is not None
    assert (read.messages[0].event.column, read.messages[0].event.constant) == (None, "Paid")


def test_column_names_are_taken_as_they_are_written() -> None:
    read = parse_mapping(MINIMAL + "properties: {a: no, b: 007, c: 2020-01-01}\n")
    assert [spec.column for spec in read.messages[0].properties.values()] == ["no", "007", "2020-01-01"]


def test_constants_of_properties_are_json_and_those_of_identifiers_text() -> None:
    read = parse_mapping(
        "identifiers: {crm_id: {value: 007}}\n" + EVENT + "properties: {a: {value: 7}, b: {value: 1.5}, "
        "c: {value: true}, d: {value: '7'}, e: {value: USD}}\n"
    )
    assert read.messages[0].identifiers["crm_id"][0].constant == "007"
    assert [spec.constant for spec in read.messages[0].properties.values()] == [7, 1.5, True, "7", "USD"]


def test_a_timestamp_is_a_time_however_short_it_is_written() -> None:
    for text in ("timestamp: when\n", "timestamp: {column: when}\n"):
        read = parse_mapping(MINIMAL + text)
        assert read.messages[0].timestamp is not None
        assert (read.messages[0].timestamp.type, read.messages[0].timestamp.time.patterns) == (ValueType.TIME, ("iso",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("identifiers: {crm_id: id}\n", "m.yaml:1: event: missing; say what happened"),
        (EVENT, "m.yaml:1: identifiers: missing; name the columns"),
        (EVENT + "identifiers: {}\n", "m.yaml:2: identifiers: expected at least one namespace"),
        (EVENT + "identifiers: {Crm-Id: id}\n", "m.yaml:2: identifiers.Crm-Id: expected a namespace of small letters"),
        (MINIMAL + "delimitr: ','\n", "m.yaml:3: delimitr: unknown key; did you mean 'delimiter'?"),
        (MINIMAL + "delimiter: ab\n", "m.yaml:3: delimiter: expected one character, tab or whitespace, got 'ab'"),
        (MINIMAL + "quote: ''\n", "m.yaml:3: quote: expected one character, or none, got nothing"),
        (MINIMAL + "encoding: utf-9\n", "m.yaml:3: encoding: expected the name of an encoding"),
        (MINIMAL + "encoding: rot13\n", "m.yaml:3: encoding: expected the name of an encoding"),
        (MINIMAL + "header: false\n", "m.yaml:3: columns: missing; without a header name them"),
        (MINIMAL + "columns: [a, b, a]\n", "m.yaml:3: columns: 'a' is named twice"),
        (MINIMAL + "empty: NULL\n", "m.yaml:3: empty: expected a list"),
        (MINIMAL + "timestamp: {column: d, format: '%Q'}\n", "m.yaml:3: timestamp.format: expected iso, epoch_s"),
        (MINIMAL + "timestamp: {column: d, format: dd.mm.yyyy}\n", "m.yaml:3: timestamp.format: expected iso, epoch_s"),
        (
            MINIMAL + "timestamp: {column: d, zone: Mars/Base}\n",
            "m.yaml:3: timestamp.zone: expected the name of a time",
        ),
        (MINIMAL + "timestamp: {value: 2020-01-01}\n", "m.yaml:3: timestamp.value: unknown key"),
        (MINIMAL + "traits: {a: {column: x, value: y}}\n", "m.yaml:3: traits.a: give either `column` or `value`"),
        (MINIMAL + "traits: {a: {value: y, type: number}}\n", "m.yaml:3: traits.a.type: a constant has none"),
        (MINIMAL + "traits: {a: {column: x, type: money}}\n", "m.yaml:3: traits.a.type: expected text or integer"),
        (MINIMAL + "traits: {a: {column: x, zone: UTC}}\n", "m.yaml:3: traits.a.zone: only a time has one"),
        (MINIMAL + "traits: {a: x, a.b: y}\n", "m.yaml:3: traits.a.b: lies inside 'a', a value itself"),
        (MINIMAL + "traits: {a: {value: null}}\n", "m.yaml:3: traits.a.value: expected a text, a number"),
        (MINIMAL + "message_id: []\n", "m.yaml:3: message_id: expected at least one column"),
        (MINIMAL + "type: {value: trak}\n", "m.yaml:3: type.value: expected alias or group"),
        (MINIMAL + "channel: {value: SHOP}\n", "m.yaml:3: channel.value: expected WEB or APP"),
        (MINIMAL + "channel: {}\n", "m.yaml:3: channel: give either `column` or `value`"),
        (MINIMAL + "format: 2\n", "m.yaml:3: format: expected 1, got '2', which this version does not know"),
        ("identifiers: [", "m.yaml:1: not YAML"),
        ("", "m.yaml:1: the file is empty"),
    ],
)
def test_a_wrong_mapping_is_told_its_line_and_field(text: str, expected: str) -> None:
    found = problems(text)
    assert any(problem.startswith(expected) for problem in found), found


def test_all_problems_are_told_at_once() -> None:
    assert len(problems("delimiter: ab\nquote: xx\nidentifiers: {crm_id: {}}\n")) == 4


def test_a_mapping_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("event: {value: Größe}".encode("latin-1"))
    cases: dict[Path, str] = {tmp_path / "none.yaml": "does not exist", tmp_path: "is a folder", latin: "is not UTF-8"}
    for path, expected in cases.items():
        with pytest.raises(InvalidInputError, match=expected):
            load_mapping(path)


def test_a_byte_order_mark_before_a_mapping_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(MINIMAL, encoding="utf-8-sig")
    read: Any = load_mapping(path)
    assert (read.name, set(read.messages[0].identifiers)) == ("m.yaml", {"crm_id"})
