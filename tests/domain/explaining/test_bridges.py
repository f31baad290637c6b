import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.explaining.bridges import find_bridges
from tests.properties import examples

_NODES = st.sampled_from("abcdefghij")
_PAIRS = st.sets(st.tuples(_NODES, _NODES).filter(lambda pair: pair[0] < pair[1]), max_size=25)


@examples(100)
@given(_PAIRS)
def test_bridges_are_those_that_networkx_finds(pairs: set[tuple[str, str]]) -> None:
    graph: nx.Graph[str] = nx.Graph(pairs)
    assert find_bridges(pairs) == {(min(a, b), max(a, b)) for a, b in nx.bridges(graph)}


def test_a_chain_is_all_bridges_and_a_circle_has_none() -> None:
    chain = [("a", "b"), ("b", "c")]
    assert find_bridges(chain) == set(chain)
    assert find_bridges([*chain, ("a", "c")]) == set()


def test_long_chains_do_not_exhaust_the_stack() -> None:
    chain = [(f"{n:06}", f"{n + 1:06}") for n in range(20_000)]
    assert find_bridges(chain) == set(chain)
