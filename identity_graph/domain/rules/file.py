"""Rules files: YAML text to a validated set of rules, and the sets that ship with the package."""

import re
from functools import cache
from importlib.resources import files

from phonenumbers import SUPPORTED_REGIONS
from yaml.nodes import MappingNode, Node, ScalarNode

from identity_graph.domain.rules.normalization import blocked_forms
from identity_graph.domain.rules.patterns import Pattern, PatternError
from identity_graph.domain.rules.rule_set import NAMESPACE_NAME, Conflict, Limit, NamespaceRule, Normalization, RuleSet
from identity_graph.domain.rules.source_section import read_sources
from identity_graph.domain.values.graph_schema import RESERVED_LABELS
from identity_graph.domain.values.yaml_sections import (
    Problems,
    Section,
    compose,
    did_you_mean,
    line_of,
    read_list,
    read_text,
    read_whole_number,
)
from identity_graph.errors import RulesError

PRESETS = ("default", "last-login", "first-owner", "never-guess")
"""The sets of rules that ship with the package; they differ in who keeps an identifier that several customers claim."""

_RULE_SET_KEYS = ("format", "default_region", "undeclared", "max_identifiers", "session_gap", "namespaces", "sources")
_NAMESPACE_KEYS = ("label", "limit", "scoped", "visitor", "normalize", "conflict", "max_partners", "blocked")
_UNDECLARED = {"ignore": False, "accept": True}
_NORMALIZATIONS = {normalization.value: normalization for normalization in Normalization}
_CONFLICTS = {conflict.value: conflict for conflict in Conflict}

_HALF_AN_HOUR = 30 * 60 * 1_000_000
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_RESERVED = frozenset(label.casefold() for label in RESERVED_LABELS)
_REGEX = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)


def parse_rules(text: str, *, name: str = "rules") -> RuleSet:
    """Read the text of a rules file; ``name`` is what messages call the file.

    Raises:
        RulesError: the file does not hold what it should; the message names every problem with its line and field.
    """
    return _parse(text, Problems(name))


def parse_stored_rules(text: str, *, name: str) -> RuleSet:
    """Read rules that a graph was resolved under: what earlier versions of the product took is no problem in them.

    Raises:
        RulesError: the text holds no rules.
    """
    return _parse(text, Problems(name, stored=True))


def _parse(text: str, problems: Problems) -> RuleSet:
    rules = _read_rule_set(compose(text, problems), text, problems)
    problems.raise_if_any()
    return rules


@cache
def load_preset(name: str = "default") -> RuleSet:
    """Load a set of rules that ships with the package.

    Raises:
        RulesError: there is none of that name.
    """
    return parse_rules(read_preset(name), name=f"{name}.yaml")


def read_preset(name: str) -> str:
    """Read the text of a set of rules that ships with the package: a good start for a file of one's own.

    Raises:
        RulesError: there is none of that name.
    """
    if name not in PRESETS:
        raise RulesError(f"there is no preset {name!r}{did_you_mean(name, PRESETS)}", presets=PRESETS)
    return (files("identity_graph.domain.rules") / "presets" / f"{name}.yaml").read_text("utf-8")


def derive_label(namespace: str) -> str:
    """Make the label of a namespace that declares none: ``crm_id`` gives ``CrmId``, ``order`` ``OrderIdentifier``."""
    label = "".join(part.capitalize() for part in namespace.split("_"))
    while label in RESERVED_LABELS:
        label += "Identifier"
    return label


def _free_label(label: str) -> str:
    """Make another label of one that the graph uses itself by now."""
    while _is_reserved(label):
        label += "Identifier"
    return label


def _is_reserved(label: str) -> bool:
    return label.casefold() in _RESERVED


def _read_rule_set(root: Node, text: str, problems: Problems) -> RuleSet:
    """Read the whole file; once a problem is noted, what comes back is of no use."""
    section = Section(problems, root, "", _RULE_SET_KEYS)
    if section.text("format", "1") not in {"1", None}:
        section.reject("format", "1", ", which this version does not know")
    region = _read_region(section)
    accept_undeclared = section.choice("undeclared", _UNDECLARED, default=False)
    namespaces: dict[str, NamespaceRule] = {}
    if "namespaces" in section:
        declared = Section(problems, section["namespaces"], "namespaces")
        for name in declared:
            namespaces[name] = _read_namespace(declared, name, len(namespaces), region)
    if "namespaces" not in section or not (namespaces or accept_undeclared):
        problems.add(line_of(root), "namespaces", "declare at least one")
    sources = read_sources(section.part("sources"), namespaces, accepts_others=accept_undeclared)
    return RuleSet(
        namespaces=namespaces,
        default_region=region,
        accept_undeclared=accept_undeclared,
        max_identifiers=section.whole_number("max_identifiers", 500),
        session_gap=section.duration("session_gap", _HALF_AN_HOUR),
        sources=sources,
        yaml=text,
    )


