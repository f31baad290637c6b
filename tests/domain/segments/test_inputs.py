"""What a rule reads: facts outside of it never change the answer."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.inputs import Inputs, inputs_of
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.sheet import FactSheet
from identity_graph.domain.values.observations import Channel
from tests.properties import examples
from tests.worlds.segment_facts import TERMS
from tests.worlds.segment_worlds import SegmentWorld, segment_worlds


def blend(sheet: FactSheet, other: FactSheet, inputs: Inputs) -> FactSheet:
    """Take what a rule reads from one sheet, and all else from another."""

    def read(name: str) -> bool:
        return inputs.all_traits or name in inputs.traits

    def happened(of: FactSheet, *, is_read: bool) -> list[Any]:
        return [e for e in of.events if (e.name in inputs.events or e.channel in inputs.channels) is is_read]

    taken = happened(sheet, is_read=True)
    ids = {event.order[1:] for event in taken}
    rest = [event for event in happened(other, is_read=False) if event.order[1:] not in ids]
    consents = {key: fact for key, fact in sheet.consents.items() if key[0] in inputs.consents}
    return FactSheet(
        customer_id="cus_2",
        first_seen=(sheet if inputs.first_seen else other).first_seen,
        identifiers=(sheet if inputs.identifiers else other).identifiers,
        links=(sheet if inputs.links else other).links,
        traits={
            **{name: fact for name, fact in other.traits.items() if not read(name)},
            **{name: fact for name, fact in sheet.traits.items() if read(name)},
        },
        claims=(sheet if inputs.all_traits else other).claims,
        orders=(sheet if inputs.orders else other).orders,
        events=(*taken, *rest),
        sessions=(sheet if inputs.sessions else other).sessions,
        preferred_channel=(sheet if inputs.preferred_channel else other).preferred_channel,
        segments=frozenset((sheet.segments & inputs.segments) | (other.segments - inputs.segments)),
        consents={**{key: fact for key, fact in other.consents.items() if key[0] not in inputs.consents}, **consents},
    )


@examples(60)
@given(world=segment_worlds())
def test_facts_outside_the_inputs_never_change_the_answer(world: SegmentWorld) -> None:
    terms, audience = world.terms, world.audience
    sheet, other = (replace(one, events=one.messages) for one in (world.sheet, world.other))
    for rule in (read_rule(written) for written in world.rules):
        inputs = inputs_of(rule, terms.catalogue, audience)
        blended = blend(sheet, other, inputs)
        for at in world.moments:
            result = evaluate(rule, sheet, at, terms, audience)
            again = evaluate(rule, blended, at, terms, audience)
            assert (again.holds, again.next_at) == (result.holds, result.next_at)
            without_cut = evaluate(rule, sheet, at, replace(terms, cut=None), audience)
            assert inputs.scores or without_cut.holds == result.holds


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ({"did": {"event": "Seen"}}, Inputs(events=frozenset({"Seen"}))),
        ({"did": {"event": "Seen", "days": {"from": 1, "to": 0}}}, Inputs(events=frozenset({"Seen"}), time=True)),
        ({"did": {"event": "Seen", "between": {"from": "P2D", "to": "P1D"}}}, Inputs(events=frozenset({"Seen"}), time=True)),
        (
            {"did": {"event": "Seen", "where": [{"name": "when", "op": "WITHIN_NEXT", "value": "P1D"}]}},
            Inputs(events=frozenset({"Seen"}), time=True),
        ),
        ({"trait": {"name": "visits", "op": "GE", "value": 1}}, Inputs(events=frozenset({"Seen"}), time=True)),
        ({"trait": {"name": "spent", "op": "GE", "value": 1}}, Inputs(events=frozenset({"Paid"}))),
        ({"trait": {"name": "city", "op": "EXISTS"}}, Inputs(traits=frozenset({"city"}))),
        (
            {"trait": {"name": "city", "op": "EXISTS", "heldFor": "P1D"}},
            Inputs(traits=frozenset({"city"}), held=frozenset({"city"}), first_seen=True, time=True),
        ),
        ({"ordered": {"within": "P1D"}}, Inputs(orders=True, time=True)),
        ({"metric": {"name": "RFM_FREQUENCY", "op": "GE", "value": 4}}, Inputs(orders=True, scores=True)),
        ({"seenOn": {"channel": "WEB"}}, Inputs(channels=frozenset({Channel.WEB}))),
    ],
)  # fmt: skip
def test_inputs_name_no_more_than_is_read(rule: dict[str, Any], inputs: Inputs) -> None:
    assert inputs_of(read_rule(rule), TERMS.catalogue) == inputs


def test_a_change_touches_a_rule_that_reads_it() -> None:
    paid, quality = Inputs(events=frozenset({"Paid", "Seen"}), orders=True), Inputs(all_traits=True)
    assert paid.is_touched_by(Inputs(events=frozenset({"Paid"})))
    assert paid.is_touched_by(Inputs(orders=True))
    assert not paid.is_touched_by(Inputs(events=frozenset({"Cart"}), identifiers=True, time=True))
    assert not Inputs(time=True).is_touched_by(Inputs(time=True))
    assert quality.is_touched_by(Inputs(traits=frozenset({"city"})))
    assert Inputs(traits=frozenset({"city"})).is_touched_by(Inputs(all_traits=True))
    assert not Inputs(events=frozenset({"Paid"})).is_touched_by(Inputs(all_traits=True))
    assert inputs_of(read_rule({"did": {"event": "A"}}), TERMS.catalogue, Audience.KNOWN).identifiers
