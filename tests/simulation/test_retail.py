"""The simulated retailer: the same every time, in the right format, and with every hazard in it."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import orjson
import phonenumbers
import pytest

from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.journeys.campaigns import find_campaign
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS
from identity_graph.domain.journeys.channels import Said, find_channel
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.observations import Message
from identity_graph.simulation import EVENTS_PER_PERSON, SimulatedMessage, Simulation, simulate
from identity_graph.simulation.people import DAY
from identity_graph.simulation.retail import START
from identity_graph.simulation.values import JUNK_ACCOUNTS, JUNK_EMAIL, JUNK_PHONES, ZERO_ADVERTISING_ID

PEOPLE = 1500


@pytest.fixture(scope="module")
def world() -> tuple[Simulation, list[SimulatedMessage]]:
    simulation = simulate(PEOPLE, seed=11)
    return simulation, list(simulation)


World = tuple[Simulation, list[SimulatedMessage]]


def bags(message: dict[str, Any]) -> dict[str, Any]:
    return {**message.get("properties", {}), **message.get("traits", {})}


def test_the_same_seed_gives_the_same_messages_and_another_seed_others() -> None:
    def digest(seed: int) -> list[bytes]:
        return [orjson.dumps(sent.message) for sent in islice(simulate(60, seed), 500)]

    assert digest(3) == digest(3)
    assert digest(3) != digest(4)


def test_a_world_without_people_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        simulate(0, 1)


def test_messages_are_segment_messages_of_realistic_size(world: World) -> None:
    _, sents = world
    sizes: list[int] = []
    for message, _, _ in sents:
        assert message["type"] in {"track", "identify", "page", "screen", "alias"}
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", message["messageId"])
        assert re.fullmatch(r"2025-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", message["timestamp"])
        assert (message["type"] == "track") == ("event" in message)
        if message["type"] == "alias":
            assert message["previousId"]
            assert message["userId"]
        sizes.append(len(orjson.dumps(message)))
    assert 600 < sum(sizes) / len(sizes) < 800
    assert max(sizes) < 2000


def test_no_message_holds_more_than_a_handful_of_identifiers(world: World) -> None:
    _, sents = world
    assert max(len(sent.identifiers) for sent in sents) <= 8
    assert all(len(set(sent.identifiers)) == len(sent.identifiers) for sent in sents)


def test_a_person_has_a_few_identifiers_and_a_long_tail_of_events(world: World) -> None:
    simulation, sents = world
    events = sorted(Counter(sent.person for sent in sents).values())
    assert 0.8 * EVENTS_PER_PERSON < len(sents) / PEOPLE < 1.2 * EVENTS_PER_PERSON
    assert 3.5 < len(simulation.truth.owners) / PEOPLE < 6
    assert events[len(events) // 2] < EVENTS_PER_PERSON < 100 < events[-1]


def test_messages_come_nearly_in_order_but_some_late_and_some_before_their_turn(world: World) -> None:
    _, sents = world
    at = [datetime.fromisoformat(sent.message["timestamp"]).timestamp() for sent in sents]
    newest = at[0]
    late = 0
    for moment in at:
        late += newest - moment > 3600
        newest = max(newest, moment)
    assert 0 < late < len(at) * 0.1
    assert sum(a > b for a, b in pairwise(at)) > 50


def test_some_messages_are_sent_twice_unchanged(world: World) -> None:
    _, sents = world
    copies: dict[str, set[bytes]] = defaultdict(set)
    times: Counter[str] = Counter()
    for sent in sents:
        copies[sent.message["messageId"]].add(orjson.dumps(sent.message))
        times[sent.message["messageId"]] += 1
    assert 0.005 < sum(n > 1 for n in times.values()) / len(times) < 0.03
    assert all(len(texts) == 1 for texts in copies.values())


def test_every_channel_and_every_event_of_the_shop_occurs(world: World) -> None:
    _, sents = world
    messages = [sent.message for sent in sents]
    assert {"Products Searched", "Product Viewed", "Product Added", "Checkout Started", "Order Completed"} <= {
        message.get("event") for message in messages
    }
    assert {message["context"].get("channel") for message in messages} == {
        None,
        "store",
        "call_centre",
        "mini_program",
        "h5",
        "web",
    }
    assert {device["type"] for m in messages if (device := m["context"].get("device"))} == {"ios", "android"}
    assert any(m["context"].get("campaign", {}).get("medium") == "email" for m in messages)
    assert any(m["context"].get("page", {}).get("path", "").startswith("/h5/") for m in messages)
    order = next(m["properties"] for m in messages if m.get("event") == "Order Completed")
    assert order.keys() >= {"order_id", "revenue", "currency", "products"}


def test_an_order_comes_to_its_lines(world: World) -> None:
    _, sents = world
    for sent in sents:
        if sent.message.get("event") == "Order Completed":
            bought = sent.message["properties"]
            lines = sum(line["price"] * line["quantity"] for line in bought["products"])
            assert bought["revenue"] == pytest.approx(lines)
            assert bought["total"] == pytest.approx(bought["revenue"] + bought["shipping"])


def test_who_is_who_does_not_depend_on_the_day_on_which_a_world_begins() -> None:
    first, later = simulate(200, seed=11), simulate(200, seed=11, start=START + 500 * DAY)
    sents, moved = list(first), list(later)
    assert later.truth == first.truth
    for one, other in zip(sents, moved, strict=True):
        at, then = (datetime.fromisoformat(sent.message["timestamp"]) for sent in (one, other))
        assert then - at == timedelta(days=500)
        assert {**one.message, "timestamp": ""} == {**other.message, "timestamp": ""}
    with pytest.raises(ValueError, match="begins with a day"):
        simulate(10, 1, start=START + 1)


def test_what_brings_visitors_is_told_in_every_way_that_the_service_reads(world: World) -> None:
    _, sents = world
    found: set[tuple[str | None, str | None]] = set()
    for sent in sents[:8000]:
        read = extract(sent.message, source="test", received_at=2 * 10**15)
        assert isinstance(read, Message)
        said = Said("test", read.type, sent.message["context"], sent.message.get("properties", {}))
        campaign = find_campaign(said, find_channel(said, DEFAULT_CHANNELS), DEFAULT_CHANNELS)
        found.add((None, None) if campaign is None else (campaign.source, campaign.medium))
    assert found >= {
        (None, None),
        ("newsletter", "email"),
        ("baidu", "organic"),
        ("baidu", "cpc"),
        ("weibo", "social"),
        ("xiaohongshu", "social"),
        ("wechat", "share"),
        ("wechat", "qr-code"),
        ("wechat", "official-account"),
    }


def test_people_keep_their_name_city_and_gender(world: World) -> None:
    _, sents = world
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sent in sents:
        for name in ("name", "city", "gender"):
            if name in sent.message.get("traits", {}):
                said[sent.person, name].add(sent.message["traits"][name])
    assert len(said) > PEOPLE
    assert all(len(values) == 1 for values in said.values())


def test_all_namespaces_of_the_retailer_occur(world: World) -> None:
    simulation, _ = world
    assert {key.partition(":")[0] for key in simulation.truth.owners} == {
        "anonymous_id",
        "user_id",
        "crm_id",
        "loyalty_id",
        "unionid",
        "openid",
        "phone",
        "email",
        "device_id",
        "ad_id",
    }


def test_store_tablets_are_used_by_many_and_family_devices_by_a_few(world: World) -> None:
    simulation, _ = world
    users = [len(people) for key, people in simulation.truth.owners.items() if key.startswith("device_id:")]
    assert max(users) > 50
    assert 2 in users
    assert any(len(people) == 2 for key, people in simulation.truth.owners.items() if key.startswith("anonymous_id:"))


def test_kiosks_and_tills_are_used_by_many_and_what_a_family_has_by_two_to_five(world: World) -> None:
    simulation, sents = world
    owners = simulation.truth.owners
    kiosks = {
        key: len(owners[key]) for sent in sents if sent.message.get("name") == "Newsletter" for key in sent.identifiers
    }
    assert {key.partition(":")[0] for key in kiosks} >= {"anonymous_id", "device_id"}
    assert sum(number > 10 for number in kiosks.values()) >= 3
    forms = [m["traits"] for sent in sents if "newsletter" in (m := sent.message).get("traits", {})]
    assert any("email" not in traits for traits in forms)
    assert any("phone" not in traits for traits in forms)
    for namespace in ("anonymous_id", "device_id", "phone", "email"):
        sizes = {len(people) for key, people in owners.items() if key.startswith(f"{namespace}:")}
        assert sizes & {2, 3, 4, 5}
        assert max(sizes) > 10
    addresses: dict[str, set[str]] = defaultdict(set)
    for key, people in owners.items():
        if key.startswith("email:") and len(people) == 1:
            addresses[people[0]].add(key)
    assert any(len(own) > 1 for own in addresses.values()), "some people have a second address"


def test_numbers_are_recycled_mistyped_and_written_in_many_ways(world: World) -> None:
    simulation, sents = world
    phones = {key[6:] for key in simulation.truth.owners if key.startswith("phone:")}
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)
    assert any(len(people) > 1 for key, people in simulation.truth.owners.items() if key.startswith("phone:"))

    shapes: set[str] = set()
    invalid = 0
    for sent in sents:
        text = bags(sent.message).get("phone")
        if text is None:
            continue
        shapes.add(re.sub(r"\d+", "9", text))
        truth = [key[6:] for key in sent.identifiers if key.startswith("phone:")]
        if text in JUNK_PHONES:
            assert not truth
            continue
        number = phonenumbers.parse(text, "CN")
        valid = phonenumbers.is_valid_number(number)
        invalid += not valid
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert truth == ([written] if valid else [])
    assert len(shapes) >= 6
    assert invalid > 0


def test_a_recycled_number_has_two_owners_far_apart_in_time() -> None:
    sents = list(simulate(4000, seed=2))
    when: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for sent in sents:
        for key in sent.identifiers:
            if key.startswith("phone:"):
                when[key][sent.person].append(sent.message["timestamp"])
    recycled = 0
    for people in when.values():
        if len(people) == 2:
            (_, early), (_, late) = sorted((min(times), times) for times in people.values())
            gap = datetime.fromisoformat(min(late)) - datetime.fromisoformat(max(early))
            recycled += gap.days > 20
    assert recycled > 0


def test_junk_values_occur_and_are_no_part_of_the_truth(world: World) -> None:
    simulation, sents = world
    messages = [sent.message for sent in sents]
    assert any(m.get("userId") in JUNK_ACCOUNTS for m in messages)
    assert any(m.get("anonymousId") == "anonymous" for m in messages)
    assert any(bags(m).get("email") == JUNK_EMAIL for m in messages)
    assert any(bags(m).get("phone") in JUNK_PHONES for m in messages)
    assert any(
        device.get("advertisingId") == ZERO_ADVERTISING_ID and device["adTrackingEnabled"]
        for m in messages
        if (device := m["context"].get("device"))
    )
    values = {key.partition(":")[2] for key in simulation.truth.owners}
    assert not values & {*JUNK_ACCOUNTS, *JUNK_PHONES, JUNK_EMAIL, ZERO_ADVERTISING_ID, "anonymous", ""}


def test_some_addresses_are_mistyped_into_others_and_some_into_none(world: World) -> None:
    _, sents = world
    broken = mistyped = 0
    for sent in sents:
        text = bags(sent.message).get("email")
        if text is None or text == JUNK_EMAIL:
            continue
        truth = [key[6:] for key in sent.identifiers if key.startswith("email:")]
        broken += "@" not in text
        mistyped += any("exmaple" in key or "exampel" in key or key.endswith("example.co") for key in truth)
        assert bool(truth) == ("@" in text)
    assert broken > 0
    assert mistyped > 0


def test_the_truth_holds_what_was_drawn_and_nothing_else() -> None:
    simulation = simulate(300, seed=5)
    drawn = list(islice(simulation, 700))
    assert set(simulation.truth.owners) == {key for sent in drawn for key in sent.identifiers}
    for key, people in simulation.truth.owners.items():
        assert set(people) == {sent.person for sent in drawn if key in sent.identifiers}


def test_the_service_reads_exactly_the_true_identifiers_out_of_every_message(world: World) -> None:
    _, sents = world
    rules = load_preset("default")
    for sent in sents:
        read = extract(sent.message, source="test", received_at=2 * 10**15)
        assert isinstance(read, Message)
        assert {identifier.key for identifier in to_event(read, rules).identifiers} == set(sent.identifiers)
