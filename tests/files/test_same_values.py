"""One value, however it comes: over HTTP, in NDJSON, in CSV and in Parquet it is read as the same, or refused the same."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.collector.body import parse_json
from api.collector.errors import MalformedBodyError
from identity_graph.domain.collecting.segment.messages import Message, extract
from identity_graph.domain.values.identifiers import IgnoredIdentifier
from identity_graph.domain.values.json_reader import messages_in
from identity_graph.files.history import as_history
from identity_graph.files.mapping import Mapping
from identity_graph.files.reading import open_records
from identity_graph.files.records import Rejection
from tests.files.reading_helpers import mapping, read

NOW = 1_800_000_000_000_000
TABLE = mapping("""
identifiers: {user_id: id, crm_id: other}
event: {value: x}
message_id: m
timestamp: at
""")

Outcome = tuple[Any, ...]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("values")


def outcome(message: object) -> Outcome:
    """Tell what a message says, or the code it is refused with."""
    found = extract(as_history(message), source="s", received_at=NOW)
    if not isinstance(found, Message):
        return (found.code.value,)
    written = orjson.dumps([found.properties, found.traits], option=orjson.OPT_SORT_KEYS)
    return found.identifiers, found.message_id, found.occurred_at, found.name, written, found.unreadable


def over_http(content: bytes) -> list[Outcome]:
    try:
        body = parse_json(content)
    except MalformedBodyError:
        return [("unreadable",)]
    several = messages_in(body)
    return [outcome(message) for message in ([body] if several is None else several)]


def from_file(path: Path, columns: Mapping | None = None) -> list[Outcome]:
    found: list[Outcome] = []
    with open_records(path, columns) as file:
        for _, record in file.records():
            if isinstance(record, Rejection):
                found.append(("unreadable",) if record.code == "not_json" else (record.code,))
            else:
                found += map(outcome, record.messages)
    return found


def from_csv(folder: Path, **cells: str) -> list[Outcome]:
    row = {"id": "u1", "other": "c1", "m": "m1", "at": "2026-01-31"} | cells
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([row.keys(), row.values()])
    path = folder / "f.csv"
    path.write_text(text.getvalue(), newline="")
    return from_file(path, TABLE)


def from_parquet(folder: Path, **cells: Any) -> list[Outcome]:
    row = {"id": "u1", "other": "c1", "m": "m1", "at": "2026-01-31"} | cells
    columns = {name: cell if isinstance(cell, pa.Array) else pa.array([cell]) for name, cell in row.items()}
    pq.write_table(pa.table(columns), folder / "f.parquet")
    return from_file(folder / "f.parquet", TABLE)


def as_json(**fields: Any) -> bytes:
    """Write the message that a row of TABLE becomes."""
    message = {"userId": "u1", "messageId": "m1", "timestamp": "2026-01-31", "type": "track", "event": "x"} | fields
    message["context"] = {"externalIds": [{"type": "crm_id", "id": message.pop("other", "c1")}]}
    return json.dumps(message).encode()


numbers = st.integers(-(2**66), 2**66) | st.floats() | st.sampled_from([2**53, 2.0**53, 1e400, 7.0, 7.5, -0.0])
texts = st.text(st.characters(exclude_categories=["Cc"]), max_size=5) | st.just("\ud800")
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
raw_messages = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify"]) | json_values,
        "event": json_values,
        "userId": json_values,
        "anonymousId": json_values,
        "messageId": st.just("m1") | json_values,
        "timestamp": st.sampled_from(["20260131083000", 1769848200000, 1769848200, "2026-01-31"]) | json_values,
        "traits": json_values,
        "properties": json_values,
        "context": json_values,
    },
)
bodies = raw_messages | st.lists(raw_messages, max_size=3) | st.fixed_dictionaries({"batch": st.lists(raw_messages)})


@settings(deadline=None)
@given(bodies, st.booleans())
def test_the_same_json_says_the_same_over_http_and_in_a_file_packed_or_not(
    folder: Path, body: Any, escaped: bool
) -> None:
    content = json.dumps(body, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    expected = over_http(content)
    for name, packed in (("f.ndjson", content), ("f.ndjson.gz", gzip.compress(content))):
        (folder / name).write_bytes(packed)
        assert from_file(folder / name) == expected


FIELDS = [("id", "userId"), ("other", "other"), ("m", "messageId")]


cell_texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=5)


@settings(deadline=None)
@given(st.sampled_from(FIELDS), cell_texts.filter(lambda text: text == text.strip()))
def test_the_same_text_as_an_id_is_the_same_everywhere(folder: Path, field: tuple[str, str], text: str) -> None:
    column, name = field
    expected = over_http(as_json(**{name: text}))
    assert from_csv(folder, **{column: text}) == expected
    assert from_parquet(folder, **{column: text}) == expected


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", ["1.23457E+17", "8,6138E+12"])
def test_a_number_that_a_spreadsheet_shortened_is_refused_everywhere(
    folder: Path, field: tuple[str, str], text: str
) -> None:
    column, name = field
    assert over_http(as_json(**{name: text})) == [("invalid_field",)]
    assert from_csv(folder, **{column: text}) == from_parquet(folder, **{column: text}) == [("invalid_field",)]


@settings(deadline=None)
@given(st.sampled_from(FIELDS), st.integers(0, 2**64 - 1) | st.integers(2**53 - 2, 2**53 + 2))
def test_the_same_whole_number_as_an_id_is_the_same_everywhere(
    folder: Path, field: tuple[str, str], number: int
) -> None:
    column, name = field
    expected = over_http(as_json(**{name: number}))
    assert from_csv(folder, **{column: str(number)}) == expected
    assert from_parquet(folder, **{column: pa.array([number], pa.uint64())}) == expected
    assert from_parquet(folder, **{column: pa.array([number], pa.decimal128(38, 0))}) == expected
    assert from_parquet(folder, **{column: pa.array([Decimal(number)], pa.decimal128(38, 10))}) == expected


@settings(deadline=None)
@given(st.sampled_from(FIELDS), st.floats(allow_nan=False) | st.integers(2**53 - 2, 2**54).map(float))
def test_the_same_floating_point_number_as_an_id_is_the_same_everywhere_or_refused(
    folder: Path, field: tuple[str, str], number: float
) -> None:
    column, name = field
    expected = over_http(as_json(**{name: number}))
    assert from_parquet(folder, **{column: number}) == expected
    if not number.is_integer() or abs(number) >= 2**53:
        assert expected == [("invalid_field",)]


@settings(deadline=None)
@given(
    st.datetimes().map(lambda at: f"{at:%Y%m%d%H%M%S}")
    | st.datetimes().map(str)
    | st.integers(-(10**17), 10**17).map(str)
    | st.sampled_from(["20260131", "202601310830", "20260131083000Z", "20260131083000+0800", "1769848200", "gestern"])
)
def test_the_same_text_as_a_time_is_the_same_everywhere(folder: Path, text: str) -> None:
    expected = over_http(as_json(timestamp=text))
    assert from_csv(folder, at=text) == expected
    assert from_parquet(folder, at=text) == expected
    if text.lstrip("-").isdigit() and len(text) < 18 and not text.startswith("0"):
        assert over_http(as_json(timestamp=int(text))) == expected
        assert from_parquet(folder, at=int(text)) == expected


@settings(deadline=None)
@given(st.floats(-1e14, 1e14))
def test_the_same_number_as_a_time_is_the_same_everywhere(folder: Path, number: float) -> None:
    expected = over_http(as_json(timestamp=number))
    assert from_parquet(folder, at=number) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (lambda n: pa.array([float(n)]), None),
        (lambda n: pa.array([float(n)], pa.float32()), None),
        (lambda n: pa.array([n], pa.decimal128(38, 0)), "{}"),
        (lambda n: pa.array([Decimal(n) + Decimal("0.0000000001")], pa.decimal128(38, 10)), "{}.0000000001"),
        (lambda n: pa.array([n * 10**50], pa.decimal256(76, 0)), "{}" + "0" * 50),
        (lambda n: pa.array([str(n)]).dictionary_encode(), "{}"),
    ],
)
def test_two_ids_of_18_digits_never_become_one(folder: Path, cell: Callable[[int], Any], expected: str | None) -> None:
    for number in (123456789012345678, 123456789012345679):
        for column in ("id", "m", "other"):
            [found] = from_parquet(folder, **{column: cell(number)})
            if expected is None:
                assert found == ("invalid_field",)
            else:
                assert expected.format(number) in (found[1], *(value for _, value in found[0]))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([12345678901234567890123], pa.decimal128(38, 0)), "12345678901234567890123"),
        (pa.array([Decimal("12345678901234567.89")], pa.decimal128(38, 2)), "12345678901234567.89"),
        (pa.array([Decimal("12.50")], pa.decimal128(10, 2)), 12.5),
        (pa.array([Decimal("0.1")], pa.decimal128(38, 18)), 0.1),
        (pa.array([Decimal("12.00")], pa.decimal128(10, 2)), 12),
        (pa.array([2**64 - 1], pa.decimal128(38, 0)), 2**64 - 1),
        (pa.array([0.1], pa.float32()), 0.1),
        (pa.array([1769848200000000001], pa.timestamp("ns")), "2026-01-31T08:30:00"),
        (pa.array([{"a": Decimal("1.10"), "b": [1.5, 2]}]), {"a": 1.1, "b": [1.5, 2.0]}),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), {"k": 1}),
        (pa.array([b"caf\xc3\xa9"]), "café"),
        (pa.array([float("nan")]), "left out"),
    ],
)
def test_a_trait_keeps_every_digit(folder: Path, column: Any, expected: Any) -> None:
    table = mapping("identifiers: {user_id: id}\nevent: {value: x}\ntraits: {t: t}")
    pq.write_table(pa.table({"id": ["u"], "t": column}), folder / "f.parquet")
    [record] = read(folder / "f.parquet", (folder / "f.parquet").read_bytes(), table)
    assert not isinstance(record, Rejection), record
    [message] = record.messages
    assert isinstance(message, dict)
    assert message["traits"].get("t", "left out") == expected
    assert type(message["traits"].get("t", "left out")) is type(expected)


@pytest.mark.parametrize(
    ("column", "kind", "reason"),
    [
        (pa.array([b"\xff"]), "text", "bytes that are not UTF-8"),
        (pa.array([2**40], pa.int64()).cast(pa.timestamp("s")), "text", "cannot be written as JSON"),
        (pa.array([5], pa.int64()).cast(pa.duration("ns")), "text", "cannot be written as JSON"),
        (pa.array([Decimal("12345678901234567.89")], pa.decimal128(38, 2)), "number", "leave `type` out"),
        (pa.array([12345678901234567890123], pa.decimal128(38, 0)), "integer", "leave `type` out"),
        (pa.array([[1]]), "number", "a single value"),
    ],
)
def test_a_cell_that_cannot_be_carried_rejects_its_row_with_the_reason(
    folder: Path, column: Any, kind: str, reason: str
) -> None:
    table = mapping(f"identifiers: {{user_id: id}}\nevent: {{value: x}}\ntraits: {{t: {{column: t, type: {kind}}}}}")
    pq.write_table(pa.table({"id": ["u"], "t": column}), folder / "f.parquet")
    [record] = read(folder / "f.parquet", (folder / "f.parquet").read_bytes(), table)
    assert isinstance(record, Rejection)
    assert record.code == "invalid_field"
    assert reason in record.reason


@pytest.mark.parametrize("kind", ["text", "json", "number"])
@pytest.mark.parametrize("cell", [float("inf"), float("-inf"), [float("nan")], {"a": [1.5, float("inf")]}])
def test_infinity_and_nan_are_left_out_and_counted_as_over_http(folder: Path, cell: Any, kind: str) -> None:
    if kind == "number" and not isinstance(cell, float):
        return
    table = mapping(f"identifiers: {{user_id: id}}\nevent: {{value: x}}\ntraits: {{t: {{column: t, type: {kind}}}}}")
    pq.write_table(pa.table({"id": ["u"], "t": [cell]}), folder / "f.parquet")
    [record] = read(folder / "f.parquet", (folder / "f.parquet").read_bytes(), table)
    assert not isinstance(record, Rejection)
    over_http = json.loads(json.dumps({"type": "track", "userId": "u", "event": "x", "traits": {"t": cell}}))
    for message in (record.messages[0], parse_json(json.dumps(over_http).encode())):
        found = extract(message, source="s", received_at=NOW)
        assert isinstance(found, Message)
        assert found.unreadable == (IgnoredIdentifier("traits", "a number", "unreadable_field"),)
        assert found.traits == {float: {}, list: {"t": [None]}, dict: {"t": {"a": [1.5, None]}}}[type(cell)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123456789012345678.0", 123456789012345678),
        ("1.23456789012345678e17", 123456789012345678),
        ("1e30", 1e30),
        ("0.10000000000000001", 0.1),
        ("12.50", 12.5),
        ("12345678901234567.89", None),
        ("18446744073709551616", None),
    ],
)
def test_a_number_in_csv_keeps_its_digits_or_is_refused(folder: Path, text: str, expected: Any) -> None:
    table = mapping(
        "identifiers: {user_id: id}\nevent: {value: x}\nproperties: {n: {column: n, type: number}}\ndelimiter: ;"
    )
    [record] = read(folder / "n.csv", f"id;n\nu;{text}\n", table)
    if expected is None:
        assert isinstance(record, Rejection)
        assert "leave `type` out to keep every digit" in record.reason
    else:
        assert not isinstance(record, Rejection)
        assert record.messages[0] == ANY_MESSAGE | {"properties": {"n": expected}}


ANY_MESSAGE = {"messageId": "n.csv:1", "userId": "u", "type": "track", "event": "x", "context": {}}


@pytest.mark.parametrize(
    ("spec", "cell", "expected"),
    [
        ("{column: at, zone: Asia/Shanghai}", "20260131163000", "2026-01-31T08:30:00Z"),
        ("{column: at, zone: Asia/Shanghai}", "202601311630", "2026-01-31T08:30:00Z"),
        ("{column: at, zone: Asia/Shanghai}", "20260131", "2026-01-30T16:00:00Z"),
        ("{column: at, zone: Asia/Shanghai}", "20260131083000Z", "2026-01-31T08:30:00Z"),
        ("{column: at, zone: Asia/Shanghai}", "1769848200000", "2026-01-31T08:30:00Z"),
        ("{column: at, format: epoch_s}", "1769848200.25", "2026-01-31T08:30:00.250000Z"),
        ("{column: at, format: epoch_ms}", "1769848200000", "2026-01-31T08:30:00Z"),
        ("at", "1769848200", "is in January 1970: send milliseconds since 1970, not seconds, or ISO 8601; or say"),
        ("at", "1769848200000000", "more digits than milliseconds since 1970"),
        ("{column: at, format: epoch_ms}", "1769848200", "it is in January 1970, so its unit is wrong"),
        ("{column: at, format: epoch_s}", "0", "it is in January 1970, so its unit is wrong"),
        ("{column: at, format: epoch_ms}", "20260131083000", "use `format: iso`"),
        ("{column: at, format: epoch_ms}", "10000000000000", "so its unit is wrong"),
        ("{column: at, format: epoch_ms}", "-10000000000000", "so its unit is wrong"),
        ("{column: at, format: epoch_ms}", "1769848200000000", "outside the years 1 to 9999"),
        ("{column: at, format: epoch_s}", "17698482000", "so its unit is wrong"),
        ("{column: at, format: epoch_s}", "202601310830", "so its unit is wrong"),
        ("{column: at, format: epoch_s}", "9999999999", "2286-11-20T17:46:39Z"),
        ("{column: at, format: epoch_s}", "1769848200000", "outside the years 1 to 9999"),
        ("{column: at, format: epoch_s}", "heute", "expected a time as epoch_s"),
        ("{column: at, format: '%d.%m.%Y'}", "20260131", "expected a time as %d.%m.%Y"),
    ],
)
def test_a_time_is_read_in_the_zone_and_unit_of_the_mapping_or_refused_with_the_remedy(
    folder: Path, spec: str, cell: str, expected: str
) -> None:
    table = mapping(f"identifiers: {{user_id: id}}\nevent: {{value: x}}\ntimestamp: {spec}")
    pq.write_table(pa.table({"id": ["u"], "at": [cell]}), folder / "t.parquet")
    for path, content in (
        (folder / "t.csv", f"id,at\nu,{cell}\n".encode()),
        (folder / "t.parquet", (folder / "t.parquet").read_bytes()),
    ):
        [record] = read(path, content, table)
        if isinstance(record, Rejection):
            assert record.code == "invalid_timestamp"
            assert expected in record.reason
        else:
            [message] = record.messages
            assert isinstance(message, dict)
            assert message["timestamp"] == expected


def test_a_time_that_is_no_event_s_may_lie_in_january_1970_or_far_off_when_the_mapping_says_its_unit(
    folder: Path,
) -> None:
    table = mapping(
        "identifiers: {user_id: id}\nevent: {value: x}\n"
        "traits: {born: {column: born, type: time, format: epoch_s}, day: {column: day, type: time}, "
        "end: {column: end, type: time, format: epoch_s}}"
    )
    [record] = read(folder / "b.csv", "id,born,day,end\nu,86400,1970-01-03,253402300799\n", table)
    assert not isinstance(record, Rejection)
    [message] = record.messages
    assert isinstance(message, dict)
    assert message["traits"] == {
        "born": "1970-01-02T00:00:00Z",
        "day": "1970-01-03T00:00:00Z",
        "end": "9999-12-31T23:59:59Z",
    }
