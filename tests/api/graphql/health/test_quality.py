"""Data quality over GraphQL, on a graph that got bad data of every kind."""

import time
from pathlib import Path
from typing import Any

import pytest

from identity_graph.domain.values.instants import DAY, format_day, format_instant
from identity_graph.files.importing import import_file
from identity_graph.files.mapping_file import parse_mapping
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from tests.asking import Ask

VOLUME = "volume { date messages usual weeks ratio unusual }"
TRAITS = """query($source: String, $first: Int, $after: String) { dataQuality { traits(source: $source, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node {
    source name declared type
    validity { claims deletions misfits unsuited tooLarge share newestAt exampleId asOf }
    completeness { customers filled own share asOf }
    freshness { newestAt values stale staleShare asOf }
} } } } }"""


@pytest.fixture
def now() -> int:
    """Give the time: what is sent is received in these days."""
    return time.time_ns() // 1000


def identify(number: int, user: str, at: int, **traits: Any) -> dict[str, Any]:
    return {
        "type": "identify",
        "messageId": f"i{number}",
        "userId": user,
        "traits": traits,
        "timestamp": format_instant(at),
    }


def track(number: int, name: str, user: str = "ann") -> dict[str, Any]:
    return {"type": "track", "event": name, "messageId": f"t{number}", "userId": user}


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


async def codes(ask: Ask) -> list[str]:
    return [one["code"] for one in (await ask("{ dataQuality { findings { code } } }"))["dataQuality"]["findings"]]


async def test_a_graph_without_anything_has_nothing_to_tell(ask: Ask) -> None:
    found = await ask(
        "{ dataQuality { asOf since findings { code } sample { customers all asOf } sources { totalCount } "
        "events { totalCount } traits { totalCount } similarEventNames { totalCount } "
        "unusedColumns { edges { node { file } } } } }"
    )
    quality = found["dataQuality"]
    assert (quality["findings"], quality["sample"]["customers"], quality["sample"]["all"]) == ([], 0, True)
    assert [quality[name]["totalCount"] for name in ("sources", "events", "traits", "similarEventNames")] == [0] * 4
    assert quality["unusedColumns"]["edges"] == []


async def test_traits_tell_what_fits_who_has_them_and_how_old_they_are(service: Service, ask: Ask, now: int) -> None:
    old = now - 400 * DAY
    crm = [
        identify(number, f"u{number}", now, age="old" if number < 6 else number, email=f"u{number}@a.example")
        for number in range(24)
    ]
    await collect(service, crm, source="crm", received_at=now)
    await collect(
        service,
        [identify(100, "u0", now, age=None), identify(101, "u1", old, city="Berlin")],
        source="till",
        received_at=now,
    )
    await collect(service, [track(1, "Cart Viewed", "u2")], source="web", received_at=now)
    found = {(one["source"], one["name"]): one for one in nodes((await ask(TRAITS, first=50))["dataQuality"]["traits"])}
    assert set(found) == {("crm", "age"), ("crm", "email"), ("till", "age"), ("till", "city")}
    age = found["crm", "age"]
    example = age["validity"].pop("exampleId")
    assert age["validity"].pop("asOf")
    assert (age["declared"], age["type"]) == (True, "integer")
    assert age["validity"] == {
        "claims": 24,
        "deletions": 0,
        "misfits": 6,
        "unsuited": 0,
        "tooLarge": 0,
        "share": 0.75,
        "newestAt": format_instant(now),
    }
    touchpoint = await ask("query($id: ID!) { node(id: $id) { ... on Touchpoint { source type } } }", id=example)
    assert touchpoint["node"] == {"source": "crm", "type": "identify"}
    assert age["completeness"] | {"asOf": ""} == {"customers": 24, "filled": 18, "own": 18, "share": 0.75, "asOf": ""}
    assert found["till", "age"]["validity"]["deletions"] == 1
    assert found["till", "age"]["validity"]["share"] is None
    city = found["till", "city"]
    assert city["freshness"] | {"asOf": ""} == {
        "newestAt": format_instant(old),
        "values": 1,
        "stale": 1,
        "staleShare": 1.0,
        "asOf": "",
    }
    assert city["completeness"]["customers"] == 2
    findings = (await ask("{ dataQuality { findings { level code title advice } } }"))["dataQuality"]["findings"]
    assert [(one["level"], one["code"]) for one in findings] == [("ACT", "values_do_not_fit")]
    assert findings[0]["title"].startswith('6 of 24 values of the trait "age" from "crm" do not count')


