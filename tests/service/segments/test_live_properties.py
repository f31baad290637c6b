"""The members of segments are at any time those whom a plain reading of the messages gives, and everybody evaluated anew."""

from hypothesis import given

from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.worlds.live_worlds import LiveWorld, Living, live_worlds


@examples(6)
@given(world=live_worlds())
async def test_live_members_are_those_by_the_messages(graph: Graph, world: LiveWorld) -> None:
    await Living(graph, world).run()
