"""Computed traits: which events count, what they come to, and what the catalogue may not say of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from identity_graph.domain.profiles.computing import Happened, compute, find_property
from identity_graph.domain.profiles.conditions import Condition, Operator
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.errors import CatalogueError

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOW = 100 * DAY
ORDERS = [
    ("Order Completed", 99, {"total": 30, "currency": "CNY", "cart": {"size": 2}, "tags": ["gift", "sale"]}),
    ("Order Completed", 50, {"total": "12.50", "currency": "CNY", "cart": {"size": 1}}),
    ("Till", 10, {"total": 100, "currency": "USD", "tags": ["sale"]}),
    ("Order Completed", 5, {"total": "many", "currency": "CNY"}),
    ("Order Completed", 101, {"total": 1000, "currency": "CNY"}),
    ("Home", 98, {"total": 7}),
]


def value_of(entry: str, now: int = NOW) -> Any:
    """Compute a trait of the events above; those after now have not happened yet."""
    catalogue = parse_catalogue(f"time_zone: Asia/Shanghai\ncomputed: {{t: {{{entry}}}}}")
    events = [Happened((day * DAY, "web", f"m{n}"), name, said) for n, (name, day, said) in enumerate(ORDERS)]
    return compute(catalogue.computed["t"], events, now, catalogue)


@pytest.mark.parametrize(
    ("policy", "value"), [("distinct_count", 1501), ("most_frequent", 1500), ("top, size: 1", [1500])]
)
def test_all_values_of_a_long_history_count(policy: str, value: Any) -> None:
    catalogue = parse_catalogue(f"computed: {{t: {{event: Seen, of: n, type: integer, policy: {policy}}}}}")
    seen = [*range(1500), *[1500] * 3]
    events = [Happened((at, "web", f"m{at}"), "Seen", {"n": n}) for at, n in enumerate(seen)]
    assert compute(catalogue.computed["t"], events, NOW, catalogue) == value


def problems(text: str) -> Sequence[str]:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(f"computed:\n  t: {{{text}}}\n")
    found: Sequence[str] = caught.value.facts["problems"]
    return [problem.removeprefix("catalogue:2: computed.t.") for problem in found]


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("event: Order Completed, policy: count", 3),
        ("event: [Order Completed, Till], policy: count", 4),
        ("event: Order Completed, policy: sum, of: total", 42.5),
        ("event: Order Completed, policy: mean, of: total", 21.25),
        ("event: Order Completed, policy: min, of: total", 12.5),
        ("event: Order Completed, policy: max, of: total", 30),
        ("event: Order Completed, policy: first, of: total", "many"),
        ("event: Order Completed, policy: last, of: total", 30),
        ("event: Order Completed, policy: most_frequent, of: currency", "CNY"),
        ("event: [Order Completed, Till], policy: top, of: currency, size: 2", ["CNY", "USD"]),
        ("event: [Order Completed, Till], policy: union, of: tags", ["sale", "gift"]),
        ("event: [Order Completed, Till], policy: distinct_count, of: tags", 2),
        ("event: [Order Completed, Till, Home], policy: active_days", 5),
        ("event: Order Completed, policy: sum, of: cart.size, type: integer", 3),
        ("event: Order Completed, policy: count, within: P51D", 2),
        ("event: Order Completed, policy: count, within: P50D", 1),
        ("event: Order Completed, policy: count, where: {currency: CNY, total: {from: 12.5, below: 30}}", 1),
        ("event: Nothing, policy: count", 0),
        ("event: Nothing, policy: sum, of: total", 0),
        ("event: Nothing, policy: union, of: total", []),
        ("event: Nothing, policy: mean, of: total", None),
        ("event: Order Completed, policy: sum, of: total, named: [{name: Gold, above: 42}, {name: Basic}]", "Gold"),
        ("event: Nothing, policy: sum, of: total, named: [{name: Gold, above: 42}, {name: Basic}]", "Basic"),
        ("event: Nothing, policy: sum, of: total, named: [{name: Gold, from: 1, to: 42}]", None),
    ],
)  # fmt: skip
def test_a_computed_trait_is_what_the_events_come_to(entry: str, value: Any) -> None:
    assert value_of(entry) == value


def test_a_value_with_a_window_moves_with_time_alone() -> None:
    entry = "event: Order Completed, policy: count, within: P30D"
    assert [value_of(entry, day * DAY) for day in (50, 79, 80, 99, 101, 128, 130, 131)] == [1, 1, 0, 1, 2, 2, 1, 0]


@pytest.mark.parametrize(
    ("operator", "operand", "holding", "others"),
    [
        (Operator.IS, 3, [3, 3.0, "3"], [4, "x", None, True, [3]]),
        (Operator.IS, "red", ["red"], ["Red", None, 3]),
        (Operator.IS, True, [True], [1, "true", None]),
        (Operator.NOT, "red", ["blue", None, 3], ["red"]),
        (Operator.IN, ("red", 3), ["red", 3], ["blue", None]),
        (Operator.ABOVE, 3, [4, "4.5"], [3, 2, "x", None]),
        (Operator.FROM, 3, [3, 4], [2, None]),
        (Operator.TO, 3, [3, 2], [4, None]),
        (Operator.BELOW, 3, [2], [3, 4, None]),
        (Operator.CONTAINS, "re", ["red", ["re", "x"]], ["blue", ["red"], None, 3]),
        (Operator.CONTAINS, 3, [[1, 3]], ["3", [1]]),
        (Operator.EXISTS, True, [0, "", False], [None]),
        (Operator.EXISTS, False, [None], [0]),
    ],
)
def test_a_condition_holds_for_what_it_says(
    operator: Operator, operand: Any, holding: list[Any], others: list[Any]
) -> None:
    condition = Condition(operator, operand)
    assert [value for value in holding if not condition.holds(value)] == []
    assert [value for value in others if condition.holds(value)] == []


def test_a_property_is_found_by_its_path_or_by_a_name_with_dots() -> None:
    said = {"a": {"b": {"c": 1}}, "x.y": 2, "z": 3}
    paths = ("a.b.c", "x.y", "a.b", "z.z", "q", "a.q.c")
    assert [find_property(said, path) for path in paths] == [1, 2, {"c": 1}, None, None, None]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("policy: count", ["event: missing; which events count?"]),
        ("event: x", ["policy: missing; what do the events come to?"]),
        ("event: [], policy: count", ["event: expected the name of an event, or a list of names, got a list"]),
        ("event: [{a: b}], policy: count", ["event: expected the name of an event, or a list of names, got a mapping"]),
        ("event: x, policy: sum", ["of: missing; the sum of which property?"]),
        ("event: x, policy: count, of: y", ["of: count counts events and takes no property"]),
        ("event: x, policy: sum, of: y, type: text", ["type: sum needs the type integer or decimal, and this one is text"]),
        ("event: x, policy: top, of: y", ["size: missing; how many values does it show?"]),
        ("event: x, policy: top, of: y, size: 101", ["size: expected a whole number up to 100, got '101'"]),
        ("event: x, policy: count, size: 3", ["size: size is for the policy top, not for count"]),
        ("event: x, policy: count, where: {p: {above: y}}", ["where.p.above: expected a number, got 'y'"]),
        ("event: x, policy: count, where: {p: {exists: y}}", ["where.p.exists: expected true or false, got 'y'"]),
        ("event: x, policy: count, where: {p: {in: []}}", ["where.p.in: expected a list of values, got a list"]),
        ("event: x, policy: count, where: {p: [y]}", ["where.p: expected a text, a number, or true or false, got a list"]),
        ("event: x, policy: count, where: {p: {abov: 1}}", ["where.p.abov: unknown key; did you mean 'above'?"]),
        ("event: x, policy: count, named: []", ["named: expected a list of names with their conditions, got a list"]),
        ("event: x, policy: count, named: [{above: 1}]", ["named[0].name: missing; what is such a value called?"]),
        ("event: x, policy: count, named: [1]", ["named[0]: expected a mapping, got '1'"]),
        ("event: x, policy: count, where: {p: {above: 5, below: 3}}", ["where.p: no number is above 5 and below 3"]),
        ("event: x, policy: count, where: {p: {above: 5, to: 5}}", ["where.p: no number is above 5 and to 5"]),
        ("event: x, policy: count, named: [{name: A, from: 5, below: 5}]", ["named[0]: no number is from 5 and below 5"]),
        ("event: x, policy: count, named: [{name: A}, {name: B, above: 1}]", ["named[1]: never the value, since 'A' holds whenever it does: put the narrower one first"]),
        ("event: x, policy: count, named: [{name: A, from: 1}, {name: B, above: 5}]", ["named[1]: never the value, since 'A' holds whenever it does: put the narrower one first"]),
        ("event: x, policy: count, named: [{name: A, to: 9}, {name: B, not: 3, below: 9}]", ["named[1]: never the value, since 'A' holds whenever it does: put the narrower one first"]),
    ],
)  # fmt: skip
def test_a_computed_trait_that_contradicts_itself_is_refused(entry: str, found: list[str]) -> None:
    assert problems(entry) == found


@pytest.mark.parametrize(
    "named",
    [
        "[{name: A, above: 5}, {name: B, from: 5}, {name: C, from: 1}, {name: D}]",
        "[{name: A, from: 1, to: 3}, {name: B, above: 2}, {name: C, is: 2}]",
        "[{name: A, is: 3}, {name: B, above: 2}]",
        "[{name: A, from: 5, to: 5}]",
    ],
)
def test_names_of_which_each_may_be_the_value_are_taken(named: str) -> None:
    kind = parse_catalogue(f"computed: {{t: {{event: x, policy: count, named: {named}}}}}").computed["t"]
    assert [one.name for one in kind.named] == [*"ABCD"[: len(kind.named)]]


def test_a_name_is_declared_or_computed_and_not_both() -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue("traits:\n  t: {type: text}\ncomputed:\n  t: {event: x, policy: count}\n")
    assert caught.value.facts["problems"] == [
        "catalogue:4: computed.t: is a trait in line 2, too: give one of them another name"
    ]


def test_a_list_of_values_and_flags_is_read() -> None:
    entry = "event: x, policy: count, where: {a: {in: [1, red, yes]}, b: true, c: 1e400}"
    kind = parse_catalogue(f"computed: {{t: {{{entry}}}}}").computed["t"]
    assert [(path, condition.operand) for path, condition in kind.where] == [
        ("a", (1, "red", "yes")),
        ("b", True),
        ("c", "1e400"),
    ]


@pytest.mark.parametrize(
    "policy", ["count", "sum", "mean", "min", "max", "first", "last", "most_frequent", "top, size: 2", "union",
               "distinct_count", "active_days"]
)  # fmt: skip
def test_alike_events_come_to_what_each_of_them_comes_to(policy: str) -> None:
    of = "" if policy in {"count", "active_days"} else ", of: n, type: integer"
    catalogue = parse_catalogue(f"time_zone: Asia/Shanghai\ncomputed: {{t: {{event: Seen{of}, policy: {policy}}}}}")
    # Three runs of alike events: one over midnight in Shanghai, one of a single event, one that surrounds the first value again.
    runs = [(1, [14, 15, 16, 17]), (2, [20]), (1, [40, 41]), (3, [41, 42]), (2, [60, 62])]
    single = [Happened((at * HOUR, "web", f"m{at}-{n}"), "Seen", {"n": n}) for n, hours in runs for at in hours]
    alike = [
        Happened(
            (hours[0] * HOUR, "web", f"m{hours[0]}-{n}"),
            "Seen",
            {"n": n},
            len(hours),
            (hours[-1] * HOUR, "web", f"m{hours[-1]}-{n}"),
        )
        for n, hours in runs
    ]
    expected = compute(catalogue.computed["t"], single, NOW, catalogue)
    assert compute(catalogue.computed["t"], alike[::-1], NOW, catalogue) == expected
    assert expected is not None
