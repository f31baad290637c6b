"""What a customer allows: the decisions of its identifiers, put together.

| the decisions that are not overruled | the customer |
|---|---|
| none | said nothing |
| all are grants | granted |
| one of them denies or withdraws | denied or withdrawn, whichever was decided last |

Of the topics that concern a purpose, the newest decision of an identifier is its decision; of two of the same moment the one that
refuses. The decision of an identifier is **overruled** by a newer one of a stronger identifier, whatever the two say. An identifier is
stronger than another if its namespace comes before that of the other in the rules; two of one namespace are equally strong.

Purposes and channels never mix: what is said of a purpose on one channel says nothing of the purpose itself, nor of other channels,
and the other way round.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.rules import ConsentRules
from identity_graph.domain.consent.statements import BAR, ConsentState
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.observations import Channel

Dimension = tuple[str, Channel | None]
"""A purpose, and a channel of contacting for it; None for the use of data."""

_WEAKEST = (2**31, "")


class Standing(NamedTuple):
    """What a customer allows in a dimension: the decision that counts, and those that it had to be compared with.

    ``overruled`` are the decisions of other identifiers that a newer one of a stronger identifier outranks; ``others`` agree with the one
    that counts, or are less strict.
    """

    decision: Decision
    others: tuple[Decision, ...] = ()
    overruled: tuple[Decision, ...] = ()

    @property
    def state(self) -> ConsentState:
        """What the customer said, as far as it counts."""
        return self.decision.state


def derive(decisions: Iterable[Decision], consent: ConsentRules, rules: RuleSet) -> dict[Dimension, Standing]:
    """Derive what a customer allows, of all decisions of its identifiers, in any order."""
    newest: dict[tuple[Dimension, str, str], Decision] = {}
    for decision in decisions:
        for dimension in dimensions_of(decision, consent):
            key = (dimension, decision.identifier, decision.subject)
            known = newest.get(key)
            if known is None or known.order < decision.order:
                newest[key] = decision
    by_identifier: dict[Dimension, dict[str, Decision]] = {}
    for (dimension, identifier, _), decision in newest.items():
        own = by_identifier.setdefault(dimension, {})
        known = own.get(identifier)
        if known is None or _of_one_identifier(known) < _of_one_identifier(decision):
            own[identifier] = decision
    return {
        dimension: _stand(list(by_identifier[dimension].values()), rules)
        for dimension in sorted(by_identifier, key=lambda one: (one[0], one[1] or ""))
    }


def dimensions_of(decision: Decision, consent: ConsentRules) -> Iterator[Dimension]:
    """Name what a decision is about: a grant of several purposes at once is none of one that needs its own.

    A bar is no consent: ``bars`` tells what follows from it.
    """
    if decision.subject.startswith(BAR):
        return
    purposes = consent.purposes_of(decision.subject)
    for purpose in purposes:
        rule = consent.purposes.get(purpose)
        is_bundled = len(purposes) > 1 and rule is not None and rule.separate
        if not (is_bundled and decision.state is ConsentState.GRANTED):
            yield purpose, decision.channel


def _stand(decisions: list[Decision], rules: RuleSet) -> Standing:
    rank = {one.identifier: _rank_of(one.identifier, rules) for one in decisions}
    overruled = {
        one.identifier
        for one in decisions
        if any(other.at > one.at and rank[other.identifier] < rank[one.identifier] for other in decisions)
    }
    ordered = sorted(
        decisions,
        key=lambda one: (one.state is ConsentState.GRANTED, -one.at, rank[one.identifier], one.identifier),
    )
    standing = [one for one in ordered if one.identifier not in overruled]
    return Standing(standing[0], tuple(standing[1:]), tuple(one for one in ordered if one.identifier in overruled))


def _rank_of(key: str, rules: RuleSet) -> tuple[int, str]:
    rule = rules.find_namespace(namespace_of(key))
    return _WEAKEST if rule is None else rule.rank


def _of_one_identifier(decision: Decision) -> tuple[int, bool, tuple[int, str, str], str]:
    return decision.at, decision.state is not ConsentState.GRANTED, decision.order, decision.subject
