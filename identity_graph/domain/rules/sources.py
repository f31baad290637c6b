"""What a source may say: whose values are believed, and which of them one event of it may link.

Anybody can read the key of a web page and send with it what they like. A source without a rule is believed in all it says.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from identity_graph.domain.values.pairs import Pair, pair_of

CLAIMED = "claimed"
"""The code of a value that a source may not assert, or may not link with what else its event says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRule:
    """What one source may assert, as namespaces, and link, as pairs of them; None for anything."""

    asserts: frozenset[str] | None = None
    links: frozenset[Pair] | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there is anything that it may not say."""
        return self.asserts is not None or self.links is not None

    def find_claimed(self, namespaces: Iterable[str]) -> frozenset[str]:
        """Find the namespaces whose values an event of this source only claims.

        They come weakest first, one for each value. The weakest are the sender's own cookie or device; a stronger one is
        believed if it may be linked with all that are believed before it, and several of one namespace only together.
        """
        counts = Counter(namespaces)
        believed: list[str] = []
        for namespace, count in counts.items():
            beside = [*believed, namespace] if count > 1 else believed
            if self._may_assert(namespace) and all(self._may_link(namespace, other) for other in beside):
                believed.append(namespace)
        return frozenset(counts.keys() - set(believed))

    def _may_assert(self, namespace: str) -> bool:
        return self.asserts is None or namespace in self.asserts

    def _may_link(self, one: str, other: str) -> bool:
        return self.links is None or pair_of(one, other) in self.links


BROWSER = SourceRule(
    asserts=frozenset({"anonymous_id", "device_id", "user_id"}),
    links=frozenset({("anonymous_id", "device_id"), ("anonymous_id", "user_id"), ("device_id", "user_id")}),
)
"""What a browser may say: its own cookie and device, and which account signed in there."""

FULL = SourceRule()
"""What a server may say: anything."""
