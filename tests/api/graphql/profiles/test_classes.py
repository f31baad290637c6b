"""The four classes of customer data over GraphQL: each answer is as its schema says."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from identity_graph.service.catalogue import changing as catalogues
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from identity_graph.store.driver.query import SENT
from tests.asking import Ask

CLASSES = ("identity", "descriptive", "quantitative", "qualitative")
SCHEMAS = Path(__file__).parents[4] / "docs" / "schemas"
NOW = 1_800_000_000_000_000
PROFILE = """query($namespace: String!, $value: String!) { customer(by: {namespace: $namespace, value: $value}) {
  profile { identity descriptive quantitative qualitative }
} }"""


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def happened(number: int, name: str, who: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": name,
        "messageId": f"m{number}",
        "timestamp": f"2026-01-01T{number:02}:00:00Z",
        "properties": said,
        **who,
    }


async def profile_of(ask: Ask, key: str) -> dict[str, Any]:
    namespace, _, value = key.partition(":")
    found = (await ask(PROFILE, namespace=namespace, value=value))["customer"]["profile"]
    assert set(found) == set(CLASSES)
    for name, value in found.items():
        assert [error.message for error in validator(name).iter_errors(value)] == [], name
    return found


ANN: dict[str, Any] = {"userId": "ann"}
COOKIE: dict[str, Any] = {"anonymousId": "c1"}
TRAITS = {"firstName": "Ann", "city": "Xi'an", "company": {"name": "Own"}, "nps": 7, "cats": [2, None]}
LOGIN = {"type": "identify", "messageId": "login", "timestamp": "2026-01-01T20:00:00Z", "traits": TRAITS, **ANN}
LIFE = [
    LOGIN,
    happened(1, "Order Completed", ANN, order_id="1", total="1,299.50", currency="CNY"),
    happened(2, "Order Completed", COOKIE, order_id="2", total=10, currency="EUR"),
    happened(3, "Email Opened", ANN),
    happened(4, "Product Shared", COOKIE),
    happened(5, "Survey Answered", ANN, nps=9, csat=4.5, comment="好"),
    happened(6, "Complaint Raised", COOKIE, reason="Late"),
    happened(7, "Product Reviewed", ANN, rating=5),
]


async def test_a_customer_of_whom_nothing_is_known_has_all_keys(service: Service, ask: Ask) -> None:
    await collect(service, [{"type": "page", "messageId": "p", **COOKIE}], source="web", received_at=NOW)
    found = await profile_of(ask, "anonymous_id:c1")
    assert (found["identity"]["ids"], found["identity"]["accounts"]["ids"]) == ({"anonymous_id": ["c1"]}, {})
    assert (found["quantitative"]["purchases"]["count"], found["qualitative"]["nps"]) == (0, None)


async def test_a_schema_refuses_what_it_does_not_describe() -> None:
    for name in CLASSES:
        assert not validator(name).is_valid({})
        assert not validator(name).is_valid({"more": 1})


async def test_classes_follow_merges_and_events_that_are_taken_back(service: Service, ask: Ask) -> None:
    await collect(service, LIFE, source="web", received_at=NOW)
    alone = await profile_of(ask, "user_id:ann")
    assert alone["quantitative"]["purchases"]["count"] == 1
    assert alone["quantitative"]["social"]["interactions"] == 0
    assert alone["identity"]["names"] == {"firstName": "Ann"}
    assert alone["descriptive"] == {
        "demographics": {"city": "Xi'an"},
        "household": {},
        "occupation": {"company": {"name": "Own"}},
        "interests": {},
        "other": {"cats": [2, None]},
        "computed": {},
    }
    await collect(service, [{**LOGIN, "messageId": "both", "traits": {}, **COOKIE}], source="web", received_at=NOW)
    both = await profile_of(ask, "user_id:ann")
    assert both == await profile_of(ask, "anonymous_id:c1")
    numbers = both["quantitative"]
    assert numbers["purchases"]["count"] == 2
    assert (numbers["social"], numbers["service"]) == ({"interactions": 1}, {"contacts": 0, "complaints": 1})
    assert (numbers["emails"]["opened"], numbers["visits"]["byChannel"]) == (1, {"OTHER": numbers["visits"]["count"]})
    assert both["qualitative"]["nps"]["latest"] == 9
    assert both["qualitative"]["reviews"]["rating"]["mean"] == 5
    assert both["qualitative"]["complaints"]["reasons"] == {"Late": 1}
    for number in (5, 6):
        await retract_observation(service, "web", f"m{number}", "test")
    after = (await profile_of(ask, "user_id:ann"))["qualitative"]
    assert (after["nps"], after["surveys"]["count"], after["complaints"]["count"]) == (None, 0, 0)


@pytest.mark.parametrize("name", CLASSES)
async def test_another_catalogue_holds_at_once(service: Service, ask: Ask, name: str) -> None:
    await collect(service, LIFE, source="web", received_at=NOW)
    catalogue = f"""format: 1
