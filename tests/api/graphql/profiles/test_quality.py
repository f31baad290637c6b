"""The quality of a customer's profile over GraphQL."""

import time
from typing import Any

import pytest

from identity_graph.domain.values.instants import DAY, format_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from tests.asking import Ask

PARTS = """query($value: String!, $namespace: String!) {
  customer(by: {namespace: $namespace, value: $value}) { profile { quality qualityParts { name score weight reason asOf } } }
}"""


def identify(
    number: int, at: int, *, anonymous: str | None = None, user: str | None = None, **traits: Any
) -> dict[str, Any]:
    who = {"userId": user} if user else {}
    who |= {"anonymousId": anonymous} if anonymous else {}
    return {"type": "identify", "messageId": f"m{number}", "timestamp": format_instant(at), "traits": traits, **who}


async def rated(ask: Ask, value: str, namespace: str = "user_id") -> tuple[float, dict[str, float]]:
    profile = (await ask(PARTS, value=value, namespace=namespace))["customer"]["profile"]
    return profile["quality"], {part["name"]: part["score"] for part in profile["qualityParts"]}


async def test_a_profile_is_rated_by_what_counts_now(service: Service, ask: Ask) -> None:
    now = time.time_ns() // 1000
    good = {"name": "Ann", "email": "ann@a.example", "city": "Berlin"}
    messages = [
        identify(1, now, user="ann", **good),
        identify(2, now - 400 * DAY, user="ann", gender="f"),
        identify(3, now, user="ann", age="old"),
        identify(4, now, anonymous="c1"),
    ]
    await collect(service, messages, source="crm", received_at=now)
    score, parts = await rated(ask, "ann")
    assert parts == pytest.approx({"complete": 4 / 6, "identified": 1.0, "valid": 4 / 5, "fresh": 3 / 4})
    assert score == pytest.approx(0.4 * 4 / 6 + 0.2 + 0.2 * 0.8 + 0.2 * 0.75, abs=1e-4)
    assert await rated(ask, "c1", "anonymous_id") == (0.0, {"complete": 0.0, "identified": 0.0})
    await retract_observation(service, "crm", "m3", "support")
    assert (await rated(ask, "ann"))[1]["valid"] == 1.0


async def test_a_merge_brings_the_quality_of_both_and_a_split_takes_it_back(service: Service, ask: Ask) -> None:
    now = time.time_ns() // 1000
    await collect(
        service,
        [identify(1, now, user="ann", name="Ann"), identify(2, now, anonymous="c1", age="old")],
        source="web",
        received_at=now,
    )
    before = [await rated(ask, "ann"), await rated(ask, "c1", "anonymous_id")]
    await collect(service, [identify(3, now, user="ann", anonymous="c1")], source="web", received_at=now)
    merged = await rated(ask, "ann")
    assert merged == await rated(ask, "c1", "anonymous_id")
    assert merged[1] == pytest.approx({"complete": 1 / 6, "identified": 1.0, "valid": 0.5, "fresh": 1.0})
    await retract_observation(service, "web", "m3", "support")
    assert [await rated(ask, "ann"), await rated(ask, "c1", "anonymous_id")] == before
