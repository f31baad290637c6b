"""A preview tells what a rule would come to, and what is worth a look."""

import json
from typing import Any

import pytest

from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.errors import SegmentError
from identity_graph.service.segments import preview as previewing
from identity_graph.service.segments.matching import page_filtered
from identity_graph.service.segments.preview import (
    PreviewTooLongError,
    Proposal,
    SegmentPreview,
    explain_proposal,
    preview_segment,
)
from identity_graph.store.driver.graph import Graph
from identity_graph.store.segments import segments as segment_store
from identity_graph.store.segments.compiling import MOST_PARAMETERS, compile_rule
from identity_graph.store.segments.compiling_asked import Definition
from tests.worlds.segment_facts import DAY, HOUR, NOW, TERMS, event, make_sheet, order
from tests.worlds.segment_graphs import renamed, store_sheets

IN_FORCE = InForce(TERMS.rules, 1, TERMS.catalogue)
SEEN = {"did": {"event": "Seen"}}
RICH = {"did": {"event": "Paid", "where": [{"name": "total", "op": "GE", "value": 5}]}}


@pytest.fixture
async def people(graph: Graph) -> list[str]:
    """Give six customers: an anonymous one, two who saw something, two who paid 5 and 1, and one of whom nothing is known."""
    sheets = [
        make_sheet(identifiers={"anonymous_id:a": NOW - DAY}, events=[event(DAY, "Seen")]),
        make_sheet(events=[event(DAY, "Seen")], traits={"city": "a"}),
        make_sheet(events=[event(2 * DAY, "Seen")], orders={"1": order(DAY, 100)}),
        make_sheet(events=[event(DAY, "Paid", total=5)]),
        make_sheet(events=[event(DAY, "Paid", total=1)]),
        make_sheet(),
    ]
    own = [renamed(sheet, number) for number, sheet in enumerate(sheets)]
    await store_sheets(graph, own)
    names = [("Seen", 3), ("Paid", 2), ("paid", 1)]
    await graph.run(
        "UNWIND $names AS one CREATE (:MessageCount {key: one[0], day: $day, name: one[0], accepted: one[1], repeated: 0})",
        names=[list(name) for name in names],
        day=NOW // DAY - 1,
    )
    return [sheet.customer_id for sheet in own]


async def preview(graph: Graph, rule: dict[str, Any], audience: Audience = Audience.KNOWN) -> SegmentPreview:
    return await preview_segment(graph, Proposal(rule=read_rule(rule), audience=audience), IN_FORCE, NOW)


async def test_size_share_sample_and_sentence_are_told(graph: Graph, people: list[str]) -> None:
    found = await preview(graph, SEEN)
    assert (found.size, found.least, found.most, found.audience) == (2, 2, 2, 5)
    assert found.share == 0.4
    assert found.sample == people[1:3]
    assert (found.as_of, found.time_zone) == (NOW, "Asia/Shanghai")
    assert "Seen" in found.sentence()
    assert found.warnings == []
    anonymous_too = await preview(graph, SEEN, Audience.ALL)
    assert (anonymous_too.size, anonymous_too.audience) == (3, 6)


async def test_the_evaluator_looks_at_those_of_whom_cypher_cannot_tell(graph: Graph, people: list[str]) -> None:
    found = await preview(graph, RICH)
    assert (found.size, found.least, found.most, found.sample) == (1, 1, 1, [people[3]])
    both = await preview(graph, {"any": [SEEN, RICH]})
    assert (both.size, both.sample) == (3, people[1:4])


async def test_of_a_rule_of_very_many_conditions_only_some_are_planned(graph: Graph, people: list[str]) -> None:
    many = [{"trait": {"name": "city", "op": "EQ", "value": f"{number}"}} for number in range(150)]
    for word in ("all", "any"):
        compiled = compile_rule(Definition(read_rule({word: [*many, SEEN]})), TERMS, NOW)
        assert len(compiled.parameters) < MOST_PARAMETERS + 20
    assert (await preview(graph, {"any": [*many, SEEN]})).sample == people[1:3]


async def test_where_there_is_no_time_to_look_at_everybody_the_size_is_an_estimate_and_says_so(
    graph: Graph, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "LOOK_SECONDS", -1)
    monkeypatch.setattr("identity_graph.service.segments.matching.SHEETS_AT_ONCE", 1)
    found = await preview(graph, {"any": [SEEN, RICH]})
    assert (found.size, found.least, found.most) == (4, 3, 4)
    warning = found.warnings[-1]
    assert (
        "an estimate between 3 and 4, since 2 customers have to be looked at one by one: “Paid” where “total”"
        in warning
    )
    assert people[3] in found.sample