traits: {{cats: {{class: {name}}}}}
interactions: {{survey: [Asked], review: [Rated], complaint: [Product Reviewed]}}
"""
    await catalogues.put_in_force(service.units, catalogue, 1, "test")
    found = await profile_of(ask, "user_id:ann")
    assert found[name]["other"]["cats"] == [2, None]
    assert (found["qualitative"]["surveys"]["count"], found["qualitative"]["complaints"]["count"]) == (0, 1)


COMPUTED = """format: 1
traits: {cats: {class: quantitative}}
computed:
  member: {event: Order Completed, policy: count, class: identity, named: [{name: Customer, from: 1}]}
  currencies: {event: Order Completed, policy: union, of: currency, class: descriptive}
  spent: {event: Order Completed, policy: sum, of: total}
  lately: {event: Email Opened, policy: count, within: P1D}
  moods: {event: Survey Answered, policy: mean, of: csat, class: qualitative}
  unasked: {event: Never, policy: last, of: x, class: qualitative}
"""


async def test_each_class_shows_its_computed_traits_of_all_events_of_the_customer(service: Service, ask: Ask) -> None:
    await catalogues.put_in_force(service.units, COMPUTED, 1, "test")
    await collect(service, LIFE, source="web", received_at=NOW)

    async def computed_of(key: str) -> dict[str, Any]:
        return {name: shown["computed"] for name, shown in (await profile_of(ask, key)).items()}

    expected = {
        "identity": {"member": "Customer"},
        "descriptive": {"currencies": ["CNY"]},
        "quantitative": {"spent": 0, "lately": 0},
        "qualitative": {"moods": 4.5},
    }
    assert await computed_of("user_id:ann") == expected
    await collect(service, [{**LOGIN, "messageId": "both", "traits": {}, **COOKIE}], source="web", received_at=NOW)
    both = {**expected, "descriptive": {"currencies": ["CNY", "EUR"]}, "quantitative": {"spent": 10, "lately": 0}}
    assert await computed_of("user_id:ann") == await computed_of("anonymous_id:c1") == both
    await retract_observation(service, "web", "both", "test")
    assert await computed_of("user_id:ann") == expected


@pytest.mark.parametrize("name", CLASSES)
async def test_only_a_class_with_computed_traits_reads_their_events(service: Service, ask: Ask, name: str) -> None:
    await collect(service, LIFE, source="web", received_at=NOW)
    catalogue = f"computed: {{orders: {{event: Order Completed, policy: count, class: {name}}}}}"
    await catalogues.put_in_force(service.units, catalogue, 1, "test")
    for asked in CLASSES:
        SENT.clear()
        document = PROFILE.replace(" ".join(CLASSES), asked)
        found = (await ask(document, namespace="user_id", value="ann"))["customer"]["profile"][asked]
        reads = any("profiles/sum_events_of_customers" in queries for queries in SENT)
        assert found["computed"] == ({"orders": 1} if asked == name else {})
        assert reads == (asked == name)
