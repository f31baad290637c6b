"""Before something is sent it is asked again: whoever does not permit the purpose is not told of, and it is counted why."""

from collections.abc import AsyncGenerator

import pytest

from identity_graph.domain.activation.messages import message_id
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel
from identity_graph.service.activation.deliverer import Deliverer
from identity_graph.service.activation.destinations import (
    read_counts,
    read_deliveries,
    read_withheld,
    replay_deliveries,
)
from identity_graph.service.collecting.consenting import Given, set_consent
from identity_graph.service.core import Service, open_service
from identity_graph.service.positions import ABOVE_ALL
from identity_graph.service.reads import Reads
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.segments import segments as segment_store
from tests.receivers import Receiver, receiver
from tests.worlds.activation import NOW, make_destination, put, transition

G, D, W = ConsentState.GRANTED, ConsentState.DENIED, ConsentState.WITHDRAWN


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    """Give a service with a segment for marketing, and one without a purpose."""
    async with open_service(settings, delivers=False) as service:
        await service.evaluator.close()
        for id, purpose in (("seg_1", "marketing"), ("seg_2", None)):
            await graph.write(
                lambda tx, name=id, purpose=purpose: segment_store.create_segment(
                    tx,
                    id=name,
                    name=name,
                    description=None,
                    rule="{}",
                    audience="ALL",
                    purpose=purpose,
                    at_s=1,
                    at_ns=0,
                )
            )
        yield service


async def say(service: Service, user: str, state: ConsentState, channel: Channel | None = None) -> str:
    """Record a consent, and give the customer."""
    said = Given(by=RawIdentifier("user_id", user), purpose="marketing", state=state, channel=channel, source="crm")
    await set_consent(service, said, service.units.now())
    (row,) = await service.graph.run(
        "MATCH (i:Identifier {key: $key})-[:BELONGS_TO]->(c) RETURN c.id AS id", key=f"user_id:{user}"
    )
    return str(row["id"])


async def deliver(graph: Graph) -> None:
    await Deliverer(graph, allow_private=True).deliver_due()


def told(there: Receiver) -> set[str]:
    return {request.id for request in there.received}


async def reasons(graph: Graph) -> dict[str, int]:
    ((*rows,),) = await read_withheld(Reads(graph), ["dst_1"])
    return {row.reason: row.total for row in rows}


async def test_entries_of_those_who_do_not_permit_it_are_withheld_and_counted(service: Service, graph: Graph) -> None:
    mei, bo = await say(service, "mei", G), await say(service, "bo", D)
    async with receiver() as there:
        await make_destination(graph, url=there.url)
        await put(graph, transition(mei), transition(bo), transition("cus_gone"), transition(bo, segment="seg_2"))
        await deliver(graph)
        sent = {message_id("dst_1", "segment", *what, 1) for what in (("seg_1", mei), ("seg_2", bo))}
        assert told(there) == sent
    assert await reasons(graph) == {"DENIED": 1, "NOT_ASKED": 1}
    (counts,) = await read_counts(Reads(graph), ["dst_1"])
    assert (counts.pending, counts.failed) == (0, 0)
    page = await read_deliveries(Reads(graph), "dst_1", state="WITHHELD", first=9, before=ABOVE_ALL)
    assert {(row.customer_id, row.state, row.withheld, row.attempts) for row in page.items} == {
        (bo, "WITHHELD", "DENIED", 0),
        ("cus_gone", "WITHHELD", "NOT_ASKED", 0),
    }
    assert {row.last_error for row in page.items if row.customer_id == bo} == {
        "Withheld: the customer denied the purpose (marketing)."
    }


async def test_who_withdraws_before_the_delivery_is_not_told_of_and_later_enters_anew(
    service: Service, graph: Graph
) -> None:
    mei = await say(service, "mei", G)
    async with receiver() as there:
        await make_destination(graph, url=there.url, reentry="ONCE")
        await put(graph, transition(mei))
        await say(service, "mei", W)
        await deliver(graph)
        await put(graph, transition(mei, 2))
        await deliver(graph)
        assert told(there) == set()
        await say(service, "mei", G)
        await put(graph, transition(mei, 3), transition(mei, 4))
        await say(service, "mei", D)
        await deliver(graph)
        assert told(there) == set()  # entry 3 was withheld, and so was the exit that waited behind it
        assert await reasons(graph) == {"WITHDRAWN": 1, "DENIED": 1, "ENTRY_WITHHELD": 1}
        await say(service, "mei", G)
        await put(graph, transition(mei, 5))
        await deliver(graph)
        await say(service, "mei", D)
        await put(graph, transition(mei, 6))
        await deliver(graph)
        assert told(there) == {message_id("dst_1", "segment", "seg_1", mei, number) for number in (5, 6)}


async def test_the_channel_and_the_region_of_the_destination_count(service: Service, graph: Graph) -> None:
    mei = await say(service, "mei", G)
    bo = await say(service, "bo", G)
    await say(service, "bo", G, Channel.SMS)
    async with receiver() as there:
        await make_destination(graph, url=there.url, channel="SMS")
        await put(graph, transition(mei), transition(bo))
        await deliver(graph)
        assert told(there) == {message_id("dst_1", "segment", "seg_1", bo, 1)}
        assert await reasons(graph) == {"CHANNEL_NOT_ASKED": 1}
        await say(service, "mei", G, Channel.SMS)
        assert await replay_deliveries(graph, "dst_1", NOW) == 2
        await deliver(graph)
        assert message_id("dst_1", "segment", "seg_1", mei, 1) in told(there)
        assert await reasons(graph) == {}
