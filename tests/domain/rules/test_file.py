"""Rules files: every form that they may take, and a message for everything else."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.rules.file import (
    PRESETS,
    derive_label,
    load_preset,
    parse_rules,
    parse_stored_rules,
    read_preset,
)
from identity_graph.domain.rules.rule_set import Conflict, Limit, NamespaceRule, Normalization
from identity_graph.domain.values.graph_schema import RESERVED_LABELS
from identity_graph.errors import RulesError
from tests.properties import examples

SECOND = 1_000_000
DAY = 86_400 * SECOND
DOCS = Path(__file__).parents[3] / "docs" / "rules.md"


def problems(text: str) -> Sequence[str]:
    with pytest.raises(RulesError) as caught:
        parse_rules(text, name="rules.yaml")
    found: Sequence[str] = caught.value.facts["problems"]
    assert caught.value.message == "\n".join(found)
    assert caught.value.code == "BAD_RULES"
    return found


def problem_of_namespace(entry: str) -> str:
    """Give the only problem of a namespace ``card`` that holds ``entry``, without where it is."""
    (problem,) = problems(f"namespaces:\n  card:\n    {entry}\n")
    assert problem.startswith("rules.yaml:3: namespaces.card.")
    return problem.removeprefix("rules.yaml:3: namespaces.card.")


def problem_at_top(entry: str) -> str:
    (problem,) = problems(f"namespaces: {{card: {{}}}}\n{entry}\n")
    assert problem.startswith("rules.yaml:2: ")
    return problem.removeprefix("rules.yaml:2: ")


def namespace(entry: str) -> NamespaceRule:
    return parse_rules(f"namespaces: {{card: {{{entry}}}}}").namespaces["card"]


# What is read


def test_all_that_is_left_out_has_a_default() -> None:
    rules = parse_rules("namespaces: {card: }")
    assert (rules.default_region, rules.accept_undeclared, rules.max_identifiers) == ("CN", False, 500)
    assert rules.session_gap == 1800 * SECOND
    assert rules.namespaces == {"card": NamespaceRule(name="card", label="Card", priority=0)}
    assert rules.yaml == "namespaces: {card: }"


def test_the_order_of_the_namespaces_is_their_priority() -> None:
    rules = parse_rules("namespaces: {z: {}, a: {}, m: {}}")
    assert [(rule.name, rule.priority) for rule in rules.namespaces.values()] == [("z", 0), ("a", 1), ("m", 2)]


def test_top_level_values_are_read() -> None:
    rules = parse_rules(
        "format: 1\ndefault_region: NO\nundeclared: accept\nmax_identifiers: 7\nsession_gap: P1DT2H\nnamespaces: {}"
    )
    assert (rules.default_region, rules.accept_undeclared, rules.max_identifiers) == ("NO", True, 7)
    assert rules.session_gap == DAY + 7200 * SECOND
    assert rules.namespaces == {}


@pytest.mark.parametrize(
    ("entry", "limit"),
    [
        ("", None),
        ("limit: 3", Limit(3)),
        ("limit: {count: 3}", Limit(3)),
        ("limit: {within: P365D, count: 50}", Limit(50, 365 * DAY)),
    ],
)
def test_every_form_of_a_limit_is_read(entry: str, limit: Limit | None) -> None:
    assert namespace(entry).limit == limit


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("PT30M", 1800), ("P1D", 86400), ("P1DT2H", 93600), ("PT1H2M3S", 3723), ("PT0H1S", 1), ("P36500D", 36500 * 86400)],
)
def test_durations_are_read_into_microseconds(duration: str, seconds: int) -> None:
    assert parse_rules(f"{{session_gap: {duration}, namespaces: {{a: }}}}").session_gap == seconds * SECOND


@examples(100)
@given(st.tuples(*[st.integers(0, 9999)] * 4).filter(any))
def test_any_duration_in_days_and_smaller_units_is_read(parts: tuple[int, int, int, int]) -> None:
    days, hours, minutes, seconds = parts
    rules = parse_rules(f"{{session_gap: P{days}DT{hours}H{minutes}M{seconds}S, namespaces: {{a: }}}}")
    assert rules.session_gap == days * DAY + (hours * 3600 + minutes * 60 + seconds) * SECOND


@pytest.mark.parametrize(("word", "value"), [("true", True), ("yes", True), ("off", False), ("False", False)])
def test_flags_are_read(word: str, value: bool) -> None:
    rule = namespace(f"scoped: {word}, visitor: {word}")
    assert (rule.scoped, rule.visitor) == (value, value)


@pytest.mark.parametrize("conflict", list(Conflict))
def test_every_conflict_policy_is_read(conflict: Conflict) -> None:
    assert namespace(f"conflict: {conflict.value}").conflict is conflict


@pytest.mark.parametrize("normalization", list(Normalization))
def test_every_normalisation_is_read(normalization: Normalization) -> None:
    assert namespace(f"normalize: {normalization.value}").normalize is normalization


def test_blocked_values_are_taken_as_they_are_written() -> None:
    rule = namespace(r"""blocked: [null, -1, 007, " Lost ", yes, "/^x\\d/", /a b/c/, /etc]""")
    assert rule.blocked == {"null", "-1", "007", "lost", "yes", "/etc"}
    assert [pattern.pattern for pattern in rule.blocked_patterns] == [r"^x\d", "a b/c"]


@pytest.mark.parametrize(
    ("name", "label"),
    [("crm_id", "CrmId"), ("a", "A"), ("x__2_", "X2"), ("session", "SessionIdentifier"), ("dead_letter", "DeadLetterIdentifier"), ("lock", "LockIdentifier"), ("former", "FormerIdentifierIdentifier")],
)  # fmt: skip
def test_a_label_is_derived_from_the_name(name: str, label: str) -> None:
    assert derive_label(name) == label
    assert parse_rules(f"namespaces: {{{name}: }}").namespaces[name].label == label


@pytest.mark.parametrize("name", ["no", "null", "on", "true"])
def test_a_namespace_may_be_called_what_yaml_takes_for_something_else(name: str) -> None:
    assert list(parse_rules(f"namespaces: {{{name}: {{}}}}").namespaces) == [name]


def test_anchors_and_aliases_are_read() -> None:
    rules = parse_rules("namespaces:\n  a: &strict {limit: 1}\n  b: *strict\n")
    assert rules.namespaces["b"].limit == Limit(1)


# What is refused


@pytest.mark.parametrize(
    "limit", ["many", "0", "-1", "1.5", "01", "0x10", "1_000", "'5'", "true", "9999999999", "[1]", "!!int [1]", ""]
)
def test_a_limit_is_a_whole_number_from_one(limit: str) -> None:
    assert problem_of_namespace(f"limit: {limit}").startswith(
        "limit: expected a whole number of at least 1 or {count, within}, got "
    )


def test_a_message_names_what_it_got() -> None:
    assert problem_of_namespace("limit: many").endswith("got 'many'")
    assert problem_of_namespace("limit: [1]").endswith("got a list")
    assert problem_of_namespace("limit:").endswith("got nothing")
    assert problem_of_namespace("label: {a: b}").endswith("got a mapping")
    assert problem_of_namespace(f"limit: {'x' * 90}").endswith(f"got '{'x' * 60}…'")


def test_a_limit_with_a_window_needs_both_right() -> None:
    assert problem_of_namespace("limit: {within: P1D}") == "limit.count: missing; how many may there be?"
    assert problem_of_namespace("limit: {count: 0}") == "limit.count: expected a whole number of at least 1, got '0'"
    assert "did you mean 'within'?" in problem_of_namespace("limit: {count: 1, withn: P1D}")
    assert problem_of_namespace("limit: {count: 1, within: P1M}").endswith(
        "got 'P1M'; count years, months and weeks in days"
    )


@pytest.mark.parametrize("duration", ["P1Y", "P2M", "P1W", "P1Y2M3DT4H", "P0.5Y"])
def test_years_months_and_weeks_are_no_durations(duration: str) -> None:
    problem = problem_at_top(f"session_gap: {duration}")
    assert problem == (
        "session_gap: expected an ISO 8601 duration in days or smaller units, such as PT30M or P1DT2H, "
        f"got '{duration}'; count years, months and weeks in days"
    )


@pytest.mark.parametrize(
    "duration", ["30", "P", "PT", "P1DT", "30M", "PT30", "-PT1S", "PT1.5S", "PT1M2H", "pt1m", "P1H"]
)
def test_other_texts_are_no_durations(duration: str) -> None:
    assert problem_at_top(f"session_gap: {duration}").endswith(f"PT30M or P1DT2H, got '{duration}'")


@pytest.mark.parametrize("duration", ["PT0S", "P0DT0H", "P36501D", "P36500DT1S"])
def test_durations_are_above_zero_and_up_to_a_century(duration: str) -> None:
    assert problem_at_top(f"session_gap: {duration}").startswith(
        "session_gap: expected a duration above zero and up to"
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("format: 2", "format: expected 1, got '2', which this version does not know"),
        ("format: []", "format: expected 1, got a list"),
        ("formt: 1", "formt: unknown key; did you mean 'format'?"),
        (
            "zebra: 1",
            "zebra: unknown key; known are format, default_region, undeclared, max_identifiers, session_gap, namespaces, sources",
        ),
        (
            "default_region: cn",
            "default_region: expected a country of two capital letters, such as CN, got 'cn'; did you mean 'CN'?",
        ),
        ("default_region: ZZ", "default_region: expected a country of two capital letters, such as CN, got 'ZZ'"),
        ("default_region: ''", "default_region: expected a country of two capital letters, such as CN, got nothing"),
        ("undeclared: acept", "undeclared: expected ignore or accept, got 'acept'; did you mean 'accept'?"),
        ("max_identifiers: 0", "max_identifiers: expected a whole number of at least 1, got '0'"),
        ("namespaces: {}", "namespaces: given twice, first in line 1"),
        ("? [a]\n: 1", "expected a name for a key, got a list"),
    ],
)
def test_a_wrong_entry_at_the_top_is_named(entry: str, expected: str) -> None:
    assert problem_at_top(entry) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("limt: 1", "limt: unknown key; did you mean 'limit'?"),
        ("scoped: 1", "scoped: expected true or false, got '1'"),
        ("visitor: []", "visitor: expected true or false, got a list"),
        ("conflict: newst", "conflict: expected newest or oldest or nobody, got 'newst'; did you mean 'newest'?"),
        ("normalize: [phone]", "normalize: expected exact or phone or email, got a list"),
        ("max_partners: few", "max_partners: expected a whole number of at least 1, got 'few'"),
        ("label: 1a", "label: expected a label of letters, digits and _, up to 64, that begins with a letter, got '1a'"),
        ("label: Änd", "label: expected a label of letters, digits and _, up to 64, that begins with a letter, got 'Änd'"),
        ("label: customer", "label: expected a label that the graph does not use itself, got 'customer'"),
        ("blocked: x", "blocked: expected a list of values and /regular expressions/, got 'x'"),
        ("blocked: [a, [b]]", "blocked[1]: expected a value or a /regular expression/, got a list"),
        ("blocked: [/(/]", "blocked[0]: not a regular expression: missing ): ( at column 16"),
        ("blocked: [/x/i]", "blocked[0]: expected nothing after the last slash, got '/x/i'; write flags inside: /(?i)x/"),
        ("label: !!python/name:os.system x", "label: expected a label of letters, digits and _, up to 64, that begins with a letter, got the YAML tag 'tag:yaml.org,2002:python/name:os.system'"),
    ],
)  # fmt: skip
def test_a_wrong_entry_of_a_namespace_is_named(entry: str, expected: str) -> None:
    assert problem_of_namespace(entry) == expected


@pytest.mark.parametrize("label", sorted(RESERVED_LABELS))
def test_a_namespace_does_not_take_a_label_of_the_graph(label: str) -> None:
    assert "does not use itself" in problem_of_namespace(f"label: {label}")


@pytest.mark.parametrize("label", sorted(RESERVED_LABELS))
def test_stored_rules_whose_label_the_graph_uses_itself_by_now_get_another_one(label: str) -> None:
    for written in (label, label.lower()):
        rules = parse_stored_rules(f"namespaces: {{card: {{label: {written}}}}}", name="rules version 1")
        other = rules.namespaces["card"].label
        assert other.startswith(f"{written}Identifier")
        assert other not in RESERVED_LABELS


@pytest.mark.parametrize("name", ["Card", "1card", "card-id", "_card", "a" * 65, "käse", "a b"])
def test_a_namespace_is_named_in_small_letters(name: str) -> None:
    (problem,) = problems(f"namespaces:\n  {name}: {{}}")
    assert problem.startswith(f"rules.yaml:2: namespaces.{name}: expected a name of small letters, digits and _, up to")


def test_a_key_that_comes_twice_is_named_with_both_lines() -> None:
    assert problems("namespaces:\n  a: {limit: 1}\n  b: {}\n  a: {limit: 2}\n") == [
        "rules.yaml:4: namespaces.a: given twice, first in line 2"
    ]


@pytest.mark.parametrize("text", ["format: 1", "namespaces: {}", "{undeclared: ignore}"])
def test_rules_without_a_namespace_are_refused(text: str) -> None:
    assert problems(text) == ["rules.yaml:1: namespaces: declare at least one"]


@pytest.mark.parametrize(("text", "got"), [("- a", "a list"), ("just words", "'just words'"), ("42", "'42'")])
def test_a_file_is_a_mapping(text: str, got: str) -> None:
    assert f"rules.yaml:1: expected a mapping, got {got}" in problems(text)


def test_namespaces_and_each_of_them_are_mappings() -> None:
    assert problems("namespaces: [a]")[0] == "rules.yaml:1: namespaces: expected a mapping, got a list"
    assert problems("namespaces: {a: 1}") == ["rules.yaml:1: namespaces.a: expected a mapping, got '1'"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert problems(text) == ["rules.yaml:1: the file is empty"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1\nb: 2", "rules.yaml:2: not YAML: "),
        ("a:\n\t- b", "rules.yaml:2: not YAML: "),
        ("a: *nowhere", "rules.yaml:1: not YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "rules.yaml:2: not YAML: "),
        ("a: 1\nb: \x00", "rules.yaml:2: not YAML: special characters are not allowed"),
        ("a: " + "[" * 5000, "rules.yaml:1: nested too deeply"),
        ("%YAML 9.1\n---\na: 1", "rules.yaml:1: not YAML: "),
    ],
)
def test_what_is_not_yaml_is_named_with_its_line(text: str, expected: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(expected)


def test_a_tag_is_never_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = f"open({str(trace)!r}, 'w')"
    problems(f'namespaces: !!python/object/apply:eval ["{command}"]')
    problems(f'namespaces: {{a: {{label: !!python/object/apply:eval ["{command}"]}}}}')
    assert not trace.exists()


def test_all_problems_are_named_at_once_in_the_order_of_the_file() -> None:
    text = "namespaces:\n  a: {limit: 0}\n  b: {conflict: x, blocked: [/(/]}\nsession_gap: P1Y\nformat: 3\nzzz: 1\n"
    assert [line.split(": ")[0:2] for line in problems(text)] == [
        ["rules.yaml:2", "namespaces.a.limit"],
        ["rules.yaml:3", "namespaces.b.blocked[0]"],
        ["rules.yaml:3", "namespaces.b.conflict"],
        ["rules.yaml:4", "session_gap"],
        ["rules.yaml:5", "format"],
        ["rules.yaml:6", "zzz"],
    ]


@examples(100)
@given(st.text(max_size=80) | st.builds("namespaces: {{{}: {}}}".format, st.text(max_size=9), st.text(max_size=30)))
def test_any_text_is_read_or_refused_with_lines(text: str) -> None:
    found: Sequence[str] = []
    try:
        parse_rules(text, name="rules.yaml")
    except RulesError as error:
        found = error.facts["problems"]
    assert all(re.match(r"rules\.yaml:[1-9]", problem) for problem in found)


# Presets and documentation


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_its_text(name: str) -> None:
    assert load_preset(name).yaml == read_preset(name)


def test_an_unknown_preset_is_refused_with_a_suggestion() -> None:
    with pytest.raises(RulesError, match="there is no preset 'last-logn'; did you mean 'last-login'"):
        load_preset("last-logn")
