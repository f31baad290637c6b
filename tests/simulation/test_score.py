"""How well a world can be resolved: known numbers, which change only if worlds or rules do."""

from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.identity.resolution import resolve
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.observations import Message
from identity_graph.simulation import evaluate, simulate


def test_a_world_is_resolved_as_well_as_before() -> None:
    """docs/rules.md has numbers of such worlds: measure them anew (bench/partners.py) if this one changes."""
    rules, world = load_preset(), simulate(300, seed=7)
    read = [extract(sent.message, source="default", received_at=2 * 10**15) for sent in world]
    resolution = resolve([to_event(message, rules) for message in read if isinstance(message, Message)], (), rules)
    assignment = {key: str(number) for number, customer in enumerate(resolution.customers) for key in customer}
    score = evaluate(assignment, world.truth)
    assert (score.identifiers, score.pairs_true, score.pairs_provable) == (1561, 4087, 2782)
    assert (round(score.precision, 4), round(score.recall, 4)) == (0.9847, 0.6780)
