"""Destinations over GraphQL: saved, shown, rotated, replayed, deleted."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from standardwebhooks import Webhook

from identity_graph.domain.activation.signing import is_secret
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.segments.segments import create_segment
from tests.asking import Ask
from tests.receivers import always, receiver, status
from tests.worlds.activation import NOW, SECOND, SECRET, put, transition

SAVE = """mutation($input: DestinationInput!) { saveDestination(input: $input) { destination {
  id name url secret segments kinds reentry coolDown initial region pending failed disabledSince } } }"""
SHOW = """query($id: ID!) { node(id: $id) { ... on Destination {
  secret pending failed disabledSince disabledReason
  deliveries { totalCount edges { node { id kind customerId state attempts lastStatus lastError } } } } } }"""
URL = "http://127.0.0.1:9/"


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    """Give a service that may call this machine, as the tests of destinations need it."""
    from pydantic import SecretStr

    from tests.asking import ADMIN_KEY

    given = {"admin_key": SecretStr(ADMIN_KEY), "webhook_allow_private": True}
    async with open_service(settings.model_copy(update=given)) as service:
        yield service


async def save(ask: Ask, **fields: Any) -> dict[str, Any]:
    given = {"name": "CRM", "url": URL} | fields
    return (await ask(SAVE, input=given))["saveDestination"]["destination"]


async def show(ask: Ask, id: str) -> dict[str, Any]:
    return (await ask(SHOW, id=id))["node"]


async def test_a_destination_is_saved_with_defaults_and_its_secret_is_shown_once(ask: Ask) -> None:
    made = await save(ask)
    assert is_secret(made["secret"])
    assert {name: made[name] for name in made if name not in ("id", "secret")} == {
        "name": "CRM",
        "url": URL,
        "segments": None,
        "kinds": ["segment.entered", "segment.exited"],
        "reentry": "EVERY_TIME",
        "coolDown": None,
        "initial": False,
        "region": None,
        "pending": 0,
        "failed": 0,
        "disabledSince": None,
    }
    assert (await show(ask, made["id"]))["secret"] == "whsec_…"
    listed = await ask("{ destinations { totalCount edges { node { id secret } } } }")
    assert listed["destinations"] == {
        "totalCount": 1,
        "edges": [{"node": {"id": made["id"], "secret": "whsec_…"}}],
    }
    again = await save(ask, id=made["id"], name="Other")
    assert (again["id"], again["name"], again["secret"]) == (made["id"], "Other", "whsec_…")


async def test_all_faults_are_told_at_once(ask: Ask) -> None:
    bad = {
        "name": " ",
        "url": "ftp://example.com",
        "secret": "secret",
        "kinds": ["segment.renamed"],
        "reentry": "COOL_DOWN",
        "coolDown": "a while",
    }
    (error,) = await ask(SAVE, fails=True, input=bad)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    for part in ("`name`", "https://", "`secret`", "'segment.renamed'", "`coolDown`"):
        assert part in error["message"]
    for fields in ({"kinds": []}, {"coolDown": "P1D"}, {"reentry": "COOL_DOWN"}, {"region": ""}):
        assert (await ask(SAVE, fails=True, input={"name": "CRM", "url": URL} | fields))[0]["extensions"]["code"]
    assert (await ask("{ destinations { totalCount } }"))["destinations"]["totalCount"] == 0


async def test_segments_and_destinations_that_do_not_exist_are_not_found(ask: Ask, graph: Graph) -> None:
    (error,) = await ask(SAVE, fails=True, input={"name": "CRM", "url": URL, "segments": ["seg_no"]})
    assert error["extensions"]["code"] == "NOT_FOUND"
    await graph.write(
        lambda tx: create_segment(
            tx, id="seg_1", name="S", description=None, rule="{}", audience="ALL", purpose=None, at_s=1, at_ns=0
        )
    )
    assert (await save(ask, segments=["seg_1"]))["segments"] == ["seg_1"]
    (error,) = await ask(SAVE, fails=True, input={"id": "dst_no", "name": "CRM", "url": URL})
    assert error["extensions"]["code"] == "NOT_FOUND"
    for mutation in (
        'rotateSecret(destination: "dst_no") { destination { id } }',
        'replayDeliveries(destination: "dst_no", from: "2026-01-01T00:00:00Z") { replayed }',
        'deleteDestination(id: "dst_no") { id }',
    ):
        (error,) = await ask(f"mutation {{ {mutation} }}", fails=True)
        assert error["extensions"]["code"] == "NOT_FOUND"
    assert (await ask(SHOW, id="dst_no"))["node"] is None


async def test_a_rotated_secret_signs_beside_the_former_one(ask: Ask, graph: Graph, service: Service) -> None:
    async with receiver() as there:
        made = await save(ask, url=there.url, secret=SECRET)
        assert made["secret"] == SECRET
        rotated = await ask(
            "mutation($id: ID!) { rotateSecret(destination: $id) { destination { secret } } }", id=made["id"]
        )
        secret = rotated["rotateSecret"]["destination"]["secret"]
        assert is_secret(secret)
        assert secret != SECRET
        await put(graph, transition())
        service.deliverer.wake()
        await there.wait_for(1)
        (got,) = there.received
        assert Webhook(SECRET).verify(got.body, got.headers) == Webhook(secret).verify(got.body, got.headers)
    rows = await graph.run("MATCH (d:Destination) RETURN d.secret AS secret, d.former_secrets AS former")
    assert rows == [{"secret": secret, "former": [SECRET]}]


async def test_dead_letters_are_shown_and_replayed_under_their_ids(ask: Ask, graph: Graph, service: Service) -> None:
    async with receiver(always(status(500))) as there:
        made = await save(ask, url=there.url)
        await put(graph, transition("cus_1"), transition("cus_2"))
        await graph.run("MATCH (d:Delivery) SET d.attempts = 9")
        await service.deliverer.deliver_due()
        shown = await show(ask, made["id"])
        assert (shown["pending"], shown["failed"], shown["deliveries"]["totalCount"]) == (0, 2, 2)
        first, second = (edge["node"] for edge in shown["deliveries"]["edges"])
        assert {first["customerId"], second["customerId"]} == {"cus_1", "cus_2"}
        assert (first["state"], first["attempts"], first["lastStatus"]) == ("FAILED", 10, 500)
        assert first["lastError"] == "The receiver answered 500."
        there.answer = always(status(200))
        replay = "mutation($id: ID!, $at: DateTime!) { replayDeliveries(destination: $id, from: $at) { replayed destination { failed } } }"
        assert (await ask(replay, id=made["id"], at="2026-02-01T00:00:01Z"))["replayDeliveries"]["replayed"] == 0
        again = (await ask(replay, id=made["id"], at="2026-02-01T00:00:00Z"))["replayDeliveries"]
        assert again == {"replayed": 2, "destination": {"failed": 0}}
        await there.wait_for(4)
        assert {request.id for request in there.received[2:]} == {first["id"], second["id"]}
        await service.deliverer.deliver_due()
    delivered = (await show(ask, made["id"]))["deliveries"]["edges"]
    assert [(edge["node"]["state"], edge["node"]["lastStatus"]) for edge in delivered] == [("DELIVERED", 200)] * 2


async def test_one_that_was_switched_off_is_switched_on_by_saving_it(ask: Ask, graph: Graph, service: Service) -> None:
    async with receiver(always(status(410))) as there:
        made = await save(ask, url=there.url)
        await put(graph, transition())
        await service.deliverer.deliver_due()
        shown = await show(ask, made["id"])
        assert shown["disabledSince"] is not None
        assert "410" in shown["disabledReason"]
        assert shown["pending"] == 1
    async with receiver() as there:
        await save(ask, id=made["id"], url=there.url)
        await there.wait_for(1)
        await service.deliverer.deliver_due()
    shown = await show(ask, made["id"])
    assert (shown["pending"], shown["disabledSince"]) == (0, None)


async def test_a_deleted_destination_leaves_nothing(ask: Ask, graph: Graph) -> None:
    made = await save(ask)
    await put(graph, *(transition(f"cus_{n}") for n in range(5)))
    await ask("mutation($id: ID!) { deleteDestination(id: $id) { id } }", id=made["id"])
    assert await graph.run("MATCH (n) WHERE n:Destination OR n:Delivery OR n:ToldEntry RETURN n") == []


async def test_the_deliveries_of_a_destination_are_paged_and_filtered(ask: Ask, graph: Graph) -> None:
    made = await save(ask, url="http://127.0.0.1:1/")
    await graph.run("MATCH (d:Destination) SET d.disabled_at = datetime()")
    await put(graph, *(transition(f"cus_{n}") for n in range(5)), now=NOW + SECOND)
    page = """query($id: ID!, $after: String) { node(id: $id) { ... on Destination {
      deliveries(first: 2, after: $after, state: PENDING) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { customerId } } } } } }"""
    seen: list[str] = []
    after = None
    while True:
        found = (await ask(page, id=made["id"], after=after))["node"]["deliveries"]
        assert found["totalCount"] == 5
        seen += [edge["node"]["customerId"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert seen == [f"cus_{n}" for n in (4, 3, 2, 1, 0)]
