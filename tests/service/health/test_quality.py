"""The sample of customers: all of a small graph, some by chance of a large one, and what counts now."""

from identity_graph.domain.health.quality import TraitSample
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.file import load_preset
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service, open_service
from identity_graph.service.corrections.corrections import Named, declare, retract_observation, withdraw_judgement
from identity_graph.service.health.quality import read_sample
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, event, seed, session, trait

IN_FORCE = InForce(load_preset(), 1)


async def test_all_customers_of_a_small_graph_are_looked_at_and_some_of_a_large_one(graph: Graph) -> None:
    ids = [f"cus_{number:032x}" for number in range(0, 16 << 124, 1 << 124)]
    await seed(
        graph,
        customers=[customer(id, identifiers=[f"user_id:{number}"]) for number, id in enumerate(ids)],
        traits=[trait(f"user_id:{number}", "city", "Berlin", source="crm") for number in range(16)],
    )
    for size, customers, is_all in ((20, 16, True), (16, 16, True), (15, 15, False), (3, 3, False)):
        sample = await read_sample(graph, IN_FORCE, sample=size, now=NOON)
        assert (sample.customers, sample.is_all) == (customers, is_all)
        assert sample.trait("crm", "city") == TraitSample(customers, customers, customers, 0, NOON)


async def test_samples_differ_so_that_nobody_is_never_looked_at(graph: Graph) -> None:
    ids = [f"cus_{number:032x}" for number in range(0, 16 << 124, 1 << 124)]
    await seed(
        graph,
        customers=[customer(id, identifiers=[f"user_id:{number}"]) for number, id in enumerate(ids)],
        traits=[trait(f"user_id:{number}", f"t{number}", 1) for number in range(16)],
    )
    seen: set[str] = set()
    for _ in range(60):
        seen |= {name for _, name in (await read_sample(graph, IN_FORCE, sample=4)).traits}
    assert seen == {f"t{number}" for number in range(16)}


async def test_the_sources_are_those_of_the_last_touchpoints(graph: Graph) -> None:
    many = [event(at=NOON + number, source="web") for number in range(30)]
    await seed(
        graph,
        customers=[customer(identifiers=["user_id:ann"]), customer(identifiers=["user_id:bob"])],
        sessions=[
            session("user_id:ann", event(at=NOON - DAY, source="fax"), *many),
            session("user_id:bob", event(source="fax"), event(source="web")),
        ],
    )
    sample = await read_sample(graph, IN_FORCE)
    assert sample.told == {"web": 2, "fax": 1}


async def test_merges_splits_and_retractions_leave_what_each_customer_has(graph: Graph, settings: Settings) -> None:
    def says(number: int, user: str, **traits: object) -> dict[str, object]:
        return {"type": "identify", "messageId": f"m{number}", "userId": user, "traits": traits}

    async def city(service: Service) -> tuple[int, int]:
        found = (await read_sample(graph, service.units.in_force)).trait("crm", "city")
        return found.customers, found.filled

    async with open_service(settings) as service:
        await collect(service, [says(1, "ann", city="Berlin"), says(2, "bob")], source="crm", received_at=NOON)
        assert await city(service) == (2, 1)
        same = await declare(
            service, Verdict.SAME, Named("user_id", "ann"), Named("user_id", "bob"), "one person", "support"
        )
        assert await city(service) == (1, 1)
        await withdraw_judgement(service, same.judgement_id, "support")
        assert await city(service) == (2, 1)
        await collect(service, [says(3, "ann", city=None)], source="crm", received_at=NOON)
        assert await city(service) == (2, 0)
        await retract_observation(service, "crm", "m3", "support")
        assert await city(service) == (2, 1)
