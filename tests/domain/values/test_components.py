import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.values.components import Components
from tests.properties import examples

ITEMS = range(12)


@examples(100)
@given(st.lists(st.tuples(st.sampled_from(ITEMS), st.sampled_from(ITEMS)), max_size=15))
def test_components_are_those_that_networkx_finds(pairs: list[tuple[int, int]]) -> None:
    components = Components[int]()
    for pair in pairs:
        components.join(*pair)
    graph = nx.Graph(pairs)
    graph.add_nodes_from(ITEMS)
    assert {frozenset(group) for group in components.group(ITEMS)} == {
        frozenset(c) for c in nx.connected_components(graph)
    }
