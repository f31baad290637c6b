"""Counts of ignored values per namespace and code, of any number of namespaces: a sender can make up as many as it likes."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from identity_graph.domain.collecting.segment.fields import UNREADABLE
from identity_graph.domain.rules.rule_set import RuleSet

IgnoredCounts = Counter[tuple[str, str]]
"""Counts per namespace and code. A field that was left out has its path in the place of the namespace, and the code
``unreadable_field``: these are some dozens, which nobody can add to. Traits that were left out have no namespace: theirs is empty.
"""

TOLD_APART = 200
"""Namespaces that are counted each for itself, beside those that the rules declare."""

OTHERS = "(others)"
"""What the namespaces are counted under that are more than these."""

UNDECLARED = "(undeclared)"
"""What metrics count undeclared namespaces under: a name that somebody made up may be an e-mail address."""


def write_ignored(counts: Mapping[tuple[str, str], int]) -> str:
    """Write counts as the graph keeps them: JSON of counts by namespace, then by code."""
    nested: dict[str, dict[str, int]] = {}
    for (namespace, code), count in counts.items():
        nested.setdefault(namespace, {})[code] = count
    return json.dumps(nested)


def read_ignored(text: str) -> IgnoredCounts:
    """Read what ``write_ignored`` wrote."""
    return Counter(
        {(namespace, code): count for namespace, counts in json.loads(text).items() for code, count in counts.items()}
    )


def fold_ignored(
    counts: Mapping[tuple[str, str], int], rules: RuleSet, told_apart: Iterable[str] = ()
) -> IgnoredCounts:
    """Count together what is too much to be told apart: of undeclared namespaces, those that come after the first ones.

    ``told_apart`` are namespaces that were counted for themselves before (see ``namespaces_in``); they stay so. Fields that
    were left out are no namespaces: they are always told apart, and take the place of none.
    """
    known = {namespace for namespace in told_apart if not _is_own(namespace, rules.namespaces)}
    folded: IgnoredCounts = Counter()
    for (namespace, code), count in counts.items():
        if code != UNREADABLE and not _is_own(namespace, rules.namespaces) and namespace not in known:
            if len(known) < TOLD_APART:
                known.add(namespace)
            else:
                namespace = OTHERS  # noqa: PLW2901
        folded[namespace, code] += count
    return folded


def namespaces_in(counts: Iterable[tuple[str, str]]) -> set[str]:
    """Name the namespaces among what was counted, not the fields that were left out."""
    return {namespace for namespace, code in counts if code != UNREADABLE}


def most_ignored(counts: Mapping[tuple[str, str], int], rules: RuleSet) -> IgnoredCounts:
    """Sum up the counts of several processes: of undeclared namespaces those with most values are told apart."""
    return fold_ignored(dict(Counter(counts).most_common()), rules)


def label_of(namespace: str, code: str, rules: RuleSet) -> str:
    """Name a namespace, or a field that was left out, where everybody may read it."""
    return namespace if code == UNREADABLE or namespace in rules.namespaces or not namespace else UNDECLARED


def _is_own(namespace: str, declared: Collection[str]) -> bool:
    return namespace in declared or namespace in ("", OTHERS)
