"""What other rules come to, counted and shown."""

from identity_graph.domain.identity.customer_diff import LARGEST, MOST_EXAMPLES, DiffExample, RuleDiff
from identity_graph.domain.identity.evidence import Seen
from identity_graph.domain.values.identifiers import Identifier


def customers(*keys: str) -> list[frozenset[str]]:
    """Write customers as words of letters, each an identifier."""
    return [frozenset(word) for word in keys]


def figures(diff: RuleDiff) -> tuple[int, int, int, int, int, list[int]]:
    return diff.customers_before, diff.customers_after, diff.merged, diff.split, diff.unchanged, diff.largest


def test_two_customers_that_become_one_are_merged() -> None:
    diff = RuleDiff()
    diff.add(customers("ab", "c"), customers("abc"))
    assert figures(diff) == (2, 1, 2, 0, 0, [3])
    assert diff.examples == [DiffExample((("a", "b"), ("c",)), (("a", "b", "c"),))]


def test_a_customer_that_becomes_two_is_split() -> None:
    diff = RuleDiff()
    diff.add(customers("abc"), customers("ab", "c"))
    assert figures(diff) == (1, 2, 0, 1, 0, [2, 1])


def test_an_identifier_that_moves_merges_two_and_splits_one() -> None:
    diff = RuleDiff()
    diff.add(customers("ab", "c", "de"), customers("a", "bc", "de"))
    assert figures(diff) == (3, 3, 2, 1, 1, [2, 1])
    assert diff.examples == [DiffExample((("a", "b"), ("c",)), (("b", "c"), ("a",)))]


def test_what_stays_is_unchanged_and_no_example() -> None:
    diff = RuleDiff()
    diff.add(customers("ab", "c"), customers("c", "ab"))
    diff.add_unchanged(3)
    assert figures(diff) == (5, 5, 0, 0, 5, [])
    assert diff.examples == []


def test_a_customer_that_loses_or_gains_an_identifier_is_neither_merged_nor_split_nor_unchanged() -> None:
    diff = RuleDiff()
    diff.add(customers("ab", "c"), customers("a", "cd"))
    assert figures(diff) == (2, 2, 0, 0, 0, [2, 1])
    assert len(diff.examples) == 2


def test_a_customer_may_end_and_another_begin() -> None:
    diff = RuleDiff()
    seen = Seen(Identifier("hat", "b"), 1, 2)
    diff.add(customers("a"), customers("b"), newcomers={"b": seen})
    assert figures(diff) == (1, 1, 0, 0, 0, [1])
    assert diff.examples == [DiffExample((("a",),), ()), DiffExample((), (("b",),))]
    assert diff.newcomers == {"b": seen}


def test_identifiers_that_are_read_as_one_merge_their_customers() -> None:
    diff = RuleDiff()
    diff.add(customers("a", "A", "x"), customers("a", "y"), {"A": ["a"], "x": ["z"]})
    assert figures(diff) == (3, 2, 2, 0, 0, [1, 1])
    assert diff.examples[0] == DiffExample((("A",), ("a",)), (("a",),))


def test_groups_that_turn_out_to_hang_together_are_one_example() -> None:
    diff = RuleDiff()
    diff.add(customers("ab", "cd", "xy"), customers("ax", "b", "cy", "d"))
    assert [(len(one.before), len(one.after)) for one in diff.examples] == [(3, 4)]


def test_the_most_striking_examples_and_the_largest_customers_are_kept() -> None:
    diff = RuleDiff()
    newcomers = {f"new{number}": Seen(Identifier("hat", "b"), 1, 2) for number in range(MOST_EXAMPLES + 5)}
    for number, key in enumerate(newcomers):
        after = frozenset({key, *(f"{key}-{index}" for index in range(number))})
        diff.add([], [after], newcomers={key: newcomers[key]})
    assert diff.largest == [MOST_EXAMPLES + 5 - number for number in range(LARGEST)]
    assert len(diff.examples) == MOST_EXAMPLES
    assert diff.examples == sorted(diff.examples, key=lambda example: example.rank)
    assert diff.newcomers.keys() == {f"new{number}" for number in range(5, MOST_EXAMPLES + 5)}