def _read_region(section: Section) -> str:
    expected = "a country of two capital letters, such as CN"
    region = section.text("default_region", expected)
    if region is not None and region not in SUPPORTED_REGIONS:
        near = f"; did you mean {region.upper()!r}?" if region.upper() in SUPPORTED_REGIONS else ""
        section.reject("default_region", expected, near)
        region = None
    return region or "CN"


def _read_namespace(declared: Section, name: str, priority: int, region: str) -> NamespaceRule:
    """Read one namespace; with nothing behind its name, everything is as it is by default."""
    field = declared.path(name)
    if NAMESPACE_NAME.fullmatch(name) is None:
        problem = "expected a name of small letters, digits and _, up to 64, that begins with a letter"
        declared.problems.add(declared.line_of_key(name), field, problem)
    section = declared.part(name, _NAMESPACE_KEYS)
    normalize = section.choice("normalize", _NORMALIZATIONS, default=Normalization.EXACT)
    blocked, blocked_patterns = _read_blocked(section, normalize, region)
    return NamespaceRule(
        name=name,
        label=_read_label(section) or derive_label(name),
        priority=priority,
        limit=_read_limit(section),
        scoped=section.flag("scoped"),
        visitor=section.flag("visitor"),
        normalize=normalize,
        conflict=section.choice("conflict", _CONFLICTS, default=Conflict.NEWEST),
        max_partners=section.whole_number("max_partners", 50),
        blocked=blocked,
        blocked_patterns=blocked_patterns,
    )


def _read_label(section: Section) -> str | None:
    expected = "a label of letters, digits and _, up to 64, that begins with a letter"
    label = section.text("label", expected)
    if label is None:
        return None
    if _LABEL.fullmatch(label) is None:
        section.reject("label", expected)
    elif _is_reserved(label):
        if section.problems.stored:  # an earlier version of the product did not use it itself
            return _free_label(label)
        section.reject("label", "a label that the graph does not use itself")
    return label


def _read_limit(section: Section) -> Limit | None:
    if "limit" not in section:
        return None
    node = section["limit"]
    if isinstance(node, MappingNode):
        limit = Section(section.problems, node, section.path("limit"), ("count", "within"))
        if "count" not in limit:
            section.problems.add(line_of(node), limit.path("count"), "missing; how many may there be?")
        return Limit(limit.whole_number("count", 1), limit.duration("within", None))
    count = read_whole_number(node)
    if count is None:
        section.reject("limit", "a whole number of at least 1 or {count, within}")
        return None
    return Limit(count)


def _read_blocked(
    section: Section, normalize: Normalization, region: str
) -> tuple[frozenset[str], tuple[Pattern, ...]]:
    """Read values, taken as they are written (``null`` and ``-1`` too), and regular expressions between slashes."""
    values: set[str] = set()
    patterns: list[Pattern] = []
    expected = "a list of values and /regular expressions/"
    nodes = read_list(section["blocked"]) if "blocked" in section else []
    if nodes is None:
        section.reject("blocked", expected)
    for index, node in enumerate(nodes or []):
        field = f"{section.path('blocked')}[{index}]"
        text = read_text(node)
        if text is None:
            section.problems.reject(node, field, "a value or a /regular expression/")
        elif regex := _REGEX.fullmatch(text):
            patterns.extend(_read_pattern(section.problems, node, field, *regex.groups()))
        else:
            values |= blocked_forms(text, normalize, default_region=region)
    return frozenset(values), tuple(patterns)


def _read_pattern(problems: Problems, node: Node, field: str, regex: str, flags: str) -> list[Pattern]:
    if flags:
        problems.reject(node, field, "nothing after the last slash", f"; write flags inside: /(?{flags}){regex}/")
        return []
    try:
        return [Pattern(regex)]
    except PatternError as error:
        if problems.stored:
            return [Pattern(regex, supported=False)]
        fragment = error.fragment if error.fragment in regex else ""
        quote = 1 if isinstance(node, ScalarNode) and node.style else 0
        column = node.start_mark.column + quote + 2 + regex.find(fragment)
        known = "; RE2 runs it, which has no look-ahead, no look-behind and no back-references"
        problem = f"not a regular expression: {error} at column {column}{known if _is_known_to_python(regex) else ''}"
        problems.add(line_of(node), field, problem)
        return []


def _is_known_to_python(regex: str) -> bool:
    try:
        re.compile(regex)
    except re.error:
        return False
    return True
