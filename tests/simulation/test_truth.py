"""Pairwise precision and recall, against counting the pairs one by one."""

from itertools import combinations, product

import networkx
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.simulation import Truth, evaluate

KEYS = [f"ns:{n}" for n in range(8)]
MESSAGES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.lists(st.sampled_from(KEYS), max_size=4, unique=True).map(tuple)), max_size=14
)


def truth_of(messages: list[tuple[str, tuple[str, ...]]]) -> Truth:
    truth = Truth()
    for person, keys in messages:
        truth.record(person, keys)
    return truth


@given(MESSAGES, st.dictionaries(st.sampled_from([*KEYS, "ns:unknown"]), st.sampled_from(["c1", "c2", "c3"])))
def test_the_score_equals_the_one_counted_pair_by_pair(
    messages: list[tuple[str, tuple[str, ...]]], assignment: dict[str, str]
) -> None:
    score = evaluate(assignment, truth_of(messages))

    people = {key: {p for p, keys in messages if key in keys} for _, keys in messages for key in keys}
    single = sorted(key for key, owners in people.items() if len(owners) == 1)
    pairs = list(combinations(single, 2))
    true = {(a, b) for a, b in pairs if people[a] == people[b]}
    found = {(a, b) for a, b in pairs if a in assignment and assignment.get(a) == assignment.get(b)}
    known = networkx.Graph()
    for person, keys in messages:
        known.add_edges_from(((person, a), (person, b)) for a, b in product(keys, keys))
    provable = {
        (a, b) for a, b in true if any(networkx.has_path(known, (person, a), (person, b)) for person in people[a])
    }

    assert score.identifiers == len(single)
    assert score.excluded == len(people) - len(single)
    assert (score.pairs_true, score.pairs_found) == (len(true), len(found))
    assert score.pairs_correct == len(true & found)
    assert score.pairs_provable == len(provable)
    assert score.precision == (len(true & found) / len(found) if found else 1)
    assert score.recall == (len(true & found) / len(true) if true else 1)


def test_a_tablet_that_many_used_is_in_no_pair() -> None:
    truth = truth_of([("A", ("device:t", "phone:a", "crm:a")), ("B", ("device:t", "phone:b"))])
    score = evaluate({"device:t": "c1", "phone:a": "c1", "crm:a": "c1", "phone:b": "c1"}, truth)
    assert truth.shared == ["device:t"]
    assert (score.identifiers, score.excluded, score.people, score.customers) == (3, 1, 2, 1)
    assert (score.precision, score.recall, score.best_recall) == (1 / 3, 1.0, 1.0)


def test_identifiers_that_the_service_never_saw_are_customers_of_their_own() -> None:
    score = evaluate({}, truth_of([("A", ("phone:a", "crm:a"))]))
    assert (score.customers, score.precision, score.recall) == (2, 1.0, 0.0)
