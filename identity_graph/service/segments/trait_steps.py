"""The values that a trait had one after the other, told from the events of a customer's identifiers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import Claim, Order, text_of
from identity_graph.domain.profiles.survivorship import Survivorship
from identity_graph.domain.profiles.tallies import Tally
from identity_graph.domain.segments.sheet import TraitFact, TraitStep
from identity_graph.domain.values.observations import Instant

_NOTHING = "null"


def find_steps(
    name: str, claims: Mapping[str, Sequence[Claim]], catalogue: Catalogue, now: Instant
) -> TraitFact | None:
    """Find the steps of a trait from the claims of a customer's identifiers, by their keys; None when nothing was said."""
    policy = Survivorship(name, catalogue, most_values=None)
    said = sorted((claim.order, owner, claim) for owner, own in claims.items() for claim in own)
    steps: list[TraitStep] = []
    last = _NOTHING
    until: dict[str, list[Claim]] = {}
    for number, (order, owner, claim) in enumerate(said):
        until.setdefault(owner, []).append(claim)
        if number + 1 < len(said) and said[number + 1][0][0] == order[0]:
            continue  # of what is said at one moment, the last counts
        value = _value(policy, until)
        text = text_of(value)
        if text != last:
            steps.append(TraitStep(order[0], value))
            last = text
    if not steps:
        return None
    return TraitFact(
        tuple(steps), _observed_at(claim for _, _, claim in said if claim.order[0] <= now) or steps[0].since
    )


def _value(policy: Survivorship, claims: Mapping[str, Sequence[Claim]]) -> Any:
    def retell(owner: str, deleted: Order) -> Tally:
        return policy.tally(claims[owner], owner, after=deleted)

    combined = policy.combine({owner: policy.tally(own, owner) for owner, own in claims.items()}, retell)
    return None if policy.winner(combined) is None else policy.value(combined)


def _observed_at(claims: Iterable[Claim]) -> Instant | None:
    return max((claim.order[0] for claim in claims if claim.value is not None), default=None)
