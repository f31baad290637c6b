"""Exports of segments: columns, addresses, hashes, differences, three formats, and spreadsheets that run nothing."""

import asyncio
import csv
import hashlib
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.activation.hashing import Platform
from identity_graph.domain.consent.permission import Refusal
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.files.segment_export import Exported, Wanted, export_segment
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.collecting.consenting import Given, set_consent
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.docs.blocks import read_blocks
from tests.docs.running import commands_of
from tests.worlds.live_segments import save_segment

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    """Give a service with a segment of those who paid: Ann with two addresses, Bob with one, Cleo with none."""
    async with open_service(settings, delivers=False) as service:
        await service.evaluator.close()  # the tests say when it works
        await save_segment(service.units, "seg_1", {"did": {"event": "Paid"}}, "ALL")
        await tell(service, "ann", "Paid", email="Ann.Lee@gmail.com", name=FORMULA)
        await tell(service, "ann", None, email="ann@example.com", phone="+12345678901")
        await tell(service, "bob", "Paid", email="bob@example.com", name="Bob")
        await tell(service, "cleo", "Paid")
        await tell(service, "dan", None, email="dan@example.com")
        await service.evaluator.catch_up()
        yield service


async def tell(service: Service, user: str, event: str | None, **traits: Any) -> None:
    """Have a user identified, and do something."""
    message: dict[str, Any] = {"userId": user, "messageId": f"{user}-{event}-{sorted(traits)}"}
    messages = [message | {"type": "identify", "traits": traits, "messageId": f"i-{message['messageId']}"}]
    if event is not None:
        messages.append(message | {"type": "track", "event": event})
    await collect(service, messages, source="web", received_at=now_instant())


async def export(service: Service, output: Path, **wanted: Any) -> Exported:
    await service.evaluator.catch_up()
    return await export_segment(service, "seg_1", output, Wanted(**wanted))


async def customers(graph: Graph) -> dict[str, str]:
    """Give the ids of customers by user."""
    rows = await graph.run(
        "MATCH (i:Identifier {namespace: 'user_id'})-[:BELONGS_TO]->(c:Customer) RETURN i.value AS user, c.id AS id"
    )
    return {row["user"]: row["id"] for row in rows}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def test_members_are_one_row_each_in_three_formats(service: Service, graph: Graph, tmp_path: Path) -> None:
    ids = await customers(graph)
    columns = ("customer_id", "trait:name", "since")
    done = await export(service, tmp_path / "a.csv", columns=columns)
    assert (done.customers, done.rows, done.without_address) == (3, 3, 0)
    await export(service, tmp_path / "a.ndjson", columns=columns)
    await export(service, tmp_path / "a.parquet", columns=columns)
    rows = read_csv(tmp_path / "a.csv")
    names = {row["customer_id"]: row["trait:name"] for row in rows}
    assert names == {ids["ann"]: f"'{FORMULA}", ids["bob"]: "Bob", ids["cleo"]: ""}
    assert all(row["since"].endswith("Z") for row in rows)
    lines = [json.loads(line) for line in (tmp_path / "a.ndjson").read_text().splitlines()]
    assert {row["customer_id"]: row["trait:name"] for row in lines} == {
        ids["ann"]: FORMULA,
        ids["bob"]: "Bob",
        ids["cleo"]: None,
    }
    table: Any = pq.read_table(tmp_path / "a.parquet")  # pyright: ignore[reportUnknownMemberType]
    assert table.column_names == list(columns)
    assert sorted(table.to_pylist(), key=str) == sorted(lines, key=str)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600
    assert names_in(tmp_path) == ["a.csv", "a.ndjson", "a.parquet"]


async def test_each_address_is_a_row_and_who_has_none_is_counted(
    service: Service, graph: Graph, tmp_path: Path
) -> None:
    ids = await customers(graph)
    done = await export(service, tmp_path / "a.csv", columns=("customer_id",), addresses=("email", "phone"))
    assert {tuple(row.values()) for row in read_csv(tmp_path / "a.csv")} == {
        (ids["ann"], "email", "ann.lee@gmail.com"),
        (ids["ann"], "email", "ann@example.com"),
        (ids["ann"], "phone", "+12345678901"),
        (ids["bob"], "email", "bob@example.com"),
    }
    assert (done.customers, done.rows, done.without_address) == (3, 4, 1)


@pytest.mark.parametrize(
    ("platform", "normal"), [(Platform.GOOGLE, "annlee@gmail.com"), (Platform.META, "ann.lee@gmail.com")]
)
async def test_hashed_addresses_are_those_of_the_platform_and_no_others_are_written(
    service: Service, tmp_path: Path, platform: Platform, normal: str
) -> None:
    await export(service, tmp_path / "a.csv", columns=("customer_id",), addresses=("email",), platform=platform)
    rows = read_csv(tmp_path / "a.csv")
    column = f"address_sha256_{platform.value}"
    assert set(rows[0]) == {"customer_id", "namespace", column}
    assert hashlib.sha256(normal.encode()).hexdigest() in {row[column] for row in rows}
    assert "@" not in (tmp_path / "a.csv").read_text()


