"""Reading the section `sources` of a rules file: what each source may assert and link."""

from collections.abc import Collection
from dataclasses import replace

from yaml.nodes import Node

from identity_graph.domain.rules.sources import BROWSER, FULL, SourceRule
from identity_graph.domain.values.pairs import Pair, pair_of
from identity_graph.domain.values.yaml_sections import Problems, Section, did_you_mean, line_of, read_list, read_text

_KEYS = ("trust", "asserts", "links")
_TRUST = {"full": FULL, "browser": BROWSER}
_LIST = "a list of namespaces, such as [anonymous_id, user_id]"
_PAIRS = "a list of pairs of namespaces, such as [[anonymous_id, user_id]]"
_PAIR = "a pair of namespaces, such as [anonymous_id, user_id]"


def read_sources(declared: Section, namespaces: Collection[str], *, accepts_others: bool) -> dict[str, SourceRule]:
    """Read what sources may say; those that may say anything are left out.

    ``namespaces`` are declared; ``accepts_others``: values of any others are identifiers, too.
    """
    known = None if accepts_others else namespaces
    read = {name: _read_source(declared, name, namespaces, known) for name in declared}
    return {name: rule for name, rule in read.items() if rule.is_limited}


def _read_source(
    declared: Section, name: str, namespaces: Collection[str], known: Collection[str] | None
) -> SourceRule:
    section = declared.part(name, _KEYS)
    rule = section.choice("trust", _TRUST, default=FULL)
    if rule is BROWSER and "asserts" not in section and not (BROWSER.asserts or frozenset()) & set(namespaces):
        problem = "a browser may say anonymous_id, device_id and user_id; none is declared, so write asserts and links"
        section.problems.add(line_of(section["trust"]), section.path("trust"), problem)
    if "asserts" in section:
        asserts = _read_namespaces(section.problems, section["asserts"], section.path("asserts"), known, _LIST)
        rule = replace(rule, asserts=frozenset(asserts))
    if "links" in section:
        rule = replace(rule, links=_read_links(section, known, rule.asserts))
    return rule


def _read_links(section: Section, known: Collection[str] | None, asserts: Collection[str] | None) -> frozenset[Pair]:
    pairs: set[Pair] = set()
    nodes = read_list(section["links"])
    if nodes is None:
        section.reject("links", _PAIRS)
    for index, node in enumerate(nodes or []):
        field = f"{section.path('links')}[{index}]"
        names = _read_namespaces(section.problems, node, field, known, _PAIR)
        for name in names:
            if asserts is not None and name not in asserts:
                section.problems.add(line_of(node), field, f"the source may not assert {name}; add it to asserts")
        if len(names) == 2:
            pairs.add(pair_of(*names))
        elif read_list(node) is not None:
            section.problems.reject(node, field, _PAIR, f" of {len(names)}")
    return frozenset(pairs)


def _read_namespaces(
    problems: Problems, node: Node, field: str, known: Collection[str] | None, expected: str
) -> list[str]:
    """Read names of namespaces; those that the rules do not declare are noted, and read all the same."""
    nodes = read_list(node)
    if nodes is None:
        problems.reject(node, field, expected)
    names: list[str] = []
    for index, item in enumerate(nodes or []):
        name = read_text(item)
        if name is None:
            problems.reject(item, f"{field}[{index}]", "a namespace")
        elif known is not None and name not in known:
            problems.add(line_of(item), f"{field}[{index}]", f"{name!r} is not declared{did_you_mean(name, known)}")
        names.append(name or "")
    return names
