"""Links as they are shown: what was observed of a pair, what was judged, whether it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from identity_graph.domain.explaining.paths import JUDGED, PathStep, Tier, find_path
from identity_graph.domain.explaining.sentences import JudgedBy, SeenTogether
from identity_graph.domain.identity.read_models import ActiveJudgement, LinkView
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.explaining.chains import Hop
from identity_graph.service.explaining.parts import Part, Parts
from identity_graph.store.driver.graph import ConflictError
from identity_graph.store.explaining.parts import PartLinkRow, WayOutRow


@dataclass(slots=True)
class ShownLink:
    """A pair that was observed together (``count`` times, 0: never) or judged to be one person's, or both."""

    pair: Pair
    first_seen: Instant
    last_seen: Instant
    count: int
    sources: list[str]
    judgement: ActiveJudgement | None = None
    refused: str | None = None
    is_bridge: bool = False

    @classmethod
    def of(
        cls,
        pair: Pair,
        link: PartLinkRow | LinkView | WayOutRow | None,
        judgement: ActiveJudgement | None,
    ) -> "ShownLink":
        """Make a link of what is known of a pair.

        Raises:
            ConflictError: nothing is known of it: it was changed while it was read.
        """
        if link is not None:
            return cls(pair, link.first_seen, link.last_seen, link.observation_count, link.sources, judgement)
        if judgement is None:
            raise ConflictError
        return cls(pair, judgement.at, judgement.at, 0, [], judgement)

    @classmethod
    def of_hop(cls, hop: Hop, refused: str) -> "ShownLink":
        """Make a link that leads from one customer to another."""
        shown = cls.of(hop.pair, hop.link, hop.judgement)
        shown.refused = refused
        return shown

    def seen(self, a: str | None = None) -> SeenTogether:
        """Describe it, beginning with one of its ends."""
        one, other = self.pair if a in (None, self.pair[0]) else self.pair[::-1]
        said = None if self.judgement is None else said_of(self.judgement)
        return SeenTogether(one, other, self.count, self.first_seen, self.last_seen, said)


def said_of(row: ActiveJudgement) -> JudgedBy:
    """Take from a judgement who said it, when and why."""
    return JudgedBy(row.actor, row.at, row.reason)


def show_pair(parts: Parts, part: Part, pair: Pair, *, is_bridge: bool = False) -> ShownLink:
    """Show a pair inside a customer.

    Raises:
        ConflictError: nothing is known of it.
    """
    shown = ShownLink.of(pair, part.find_link(pair), parts.same_rows(part).get(pair))
    shown.is_bridge = is_bridge
    return shown


def path_between(parts: Parts, part: Part, a: str, b: str) -> list[ShownLink]:
    """Find the best way between two members of a customer: see ``domain.explaining.paths``.

    Raises:
        ConflictError: the customer was changed while it was read.
    """
    links, judged = part.holding_links(), parts.same_rows(part)
    steps = [
        PathStep(pair, JUDGED, judged[pair].at)
        if pair in judged
        else PathStep(pair, tier_of(pair, parts.rules), row.last_seen)
        for pair, row in links.items()
    ]
    steps += [PathStep(pair, JUDGED, row.at) for pair, row in judged.items() if pair not in links]
    way = find_path(steps, a, b)
    if a != b and not way:
        raise ConflictError
    return [ShownLink.of(step.pair, part.find_link(step.pair), judged.get(step.pair)) for step in way]


def tier_of(pair: Pair, rules: RuleSet) -> Tier:
    """Give the rank of the weaker namespace of two keys."""
    found = [rules.find_namespace(namespace_of(key)) for key in pair]
    return max((len(rules.namespaces), "") if rule is None else rule.rank for rule in found)


def seen_on_the_way(path: Sequence[ShownLink], start: str) -> list[SeenTogether]:
    """Describe the links of a path, each from the end at which it is reached."""
    return list(_walk(path, start))


def _walk(path: Iterable[ShownLink], key: str) -> Iterable[SeenTogether]:
    for link in path:
        seen = link.seen(key)
        yield seen
        key = seen.b
