"""What differs between two sets of rules, and which customers that can reach.

Every answer errs to one side: what is said not to differ is proven not to; what may differ has to be derived again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from identity_graph.domain.rules import partners
from identity_graph.domain.rules.partners import counts_as_partner
from identity_graph.domain.rules.rule_set import NamespaceRule, Normalization, RuleSet

READING = 2
"""How this program reads values and counts what it read. It is written down with the rules; where an earlier one stands,
all values are read anew when the service starts. Whoever changes the reading adds one, and a line:

2. Invisible characters, full-width signs and NFC; words for nothing in quotes, and templates; Mexican prefixes; times before
   1970, whose fractions were a second late; partners of stronger namespaces with any limit.
"""


class MemberFacts(NamedTuple):
    """An identifier of a stored customer.

    ``partners`` are per namespace and scope: as stored, or counted under the new rules where these count others.
    """

    namespace: str
    value: str
    partners: Mapping[str, int]
    quarantined: bool = False
    ambiguous: bool = False
    overruled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What may differ under the new rules of what was taken in under old ones.

    ``reading`` are namespaces whose raw values may be read otherwise, ``linking`` those of which another number of
    values, or another scope, is unique: events with two of them link other pairs. ``counting`` are those whose identifiers
    have other partners, which are counted anew. ``undeclared_but``: None, or all undeclared namespaces are read otherwise
    except these. ``uncounted_but``: None, or the identifiers of all undeclared namespaces have other partners except those of these.
    ``quarantining``: other identifiers may be quarantined. ``deriving``: the same evidence may make other customers.
    ``retimed``: when identifiers and links were seen before 1970 may differ. ``journeys``: sessions, and owners of sessions and traits, may differ. ``labels`` are namespaces with another label.
    """

    reading: frozenset[str] = frozenset()
    undeclared_but: frozenset[str] | None = None
    linking: frozenset[str] = frozenset()
    counting: frozenset[str] = frozenset()
    uncounted_but: frozenset[str] | None = None
    quarantining: bool = False
    deriving: bool = False
    retimed: bool = False
    journeys: bool = False
    labels: frozenset[str] = frozenset()

    @property
    def reads_all_alike(self) -> bool:
        """Whether every raw value is read as before."""
        return not self.reading and self.undeclared_but is None

    @property
    def reads_events(self) -> bool:
        """Whether events may hold other identifiers, or link other pairs."""
        return bool(self.linking) or self.retimed or not self.reads_all_alike

    @property
    def recounts_any(self) -> bool:
        """Whether partners have to be counted anew."""
        return bool(self.counting) or self.uncounted_but is not None

    def recounts(self, namespace: str) -> bool:
        """Whether the partners of a namespace's identifiers have to be counted anew."""
        return _is_named(namespace, self.counting, self.uncounted_but)

    def may_reread(self, namespace: str) -> bool:
        """Whether an event with a raw value of this namespace may hold other identifiers, or link other pairs."""
        return namespace in self.linking or self.reads_otherwise(namespace)

    def reads_otherwise(self, namespace: str) -> bool:
        """Whether raw values of a namespace may be read otherwise."""
        return _is_named(namespace, self.reading, self.undeclared_but)

    def union(self, other: Self) -> "Difference":
        """Give what may differ where either may be the one that holds: for facts taken in under two old versions."""
        return Difference(
            reading=self.reading | other.reading,
            undeclared_but=_all_but(self.undeclared_but, other.undeclared_but),
            linking=self.linking | other.linking,
            counting=self.counting | other.counting,
            uncounted_but=_all_but(self.uncounted_but, other.uncounted_but),
            quarantining=self.quarantining or other.quarantining,
            deriving=self.deriving or other.deriving,
            retimed=self.retimed or other.retimed,
            journeys=self.journeys or other.journeys,
            labels=self.labels | other.labels,
        )


def compare(old: RuleSet, new: RuleSet) -> Difference:
    """Compare what two sets of rules mean; how they are written down does not matter."""
    names = old.namespaces.keys() | new.namespaces.keys()
    pairs = {name: (old.find_namespace(name), new.find_namespace(name)) for name in sorted(names)}
    both = {name: (a, b) for name, (a, b) in pairs.items() if a is not None and b is not None}
    undeclared = old.accept_undeclared != new.accept_undeclared
    reordered = _order_of(old) != _order_of(new)
    # What a limited source may say is found weakest first, so another order believes something else.
    believing = old.sources != new.sources or (reordered and any(rule.is_limited for rule in new.sources.values()))
    reading = frozenset(
        name for name, (a, b) in pairs.items() if believing or _reading_of(a, old) != _reading_of(b, new)
    )
    linking = frozenset(
        name
        for name, (a, b) in pairs.items()
        if _uniqueness_of(a) != _uniqueness_of(b) and (_is_unique(a) or _is_unique(b))
    )
    counting = frozenset(name for name in both if _partners_of(name, names, old) != _partners_of(name, names, new))
    uncounted = (
        old.accept_undeclared
        and new.accept_undeclared
        and _partners_of(_UNDECLARED, names, old) != _partners_of(_UNDECLARED, names, new)
    )
    quarantining = bool(counting) or uncounted or any(a.max_partners != b.max_partners for a, b in both.values())
    deriving = (
        reordered
        or undeclared
        or quarantining
        or bool(reading)
        or old.max_identifiers != new.max_identifiers
        or any((a.limit, a.conflict, a.scoped) != (b.limit, b.conflict, b.scoped) for a, b in both.values())
    )
    return Difference(
        reading=reading,
        undeclared_but=frozenset(names) if undeclared or (believing and new.accept_undeclared) else None,
        linking=linking,
        counting=counting,
        uncounted_but=frozenset(names) if uncounted else None,
        quarantining=quarantining,
        deriving=deriving,
        journeys=(
            reordered
            or undeclared
            or bool(reading)
            or bool(linking)
            or old.session_gap != new.session_gap
            or any(a.visitor != b.visitor for a, b in both.values())
        ),
        labels=frozenset(name for name, (a, b) in both.items() if a.label != b.label),
    )


