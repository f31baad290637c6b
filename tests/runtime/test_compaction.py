"""After an erasure and a compaction no file holds a value of the person, and replays bring nothing back."""

import asyncio
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from identity_graph.errors import BackupError
from identity_graph.runtime import ensure_server, make_backup, restore_backup, server_home, stop_server
from identity_graph.runtime.home import finish_switch
from identity_graph.service.privacy.compacting import compact_store
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.runtime.embedding import ADMIN_KEY, WRITE_KEY, Serving, clear, serving, small, until

ZEBULON = {
    "email": "zebulon.quackenbush@wonderfully-distinctive.example",
    "name": "Zebulon Quackenbush Ninetynine of Xanadu",
    "street": "47110 Unmistakable Boulevard, Back House",
    "chinese": "欧阳娜娜不可混淆的名字测试用例",
    "account": "ACCOUNT-OF-ZEBULON-0123456789abcdef",
    "comment": "Zebulon says that this kettle whistles like none before",
}
MELCHIOR = {
    "email": "melchior.neighbour@wonderfully-ordinary.example",
    "name": "Melchior Neighbour Hundredandone of Utopia",
    "street": "58221 Ordinary Avenue, Front House",
    "chinese": "司马懿懿是隔壁的邻居测试用例呢",
    "account": "ACCOUNT-OF-MELCHIOR-fedcba9876543210",
    "comment": "Melchior says that this toaster burns like all before",
}
CUSTOMER = """query($by: IdentifierInput!) { customer(by: $by) { id identifiers { key } traits { name value } } }"""
EVERYTHING = "MATCH (n) RETURN labels(n) AS labels, n {.*} AS own, COUNT { (n)--() } AS neighbours"


@pytest.fixture
def own(tmp_path: Path) -> Generator[Settings]:
    settings = small(tmp_path / "data")
    yield settings
    clear(settings)


def messages(person: dict[str, str]) -> list[dict[str, Any]]:
    who = {"userId": person["account"], "anonymousId": f"browser-of-{person['account']}"}
    traits = {"email": person["email"], "name": person["name"], "address": {"street": person["street"]}}
    sent: list[dict[str, Any]] = [
        {"type": "identify", **who, "traits": {**traits, "nickname": person["chinese"]}},
        {
            "type": "track",
            "event": "Commented",
            **who,
            "properties": {"text": person["comment"], "to": person["chinese"]},
        },
        {
            "type": "track",
            "event": "Order Completed",
            **who,
            "properties": {"order_id": f"o-{who['userId']}", "total": 9},
        },
        {"type": "group", **who, "groupId": f"group-of-{who['userId']}", "traits": {"name": person["name"]}},
        {"type": "trick", **who, "traits": {"email": person["email"]}},
    ]
    return [{"messageId": f"{person['account']}-{number}", **message} for number, message in enumerate(sent)]


def send(service: Serving, person: dict[str, str]) -> None:
    answer = clients.post(f"{service.url}/v1/batch", json={"batch": messages(person)}, auth=(WRITE_KEY, ""), timeout=60)
    assert answer.status_code == 200
    service.settle()


def ask(service: Serving, query: str, value: str) -> Any:
    answer = clients.post(
        f"{service.url}/graphql",
        json={"query": query, "variables": {"by": {"namespace": "email", "value": value}}},
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
        timeout=60,
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]


def found(folder: Path, person: dict[str, str]) -> set[str]:
    """Name the values of a person that any file below the folder holds, in any encoding."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {
        name
        for name, value in person.items()
        for spelled in (value, value.lower())
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        if any(spelled.encode(encoding) in content for content in files)
    }


async def scan(settings: Settings) -> list[str]:
    server = ensure_server(settings)
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        return sorted(
            json.dumps(row, default=str, sort_keys=True, ensure_ascii=False) for row in await graph.run(EVERYTHING)
        )


def test_no_file_holds_a_value_of_who_was_erased(own: Settings, tmp_path: Path) -> None:
    with serving(own) as service:
        send(service, ZEBULON)
        send(service, MELCHIOR)
        until(lambda: ask(service, CUSTOMER, MELCHIOR["email"])["customer"], "the neighbour", seconds=20)
        neighbour = ask(service, CUSTOMER, MELCHIOR["email"])
        erasure = 'mutation($by: IdentifierInput!) { eraseCustomer(by: $by, reason: "asked") { receipt { events } } }'
        assert ask(service, erasure, ZEBULON["email"])["eraseCustomer"]["receipt"]["events"] == 4
        with pytest.raises(BackupError, match="stop them first"):
            compact_store(own)
        assert service.end() == 0
    assert found(own.data_dir, ZEBULON) == set(ZEBULON), "Neo4j keeps in its files what was deleted"
    before = asyncio.run(scan(own))
    stop_server(own)

    compact_store(own)
    assert found(own.data_dir, ZEBULON) == set()
    assert found(own.data_dir, MELCHIOR) == set(MELCHIOR)
    assert not list(server_home(own).root.glob("data.*"))
    assert asyncio.run(scan(own)) == before
    assert not [row for row in before if any(value.lower() in row.lower() for value in ZEBULON.values())]
    stop_server(own)

    make_backup(own, tmp_path / "backup")
    there = small(tmp_path / "unpacked")
    restore_backup(there, tmp_path / "backup")
    assert found(there.data_dir, ZEBULON) == set()
    assert found(there.data_dir, MELCHIOR) == set(MELCHIOR)

    with serving(own) as service:
        send(service, ZEBULON)
        assert ask(service, CUSTOMER, ZEBULON["email"])["customer"] is None
        assert ask(service, CUSTOMER, MELCHIOR["email"]) == neighbour
        assert service.end() == 0


@pytest.mark.parametrize(
    ("there", "left"),
    [
        ({"data": "old", "data.compacted": "new"}, "old"),
        ({"data.former": "old", "data.compacted": "new"}, "new"),
        ({"data": "new", "data.former": "old"}, "new"),
        ({"data.former": "old"}, "old"),
        ({"data": "old"}, "old"),
    ],
)
def test_a_killed_switch_leaves_one_whole_store(tmp_path: Path, there: dict[str, str], left: str) -> None:
    home = server_home(small(tmp_path))
    for name, content in there.items():
        (home.root / name).mkdir(parents=True)
        (home.root / name / "store").write_text(content)
    finish_switch(home)
    assert {path.name: (path / "store").read_text() for path in home.root.iterdir()} == {"data": left}


def test_only_a_graph_of_the_embedded_server_is_compacted(tmp_path: Path) -> None:
    settings = small(tmp_path)
    with pytest.raises(BackupError, match="no graph"):
        compact_store(settings)
    with pytest.raises(BackupError, match="only the store of the embedded"):
        compact_store(settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"}))
