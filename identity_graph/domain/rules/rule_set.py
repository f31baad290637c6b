"""The rules of resolution: which namespaces there are, which are stronger, and what may not be joined."""

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from identity_graph.domain.rules.patterns import Pattern, has_unsupported
from identity_graph.domain.rules.sources import SourceRule
from identity_graph.domain.values.identifiers import Identifier, IgnoredIdentifier, RawIdentifier

NAMESPACE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a namespace may be called; match all of the name."""


class Conflict(StrEnum):
    """What happens to an identifier that several customers claim."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NOBODY = "nobody"


class Normalization(StrEnum):
    """How a namespace's raw values are brought to one form."""

    EXACT = "exact"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many identifiers of a namespace (and scope) one customer may have.

    ``within`` is a span in microseconds: only identifiers last seen within it, counted back from the newest
    ``last_seen`` of any member, count. None: all count.
    """

    count: int
    within: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceRule:
    """The rule of one namespace. ``priority`` 0 is the strongest."""

    name: str
    label: str
    priority: int
    declared: bool = True
    limit: Limit | None = None
    scoped: bool = False
    visitor: bool = False
    normalize: Normalization = Normalization.EXACT
    conflict: Conflict = Conflict.NEWEST
    max_partners: int = 50
    blocked: frozenset[str] = frozenset()
    blocked_patterns: tuple[Pattern, ...] = ()
    rank: tuple[int, str] = field(init=False, compare=False, repr=False)
    """Sorts namespaces, strongest first: the declared ones in their order, then the others by name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rank", (self.priority, "" if self.declared else self.name))

    @property
    def is_unique(self) -> bool:
        """Whether a customer may have one value only (per scope); a window does not matter."""
        return self.limit is not None and self.limit.count == 1

    def scope_of(self, value: str) -> str:
        """Name what a limit counts: the namespace, or ``namespace/scope`` when it is scoped (``openid/wx1``)."""
        return f"{self.name}/{value.partition('/')[0]}" if self.scoped else self.name


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """A validated set of rules. ``yaml`` is the text that it was read from."""

    namespaces: dict[str, NamespaceRule]
    default_region: str = "CN"
    accept_undeclared: bool = False
    max_identifiers: int = 500
    session_gap: int = 30 * 60 * 1_000_000
    sources: dict[str, SourceRule] = field(default_factory=dict[str, SourceRule])
    """The sources that may not say everything."""
    yaml: str = ""
    memory: dict[RawIdentifier, Identifier | IgnoredIdentifier] = field(
        default_factory=dict[RawIdentifier, Identifier | IgnoredIdentifier], init=False, compare=False, repr=False
    )
    """What values were read as under these rules, for whoever reads them."""
    _undeclared: dict[str, NamespaceRule] = field(
        default_factory=dict[str, NamespaceRule], init=False, compare=False, repr=False
    )

    def find_namespace(self, name: str) -> NamespaceRule | None:
        """Find the rule of a namespace; None when it is undeclared and undeclared ones are ignored."""
        rule = self.namespaces.get(name)
        if rule is None and self.accept_undeclared:
            rule = self._undeclared.get(name)
            if rule is None:
                rule = NamespaceRule(name=name, label="Other", priority=len(self.namespaces), declared=False)
                self._undeclared[name] = rule
        return rule

    def get_namespace(self, name: str) -> NamespaceRule:
        """Get the rule of a namespace that a usable identifier has.

        Raises:
            KeyError: the namespace is undeclared and undeclared ones are ignored.
        """
        rule = self.namespaces.get(name) or self.find_namespace(name)
        if rule is None:
            raise KeyError(name)
        return rule

    @property
    def unread_namespaces(self) -> list[str]:
        """Namespaces all of whose values are blocked, since an expression is not known any more that told which are."""
        return [rule.name for rule in self.namespaces.values() if has_unsupported(rule.blocked_patterns)]

    @cached_property
    def has_nobody(self) -> bool:
        """Whether any namespace leaves contested identifiers to nobody."""
        return any(rule.conflict is Conflict.NOBODY for rule in self.namespaces.values())


def fingerprint(rules: RuleSet) -> str:
    """Hash what rules mean: equal for two texts that differ in comments, spelling or left-out defaults only.

    A SHA-256 in hex. The order of the namespaces counts, since it is their priority.
    """
    meaning: dict[str, object] = {
        "format": 1,
        "default_region": rules.default_region,
        "accept_undeclared": rules.accept_undeclared,
        "max_identifiers": rules.max_identifiers,
        "session_gap": rules.session_gap,
        "namespaces": [_meaning_of(rule) for rule in sorted(rules.namespaces.values(), key=lambda rule: rule.rank)],
    }
    if rules.sources:  # rules without them mean what they meant before there were any
        meaning["sources"] = {name: _meaning_of_source(rule) for name, rule in rules.sources.items()}
    return sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _meaning_of_source(rule: SourceRule) -> dict[str, object]:
    return {
        "asserts": None if rule.asserts is None else sorted(rule.asserts),
        "links": None if rule.links is None else sorted(rule.links),
    }


def _meaning_of(rule: NamespaceRule) -> dict[str, object]:
    return {
        "name": rule.name,
        "label": rule.label,
        "limit": None if rule.limit is None else [rule.limit.count, rule.limit.within],
        "scoped": rule.scoped,
        "visitor": rule.visitor,
        "normalize": rule.normalize,
        "conflict": rule.conflict,
        "max_partners": rule.max_partners,
        "blocked": sorted(rule.blocked),
        "blocked_patterns": sorted({pattern.pattern for pattern in rule.blocked_patterns}),
    }
