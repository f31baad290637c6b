"""Which names stand for personal values: of traits that the catalogue calls personal, and of namespaces."""

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.rules.rule_set import RuleSet


def personal_names(rules: RuleSet, catalogue: Catalogue) -> frozenset[str]:
    """List the names of personal traits and of namespaces: a property with such a name may hold such a value."""
    return frozenset(rules.namespaces) | {name for name, trait in catalogue.traits.items() if trait.personal}


def is_personal_path(path: str, names: frozenset[str]) -> bool:
    """Tell whether the property at a path may hold a personal value: by its name, or by that of what it is in."""
    return not names.isdisjoint(path.split("."))
