"""Derivation of a part of the graph: what is inside is joined, what leads out of it stays refused while that is proven."""

from dataclasses import replace

import pytest

from identity_graph.domain.identity.derivation import BorderLink, Derivation, Join, derive
from identity_graph.domain.identity.evidence import Link
from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.identity.obstacles import ObstacleKind, Witness
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.rules.rule_set import Conflict, RuleSet
from identity_graph.domain.values.identifiers import Identifier
from tests.worlds.worlds import SECOND, make_rules

RULES = make_rules(max_identifiers=5)
LIMIT = ObstacleKind.LIMIT


def make_link(one: str, other: str, first: int, last: int | None = None) -> Link:
    return Link(min(one, other), max(one, other), first * SECOND, (first if last is None else last) * SECOND)


def make_border(inner: str, outer: str, at: int, witness: Witness | None, rules: RuleSet = RULES) -> BorderLink:
    rule = rules.get_namespace(Identifier.from_key(outer).namespace)
    return BorderLink(make_link(inner, outer, at), inner, outer, rule, witness)


def derive_part(
    keys: str,
    *links: Link,
    border: tuple[BorderLink, ...] = (),
    judged: tuple[Judgement, ...] = (),
    rules: RuleSet = RULES,
) -> Derivation:
    members = {key: member_of(Identifier.from_key(key), 100 * SECOND, rules) for key in keys.split()}
    return derive(members, links, judged, rules, border)


def parts(outcome: Derivation) -> set[frozenset[str]]:
    return set(outcome.parts)


def test_a_refused_link_keeps_what_both_sides_held_when_it_was_refused() -> None:
    outcome = derive_part("crm:1 crm:2 device:1", make_link("crm:1", "device:1", 1), make_link("crm:2", "device:1", 2))
    assert parts(outcome) == {frozenset({"crm:1"}), frozenset({"crm:2", "device:1"})}
    assert outcome.refused == {("crm:1", "device:1"): Witness(LIMIT, "crm", 1, 1)}


def test_a_link_whose_ends_meet_later_by_another_way_is_not_refused() -> None:
    """Three cookies are too many until somebody who was seen much later comes along: then all of them are forgotten."""
    keys = "cookie:1 cookie:2 cookie:3 crm:1"
    members = {key: member_of(Identifier.from_key(key), 100 * SECOND, RULES) for key in keys.split()}
    members["crm:1"] = replace(members["crm:1"], last_seen=900 * SECOND)
    early = [make_link("cookie:1", "cookie:2", 9), make_link("cookie:2", "cookie:3", 8)]
    late = [make_link("cookie:3", "crm:1", 7), make_link("cookie:1", "crm:1", 6)]
    refused = derive(members, early, (), RULES).refused
    assert refused == {("cookie:2", "cookie:3"): Witness(ObstacleKind.WINDOW)}
    outcome = derive(members, [*early, *late], (), RULES)
    assert (parts(outcome), outcome.refused) == ({frozenset(members)}, {})


def test_judgements_go_before_all_links() -> None:
    links = [make_link("crm:1", "phone:1", 9), make_link("crm:2", "phone:1", 8)]
    same = Judgement.of(Verdict.SAME, "crm:1", "crm:2")
    outcome = derive_part("crm:1 crm:2 phone:1", *links, judged=(same,))
    assert (parts(outcome), outcome.refused) == ({frozenset({"crm:1", "crm:2", "phone:1"})}, {})


def test_judgements_with_an_end_outside_are_left_out() -> None:
    judged = (
        Judgement.of(Verdict.SAME, "phone:1", "phone:7"),
        Judgement.of(Verdict.SAME, "crm:7", "phone:1"),
        Judgement.of(Verdict.DIFFERENT, "phone:1", "phone:8"),
    )
    outcome = derive_part("phone:1 phone:2", make_link("phone:1", "phone:2", 1), judged=judged)
    assert parts(outcome) == {frozenset({"phone:1", "phone:2"})}


def test_a_border_link_stays_refused_while_its_witness_proves_it() -> None:
    border = make_border("device:1", "crm:9", 5, Witness(LIMIT, "crm", 1, 1))
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 7), border=(border,))
    assert parts(outcome) == {frozenset({"crm:1", "device:1"})}
    assert outcome.refused == {("crm:9", "device:1"): Witness(LIMIT, "crm", 1, 1)}
    assert outcome.unproven == set()


def test_a_renewed_witness_says_what_this_side_holds_now() -> None:
    border = make_border("device:1", "phone:9", 5, Witness(LIMIT, "phone", 1, 2))
    links = [make_link("phone:1", "device:1", 8), make_link("phone:2", "device:1", 7)]
    outcome = derive_part("phone:1 phone:2 device:1", *links, border=(border,))
    assert outcome.refused == {("device:1", "phone:9"): Witness(LIMIT, "phone", 2, 2)}


