"""The files of a simulated retailer's other systems: read by the shipped mappings, about people who were seen before."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from identity_graph.demo.records import find_example
from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.observations import Event, Message
from identity_graph.files.mapping_file import load_mapping
from identity_graph.files.reading import open_records
from identity_graph.files.records import Record
from identity_graph.simulation import BackOffice, RecordFile, Simulation, simulate

PEOPLE, SEED = 600, 9


class Office(NamedTuple):
    """What was written of a world; ``first_seen`` tells when each key was first in a message, in microseconds."""

    world: Simulation
    files: dict[str, RecordFile]
    first_seen: dict[str, int]
    stories: dict[str, set[str]]


def write(folder: Path, seed: int = SEED) -> Office:
    office = BackOffice(simulate(PEOPLE, seed))
    first_seen: dict[str, int] = {}
    for sent in office.world:
        office.note(sent)
        at = int(datetime.fromisoformat(sent.message["timestamp"]).timestamp() * 1_000_000)
        for key in sent.identifiers:
            first_seen[key] = min(at, first_seen.get(key, at))
    folder.mkdir(exist_ok=True)
    files = {file.mapping: file for file in office.write(folder)}
    return Office(office.world, files, first_seen, office.stories)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return write(tmp_path_factory.mktemp("office"))


def messages(file: RecordFile) -> list[Any]:
    """Read a file as an import does; nothing in it may be rejected."""
    with open_records(file.path, load_mapping(find_example(file.mapping))) as records:
        outcomes = [outcome for _, outcome in records.records()]
        assert not records.unused_columns
    read = [outcome for outcome in outcomes if isinstance(outcome, Record)]
    assert outcomes == read
    return [message for record in read for message in record.messages]


def events(file: RecordFile) -> Iterator[Event]:
    rules = load_preset()
    for message in messages(file):
        read = extract(message, source="test", received_at=2 * 10**15)
        assert isinstance(read, Message), message
        yield to_event(read, rules)


def named(file: RecordFile) -> Counter[str]:
    return Counter(message["event"] for message in messages(file))


def test_the_files_become_the_events_that_profiles_are_made_of(office: Office) -> None:
    files = office.files
    mail = named(files["email-campaign.yaml"])
    assert mail.keys() == {
        "Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced", "Unsubscribed",
    }  # fmt: skip
    assert mail["Email Sent"] > mail["Email Delivered"] > mail["Email Opened"] > mail["Email Link Clicked"]
    assert named(files["call-centre.yaml"]).keys() == {"Call Received", "Call Made", "Complaint Raised"}
    assert named(files["survey.yaml"]).keys() == {"Survey Answered"}
    assert named(files["loyalty-ledger.yaml"]).keys() == {"Points Earned"}


def test_each_record_names_one_identifier_that_was_seen_before(office: Office) -> None:
    for file in office.files.values():
        kinds: set[str] = set()
        for event in events(file):
            (identifier,) = event.identifiers
            assert not event.ignored
            kinds.add(identifier.namespace)
            assert office.first_seen[identifier.key] <= event.occurred_at, file.path.name
            assert event.occurred_at < office.world.end * 1000
        assert kinds <= {"email", "phone", "crm_id", "loyalty_id"}


def test_what_people_said_is_what_a_profile_shows(office: Office) -> None:
    answers = messages(office.files["survey.yaml"])
    given = {answer["properties"]["nps"] for answer in answers}
    assert given <= set(range(11))
    assert len(given) > 8
    groups = {answer["traits"]["nps_group"] for answer in answers}
    assert groups == {"promoter", "passive", "detractor"}
    for answer in answers:
        assert 1 <= answer["traits"]["csat"] <= 5
        assert ("buys_because" in answer["traits"]) == (answer["traits"]["nps_group"] != "detractor")
    tiers = [message["traits"]["loyalty_tier"] for message in messages(office.files["loyalty-ledger.yaml"])]
    assert set(tiers) == {"Silver", "Gold", "Platinum"}


def test_nobody_gets_mail_who_left_or_whose_address_does_not_exist(office: Office) -> None:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with office.files["email-campaign.yaml"].path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["address"]].append(row)
    assert max(map(len, rows.values())) > 3
    for own in rows.values():
        times = [datetime.fromisoformat(row["sent"]) for row in own]
        assert times == sorted(times)
        assert not any(row["unsubscribed"] or row["bounced"] for row in own[:-1])
        for row in own:
            happened = [row[name] for name in ("sent", "delivered", "opened", "clicked") if row[name]]
            assert happened == sorted(happened)


def test_stories_tell_what_is_in_the_files(office: Office) -> None:
    told = {happened for story in office.stories.values() for happened in story}
    assert told >= {"Email Opened", "Call Received", "Complaint Raised", "Survey Answered", "Order Refunded", "store"}
    opened = {
        event.identifiers[0].key
        for event in events(office.files["email-campaign.yaml"])
        if event.name == "Email Opened"
    }
    owners = office.world.truth.owners
    assert {owners[key][0] for key in opened} == {
        person for person, story in office.stories.items() if "Email Opened" in story
    }


def test_the_same_world_gives_the_same_files_and_another_one_others(office: Office, tmp_path: Path) -> None:
    again, other = write(tmp_path / "again"), write(tmp_path / "other", seed=SEED + 1)
    for mapping, file in office.files.items():
        assert again.files[mapping].path.read_bytes() == file.path.read_bytes()
        assert other.files[mapping].path.read_bytes() != file.path.read_bytes()
        assert file.rows == file.path.read_text().count("\n") - 1
