import pytest

from identity_graph.domain.judgements import Judgement, Verdict


def test_a_judgement_has_no_direction() -> None:
    one = Judgement.of(Verdict.SAME, "phone:2", "phone:1")
    assert one == Judgement.of(Verdict.SAME, "phone:1", "phone:2") == Judgement("phone:1", "phone:2", Verdict.SAME)


def test_an_identifier_cannot_be_judged_against_itself() -> None:
    with pytest.raises(ValueError, match="two identifiers"):
        Judgement.of(Verdict.DIFFERENT, "phone:1", "phone:1")


def test_judgements_sort_by_their_keys() -> None:
    late, early = Judgement.of(Verdict.SAME, "b:1", "c:1"), Judgement.of(Verdict.SAME, "c:1", "a:1")
    assert sorted([late, early]) == [early, late]