def test_a_witness_of_a_limit_proves_nothing_once_the_limit_has_a_window() -> None:
    border = make_border("device:1", "cookie:9", 5, Witness(LIMIT, "cookie", 1, 2))
    links = [make_link("cookie:1", "device:1", 8), make_link("cookie:2", "device:1", 7)]
    outcome = derive_part("cookie:1 cookie:2 device:1", *links, border=(border,))
    assert outcome.unproven == {"cookie:9"}


def test_a_border_link_is_met_in_its_turn_and_not_at_the_end() -> None:
    """The link out was seen last, so it goes first, and then nothing here stands against it yet."""
    border = make_border("device:1", "crm:9", 9, Witness(LIMIT, "crm", 1, 1))
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 7), border=(border,))
    assert outcome.unproven == {"crm:9"}
    assert outcome.refused == {}


def test_at_the_same_moment_a_border_link_waits_for_those_between_stronger_ends() -> None:
    border = make_border("device:1", "phone:9", 5, Witness(LIMIT, "crm", 1, 1))
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 5), border=(border,))
    assert outcome.unproven == set()
    assert set(outcome.refused) == {("device:1", "phone:9")}


def test_with_oldest_a_border_link_goes_by_when_it_was_first_seen() -> None:
    rules = make_rules(conflict=Conflict.OLDEST)
    border = make_border("device:1", "crm:9", 9, Witness(LIMIT, "crm", 1, 1), rules)
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 7), border=(border,), rules=rules)
    assert outcome.unproven == set()
    early = make_border("device:1", "crm:9", 5, Witness(LIMIT, "crm", 1, 1), rules)
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 7), border=(early,), rules=rules)
    assert outcome.unproven == {"crm:9"}


def test_a_border_link_of_a_weaker_tier_is_met_after_all_stronger_ones() -> None:
    border = make_border("phone:1", "device:9", 9, Witness(LIMIT, "phone", 2, 1))
    links = [make_link("phone:1", "crm:1", 1), make_link("phone:2", "crm:1", 2)]
    outcome = derive_part("crm:1 phone:1 phone:2", *links, border=(border,))
    assert outcome.refused == {("device:9", "phone:1"): Witness(LIMIT, "phone", 2, 2)}
    assert outcome.unproven == set()


def test_a_border_link_whose_refusal_no_longer_follows_names_its_far_end() -> None:
    borders = (
        make_border("device:1", "crm:8", 1, Witness(LIMIT, "crm", 1, 1)),
        make_border("device:1", "phone:8", 1, None),
        make_border("device:1", "cookie:8", 1, Witness(ObstacleKind.WINDOW)),
        make_border("device:1", "device:8", 1, Witness(ObstacleKind.OWNER)),
        make_border("device:1", "device:9", 1, Witness(ObstacleKind.SIZE, "", 1, 4)),
    )
    outcome = derive_part("device:1 phone:1", make_link("device:1", "phone:1", 5), border=borders)
    assert outcome.unproven == {"crm:8", "phone:8", "cookie:8", "device:8"}
    assert outcome.refused == {("device:1", "device:9"): Witness(ObstacleKind.SIZE, "", 2, 4)}


def test_a_border_link_proven_by_a_judgement_needs_its_judged_member() -> None:
    judged = (Judgement.of(Verdict.DIFFERENT, "crm:1", "crm:9"),)
    border = make_border("device:1", "phone:9", 1, Witness(ObstacleKind.DIFFERENT, "", "crm:1", "crm:9"))
    link = make_link("crm:1", "device:1", 5)
    with_it = derive_part("crm:1 device:1", link, border=(border,), judged=judged)
    assert with_it.refused == {("device:1", "phone:9"): border.witness}
    without = derive_part("crm:1 device:1", border=(border,), judged=judged)
    assert without.unproven == {"phone:9"}


def test_where_contested_identifiers_are_left_to_nobody_both_sides_must_be_seen() -> None:
    rules = make_rules(conflict=Conflict.NOBODY)
    border = make_border("device:1", "crm:9", 1, Witness(LIMIT, "crm", 1, 1), rules)
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 5), border=(border,), rules=rules)
    assert outcome.unproven == {"crm:9"}


