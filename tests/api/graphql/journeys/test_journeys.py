from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.values.instants import format_instant
from identity_graph.service.core import Service
from identity_graph.service.journeys.reading import JourneyFilter, count_journeys, read_journeys
from identity_graph.service.positions import TimePosition
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, event, seed, session
from tests.neo4j_server import wipe
from tests.properties import examples

Ask = Callable[..., Awaitable[Any]]

MINUTE = 60_000_000
COOKIE, PHONE = "anonymous_id:c1", "phone:+8613800138000"
ANNA = customer("cus_anna", identifiers=[COOKIE, PHONE])

PAGE = """query Page($first: Int, $after: String, $from: DateTime, $to: DateTime, $types: [String!], $channels: [Channel!]) {
  customer(id: "cus_anna") {
    journey(first: $first, after: $after, from: $from, to: $to, types: $types, channels: $channels) {
      totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor }
    }
  }
}"""


async def _journey(ask: Ask, **arguments: Any) -> dict[str, Any]:
    answer = await ask(PAGE, **arguments)
    return answer["customer"]["journey"]


def _ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def test_a_journey_joins_the_sessions_of_all_identifiers_newest_first(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        customers=[ANNA, customer("cus_other", identifiers=["anonymous_id:c2"])],
        sessions=[
            session(COOKIE, event("evt_1", at=NOON), event("evt_3", at=NOON + 2 * MINUTE)),
            session(PHONE, event("evt_2", at=NOON + MINUTE, channel="STORE", type="page", name="", observed=[PHONE])),
            session("anonymous_id:c2", event("evt_x", at=NOON)),
        ],
    )
    answer = await ask(
        """query { customer(id: "cus_anna") { journey {
          totalCount
          edges { node { id name type channel source occurredAt properties identifiers { key }
                         session { touchpointCount startedAt owner { key customer { id } } } } }
        } } }"""
    )
    journey = answer["customer"]["journey"]
    assert journey["totalCount"] == 3
    assert _ids(journey) == ["evt_3", "evt_2", "evt_1"]
    assert journey["edges"][1]["node"] == {
        "id": "evt_2",
        "name": "page",
        "type": "page",
        "channel": "STORE",
        "source": "web",
        "occurredAt": "2026-01-01T12:01:00Z",
        "properties": {},
        "identifiers": [{"key": PHONE}],
        "session": {
            "touchpointCount": 1,
            "startedAt": "2026-01-01T12:01:00Z",
            "owner": {"key": PHONE, "customer": {"id": "cus_anna"}},
        },
    }


async def test_a_journey_is_narrowed_by_time_type_and_channel(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        customers=[ANNA],
        sessions=[
            session(COOKIE, event("evt_1", at=NOON), event("evt_2", at=NOON + MINUTE, type="page")),
            session(PHONE, event("evt_3", at=NOON + DAY, channel="STORE", type="page")),
        ],
    )
    narrowed = {
        "from": {"from": format_instant(NOON + MINUTE)},
        "to, exclusive": {"to": format_instant(NOON + MINUTE)},
        "types": {"types": ["page"]},
        "channels": {"channels": ["STORE", "EMAIL"]},
        "no type": {"types": []},
        "all": {"from": "2026-01-01T20:00:00+08:00", "to": "2026-01-03T00:00:00Z", "types": ["page"], "channels": ["WEB"]},
    }  # fmt: skip
    found = {name: await _journey(ask, **arguments) for name, arguments in narrowed.items()}
    assert {name: _ids(page) for name, page in found.items()} == {
        "from": ["evt_3", "evt_2"],
        "to, exclusive": ["evt_1"],
        "types": ["evt_3", "evt_2"],
        "channels": ["evt_3"],
        "no type": [],
        "all": ["evt_2"],
    }
    assert all(page["totalCount"] == len(page["edges"]) for page in found.values())


async def test_pages_stay_right_while_newer_events_arrive(graph: Graph, ask: Ask) -> None:
    events = [event(f"evt_{n}", at=NOON + n // 2 * MINUTE) for n in range(7)]
    await seed(graph, customers=[ANNA], sessions=[session(COOKIE, *events)])
    first = await _journey(ask, first=3)
    await seed(graph, sessions=[session(PHONE, event("evt_new", at=NOON + DAY))])
    second = await _journey(ask, first=3, after=first["pageInfo"]["endCursor"])
    third = await _journey(ask, first=3, after=second["pageInfo"]["endCursor"])
    assert [_ids(page) for page in (first, second, third)] == [
        ["evt_6", "evt_5", "evt_4"],
        ["evt_3", "evt_2", "evt_1"],
        ["evt_0"],
    ]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, third)] == [True, True, False]


