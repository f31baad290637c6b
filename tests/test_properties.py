"""What a soak prints of an example that fails is the example."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.rule_set import RuleSet, fingerprint
from tests.properties import as_test, examples, replay
from tests.worlds.judged_worlds import JudgedWorld
from tests.worlds.worlds import any_rules, make_event, make_rules, other_rules, to_yaml


@examples(50)
@given(rules=any_rules | other_rules)
def test_rules_are_written_down_as_they_are(rules: RuleSet) -> None:
    assert fingerprint(parse_rules(to_yaml(rules), name="?")) == fingerprint(rules)


async def test_an_example_is_printed_as_code_that_makes_it_again() -> None:
    rules = parse_rules(to_yaml(make_rules(max_partners=1)))
    others = replace(parse_rules(to_yaml(make_rules(limits=False))))
    world = JudgedWorld(
        rules,
        [[make_event(0, 7, ("crm:1", "cookie:2"), rules)], []],
        frozenset({Judgement.of(Verdict.SAME, "crm:1", "phone:2")}),
        Corrections({("cookie:1", "crm:1"): 9}, frozenset({"crm:1"})),
    )
    steps = [("observe", [(1, ("crm:1",))]), ("rules", (others, 2)), ("finish", None)]
    given = {"world": world, "steps": steps}
    made: list[dict[str, Any]] = []

    async def keep(_: object, **named: Any) -> None:
        made.append(named)

    kinds = (Judgement, Verdict, JudgedWorld, Corrections, make_event, parse_rules)
    names: dict[str, Any] = {"replay": keep, "test_it": None, **{kind.__name__: kind for kind in kinds}}
    exec(as_test("test_it", given)(), names)  # noqa: S102 - that it runs is what is tested
    await names["test_it_again"]()
    assert made == [given]


@given(number=st.just(7))
def keep_seven(number: int) -> None:
    assert number == 7


async def test_an_example_runs_again() -> None:
    await replay(keep_seven, number=7)