async def test_a_difference_has_who_entered_and_left_since_the_last_export_of_its_series(
    service: Service, graph: Graph, tmp_path: Path
) -> None:
    def changes(path: Path) -> set[tuple[str, str]]:
        return {(row["change"], row["customer_id"]) for row in read_csv(path)}

    first = await export(service, tmp_path / "1.csv", difference=True)
    assert first.since is None
    assert {change for change, _ in changes(tmp_path / "1.csv")} == {"entered"}
    await tell(service, "dan", "Paid")
    await tell(service, "eve", "Paid")
    ids = await customers(graph)
    await save_segment(
        service.units, "seg_1", {"all": [{"did": {"event": "Paid"}}, {"not": {"hasIdentifier": "phone"}}]}, "ALL"
    )
    second = await export(service, tmp_path / "2.csv", difference=True)
    assert second.since is not None
    assert changes(tmp_path / "2.csv") == {("entered", ids["dan"]), ("entered", ids["eve"]), ("exited", ids["ann"])}
    assert (await export(service, tmp_path / "3.csv", difference=True)).rows == 0
    other = await export(service, tmp_path / "4.csv", difference=True, series="crm")
    assert (other.since, other.customers) == (None, 4)
    full = await export(service, tmp_path / "5.csv")
    assert (full.since, full.customers) == (None, 4)


async def test_what_makes_no_sense_is_refused_and_leaves_no_file(service: Service, tmp_path: Path) -> None:
    for wanted, said in (
        (Wanted(columns=("secret",)), "no column"),
        (Wanted(columns=("trait:",)), "no column"),
        (Wanted(addresses=("nobody",)), "no namespace"),
        (Wanted(platform=Platform.META), "which addresses"),
        (Wanted(platform=Platform.META, addresses=("user_id",)), "not of 'user_id'"),
        (Wanted(series="a/b"), "series"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            await export_segment(service, "seg_1", tmp_path / "a.csv", wanted)
    with pytest.raises(InvalidInputError, match="no known format"):
        await export_segment(service, "seg_1", tmp_path / "a.xlsx", Wanted())
    with pytest.raises(NotFoundError):
        await export_segment(service, "seg_no", tmp_path / "a.csv", Wanted())
    assert names_in(tmp_path) == []


async def test_the_command_says_what_it_wrote(service: Service, environment: None, tmp_path: Path) -> None:
    words = ["segments", "export", "seg_1", str(tmp_path / "a.csv"), "--address", "email", "--hash", "uid2"]
    result = await asyncio.to_thread(CliRunner().invoke, app, words, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert "Wrote 3 rows of 3 members" in result.output
    assert "1 have no email" in result.output
    again = await asyncio.to_thread(
        CliRunner().invoke, app, ["segments", "export", "seg_1", "-", "--difference"], env={"COLUMNS": "200"}
    )
    assert "changes since" in again.output


async def test_the_commands_of_the_page_work(
    service: Service, environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = [block for block in read_blocks("docs/activation.md") if block.language == "sh"]
    await save_segment(service.units, "Carts", {"did": {"event": "Paid"}}, "ALL")
    await service.evaluator.catch_up()
    monkeypatch.chdir(tmp_path)
    written: list[str] = []
    for words in commands_of(block):
        result = await asyncio.to_thread(CliRunner().invoke, app, words[1:], env={"COLUMNS": "200"})
        assert result.exit_code == 0, result.output
        written.append(words[4])
    assert names_in(tmp_path) == sorted(written)


async def test_whoever_does_not_permit_the_purpose_is_not_in_the_file_and_is_counted(
    service: Service, graph: Graph, environment: None, tmp_path: Path
) -> None:
    await graph.run("MATCH (s:Segment {id: 'seg_1'}) SET s.purpose = 'marketing'")
    ids = await customers(graph)
    for user, channel in (("ann", None), ("ann", Channel.EMAIL), ("bob", None)):
        said = Given(
            by=RawIdentifier("user_id", user),
            purpose="marketing",
            state=ConsentState.GRANTED,
            channel=channel,
            source="crm",
        )
        await set_consent(service, said, now_instant())
    done = await export(service, tmp_path / "a.csv")
    assert {row["customer_id"] for row in read_csv(tmp_path / "a.csv")} == {ids["ann"], ids["bob"]}
    assert (done.customers, dict(done.withheld)) == (2, {Refusal.NOT_ASKED: 1})
    done = await export(service, tmp_path / "b.csv", channel=Channel.EMAIL, addresses=("email",))
    assert {row["customer_id"] for row in read_csv(tmp_path / "b.csv")} == {ids["ann"]}
    assert dict(done.withheld) == {Refusal.NOT_ASKED: 1, Refusal.CHANNEL_NOT_ASKED: 1}
    words = ["segments", "export", "seg_1", str(tmp_path / "c.csv")]
    result = await asyncio.to_thread(CliRunner().invoke, app, words, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert "Withheld: 1, since the customer did not allow the purpose, which needs a consent." in result.output
