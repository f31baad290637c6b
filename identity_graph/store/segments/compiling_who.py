"""Conditions on who a customer is, as Cypher."""

from identity_graph.domain.segments.rule_tree import Audience, IdentifierRule, JoinedRule, KnownRule, ShareRule
from identity_graph.store.segments.compiling_asked import Asked, so_far
from identity_graph.store.segments.compiling_bounds import ANYBODY, FALSE, NOBODY, Bounds, exactly, is_there, no

_IDENTIFIERS = "(c)<-[:BELONGS_TO]-(i:Identifier)"
_LINKS = "(c)<-[:BELONGS_TO]-(a:Identifier)-[:OBSERVED_WITH]->(b:Identifier)-[:BELONGS_TO]->(c)"


def compile_identifier(rule: IdentifierRule, asked: Asked) -> Bounds:
    """Say who has an identifier of a namespace."""
    return exactly(_identified(f"i.namespace = {asked.given(rule.namespace)}", asked))


def compile_joined(rule: JoinedRule, asked: Asked) -> Bounds:
    """Say of whom no link is weaker: both ends of each are of namespaces that are strong enough."""
    rules = asked.terms.rules
    least = rules.get_namespace(rule.namespace)
    if not least.declared:
        return ANYBODY
    strong = sorted(one.name for one in rules.namespaces.values() if one.rank <= least.rank)
    names = asked.given(strong)
    return exactly(no(is_there(_LINKS, f"NOT (a.namespace IN {names} AND b.namespace IN {names})")))


def compile_known(rule: KnownRule, asked: Asked) -> Bounds:
    """Say who was first seen so long ago."""
    return exactly(f"c.first_seen <= {asked.given.moment(asked.now - rule.span.micros)}")


def compile_share(rule: ShareRule) -> Bounds:
    """Say who has an identifier at all: the hash of the oldest one is for the evaluator, Neo4j has no such function."""
    if rule.of <= 0:
        return NOBODY
    anchored = is_there(_IDENTIFIERS)
    return Bounds(anchored, anchored if rule.of >= 1 else FALSE)


def compile_consent() -> Bounds:
    """Say who decided anything on a consent: which decision counts is for the evaluator."""
    return Bounds(is_there("(c)<-[:BELONGS_TO]-(:Identifier)-[:GAVE]->(:Consent)"), FALSE)


def compile_audience(audience: Audience, asked: Asked) -> Bounds:
    """Say who is asked at all."""
    if audience is Audience.ALL:
        return ANYBODY
    rules = asked.terms.rules
    visitors = sorted(rule.name for rule in rules.namespaces.values() if rule.visitor)
    if rules.accept_undeclared:
        return exactly(_identified(f"NOT i.namespace IN {asked.given(visitors)}", asked))
    persons = sorted(rules.namespaces.keys() - set(visitors))
    return exactly(_identified(f"i.namespace IN {asked.given(persons)}", asked))


def _identified(wanted: str, asked: Asked) -> str:
    return is_there(_IDENTIFIERS, wanted, so_far(asked).holds("i.first_seen", asked))
