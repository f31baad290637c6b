"""Counts of ignored values stay few, however many namespaces a sender makes up."""

from collections import Counter

from identity_graph.domain.collecting.ignored_counts import (
    OTHERS,
    TOLD_APART,
    UNDECLARED,
    fold_ignored,
    label_of,
    most_ignored,
    namespaces_in,
    read_ignored,
    write_ignored,
)
from tests.worlds.worlds import make_rules

RULES = make_rules()
MADE_UP_NAMES = {f"n{number}" for number in range(TOLD_APART)}
MADE_UP = {(f"n{number}", "undeclared"): number + 1 for number in range(TOLD_APART + 50)}


def test_of_many_made_up_namespaces_the_first_are_told_apart_and_declared_ones_always_are() -> None:
    counts = {**MADE_UP, ("phone", "invalid"): 3, ("", "too_many_traits"): 2}
    folded = fold_ignored(counts, RULES)
    assert len(folded) == TOLD_APART + 3
    assert folded["phone", "invalid"] == 3
    assert folded["", "too_many_traits"] == 2
    assert folded["n0", "undeclared"] == 1
    assert folded[OTHERS, "undeclared"] == sum(list(MADE_UP.values())[TOLD_APART:])
    assert folded.total() == sum(counts.values())


def test_what_was_told_apart_stays_so_and_folding_again_changes_nothing() -> None:
    folded = fold_ignored(MADE_UP, RULES)
    known = {namespace for namespace, _ in folded}
    assert fold_ignored({("n0", "undeclared"): 1, ("late", "undeclared"): 1}, RULES, known) == Counter(
        {("n0", "undeclared"): 1, (OTHERS, "undeclared"): 1}
    )
    assert fold_ignored(folded, RULES) == folded


def test_of_several_processes_the_namespaces_with_most_values_are_told_apart() -> None:
    summed = most_ignored({**MADE_UP, ("phone", "invalid"): 1}, RULES)
    assert summed["phone", "invalid"] == 1
    assert summed[f"n{TOLD_APART + 49}", "undeclared"] == TOLD_APART + 50
    assert ("n0", "undeclared") not in summed
    assert len(summed) == TOLD_APART + 2


def test_metrics_name_what_the_rules_declare_and_nothing_else() -> None:
    assert label_of("phone", "invalid", RULES) == "phone"
    assert label_of("", "too_many_traits", RULES) == ""
    assert label_of("ann@example.com", "undeclared", RULES) == UNDECLARED
    assert label_of(OTHERS, "undeclared", RULES) == UNDECLARED
    assert label_of("context.device.id", "unreadable_field", RULES) == "context.device.id"


def test_fields_that_were_left_out_keep_their_paths_beside_any_number_of_namespaces() -> None:
    fields = {("context.device.id", "unreadable_field"): 4, ("traits", "unreadable_field"): 1}
    folded = fold_ignored({**MADE_UP, **fields}, RULES)
    assert {pair: folded[pair] for pair in fields} == fields
    assert most_ignored({**MADE_UP, **fields}, RULES)["traits", "unreadable_field"] == 1
    assert fold_ignored({("traits", "undeclared"): 1}, RULES, MADE_UP_NAMES)[OTHERS, "undeclared"] == 1


def test_fields_that_were_left_out_take_the_place_of_no_namespace() -> None:
    fields = {(f"field{number}", "unreadable_field"): 1 for number in range(TOLD_APART)}
    assert fold_ignored({**fields, ("late", "undeclared"): 1}, RULES)["late", "undeclared"] == 1
    assert namespaces_in({**fields, ("late", "undeclared"): 1}) == {"late"}


def test_counts_are_read_as_they_were_written() -> None:
    counts = {("phone", "blocked"): 2, ("phone", "invalid"): 1, ("", "too_many_traits"): 3}
    assert read_ignored(write_ignored(counts)) == counts
    assert read_ignored(write_ignored({})) == {}
