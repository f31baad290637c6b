"""Columns that have lost digits name nobody, wherever an identifier may stand."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity_graph.domain.collecting.segment.messages import Message, extract
from identity_graph.files.records import Rejection
from tests.files.reading_helpers import mapping, read

NAMED = [13812345678.0, 13812345679.0]
SINGLE = pa.array(NAMED, pa.float32())
EXTERNAL = pa.struct([("id", pa.float32()), ("type", pa.string())])


@pytest.mark.parametrize(
    ("fields", "cell"),
    [
        ("traits: {phone: t}", SINGLE),
        ("traits: {phone: {column: t, type: number}}", SINGLE),
        ("traits: {phone: {column: t, type: integer}}", SINGLE),
        ("traits: {phone: {column: t, type: json}}", SINGLE),
        ("traits: {email: t}", SINGLE),
        ("traits: {phone: t}", SINGLE.dictionary_encode()),
        ("traits: {phone: t}", pa.array([4096.0, 4097.0], pa.float16())),
        ("properties: {phone: t}", SINGLE),
        ("context: {traits.phone: t}", SINGLE),
        ("context: {device.id: t}", SINGLE),
        ("context: {device.advertisingId: t, device.adTrackingEnabled: {value: true}}", SINGLE),
        ("context: {device: t}", pa.array([{"id": n} for n in NAMED], pa.struct([("id", pa.float32())]))),
        ("context: {device: t}", pa.array([[("id", n)] for n in NAMED], pa.map_(pa.string(), pa.float32()))),
        ("context: {externalIds: t}", pa.array([[{"id": n, "type": "crm_id"}] for n in NAMED], pa.list_(EXTERNAL))),
        ("context: {externalId: t}", pa.array([[{"id": n, "type": "crm_id"}] for n in NAMED], pa.large_list(EXTERNAL))),
        ("context: {externalIds: t}", pa.array([[{"id": n, "type": "c"}] for n in NAMED], pa.list_(EXTERNAL, 1))),
        ("traits: {phone: {column: t, type: integer}}", pa.array([1.2345678901234567e17, 1.2345678901234568e17])),
        ("traits: {phone: {column: t, type: number}}", pa.array(["1.23457E+17", "1.38123E+10"])),
    ],
)
def test_a_column_that_lost_digits_never_makes_one_person_of_two(tmp_path: Path, fields: str, cell: Any) -> None:
    table = mapping(f"identifiers: {{user_id: id}}\nevent: {{value: x}}\n{fields}")
    pq.write_table(pa.table({"id": ["u", "v"], "t": cell}), tmp_path / "f.parquet")
    records = read(tmp_path / "f.parquet", (tmp_path / "f.parquet").read_bytes(), table)
    assert len(records) == 2
    for record in records:
        assert isinstance(record, Rejection)
        assert record.code == "invalid_field"
        assert "as text" in record.reason


def test_what_is_no_identifier_may_be_of_single_precision(tmp_path: Path) -> None:
    table = mapping("identifiers: {user_id: id}\nevent: {value: x}\ntraits: {t: t, n: n}\nproperties: {phone: p}")
    nested = pa.array([{"a": [0.1, 13812345678.0, None], "m": [("k", 0.5)]}], pa.struct([
        ("a", pa.list_(pa.float32())), ("m", pa.map_(pa.string(), pa.float32())),
    ]))  # fmt: skip
    columns = {"id": ["u"], "t": SINGLE[:1], "n": nested, "p": pa.array([95533.0], pa.float32())}
    pq.write_table(pa.table(columns), tmp_path / "f.parquet")
    [record] = read(tmp_path / "f.parquet", (tmp_path / "f.parquet").read_bytes(), table)
    assert not isinstance(record, Rejection), record
    found = extract(record.messages[0], source="s", received_at=0)
    assert isinstance(found, Message)
    assert set(found.identifiers) == {("user_id", "u"), ("phone", "95533")}
    message: Any = record.messages[0]
    assert message["traits"] == {"t": 1.3812346e10, "n": {"a": [0.1, 1.3812346e10, None], "m": {"k": 0.5}}}
    assert type(message["traits"]["n"]["a"][0]) is float