async def test_traits_are_paged_and_those_of_a_source_found(service: Service, ask: Ask, now: int) -> None:
    for source in ("b", "a"):
        await collect(service, [identify(1, "ann", now, age=1, coat="red", hat=2)], source=source, received_at=now)
    seen: list[tuple[str, str]] = []
    after = None
    while True:
        page = (await ask(TRAITS, first=2, after=after))["dataQuality"]["traits"]
        assert page["totalCount"] == 6
        seen += [(one["source"], one["name"]) for one in nodes(page)]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [(source, name) for source in "ab" for name in ("age", "coat", "hat")]
    of_a = (await ask(TRAITS, source="a"))["dataQuality"]["traits"]
    assert (of_a["totalCount"], [one["declared"] for one in nodes(of_a)]) == (3, [True, False, False])
    errors = await ask(TRAITS, after="nonsense", fails=True)
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_was_taken_back_no_longer_fills_a_profile_and_stays_counted(
    service: Service, ask: Ask, now: int
) -> None:
    await collect(
        service, [identify(1, "ann", now, city="Berlin"), identify(2, "bob", now)], source="crm", received_at=now
    )
    await collect(service, [track(3, "Cart Viewed", "ann")], source="crm", received_at=now)
    await retract_observation(service, "crm", "i1", "support")
    (city,) = nodes((await ask(TRAITS))["dataQuality"]["traits"])
    assert (city["validity"]["claims"], city["completeness"]["filled"], city["completeness"]["customers"]) == (1, 0, 2)


async def test_a_source_that_falls_silent_stands_out_beside_its_own_weekdays(
    service: Service, ask: Ask, now: int
) -> None:
    yesterday = now - DAY
    number = 0
    for week in range(1, 5):
        batch = [track(number := number + 1, "Cart Viewed") for _ in range(30)]
        await collect(service, batch, source="app", received_at=yesterday - 7 * week * DAY)
    await collect(service, [track(1000 + n, "Paid") for n in range(5)], source="web", received_at=yesterday)
    document = f"{{ dataQuality {{ sources {{ edges {{ node {{ source accepted repeated repeatedShare lastDate {VOLUME} }} }} }} events {{ edges {{ node {{ source type name messages {VOLUME} }} }} }} }} }}"
    quality = (await ask(document))["dataQuality"]
    app, web = nodes(quality["sources"])
    day = format_day(yesterday // DAY * DAY)
    # Its first day may be one in part, so three weeks are compared.
    assert app["volume"] == {"date": day, "messages": 0, "usual": 30.0, "weeks": 3, "ratio": 0.0, "unusual": True}
    assert (app["accepted"], app["lastDate"]) == (120, format_day((yesterday - 7 * DAY) // DAY * DAY))
    assert (web["volume"]["messages"], web["volume"]["usual"], web["volume"]["unusual"]) == (5, None, False)
    assert [(one["source"], one["name"], one["messages"]) for one in nodes(quality["events"])] == [
        ("app", "Cart Viewed", 120),
        ("web", "Paid", 5),
    ]
    assert await codes(ask) == ["source_silent"]


async def test_repeats_and_alike_names_are_told(service: Service, ask: Ask, now: int) -> None:
    batch = [track(n, name) for n, name in enumerate(["Cart Viewed", "cart_viewed", "Cart Vieved", "Paid"] * 5)]
    for _ in range(3):
        await collect(service, batch, source="web", received_at=now)
    found = await ask(
        "{ dataQuality { sources { edges { node { accepted repeated repeatedShare } } } similarEventNames { edges { node { names likeness } } } } }"
    )
    assert nodes(found["dataQuality"]["sources"]) == [{"accepted": 20, "repeated": 40, "repeatedShare": 2 / 3}]
    assert nodes(found["dataQuality"]["similarEventNames"]) == [
        {"names": ["Cart Vieved", "Cart Viewed"], "likeness": "TYPO"},
        {"names": ["Cart Viewed", "cart_viewed"], "likeness": "SPELLING"},
    ]
    assert await codes(ask) == ["many_repeats", "similar_event_names", "similar_event_names"]


async def test_columns_that_a_mapping_does_not_name_are_told(service: Service, ask: Ask, tmp_path: Path) -> None:
    mapping = parse_mapping(
        "type: {value: identify}\nidentifiers: {user_id: id}\ntraits: {city: town}\n", name="m.yaml"
    )
    for number, header in enumerate(("id,town,colour,hat", "id,town", "id,town,coat")):
        path = tmp_path / f"crm {number}.csv"
        path.write_text(f"{header}\n{','.join('x' * len(header.split(',')))}\n")
        await import_file(service, path, mapping, source="crm", rejects=tmp_path / "rejects.ndjson")
    document = """query($first: Int, $after: String) { dataQuality { unusedColumns(first: $first, after: $after) {
      pageInfo { hasNextPage endCursor } edges { node { file source columns importedAt } } } } }"""
    first = (await ask(document, first=1))["dataQuality"]["unusedColumns"]
    (one,) = nodes(first)
    assert (one["file"], one["source"], one["columns"]) == (str(tmp_path / "crm 2.csv"), "crm", ["coat"])
    assert first["pageInfo"]["hasNextPage"]
    rest = (await ask(document, after=first["pageInfo"]["endCursor"]))["dataQuality"]["unusedColumns"]
    assert [one["columns"] for one in nodes(rest)] == [["colour", "hat"]]
    assert not rest["pageInfo"]["hasNextPage"]