def test_an_ambiguous_owner_proves_nothing_in_weaker_tiers() -> None:
    nobody = make_rules(conflict=Conflict.NOBODY)
    newest = make_rules()
    rules = RuleSet(
        namespaces={
            "crm": newest.namespaces["crm"],
            "phone": nobody.namespaces["phone"],
            "device": newest.namespaces["device"],
        }
    )
    border = make_border("phone:1", "device:9", 1, Witness(LIMIT, "crm", 1, 1), rules)
    links = [make_link("crm:1", "phone:1", 5), make_link("crm:2", "phone:1", 6)]
    outcome = derive_part("crm:1 crm:2 phone:1", *links, border=(border,), rules=rules)
    assert outcome.ambiguous == {"phone:1"}
    assert outcome.unproven == {"device:9"}
    assert outcome.refused == dict.fromkeys([("crm:1", "phone:1"), ("crm:2", "phone:1")], Witness(ObstacleKind.OWNER))


def test_a_border_link_to_a_customer_that_is_still_to_be_converted_stays_refused_until_then() -> None:
    proven = make_border("device:1", "crm:9", 5, Witness(LIMIT, "crm", 1, 1))._replace(is_provisional=True)
    unproven = make_border("device:1", "phone:9", 1, None)._replace(is_provisional=True)
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 7), border=(proven, unproven))
    assert outcome.unproven == set()
    assert outcome.refused == {
        ("crm:9", "device:1"): Witness(LIMIT, "crm", 1, 1),
        ("device:1", "phone:9"): Witness(ObstacleKind.PENDING),
    }


def test_a_pending_witness_proves_nothing_once_both_sides_are_converted() -> None:
    border = make_border("device:1", "phone:9", 1, Witness(ObstacleKind.PENDING))
    assert derive_part("device:1", border=(border,)).unproven == {"phone:9"}


def test_where_contested_identifiers_are_left_to_nobody_a_customer_to_be_converted_is_still_not_waited_for() -> None:
    rules = make_rules(conflict=Conflict.NOBODY)
    border = make_border("device:1", "crm:9", 1, None, rules)._replace(is_provisional=True)
    outcome = derive_part("crm:1 device:1", make_link("crm:1", "device:1", 5), border=(border,), rules=rules)
    assert outcome.unproven == set()
    assert outcome.refused == {("crm:9", "device:1"): Witness(ObstacleKind.PENDING)}


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_part_derived_alone_is_as_it_is_in_the_whole(cut: int) -> None:
    """A row of people who share a phone each with the next: wherever it is cut, the witness proves the refusals there."""
    keys = [f"crm:{n}" for n in range(1, 5)]
    links = [make_link(one, f"device:{n}", 10 * n) for n, one in enumerate(keys, 1)]
    links += [make_link(other, f"device:{n}", 10 * n + 5) for n, other in enumerate(keys[1:], 1)]
    whole = derive_part(" ".join([*keys, *(f"device:{n}" for n in range(1, 5))]), *links)
    inside = {*keys[:cut], *(f"device:{n}" for n in range(1, cut))}
    border = tuple(
        BorderLink(link, near, far, RULES.get_namespace(far.partition(":")[0]), whole.refused.get((link.a, link.b)))
        for link in links
        for near, far in [(link.a, link.b) if link.a in inside else (link.b, link.a)]
        if near in inside and far not in inside
    )
    part = derive_part(" ".join(inside), *(link for link in links if {link.a, link.b} <= inside), border=border)
    assert border
    assert part.unproven == set()
    assert parts(part) == {customer for customer in whole.parts if customer <= inside}
    assert part.refused == {pair: witness for pair, witness in whole.refused.items() if inside & set(pair)}


def test_joins_are_told_in_their_order_with_the_namespace_of_their_tier() -> None:
    outcome = derive_part(
        "crm:1 phone:1 device:1 cookie:1",
        make_link("device:1", "cookie:1", 9),
        make_link("crm:1", "device:1", 5),
        make_link("phone:1", "device:1", 7),
        judged=(Judgement.of(Verdict.SAME, "crm:1", "phone:1"),),
    )
    assert outcome.joins == [
        Join("crm:1", "phone:1", None),
        Join("device:1", "phone:1", "device"),
        Join("cookie:1", "device:1", "cookie"),
    ]
    assert outcome.joins[0].pair == ("crm:1", "phone:1")


def test_a_link_claims_an_identifier_when_no_other_reaches_the_same_customer() -> None:
    rules = make_rules(conflict=Conflict.NOBODY)
    links = [make_link(one, "device:1", 1) for one in ("crm:1", "crm:2", "phone:2")]
    outcome = derive_part("crm:1 crm:2 phone:2 device:1", make_link("crm:2", "phone:2", 1), *links, rules=rules)
    assert outcome.ambiguous == {"device:1"}
    assert outcome.claims == {("crm:1", "device:1"), ("crm:2", "phone:2")}
