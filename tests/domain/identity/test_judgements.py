import pytest

from identity_graph.domain.identity.judgements import NO_CORRECTIONS, Corrections, Judgement, Verdict, find_chain


def test_a_judgement_has_no_direction() -> None:
    one = Judgement.of(Verdict.SAME, "phone:2", "phone:1")
    assert one == Judgement.of(Verdict.SAME, "phone:1", "phone:2") == Judgement("phone:1", "phone:2", Verdict.SAME)


def test_an_identifier_cannot_be_judged_against_itself() -> None:
    with pytest.raises(ValueError, match="two identifiers"):
        Judgement.of(Verdict.DIFFERENT, "phone:1", "phone:1")


def test_judgements_sort_by_their_keys() -> None:
    late, early = Judgement.of(Verdict.SAME, "b:1", "c:1"), Judgement.of(Verdict.SAME, "c:1", "a:1")
    assert sorted([late, early]) == [early, late]


def same(*pairs: str) -> list[Judgement]:
    """Judge the two letters of each pair to be the same."""
    return [Judgement.of(Verdict.SAME, f"phone:{pair[0]}", f"phone:{pair[1]}") for pair in pairs]


def test_a_chain_leads_through_judgements_in_either_direction() -> None:
    assert find_chain(same("ba", "cb", "cd", "xy"), "phone:a", "phone:d") == same("ab", "bc", "cd")
    assert find_chain(same("ba", "cb", "cd", "xy"), "phone:d", "phone:a") == same("cd", "bc", "ab")


def test_of_several_chains_the_shortest_is_named_and_of_equally_short_ones_the_first_by_key() -> None:
    assert find_chain(same("ab", "bc", "ca"), "phone:a", "phone:c") == same("ac")
    assert find_chain(same("ax", "xd", "ab", "bd"), "phone:a", "phone:d") == same("ab", "bd")


def test_where_no_chain_leads_it_is_empty() -> None:
    assert find_chain(same("ab", "cd"), "phone:a", "phone:d") == []
    assert find_chain([], "phone:a", "phone:b") == []
    assert find_chain(same("ab", "bc", "ca"), "phone:a", "phone:a") == []


def test_a_pair_is_unlinked_up_to_and_at_the_moment_that_was_said() -> None:
    pair = ("device:1", "phone:1")
    corrections = Corrections(unlinked={pair: 20})
    assert [corrections.links(pair, at) for at in (19, 20, 21)] == [False, False, True]
    assert corrections.links(("device:2", "phone:1"), 19)
    assert NO_CORRECTIONS.links(pair, 19)


def test_what_is_unbound_is_linked_with_nothing_up_to_and_at_its_moment() -> None:
    pair = ("device:1", "phone:1")
    corrections = Corrections(unlinked={pair: 20}, unbound={"phone:1": 30, "device:1": 25})
    assert [corrections.links(pair, at) for at in (20, 30, 31)] == [False, False, True]
    assert [corrections.links(("device:1", "phone:2"), at) for at in (25, 26)] == [False, True]
    assert corrections.links(("device:2", "phone:2"), 1)
    assert corrections.unlinked_until(("device:2", "phone:2")) is None
    assert Corrections(unlinked={pair: 40}, unbound={"phone:1": 30}).unlinked_until(pair) == 40
