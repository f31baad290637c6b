"""What a mapping makes of cells: several columns, words, lists, formats of times, several events, groups of rows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from identity_graph.errors import InvalidInputError
from identity_graph.files.grouped_rows import MOST_ROWS
from identity_graph.files.mapping_file import parse_mapping
from identity_graph.files.records import Record, Rejection
from tests.files.reading_helpers import MINIMAL, mapping, messages, read, rejections

GROUPED = """
group_by: receipt
identifiers: {loyalty_id: card}
event: {value: Order Completed}
properties:
  total: {column: amount, type: amount, combine: sum}
  products: {each: {sku: sku, price.net: {column: amount, type: amount}}}
"""
EVENTS = """
message_id: id
identifiers: {email: mail}
properties: {campaign: c}
events:
  - {id: sent, when: sent, timestamp: sent, event: {value: Email Sent}}
  - {id: opened, when: opened, timestamp: opened, event: {value: Email Opened}, properties: {client: app}}
"""


def test_several_columns_are_one_text_and_one_time(tmp_path: Path) -> None:
    table = mapping(
        MINIMAL + "zone: Asia/Shanghai\ntimestamp: {column: [date, time], format: '%d.%m.%Y %H:%M'}\n"
        "traits: {name: {column: [first, last]}}\n"
    )
    text = "id,date,time,first,last\na,31.01.2026,16:30,Li,Wei\nb,31.01.2026,16:30,,Wei\nc,31.01.2026,16:30,,\n"
    found = messages(read(tmp_path / "f.csv", text, table))
    assert [message["traits"] for message in found] == [{"name": "Li Wei"}, {"name": "Wei"}, {}]
    assert {message["timestamp"] for message in found} == {"2026-01-31T08:30:00Z"}


def test_a_text_may_be_unique_in_a_scope_only(tmp_path: Path) -> None:
    table = mapping(MINIMAL + "properties: {order_id: {column: n, scope: shop}}\n")
    found = read(tmp_path / "f.csv", "id,n,shop\na,1,s1\nb,1,s2\nc,,s2\nd,1,\n", table)
    kept = [outcome.messages[0] for outcome in found if isinstance(outcome, Record)]
    assert [it["properties"] for it in kept if isinstance(it, dict)] == [{"order_id": "s1/1"}, {"order_id": "s2/1"}, {}]
    assert rejections(found) == [(5, "invalid_field")]


def test_words_of_a_column_stand_for_values(tmp_path: Path) -> None:
    table = mapping(
        "identifiers: {crm_id: id}\nevent: {column: kind, map: {E: Points Earned, B: Points Spent}}\n"
        "channel: {column: where, map: {T: STORE}, otherwise: WEB}\n"
        "traits: {vip: {column: vip, map: {gold: true, none: ~}, otherwise: false}}\n"
    )
    text = "id,kind,where,vip\na,E,T,gold\na,B,x,none\na,E,T,tin\na,X,T,\n"
    found = read(tmp_path / "f.csv", text, table)
    kept = [outcome.messages[0] for outcome in found if isinstance(outcome, Record)]
    assert [(it["event"], it["context"]["channel"], it["traits"]) for it in kept if isinstance(it, dict)] == [
        ("Points Earned", "STORE", {"vip": True}),
        ("Points Spent", "WEB", {}),
        ("Points Earned", "STORE", {"vip": False}),
    ]
    assert rejections(found) == [(5, "invalid_field")]
    assert "`map` has no such text" in found[-1].reason if isinstance(found[-1], Rejection) else False


def test_a_cell_can_be_a_list_whose_items_have_words(tmp_path: Path) -> None:
    table = mapping(
        MINIMAL + "traits:\n  tags: {column: t, type: list, separator: '|'}\n"
        "  audiences: {column: t, type: list, separator: '|', map: {a: A, b: ~}, otherwise: other}\n"
    )
    found = messages(read(tmp_path / "f.csv", "id,t\n1, a| b ||c\n2,\n", table))
    assert [message["traits"] for message in found] == [
        {"tags": ["a", "b", "c"], "audiences": ["A", "other"]},
        {},
    ]


@pytest.mark.parametrize(
    ("formats", "cell", "expected"),
    [
        ("[excel, '%d.%m.%Y']", "46053.6875", "2026-01-31T08:30:00Z"),
        ("[excel, '%d.%m.%Y']", "31.01.2026", "2026-01-30T16:00:00Z"),
        ("['%Y年%m月%d日 %H:%M', iso]", "2026年1月31日 16:30", "2026-01-31T08:30:00Z"),
        ("['%Y年%m月%d日 %H:%M', iso]", "2026-01-31T16:30", "2026-01-31T08:30:00Z"),
        ("['%m/%d/%Y %I:%M %p']", "01/31/2026 04:30 PM", "2026-01-31T08:30:00Z"),
        ("excel", "46053.688194444446", "2026-01-31T08:31:00Z"),
        ("['%d.%m.%Y', '%Y-%m-%d']", "01/31/2026", None),
        ("excel", "7", None),
        ("excel", "3000000", None),
    ],
)
def test_times_are_read_in_the_first_format_that_fits_and_in_the_zone_of_the_file(
    tmp_path: Path, formats: str, cell: str, expected: str | None
) -> None:
    table = mapping(MINIMAL + f"zone: Asia/Shanghai\ntimestamp: {{column: at, format: {formats}}}\n")
    [found] = read(tmp_path / "f.csv", f"id,at\na,{cell}\n", table)
    if expected is None:
        assert isinstance(found, Rejection)
        assert found.code == "invalid_timestamp"
        assert "set `format` in the mapping" in found.reason
    else:
        assert messages([found])[0]["timestamp"] == expected


def test_a_date_is_the_day_that_is_written_in_any_zone(tmp_path: Path) -> None:
    table = mapping(
        MINIMAL + "zone: America/New_York\ntraits: {born: {column: b, type: date, format: ['%d.%m.%Y', excel, iso]}}\n"
    )
    found = messages(read(tmp_path / "f.csv", "id,b\n1,14.05.1988\n2,32277\n3,1988-05-14\n4,\n", table))
    assert [message["traits"] for message in found] == [{"born": "1988-05-14"}] * 3 + [{}]


def test_a_time_may_be_that_of_the_file(tmp_path: Path) -> None:
    import os

    path = tmp_path / "crm-2026-01-31.csv"
    named = mapping(MINIMAL + "timestamp: {file: name, format: crm-%Y-%m-%d.csv, zone: Asia/Shanghai}\n")
    assert messages(read(path, "id\na\n", named))[0]["timestamp"] == "2026-01-30T16:00:00Z"
    path.write_text("id\na\n")
    at = datetime(2026, 2, 1, 8, tzinfo=UTC).timestamp()
    os.utime(path, (at, at))
    from identity_graph.files.reading import open_records

    with open_records(path, mapping(MINIMAL + "timestamp: {file: modified}\n")) as file:
        [(_, outcome)] = file.records()
    assert isinstance(outcome, Record)
    assert messages([outcome])[0]["timestamp"] == "2026-02-01T08:00:00Z"
    with pytest.raises(InvalidInputError, match=r"of the name of other.csv: expected a time as crm-%Y-%m-%d.csv"):
        read(tmp_path / "other.csv", "id\na\n", named)


def test_a_row_makes_an_event_for_each_condition_that_holds(tmp_path: Path) -> None:
    text = (
        "id,mail,c,sent,opened,app\n1,a@x.org,s,2026-01-01,2026-01-02,iOS\n2,b@x.org,s,2026-01-01,,\n3,c@x.org,s,,,\n"
    )
    found = read(tmp_path / "f.csv", text, mapping(EVENTS))
    kept = [message for outcome in found if isinstance(outcome, Record) for message in outcome.messages]
    assert [(it["messageId"], it["event"], it["properties"]) for it in kept if isinstance(it, dict)] == [
        ("1:sent", "Email Sent", {"campaign": "s"}),
        ("1:opened", "Email Opened", {"campaign": "s", "client": "iOS"}),
        ("2:sent", "Email Sent", {"campaign": "s"}),
    ]
    assert rejections(found) == [(4, "no_event")]


@pytest.mark.parametrize(
    ("condition", "cells", "kept"),
    [
        ("when: v", ["1", "", "x"], ["1", "x"]),
        ("when: {column: v, is: [a, b]}", ["a", "b", "c", ""], ["a", "b"]),
        ("when: {column: v, is: ''}", ["a", ""], [""]),
        ("when: {column: v, is_not: a}", ["a", "b", ""], ["b"]),
        ("when: {column: v, above: 0}", ["-1", "0", "1", "¥1,000"], ["1", "¥1,000"]),
        ("when: {column: v, above: 0, below: 10}", ["0", "9.99", "10"], ["9.99"]),
    ],
)
def test_conditions_choose_rows(tmp_path: Path, condition: str, cells: list[str], kept: list[str]) -> None:
    other = "\n  - {id: other, event: {value: no}}"
    table = mapping(
        f"message_id: n\nidentifiers: {{crm_id: n}}\nproperties: {{v: v}}\nevents:\n  - {{id: one, event: {{value: yes}}, {condition}}}"
        + other
    )
    text = "n;v\n" + "".join(f'{number};"{cell}"\n' for number, cell in enumerate(cells))
    found = messages(read(tmp_path / "f.csv", text, mapping(table.text + "\ndelimiter: ;")))
    assert [it["properties"].get("v", "") for it in found if it["event"] == "yes"] == kept
    assert len([it for it in found if it["event"] == "no"]) == len(cells)


def test_rows_that_are_left_out_are_told_from_those_that_are_rejected(tmp_path: Path) -> None:
    table = mapping(
        MINIMAL.replace("crm_id: id", "crm_id: id, phone: p")
        + "skip: {column: s, is: [void]}\nwithout_identifiers: skip\n"
    )
    found = read(tmp_path / "f.csv", "id,p,s\na,,\nb,,void\n,,\n,138 0013 8000,\n", table)
    assert [isinstance(it, Record) and it.is_skipped for it in found] == [False, True, True, False]


def test_rows_of_a_group_are_one_record_wherever_they_stand(tmp_path: Path) -> None:
    text = "receipt,card,sku,amount\nr1,k1,a,1.10\nr2,,b,2\nr1,,c,2.20\nbad\nr2,k2,d,\nr3,k3,e,3\n"
    found = read(tmp_path / "f.csv", text, mapping(GROUPED))
    assert rejections(found) == [(5, "broken_row")]
    kept = [message for outcome in found if isinstance(outcome, Record) for message in outcome.messages]
    assert [(it["messageId"], it["properties"]) for it in kept if isinstance(it, dict)] == [
        ("r1", {"total": 3.3, "products": [{"sku": "a", "price": {"net": 1.1}}, {"sku": "c", "price": {"net": 2.2}}]}),
        ("r2", {"total": 2, "products": [{"sku": "b", "price": {"net": 2}}, {"sku": "d"}]}),
        ("r3", {"total": 3, "products": [{"sku": "e", "price": {"net": 3}}]}),
    ]
    for skip in range(len(found) + 1):
        assert read(tmp_path / "f.csv", text, mapping(GROUPED), skip=skip) == found[skip:]


def test_a_group_that_contradicts_itself_is_rejected_with_its_lines(tmp_path: Path) -> None:
    text = "receipt,card,sku,amount\nr1,k1,a,1\nr2,k2,b,1\nr1,k9,c,2\n,k4,d,1\nr5,k5,e,oops\nr5,k5,e,1\n"
    found = read(tmp_path / "f.csv", text, mapping(GROUPED))
    reasons = {it.line: it.reason for it in found if isinstance(it, Rejection)}
    assert reasons[2] == "Column 'card', lines 2 and 4: has another value there, and one record has one."
    assert reasons[5].startswith("Column 'receipt': empty")
    assert reasons[6].startswith("Column 'amount': expected an amount")
    assert len(found) == 4


def test_a_group_of_too_many_rows_is_rejected_and_not_cut(tmp_path: Path) -> None:
    text = "receipt,card,sku,amount\n" + "r1,k1,a,1\n" * (MOST_ROWS + 1) + "r2,k1,a,1\n"
    found = read(tmp_path / "f.csv", text, mapping(GROUPED))
    assert rejections(found) == [(2, "message_too_large")]
    assert len(found) == 2


def test_the_id_of_a_record_that_gets_more_added_still_fits(tmp_path: Path) -> None:
    text = "id,mail,c,sent,opened,app\n" + "x" * 300 + ",a@x.org,s,2026-01-01,,\n"
    [message] = messages(read(tmp_path / "f.csv", text, mapping(EVENTS)))
    assert len(message["messageId"]) <= 60
    assert message["messageId"].endswith(":sent")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINIMAL + "changed_rows: replace\n", "m.yaml:4: changed_rows: needs `message_id`"),
        (MINIMAL + "changed_rows: sometimes\nmessage_id: id\n", "m.yaml:4: changed_rows: expected ignore or add or"),
        (MINIMAL + "group_by: r\nmessage_id: id\n", "m.yaml:5: message_id: 'id' is not in `group_by`"),
        (MINIMAL + "message_id: {value: x}\n", "m.yaml:4: message_id: names no column, so it is the same for all rows"),
        (
            MINIMAL + "properties: {t: {column: t, type: amount, combine: sum}}\n",
            "m.yaml:4: properties.t: adds up the rows of a group: add `group_by`",
        ),
        (MINIMAL + "traits: {t: {column: t, combine: sum}}\n", "m.yaml:4: traits.t.combine: only a number has one"),
        (MINIMAL + "traits: {t: {column: t, separator: ;}}\n", "m.yaml:4: traits.t.separator: only a list has one"),
        (MINIMAL + "traits: {t: {column: t, map: {}}}\n", "m.yaml:4: traits.t.map: expected the value for each text"),
        (MINIMAL + "traits: {t: {column: t, otherwise: x}}\n", "m.yaml:4: traits.t.otherwise: says what else a text"),
        (MINIMAL + "traits: {t: {column: t, type: number, map: {a: 1}}}\n", "m.yaml:4: traits.t.map: gives the value"),
        (MINIMAL + "traits: {t: {each: {}}}\n", "m.yaml:4: traits.t.each: expected the fields of the object"),
        (MINIMAL + "traits: {t: {each: {a: {each: {b: c}}}}}\n", "m.yaml:4: traits.t.each.a.each: unknown key"),
        (MINIMAL + "traits: {t: {each: {a: b}, type: list}}\n", "m.yaml:4: traits.t.type: a list of objects has none"),
        (
            MINIMAL + "traits: {t: {column: a, scope: b, type: number}}\n",
            "m.yaml:4: traits.t.scope: is put before a text",
        ),
        (MINIMAL + "traits: {t: {column: []}}\n", "m.yaml:4: traits.t.column: expected the name of a column"),
        (MINIMAL + "timestamp: {file: name}\n", "m.yaml:4: timestamp: of the name of a file give `format`"),
        (MINIMAL + "timestamp: {file: modified, format: '%Y'}\n", "m.yaml:4: timestamp: of the name of a file give"),
        (MINIMAL + "timestamp: {file: age}\n", "m.yaml:4: timestamp.file: expected modified or name"),
        (MINIMAL + "timestamp: {column: a, format: [iso, dd.mm]}\n", "m.yaml:4: timestamp.format: expected iso"),
        (MINIMAL + "zone: Mars/Base\n", "m.yaml:4: zone: expected the name of a time zone"),
        (MINIMAL + "channel: {column: c, map: {a: SHOP}}\n", "m.yaml:4: channel.map.a: expected WEB or APP"),
        (MINIMAL + "type: {column: c, map: {a: track}, otherwise: trak}\n", "m.yaml:4: type.otherwise: expected alias"),
        (MINIMAL + "skip: {is: [a]}\n", "m.yaml:4: skip: give the `column` that is looked at"),
        (MINIMAL + "skip: {column: a, above: x}\n", "m.yaml:4: skip.above: expected a number"),
        (MINIMAL + "skip: {column: a, above: 5, below: 5}\n", "m.yaml:4: skip: no number is above the one and below"),
        (MINIMAL + "skip: {column: a, is: [b], is_not: [c]}\n", "m.yaml:4: skip: `is` names all texts that count"),
        (MINIMAL + "skip: {column: a, is: [[b]]}\n", "m.yaml:4: skip.is: expected a text, or a list of texts"),
        (MINIMAL + "events: []\n", "m.yaml:4: events: expected a list with an entry for each event"),
        (MINIMAL + "events: [{event: {value: x}}]\n", "m.yaml:4: events[0].id: missing; name the event shortly"),
        (MINIMAL + "events: [{id: A b}]\n", "m.yaml:4: events[0].id: expected up to 30 small letters"),
        (MINIMAL + "events: [{id: a}, {id: a}]\n", "m.yaml:4: events[1].id: 'a' is the id of another event"),
        ("identifiers: {crm_id: a}\nevents: [{id: a}]\n", "m.yaml:2: events[0].event: missing; say what happened"),
        ("event: {value: x}\nevents: [{id: a}]\n", "m.yaml:2: events[0].identifiers: missing; name the columns"),
    ],
)
def test_an_impossible_mapping_is_told_its_line_before_anything_is_read(text: str, expected: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_mapping(text, name="m.yaml")
    found: list[str] = caught.value.facts["problems"]
    assert any(problem.startswith(expected) for problem in found), found


def test_a_column_that_the_file_has_not_is_told_before_anything_is_read(tmp_path: Path) -> None:
    table = mapping(EVENTS.replace("{client: app}", "{client: programme}") + "skip: {column: opend, is: [x]}\n")
    with pytest.raises(InvalidInputError) as caught:
        read(tmp_path / "f.csv", "id,mail,c,sent,opened,app\n", table)
    assert caught.value.facts["problems"] == [
        "mapping.yaml:7: events[1].properties.client: f.csv has no column 'programme'; known are id, mail, c, sent, opened, app",
        "mapping.yaml:8: skip: f.csv has no column 'opend'; did you mean 'opened'?",
    ]