def read_anew(old: RuleSet, new: RuleSet) -> Difference:
    """Tell what may differ where an earlier ``READING`` made of the facts what is stored: everything but labels."""
    names = old.namespaces.keys() | new.namespaces.keys()
    undeclared = frozenset(names) if old.accept_undeclared or new.accept_undeclared else None
    return Difference(
        reading=frozenset(names),
        undeclared_but=undeclared,
        counting=frozenset(names),
        uncounted_but=undeclared,
        quarantining=True,
        deriving=True,
        retimed=True,
        journeys=True,
    )


NO_DIFFERENCE = Difference()

_UNDECLARED = ""
"""Stands for any namespace that is not declared; no namespace is called so."""


def may_differ(
    members: Sequence[MemberFacts], *, contested: bool, judged: bool, difference: Difference, rules: RuleSet
) -> bool:
    """Whether a stored customer may have other members, or other refused links, under the new rules.

    False is proven: its links and its quarantined identifiers stay what they are, no link of it is refused, and as a
    whole it fits every limit; so its links join all of it in whatever order they are taken (the argument of ``joining``).
    Two things cannot be seen in its members: an event with a value that was no identifier until now, and identifiers of
    other customers, which may cease to be quarantined, or to be ambiguous in an event that its members were seen in.
    Who asks must follow these from where they are.

    ``contested``: a link to another customer is refused, those of quarantined identifiers aside. ``judged``: a judgement
    names a member.
    """
    if not difference.deriving:
        return False
    if contested or len(members) > rules.max_identifiers or (judged and not difference.reads_all_alike):
        return True
    counts: dict[str, int] = {}
    for member in members:
        if member.ambiguous or difference.reads_otherwise(member.namespace) or member.namespace in difference.linking:
            return True
        limit = (rule := rules.get_namespace(member.namespace)).limit
        if limit is not None:
            scope = rule.scope_of(member.value)
            counts[scope] = count = counts.get(scope, 0) + 1
            if count > limit.count:
                return True
        if _quarantine_may_differ(member, rules, difference):
            return True
    return False


def is_quarantined(member: MemberFacts, rules: RuleSet) -> bool:
    """Whether an identifier is quarantined under rules under which its partners are counted."""
    rule = rules.get_namespace(member.namespace)
    return partners.is_quarantined(member.partners, rule, overruled=member.overruled)


def _quarantine_may_differ(member: MemberFacts, rules: RuleSet, difference: Difference) -> bool:
    """Compare with what the partners come to, and say so when they may be others because of how values are read."""
    if not difference.reads_all_alike and any(
        difference.reads_otherwise(scope.partition("/")[0]) for scope in member.partners
    ):
        return True
    return is_quarantined(member, rules) != member.quarantined


def _partners_of(name: str, partners: Iterable[str], rules: RuleSet) -> dict[str, bool]:
    """Tell which namespaces count as partners of a known one, and which of these per scope."""
    own = rules.get_namespace(name)
    found = {partner: rules.find_namespace(partner) for partner in partners}
    return {
        partner: rule.scoped for partner, rule in found.items() if rule is not None and counts_as_partner(rule, own)
    }


def _is_named(namespace: str, named: frozenset[str], others_but: frozenset[str] | None) -> bool:
    return namespace in named or (others_but is not None and namespace not in others_but)


def _all_but(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    named = [names for names in (one, other) if names is not None]
    return frozenset.intersection(*named) if named else None


def _reading_of(rule: NamespaceRule | None, rules: RuleSet) -> object:
    """Tell what a raw value's reading depends on; None where no value is an identifier."""
    if rule is None:
        return None
    region = rules.default_region if rule.normalize is Normalization.PHONE else ""
    patterns = frozenset(rule.blocked_patterns)
    return rule.normalize, region, rule.scoped, rule.blocked, patterns


def _is_unique(rule: NamespaceRule | None) -> bool:
    return rule is not None and rule.is_unique


def _uniqueness_of(rule: NamespaceRule | None) -> tuple[bool, bool]:
    return (False, False) if rule is None else (rule.is_unique, rule.scoped)


def _order_of(rules: RuleSet) -> list[str]:
    return [rule.name for rule in sorted(rules.namespaces.values(), key=lambda rule: rule.rank)]
