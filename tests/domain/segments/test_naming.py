from identity_graph.domain.segments.naming import name_segments
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.sentences import say_rule
from tests.worlds.segment_facts import TERMS


def test_a_sentence_names_other_segments_as_people_do() -> None:
    rule = read_rule({"all": [{"not": {"inSegment": "seg_1"}}, {"any": [{"inSegment": "seg_2"}, {"knownFor": "P1D"}]}]})
    named = name_segments(rule, {"seg_1": "Churned"})
    assert named == read_rule(
        {"all": [{"not": {"inSegment": "Churned"}}, {"any": [{"inSegment": "seg_2"}, {"knownFor": "P1D"}]}]}
    )
    assert "“Churned”" in say_rule(named, TERMS)
