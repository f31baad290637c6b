"""Catalogue files: every form that they may take, and a message for everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from identity_graph.domain.profiles.catalogue import fingerprint, meaning_of
from identity_graph.domain.profiles.difference import CatalogueChange, list_changes
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue, parse_stored_catalogue, read_shipped
from identity_graph.domain.profiles.trait_types import Policy, TraitClass, TraitGroup, TraitType, ValueType, undeclared
from identity_graph.errors import CatalogueError

ZONE = "expected a time zone of the IANA list, such as Asia/Shanghai"


def problems(text: str) -> Sequence[str]:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, name="catalogue.yaml")
    found: Sequence[str] = caught.value.facts["problems"]
    assert caught.value.message == "\n".join(found)
    assert caught.value.code == "BAD_CATALOGUE"
    return found


def problem_of_trait(entry: str) -> str:
    """Give the only problem of a trait ``points`` that holds ``entry``, without where it is."""
    (problem,) = problems(f"traits:\n  points: {{{entry}}}\n")
    assert problem.startswith("catalogue.yaml:2: traits.points.")
    return problem.removeprefix("catalogue.yaml:2: traits.points.")


def trait(entry: str) -> TraitType:
    return parse_catalogue(f"traits: {{points: {{{entry}}}}}").traits["points"]


# What is read


def test_all_that_is_left_out_has_a_default() -> None:
    catalogue = parse_catalogue("traits: {points: }")
    assert catalogue.time_zone == "UTC"
    assert catalogue.traits == {"points": TraitType(name="points")}
    assert parse_catalogue("time_zone: Asia/Shanghai").zone == ZoneInfo("Asia/Shanghai")


def test_a_trait_is_read_with_all_that_it_says() -> None:
    found = trait("type: text, class: identity, policy: source_priority, personal: yes, sources: [crm, web]")
    assert found == TraitType(
        name="points",
        type=ValueType.TEXT,
        trait_class=TraitClass.IDENTITY,
        policy=Policy.SOURCE_PRIORITY,
        personal=True,
        sources=("crm", "web"),
    )
    assert trait("group: household") == TraitType(name="points", group=TraitGroup.HOUSEHOLD)
    assert trait("policy: top, size: 3") == TraitType(name="points", policy=Policy.TOP, size=3)
    assert trait("type: decimal, values: [1, '2.5']").values == (1, 2.5)


def test_a_trait_that_is_not_declared_may_be_anything_and_may_be_personal() -> None:
    catalogue = parse_catalogue("traits: {points: {type: integer}}")
    assert catalogue.trait("points").declared
    assert catalogue.trait("colour") == undeclared("colour")
    assert undeclared("colour").personal


@pytest.mark.parametrize(
    ("entry", "result"),
    [
        ("type: text", ValueType.TEXT),
        ("type: text, policy: count", ValueType.INTEGER),
        ("type: integer, policy: mean", ValueType.DECIMAL),
        ("type: integer, policy: sum", ValueType.INTEGER),
        ("type: text, policy: union", ValueType.LIST),
    ],
)
def test_the_type_of_the_value_follows_from_type_and_policy(entry: str, result: ValueType) -> None:
    assert trait(entry).result is result


def test_the_catalogue_that_ships_is_valid_and_costs_the_write_path_nothing() -> None:
    catalogue = load_catalogue()
    assert catalogue.yaml == read_shipped()
    assert {found.policy for found in catalogue.traits.values()} == {Policy.NEWEST}


# What is refused


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("type: txt", "type: expected text or integer or decimal or boolean or date or moment or list or object or any, got 'txt'; did you mean 'text'?"),
        ("class: identity, group: household", "group: expected names or contacts or accounts or other, got 'household'; known are names, contacts, accounts, other"),
        ("type: text, policy: sum", "policy: sum needs the type integer or decimal, and this one is text"),
        ("policy: min", "policy: min needs the type integer or decimal or date or moment, and this one is any"),
        ("policy: source_priority", "sources: missing; name the sources, the most trusted first"),
        ("sources: [crm]", "sources: sources are for the policy source_priority, not for newest"),
        ("policy: source_priority, sources: crm", "sources: expected a list of sources, the most trusted first, got 'crm'"),
        ("policy: source_priority, sources: []", "sources: expected a list of sources, the most trusted first, got an empty list"),
        ("policy: source_priority, sources: [crm, crm]", "sources[1]: expected each source once, got 'crm'"),
        ("policy: source_priority, sources: [{a: b}]", "sources[0]: expected the name of a source, got a mapping"),
        ("policy: top", "size: missing; how many values does it show?"),
        ("policy: top, size: 101", "size: expected a whole number up to 100, got '101'"),
        ("size: 3", "size: size is for the policy top, not for newest"),
        ("type: integer, values: [one]", "values[0]: expected a value of the type integer, got 'one'"),
        ("type: integer, values: [[1]]", "values[0]: expected a value of the type integer, got a list"),
        ("type: integer, values: [1, 1.0]", "values[1]: expected each value once, got '1.0'"),
        ("type: boolean, values: [true]", "values: allowed values can be listed for the type text or integer or decimal or date, and this one is boolean"),
        ("personal: perhaps", "personal: expected true or false, got 'perhaps'"),
        ("polcy: sum", "polcy: unknown key; did you mean 'policy'?"),
    ],
)  # fmt: skip
def test_a_trait_that_contradicts_itself_is_refused(entry: str, problem: str) -> None:
    assert problem_of_trait(entry) == problem


def test_what_is_wrong_is_told_with_its_line_and_all_at_once() -> None:
    long = "n" * 256
    assert problems(f"time_zone: Asia/Shangai\nformat: 2\ntraits:\n  {long}:\n  a: {{type: x}}\nzone: UTC\n") == [
        f"catalogue.yaml:1: time_zone: {ZONE}, got 'Asia/Shangai'; did you mean 'Asia/Shanghai'?",
        "catalogue.yaml:2: format: expected 1, got '2', which this version does not know",
        f"catalogue.yaml:4: traits.{'n' * 20}…: the name of a trait has at most 255 characters",
        f"catalogue.yaml:5: traits.a.type: expected {' or '.join(ValueType)}, got 'x'; known are {', '.join(ValueType)}",
        "catalogue.yaml:6: zone: unknown key; did you mean 'time_zone'?",
    ]
    assert problems("time_zone: Nowhere") == [f"catalogue.yaml:1: time_zone: {ZONE}, got 'Nowhere'"]
    with pytest.raises(CatalogueError, match="version 3:1: the file is empty"):
        parse_stored_catalogue("", name="version 3")


# What it means


def test_a_fingerprint_tells_what_a_catalogue_means_and_not_how_it_is_written() -> None:
    one = parse_catalogue("traits: {a: {type: text}, b: {}}")
    same = parse_catalogue("# comment\ntraits: {b: {policy: newest}, a: {type: text}}\nformat: 1")
    other = parse_catalogue("traits: {a: {type: text}, b: {policy: oldest}}\ntime_zone: Asia/Tokyo")
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
    assert list_changes(one, same) == []
    assert list_changes(one, other) == [
        CatalogueChange("time_zone", "", "UTC", "Asia/Tokyo"),
        CatalogueChange("traits", "b", meaning_of(one.traits["b"]), meaning_of(other.traits["b"])),
    ]


def test_the_meaning_of_a_part_is_written_as_json_with_all_of_its_defaults() -> None:
    @dataclass(frozen=True)
    class Part:
        names: frozenset[str] = frozenset({"b", "a"})
        rate: Decimal = Decimal("0.10")

    assert meaning_of(Part()) == {"names": ["a", "b"], "rate": "0.10"}
