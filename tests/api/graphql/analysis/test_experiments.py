"""Experiments by GraphQL: saved, given to customers, told of by events, and assessed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from identity_graph.domain.values.instants import format_instant
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from tests.asking import Ask

DAY = 86_400_000_000
FIELDS = """id name salt version holdOut startsAt endsAt window conversion variants { name weight }"""
SAVE = f"mutation($input: ExperimentInput!) {{ saveExperiment(input: $input) {{ experiment {{ {FIELDS} }} }} }}"
ASSIGN = """mutation($id: ID!, $by: IdentifierInput!, $log: Boolean) {
  assignVariant(experiment: $id, by: $by, log: $log) { variant wasExposed logged experiment { id } }
}"""
RESULTS = """query($id: ID!) { node(id: $id) { ... on Experiment { results {
  isFinal decidedAt warnings inTwo repeated early late unknown nobody
  variants { name customers conversions open rate interval { low high } difference differenceInterval { low } pValue }
  heldOut { customers } sampleRatio { pValue isMismatch causes }
} } } }"""


def experiment(**more: Any) -> dict[str, Any]:
    """Describe an experiment that runs from 30 days ago to 30 days from now."""
    now = now_instant()
    return {
        "name": "Red button",
        "variants": [{"name": "blue"}, {"name": "red"}],
        "from": format_instant(now - 30 * DAY),
        "to": format_instant(now + 30 * DAY),
        "window": "P7D",
        "conversion": {"ordered": {}},
        **more,
    }


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def viewed(user: str, days: float, variant: str, **more: Any) -> dict[str, Any]:
    said = {"experiment_name": "Red button", "variation_name": variant}
    message = {"type": "track", "event": "Experiment Viewed", "userId": user, "messageId": f"{user} {variant} {days}"}
    return {**message, "timestamp": ago(days), "properties": said, **more}


def bought(user: str, days: float) -> dict[str, Any]:
    message = {"type": "track", "event": "Order Completed", "userId": user, "messageId": f"{user} order {days}"}
    return {
        **message,
        "timestamp": ago(days),
        "properties": {"order_id": f"{user} {days}", "total": 5, "currency": "USD"},
    }


def by(user: str) -> dict[str, str]:
    return {"namespace": "user_id", "value": user}


async def save(ask: Ask, **more: Any) -> dict[str, Any]:
    return (await ask(SAVE, input=experiment(**more)))["saveExperiment"]["experiment"]


async def results_of(ask: Ask, id: str) -> dict[str, Any]:
    return (await ask(RESULTS, id=id))["node"]["results"]


async def test_an_experiment_is_saved_listed_and_changed(ask: Ask) -> None:
    made = await save(ask, holdOut=0.1, conversion={"did": {"event": "Paid"}, "value": "total"})
    assert (made["version"], made["salt"], made["holdOut"]) == (1, "Red button", 0.1)
    assert made["conversion"] == {"did": {"event": "Paid"}, "value": "total"}
    assert made["variants"] == [{"name": "blue", "weight": 1}, {"name": "red", "weight": 1}]
    other = await save(ask, name="Another")
    again = {"id": made["id"], "holdOut": 0.1, "from": made["startsAt"], "to": made["endsAt"], "description": "?"}
    assert (await save(ask, **again))["version"] == 2
    listed = await ask(
        "{ experiments(first: 1) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }"
    )
    assert [edge["node"]["id"] for edge in listed["experiments"]["edges"]] == [other["id"]]
    assert listed["experiments"]["totalCount"] == 2
    after = listed["experiments"]["pageInfo"]["endCursor"]
    rest = await ask("query($after: String) { experiments(after: $after) { edges { node { id } } } }", after=after)
    assert [edge["node"]["id"] for edge in rest["experiments"]["edges"]] == [made["id"]]
    assert (await ask('{ node(id: "exp_0") { id } }'))["node"] is None


async def test_what_would_give_other_variants_is_refused_once_it_has_begun(ask: Ask) -> None:
    made = await save(ask)
    begun = {"id": made["id"], "from": made["startsAt"]}
    (error,) = await ask(SAVE, input=experiment(**begun, salt="another", holdOut=0.5), fails=True)
    assert error["extensions"]["changed"] == ["salt", "holdOut"]
    (error,) = await ask(SAVE, input=experiment(), fails=True)
    assert "Another experiment is called 'Red button'" in error["message"]
    (error,) = await ask(SAVE, input=experiment(id="exp_0", name="?"), fails=True)
    assert error["extensions"]["code"] == "NOT_FOUND"
    later = await save(ask, name="Later", **{"from": format_instant(now_instant() + DAY)})
    assert (await save(ask, id=later["id"], name="Later", salt="another"))["salt"] == "another"


async def test_a_customer_is_given_a_variant_once_and_keeps_it(ask: Ask) -> None:
    made = await save(ask)
    asked = {"id": "Red button", "by": by("ann")}
    tried = (await ask(ASSIGN, **asked, log=False))["assignVariant"]
    given = (await ask(ASSIGN, **asked))["assignVariant"]
    again = (await ask(ASSIGN, id=made["id"], by=by("ann")))["assignVariant"]
    assert (tried["logged"], given["logged"], again["logged"]) == (False, True, False)
    assert (given["wasExposed"], again["wasExposed"]) == (False, True)
    assert tried["variant"] == given["variant"] == again["variant"]
    results = await results_of(ask, made["id"])
    assert sum(one["customers"] for one in results["variants"]) == 1


async def test_the_hash_of_the_oldest_identifier_decides_also_after_a_merge(service: Service, ask: Ask) -> None:
    await save(ask)
    messages = [{"type": "page", "anonymousId": f"c{n}", "messageId": f"{n}", "timestamp": ago(9)} for n in range(12)]
    await collect(service, messages, source="web", received_at=now_instant())

    async def given(namespace: str, value: str) -> str:
        found = await ask(ASSIGN, id="Red button", by={"namespace": namespace, "value": value}, log=False)
        return found["assignVariant"]["variant"]

    before = [await given("anonymous_id", f"c{n}") for n in range(12)]
    assert set(before) == {"blue", "red"}
    merging = [
        {"type": "identify", "anonymousId": f"c{n}", "userId": f"u{n}", "messageId": f"i{n}", "timestamp": ago(8)}
        for n in range(12)
    ]
    await collect(service, merging, source="web", received_at=now_instant())
    assert [await given("user_id", f"u{n}") for n in range(12)] == before


async def test_results_of_exposures_as_sdks_send_them(service: Service, ask: Ask) -> None:
    made = await save(ask)
    messages = [
        viewed("ann", 10, "blue"), viewed("ann", 9, "blue"), bought("ann", 8), bought("ann", 7),
        viewed("bob", 10, "blue"), bought("bob", 11), bought("bob", 2),
        viewed("eve", 2, "red"), bought("eve", 1),
        viewed("tom", 31, "red"), viewed("zoe", 1, "green"), viewed("", 1, "red") | {"anonymousId": "null"},
    ]  # fmt: skip
    await collect(service, messages, source="web", received_at=now_instant())
    results = await results_of(ask, made["id"])
    blue, red = results["variants"]
    assert (blue["customers"], blue["conversions"], blue["open"], blue["rate"]) == (2, 1, 0, 0.5)
    assert (red["customers"], red["conversions"], red["open"], red["difference"]) == (1, 1, 1, 0.5)
    assert (results["repeated"], results["early"], results["unknown"], results["nobody"]) == (1, 1, 1, 1)
    assert (results["isFinal"], results["heldOut"], results["sampleRatio"]["isMismatch"]) == (False, None, False)
    assert "Who looks early" in results["warnings"][0]


async def test_a_merge_of_two_variants_is_counted_and_left_out_and_a_retraction_undoes_it(
    service: Service, ask: Ask
) -> None:
    made = await save(ask)
    cookie = {"userId": None, "anonymousId": "cookie"}
    exposures = [viewed("ann", 10, "blue"), viewed("", 9, "red", **cookie), viewed("bob", 9, "red")]
    await collect(service, exposures, source="web", received_at=now_instant())
    apart = await results_of(ask, made["id"])
    assert ([one["customers"] for one in apart["variants"]], apart["inTwo"]) == ([1, 2], 0)
    merging = {"type": "identify", "userId": "ann", "anonymousId": "cookie", "messageId": "i", "timestamp": ago(1)}
    await collect(service, [merging], source="web", received_at=now_instant())
    merged = await results_of(ask, made["id"])
    assert ([one["customers"] for one in merged["variants"]], merged["inTwo"]) == ([0, 1], 1)
    assert any("two variants" in warning for warning in merged["warnings"])
    assert (await ask(ASSIGN, id=made["id"], by=by("ann")))["assignVariant"]["variant"] == "blue"
    await retract_observation(service, "web", "i", "me")
    assert (await results_of(ask, made["id"]))["variants"] == apart["variants"]
    await retract_observation(service, "web", "bob red 9", "me")
    assert [one["customers"] for one in (await results_of(ask, made["id"]))["variants"]] == [1, 1]


async def test_who_is_held_out_gets_none_and_is_shown(ask: Ask) -> None:
    made = await save(ask, holdOut=0.999999)
    given = (await ask(ASSIGN, id=made["id"], by=by("ann")))["assignVariant"]
    assert (given["variant"], given["logged"]) == (None, True)
    assert (await ask(ASSIGN, id=made["id"], by=by("ann")))["assignVariant"]["wasExposed"]
    assert (await results_of(ask, made["id"]))["heldOut"] == {"customers": 1}


async def test_what_cannot_be_given_is_refused(ask: Ask) -> None:
    over = await save(ask, to=format_instant(now_instant() - DAY))
    (error,) = await ask(ASSIGN, id=over["id"], by=by("ann"), fails=True)
    assert "The experiment runs from" in error["message"]
    assert (await ask(ASSIGN, id=over["id"], by=by("ann"), log=False))["assignVariant"]["variant"]
    (error,) = await ask(ASSIGN, id="exp_0", by=by("ann"), fails=True)
    assert error["extensions"]["code"] == "NOT_FOUND"
    running = await save(ask, name="Running")
    (error,) = await ask(ASSIGN, id=running["id"], by={"namespace": "email", "value": "none"}, fails=True)
    assert "The rules take no such identifier" in error["message"]
