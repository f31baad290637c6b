"""CSV and Parquet: rows to messages."""

import csv
import gzip
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.errors import InvalidInputError
from identity_graph.files.records import Record, Rejection
from tests.files.reading_helpers import MINIMAL, mapping, messages, read, rejections

SHOP = """
message_id: [shop, order]
timestamp: {column: date, format: "%d.%m.%Y %H:%M", zone: Asia/Shanghai}
type: {value: track}
event: {value: Order Completed}
channel: {value: STORE}
empty: [NULL]
identifiers:
  user_id: account
  crm_id: customer
  openid: {column: openid, scope: app}
  email: [mail, other mail]
traits: {name: name, address.city: city}
properties:
  total: {column: total, type: number}
  items: {column: items, type: json}
  gift: {column: gift, type: boolean}
  count: {column: count, type: integer, default: 1}
  paid_at: {column: paid, type: time, format: epoch_s}
  currency: {value: CNY}
context: {campaign.name: campaign}
"""


def test_a_row_becomes_the_message_that_the_mapping_describes(tmp_path: Path) -> None:
    text = (
        "shop,order,date,account,customer,app,openid,mail,other mail,name,city,total,items,gift,count,paid,campaign\n"
        's1,9,31.01.2026 16:30,u1,c1,wx1,o1,a@example.com,NULL, Li ,Xi\'an,12.5,"[{""sku"": 1}]",yes,,1769848200,x\n'
    )
    assert messages(read(tmp_path / "f.csv", text, mapping(SHOP))) == [
        {
            "messageId": "s1:9",
            "type": "track",
            "event": "Order Completed",
            "timestamp": "2026-01-31T08:30:00Z",
            "userId": "u1",
            "traits": {"name": "Li", "address": {"city": "Xi'an"}},
            "properties": {
                "total": 12.5,
                "items": [{"sku": 1}],
                "gift": True,
                "count": 1,
                "paid_at": "2026-01-31T08:30:00Z",
                "currency": "CNY",
            },
            "context": {
                "channel": "STORE",
                "campaign": {"name": "x"},
                "externalIds": [
                    {"id": "c1", "type": "crm_id", "collection": "users", "encoding": "none"},
                    {"id": "wx1/o1", "type": "openid", "collection": "users", "encoding": "none"},
                    {"id": "a@example.com", "type": "email", "collection": "users", "encoding": "none"},
                ],
            },
        }
    ]


def test_without_an_id_column_the_message_id_is_file_and_row_packed_or_not(tmp_path: Path) -> None:
    text = "id\na\na\nb\n"
    plain = messages(read(tmp_path / "orders.csv", text, mapping()))
    packed = messages(read(tmp_path / "orders.csv.gz", gzip.compress(text.encode()), mapping()))
    assert [message["messageId"] for message in plain] == ["orders.csv:1", "orders.csv:2", "orders.csv:3"]
    assert packed == plain


