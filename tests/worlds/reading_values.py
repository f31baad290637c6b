"""How tests read values: one namespace of each kind, and the default rules."""

from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.rules.normalization import normalize, read_identifiers
from identity_graph.domain.rules.rule_set import NamespaceRule, Normalization, RuleSet
from identity_graph.domain.values.identifiers import RawIdentifier

DEFAULT = load_preset()


def namespace(**given: object) -> NamespaceRule:
    base: dict[str, object] = {"name": "account", "label": "Account", "priority": 0}
    return NamespaceRule(**(base | given))  # pyright: ignore[reportArgumentType]


PHONE = namespace(normalize=Normalization.PHONE)
EMAIL = namespace(normalize=Normalization.EMAIL)
EXACT = namespace()
SCOPED = namespace(scoped=True)


def form(rule: NamespaceRule, raw: str, region: str = "CN") -> str | None:
    return normalize(rule, raw, default_region=region)


def read(*raw: tuple[str, str], rules: RuleSet = DEFAULT) -> tuple[list[str], list[tuple[str, str, str]]]:
    usable, ignored = read_identifiers([RawIdentifier(*one) for one in raw], rules)
    return [identifier.key for identifier in usable], [(one.namespace, one.value, one.code) for one in ignored]


def code_of(namespace: str, value: str, rules: RuleSet = DEFAULT) -> str:
    usable, ignored = read((namespace, value), rules=rules)
    assert len(usable) + len(ignored) == 1
    return ignored[0][2] if ignored else "usable"
