from identity_graph.domain.consent.bars import Bar, Barred
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.segments.inputs import inputs_of
from identity_graph.domain.segments.permitted_leaf import PermittedLeaf
from identity_graph.domain.segments.rule_tree import PermittedRule
from identity_graph.domain.segments.sheet import ConsentFact, TraitFact, TraitStep
from tests.worlds.segment_facts import DAY, HOUR, NOW, TERMS, make_sheet

RULE = PermittedRule("ads")


def test_the_answer_changes_only_when_something_is_said_or_somebody_comes_of_age() -> None:
    born = TraitFact((TraitStep(NOW - 3 * DAY, "long ago"), TraitStep(NOW - DAY, "2012-06-16")), NOW - DAY)
    said = {
        ("ads", None): ConsentFact(ConsentState.GRANTED, NOW - 2 * DAY),
        ("news", None): ConsentFact(ConsentState.GRANTED, NOW - 5 * DAY),
    }
    leaf = PermittedLeaf(RULE, make_sheet(consents=said, traits={"birthday": born}), TERMS)
    assert set(leaf.moments(NOW)) == {NOW - 3 * DAY, NOW - 2 * DAY, NOW - DAY, NOW + 12 * HOUR}
    asked = [leaf.look(at) for at in (NOW - 2 * DAY - 1, NOW - 2 * DAY, NOW - DAY, NOW + 12 * HOUR)]
    assert [look.actual for look in asked] == ["NOT_ASKED", "ALLOWED", "MINOR", "ALLOWED"]
    assert [look.holds for look in asked] == [False, True, False, True]


def test_somebody_who_is_barred_leaves_at_that_moment() -> None:
    granted = {("marketing", None): ConsentFact(ConsentState.GRANTED, NOW - DAY)}
    leaf = PermittedLeaf(
        PermittedRule("marketing", None), make_sheet(consents=granted, bars=(Barred(Bar.RESTRICTED, NOW),)), TERMS
    )
    assert leaf.look(NOW - HOUR).holds
    assert leaf.look(NOW) == (False, "RESTRICTED")
    assert NOW in leaf.moments(NOW - HOUR)


def test_it_reads_the_purpose_and_what_tells_of_region_and_age() -> None:
    inputs = inputs_of(RULE, TERMS.catalogue)
    assert (inputs.consents, inputs.traits, inputs.time) == ({"ads"}, {"country", "birthday"}, True)