async def test_a_page_of_nothing_says_whether_there_is_more(graph: Graph, ask: Ask) -> None:
    await seed(graph, customers=[ANNA], sessions=[session(COOKIE, event("evt_1"))])
    page = await _journey(ask, first=0)
    assert page == {"totalCount": 1, "edges": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}


@pytest.mark.parametrize("first", [101, -1])
async def test_more_than_a_hundred_is_an_error_and_never_a_silent_cap(graph: Graph, ask: Ask, first: int) -> None:
    await seed(graph, customers=[ANNA])
    (error,) = await ask(PAGE, fails=True, first=first)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "first": first, "maximum": 100}


@pytest.mark.parametrize("after", ["nonsense", "é", "WyJzZXNzaW9ucyIsMSwiYSJd", "e30", "WyJqb3VybmV5IiwiMSIsImEiXQ"])
async def test_a_cursor_of_another_list_or_of_none_is_refused(graph: Graph, ask: Ask, after: str) -> None:
    await seed(graph, customers=[ANNA])
    (error,) = await ask(PAGE, fails=True, after=after)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "after": after}


async def test_sessions_come_newest_first_in_pages(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        customers=[ANNA],
        sessions=[
            session(COOKIE, event(at=NOON), event(at=NOON + MINUTE), id="ses_1"),
            session(PHONE, event(at=NOON), id="ses_2"),
            session(COOKIE, event(at=NOON + DAY), id="ses_3"),
        ],
    )
    document = """query($first: Int, $after: String) { customer(id: "cus_anna") { sessions(first: $first, after: $after) {
      totalCount edges { node { id touchpointCount endedAt owner { key } } } pageInfo { hasNextPage endCursor }
    } } }"""
    first = (await ask(document, first=2))["customer"]["sessions"]
    rest = (await ask(document, after=first["pageInfo"]["endCursor"]))["customer"]["sessions"]
    assert (_ids(first), _ids(rest)) == (["ses_3", "ses_2"], ["ses_1"])
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert rest["edges"][0]["node"] == {
        "id": "ses_1",
        "touchpointCount": 2,
        "endedAt": "2026-01-01T12:01:00Z",
        "owner": {"key": COOKIE},
    }


_VISITS = st.lists(
    st.tuples(st.sampled_from([COOKIE, PHONE]), st.lists(st.integers(0, 30), min_size=1, max_size=6)), max_size=6
)


@examples(15)
@given(
    visits=_VISITS,
    first=st.integers(1, 8),
    since=st.none() | st.integers(0, 30),
    until=st.none() | st.integers(0, 31),
)
async def test_pages_together_are_the_journey_whatever_its_sessions_look_like(
    service: Service, visits: list[tuple[str, list[int]]], first: int, since: int | None, until: int | None
) -> None:
    await wipe(service.graph)
    sessions = [session(owner, *(event(at=NOON + minute * MINUTE) for minute in minutes)) for owner, minutes in visits]
    await seed(service.graph, customers=[ANNA], sessions=sessions)
    since_at, until_at = (None if at is None else NOON + at * MINUTE for at in (since, until))
    expected = sorted(
        (
            (one["at"], one["id"])
            for visit in sessions
            for one in visit["events"]
            if (since_at is None or one["at"] >= format_instant(since_at))
            and (until_at is None or one["at"] < format_instant(until_at))
        ),
        reverse=True,
    )
    wanted = JourneyFilter(since_at, until_at)
    found: list[tuple[str, str]] = []
    after: TimePosition | None = None
    while True:
        (page,) = await read_journeys(Reads(service.graph), ["cus_anna"], wanted, first=first, after=after)
        found += [(format_instant(row.occurred_at), row.id) for row in page.items]
        if not page.has_next_page:
            break
        after = TimePosition(page.items[-1].occurred_at, page.items[-1].id)
    assert found == expected
    assert await count_journeys(Reads(service.graph), ["cus_anna"], wanted) == [len(expected)]