def test_a_message_id_of_a_long_file_name_still_fits(tmp_path: Path) -> None:
    [message] = messages(read(tmp_path / ("x" * 200 + ".csv"), "id\na\n", mapping()))
    assert len(message["messageId"]) <= 100


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("delimiter: tab", "id\tn\na\t1\n"),
        ("delimiter: ;", "id;n\r\na;1\r\n"),
        ("delimiter: whitespace", "  id    n\n   a  1  \n"),
        ("header: false\ncolumns: [id, n]", "a,1\n"),
        ("columns: [id, n]", "Kunde,Anzahl\na,1\n"),
        ("skip_lines: 2", "Report\n\nid,n\na,1\n"),
        ('quote: "\'"', "id,n\n'a',1\n"),
        ("quote: none", "id,n\na,1\n"),
        ("escape: '\\'", 'id,n\n"a",1\n'),
        ("", "\ufeffid,n\n\na,1\n   \n"),
        ("", '"id","n"\n"a","1"'),
    ],
)
def test_every_way_to_write_a_table_reads_the_same(tmp_path: Path, options: str, text: str) -> None:
    table = mapping(MINIMAL + "properties: {n: n}\n" + options)
    [message] = messages(read(tmp_path / "f.csv", text, table))
    assert (message["context"]["externalIds"][0]["id"], message["properties"]) == ("a", {"n": "1"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5"])
def test_every_encoding_reads_the_same(tmp_path: Path, encoding: str) -> None:
    content = "id,名字\nc1,王小明\nc2,李\n".encode(encoding)
    table = mapping(MINIMAL + f"encoding: {encoding}\ntraits: {{name: 名字}}\n")
    found = messages(read(tmp_path / "f.csv", content, table))
    assert [message["traits"]["name"] for message in found] == ["王小明", "李"]


def test_bad_rows_are_rejected_one_by_one_and_their_neighbours_kept(tmp_path: Path) -> None:
    text = b'id,n\nok1,1\nshort\nlong,1,2\n"stray,1\nok2,2\n\xff\xfe,3\nok3,"two\nlines"\n"x"y,1\nok4,4\n'
    found = read(tmp_path / "f.csv", text, mapping())
    assert rejections(found) == [
        (3, "broken_row"),
        (4, "broken_row"),
        (5, "broken_row"),
        (7, "invalid_text"),
        (10, "broken_row"),
    ]
    kept = [outcome.messages[0] for outcome in found if isinstance(outcome, Record)]
    ids = [message["context"]["externalIds"][0]["id"] for message in kept if isinstance(message, dict)]
    assert ids == ["ok1", "ok2", "ok3", "ok4"]
    raws = [outcome.raw for outcome in found if isinstance(outcome, Rejection)]
    assert raws == ["short", "long,1,2", '"stray,1', "\\xff\\xfe,3", '"x"y,1']


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("properties: {v: {column: v, type: number}}", "1,5", "invalid_field"),
        ("properties: {v: {column: v, type: number}}", "nan", "invalid_field"),
        ("properties: {v: {column: v, type: number}}", "1_000", "invalid_field"),
        ("properties: {v: {column: v, type: integer}}", "1.5", "invalid_field"),
        ("properties: {v: {column: v, type: integer}}", "99999999999999999999", "invalid_field"),
        ("properties: {v: {column: v, type: boolean}}", "maybe", "invalid_field"),
        ("properties: {v: {column: v, type: json}}", "{", "invalid_field"),
        ("properties: {v: {column: v, type: time}}", "gestern", "invalid_timestamp"),
        ("timestamp: v", "31.12.2020", "invalid_timestamp"),
        ("timestamp: v", "", "invalid_timestamp"),
        ("timestamp: {column: v, format: epoch_ms}", "1e300", "invalid_timestamp"),
        ("timestamp: {column: v, zone: Asia/Shanghai}", "0001-01-01", "invalid_timestamp"),
        ("message_id: v", "", "invalid_field"),
        ("context: {x: {column: v, type: number}}", "x", "invalid_field"),
    ],
)
def test_a_cell_that_is_not_what_the_mapping_says_rejects_its_row_by_name(
    tmp_path: Path, field: str, cell: str, code: str
) -> None:
    [found] = read(tmp_path / "f.csv", f'id;v\na;"{cell}"\n', mapping(MINIMAL + "delimiter: ;\n" + field))
    assert isinstance(found, Rejection)
    assert (found.line, found.code) == (2, code)
    assert found.reason.startswith("Column 'v'")
    assert found.raw == f"id='a', v={cell!r}"


def test_an_identifier_without_its_scope_rejects_the_row(tmp_path: Path) -> None:
    table = mapping("identifiers: {openid: {column: o, scope: app}}\nevent: {value: x}")
    found = read(tmp_path / "f.csv", "o,app\no1,wx1\no2,\n,\n", table)
    assert rejections(found) == [(3, "invalid_field")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,n\n", "mapping.yaml:2: identifiers.crm_id: f.csv has no column 'id'; known are name, n"),
        ("id,id\n", "f.csv has 2 columns 'id': give all columns different names"),
        ("\n\n", "has no header line"),
        (b"\xff\xfei\x00d\x00\n\x00", "in the header: The line is not utf-8"),
        ('"id\n', "in the header: The quoting of the row is wrong"),
    ],
)
def test_a_header_that_does_not_fit_fails_with_the_remedy(tmp_path: Path, text: str | bytes, expected: str) -> None:
    with pytest.raises(InvalidInputError, match=expected.replace("(", r"\(")):
        read(tmp_path / "f.csv", text, mapping())


def test_names_of_columns_that_do_not_fit_the_header_fail(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="the header has 2 columns, and `columns` in the mapping names 1"):
        read(tmp_path / "f.csv", "a,b\n1,2\n", mapping(MINIMAL + "columns: [id]"))


def test_a_duplicate_column_that_nobody_names_does_no_harm(tmp_path: Path) -> None:
    assert len(messages(read(tmp_path / "f.csv", "id,x,x\na,1,2\n", mapping()))) == 1


def test_a_line_that_is_not_in_a_wide_encoding_is_rejected_alone(tmp_path: Path) -> None:
    content = "id\na\n".encode("utf-16-le") + b"\x00\xd8\n\x00" + "b\n".encode("utf-16-le")
    found = read(tmp_path / "f.csv", content, mapping(MINIMAL + "encoding: utf-16-le"))
    assert rejections(found) == [(3, "invalid_text")]
    assert [outcome.line for outcome in found] == [2, 3, 4]