async def test_a_preview_that_takes_too_long_says_what_to_do(
    graph: Graph, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert people
    monkeypatch.setattr(previewing, "MOST_SECONDS", 0.0)
    with pytest.raises(PreviewTooLongError, match="or save it"):
        await preview(graph, SEEN)


async def test_doubtful_names_nobody_and_everybody_are_worth_a_look(graph: Graph, people: list[str]) -> None:
    assert people
    found = await preview(graph, {"all": [RICH, {"did": {"event": "Sen"}}]})
    assert found.warnings == [
        "names of events are exact: 'Paid' does not count those that are called 'paid'",
        "no event called 'Sen' was received in the last 100 days; did you mean 'Seen'?",
        "the rule holds for nobody",
    ]
    everybody = await preview(graph, {"not": {"trait": {"name": "colour", "op": "EXISTS"}}})
    assert "the rule holds for everybody in the audience" in everybody.warnings
    assert any("does not declare the trait 'colour'" in warning for warning in everybody.warnings)
    scores = await preview(graph, {"metric": {"name": "RFM_MONETARY", "op": "GE", "value": 4}})
    assert any("no RFM cut was made yet" in warning for warning in scores.warnings)
    await graph.run("MATCH (c:Customer) WHERE c.id >= '' DETACH DELETE c")
    assert "nobody is in the audience, so there is nobody to ask" in (await preview(graph, {"not": SEEN})).warnings


async def test_a_rule_that_cannot_be_evaluated_is_refused(graph: Graph, people: list[str]) -> None:
    assert people
    with pytest.raises(SegmentError, match="makes no sense for the trait 'city'"):
        await preview(graph, {"trait": {"name": "city", "op": "GT", "value": "a"}})
    with pytest.raises(SegmentError, match="there is no segment 'seg_9'"):
        await preview(graph, {"inSegment": "seg_9"})


async def test_a_rule_that_uses_another_segment_follows_its_rule(graph: Graph, people: list[str]) -> None:
    await save(graph, "seg_1", SEEN)
    await save(graph, "seg_2", {"not": {"inSegment": "seg_1"}})
    assert (await preview(graph, {"inSegment": "seg_2"})).sample == people[3:]
    looked_at = await preview(graph, {"all": [RICH, {"inSegment": "seg_2"}]})
    assert looked_at.sample == [people[3]]


async def test_pins_of_used_segments_and_of_the_segment_itself_outrank_their_rules(
    graph: Graph, people: list[str]
) -> None:
    await save(graph, "seg_1", SEEN)
    key = renamed(make_sheet(), 3).identifiers
    for segment, member, owner in (("seg_1", True, next(iter(key))), ("seg_1", False, "user_id:mei#1")):
        await graph.run(
            "MATCH (i:Identifier {key: $owner}) CREATE (:Pin {key: $segment + '/' + $owner, segment_id: $segment, member: $member, "
            "reason: 'r', actor: 'a', at: datetime('2026-01-01')})-[:PINS]->(i)",
            owner=owner,
            segment=segment,
            member=member,
        )
    assert (await preview(graph, {"inSegment": "seg_1"})).sample == people[2:4]
    own = Proposal(rule=read_rule(RICH), own="seg_1")
    assert (await preview_segment(graph, own, IN_FORCE, NOW)).sample == [people[3]]
    assert (await preview_segment(graph, Proposal(rule=read_rule(SEEN), own="seg_1"), IN_FORCE, NOW)).size == 2


async def test_a_segment_whose_rule_cannot_be_read_any_more_has_no_members(graph: Graph, people: list[str]) -> None:
    await save(graph, "seg_1", {"did": {"event": "Seen", "wings": 2}})
    assert (await preview(graph, {"not": {"inSegment": "seg_1"}})).sample == people[1:6]


async def save(graph: Graph, name: str, rule: dict[str, Any]) -> None:
    await graph.write(
        lambda tx: segment_store.create_segment(
            tx,
            id=name,
            name=name,
            description=None,
            rule=json.dumps(rule),
            audience="KNOWN",
            purpose=None,
            at_s=1,
            at_ns=1,
        )
    )


async def test_why_a_customer_is_in_or_out_is_told_condition_by_condition(graph: Graph, people: list[str]) -> None:
    proposal = Proposal(rule=read_rule({"all": [SEEN, {"metric": {"name": "REVENUE", "op": "GE", "value": 200}}]}))
    explained = await explain_proposal(graph, proposal, IN_FORCE, NOW, people[2])
    assert explained is not None
    assert not explained.member
    told = [(one.holds, one.actual) for one in explained.result.condition.children]
    assert told == [(True, 1), (False, "100")]
    assert await explain_proposal(graph, proposal, IN_FORCE, NOW, "cus_nobody") is None


@pytest.mark.parametrize("order_by", ["last_seen", "first_seen", "created_at", "size"])
async def test_customers_that_a_rule_holds_for_are_listed_page_by_page(
    graph: Graph, people: list[str], order_by: str
) -> None:
    rule = read_rule({"any": [SEEN, RICH]})
    found: list[str] = []
    after = None
    while True:
        page = await graph.read(
            lambda tx, after=after: page_filtered(tx, rule, TERMS, NOW, order=order_by, first=2, after=after)
        )
        found += [row.id for row in page.items]
        if not page.has_next_page:
            break
        after = (getattr(page.items[-1], order_by), page.items[-1].id)
    assert found == sorted(people[:4], reverse=True)


async def test_a_list_is_ordered_by_what_was_asked(graph: Graph) -> None:
    ago = [3 * DAY, HOUR, 9 * DAY]
    sheets = [renamed(make_sheet(first_seen=NOW - one), number) for number, one in enumerate(ago)]
    await store_sheets(graph, sheets)
    page = await graph.read(
        lambda tx: page_filtered(tx, read_rule({"not": SEEN}), TERMS, NOW, order="first_seen", first=9, after=None)
    )
    assert [row.id for row in page.items] == ["cus_0001", "cus_0000", "cus_0002"]
    with pytest.raises(ValueError, match="not listed by 'name'"):
        await graph.read(lambda tx: page_filtered(tx, read_rule(SEEN), TERMS, NOW, order="name", first=9, after=None))
