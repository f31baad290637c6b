"""The receiver of the demo: it verifies, keeps the first entry, and then wants no more."""

from io import StringIO

from rich.console import Console

from identity_graph.demo.receiver import print_entry, receiving
from identity_graph.service.activation.deliverer import Deliverer
from identity_graph.store.driver.graph import Graph
from tests.worlds.activation import SECRET, make_destination, put, transition


async def test_the_first_entry_is_printed_verified_and_the_destination_switched_off(graph: Graph) -> None:
    with receiving() as (receiver, url):
        await make_destination(graph, "dst_1", url=url, secret=receiver.secret)
        await put(graph, transition("cus_1"))
        await Deliverer(graph, allow_private=True).deliver_due()
        await put(graph, transition("cus_2"))
        await Deliverer(graph, allow_private=True).deliver_due()
        shown = StringIO()
        print_entry(Console(file=shown, width=200), receiver)
    assert "signature verified" in shown.getvalue()
    assert '"customer": "cus_1"' in shown.getvalue()
    rows = await graph.run("MATCH (d:Destination) RETURN d.disabled_reason AS reason")
    assert [row["reason"] for row in rows] == ["It answered 410 Gone."]


async def test_what_another_signs_is_refused(graph: Graph) -> None:
    with receiving() as (receiver, url):
        await make_destination(graph, "dst_1", url=url, secret=SECRET)
        await put(graph, transition())
        await Deliverer(graph, allow_private=True).deliver_due()
        assert receiver.wait(0) is None
    assert await graph.run("MATCH (d:Delivery) RETURN d.last_status AS status") == [{"status": 401}]