def test_reading_goes_on_after_any_row_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    text = 'id,n\na,1\nb\nc,"x\ny"\n"bad,1\nd,2\n'
    whole = read(tmp_path / "f.csv", text, mapping())
    for skip in range(len(whole) + 1):
        assert read(tmp_path / "f.csv", text, mapping(), skip=skip) == whole[skip:]


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(['"', ",", "a\nb", "''"])


@given(rows=st.lists(st.tuples(cells, cells), max_size=8), delimiter=st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_writes_is_read_back(
    rows: list[tuple[str, str]], delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "v"), *rows])
    table = mapping(MINIMAL + f"delimiter: {'tab' if delimiter == chr(9) else repr(delimiter)}\ntraits: {{v: v}}")
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    found = messages(read(path, buffer.getvalue(), table))
    expected = [(id.strip() or None, v.strip() or None) for id, v in rows]
    assert [(_first_id(message), message["traits"].get("v")) for message in found] == expected


def _first_id(message: dict[str, Any]) -> str | None:
    return next((entry["id"] for entry in message["context"].get("externalIds", [])), None)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = mapping(
        """
        identifiers: {crm_id: id, loyalty_id: card}
        event: {value: Paid}
        timestamp: {column: at, zone: Asia/Shanghai}
        properties: {total: {column: total, type: number}, tags: {column: tags, type: json}, day: day, n: n}
        """
    )
    pq.write_table(
        pa.table(
            {
                "id": pa.array([1, 2], pa.int64()),
                "card": pa.array([12.0, None], pa.float64()),
                "at": pa.array(
                    [datetime.fromisoformat("2026-01-31T16:00"), datetime.fromisoformat("2026-02-01")],
                    pa.timestamp("ns"),
                ),
                "total": pa.array([Decimal("12.50"), None], pa.decimal128(10, 2)),
                "tags": pa.array([["a", "b"], []]),
                "day": pa.array([date(2026, 1, 31), None]),
                "n": pa.array([7, 8]),
                "unused": pa.array([b"\xff", b"\xff"]),
            }
        ),
        tmp_path / "f.parquet",
    )
    found = messages(read_again(tmp_path / "f.parquet", table))
    assert [message["context"]["externalIds"][0]["id"] for message in found] == ["1", "2"]
    assert [len(message["context"]["externalIds"]) for message in found] == [2, 1]
    assert found[0]["timestamp"] == "2026-01-31T08:00:00Z"
    assert found[0]["properties"] == {"total": 12.5, "tags": ["a", "b"], "day": "2026-01-31", "n": 7}
    assert found[1]["properties"] == {"tags": [], "n": 8}


def test_parquet_with_a_zone_of_its_own_keeps_it(tmp_path: Path) -> None:
    table = mapping(MINIMAL + "timestamp: {column: at, zone: Asia/Shanghai}")
    at = pa.array([datetime(2026, 1, 31, 8, tzinfo=UTC)], pa.timestamp("ms", tz="UTC"))
    pq.write_table(pa.table({"id": ["a"], "at": at}), tmp_path / "f.parquet")
    assert messages(read_again(tmp_path / "f.parquet", table))[0]["timestamp"] == "2026-01-31T08:00:00Z"


def test_parquet_goes_on_after_any_row(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [str(n) for n in range(10)]}), tmp_path / "f.parquet", row_group_size=3)
    whole = read_again(tmp_path / "f.parquet", mapping())
    assert [message["messageId"] for message in messages(whole)] == [f"f.parquet:{n}" for n in range(1, 11)]
    for skip in range(11):
        assert read_again(tmp_path / "f.parquet", mapping(), skip=skip) == whole[skip:]


def test_a_shortened_parquet_file_fails_with_the_remedy(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "f.parquet")
    content = (tmp_path / "f.parquet").read_bytes()
    with pytest.raises(InvalidInputError, match="not a complete Parquet file"):
        read(tmp_path / "f.parquet", content[:-10], mapping())


def test_a_table_without_a_mapping_asks_for_one(tmp_path: Path) -> None:
    for name, content in (("f.csv", b"a,b\n"), ("f.tsv.gz", gzip.compress(b"a\n")), ("f", b"PAR1xxxx")):
        with pytest.raises(InvalidInputError, match="describe its columns with --mapping"):
            read(tmp_path / name, content)


def read_again(path: Path, table: Any, *, skip: int = 0) -> list[Record | Rejection]:
    return read(path, path.read_bytes(), table, skip=skip)
