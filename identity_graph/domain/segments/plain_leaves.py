"""Conditions on who a customer is: identifiers, links, other segments, consents, age, and shares."""

from hashlib import blake2b

from identity_graph.domain.segments.comparing import FOREVER
from identity_graph.domain.segments.leaves import Fixed, Since
from identity_graph.domain.segments.rule_tree import (
    ConsentRule,
    IdentifierRule,
    JoinedRule,
    KnownRule,
    SegmentRule,
    ShareRule,
)
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.instants import format_instant

_SHARES = 2**64


def identifier_leaf(rule: IdentifierRule, sheet: FactSheet) -> Since:
    """Look for an identifier of a namespace; the actual value is when the first one was seen."""
    prefix = f"{rule.namespace}:"
    since = min((seen for key, seen in sheet.identifiers.items() if key.startswith(prefix)), default=None)
    return Since() if since is None else Since(since, format_instant(since))


def joined_leaf(rule: JoinedRule, sheet: FactSheet, terms: Terms) -> Fixed:
    """Compare the weakest link with a namespace; without links, nothing is weaker.

    A namespace that the rules do not know any more is weaker than all others.
    """
    unknown = sorted(name for name in sheet.links if terms.rules.find_namespace(name) is None)
    if unknown:
        return Fixed(holds=False, actual=unknown[0])
    least = terms.rules.get_namespace(rule.namespace).rank
    ranks = {terms.rules.get_namespace(name).rank: name for name in sheet.links}
    weakest = max(ranks, default=None)
    return Fixed(weakest is None or weakest <= least, None if weakest is None else ranks[weakest])


def segment_leaf(rule: SegmentRule, sheet: FactSheet) -> Fixed:
    """Look for another segment."""
    return Fixed(rule.segment in sheet.segments, rule.segment in sheet.segments)


def consent_leaf(rule: ConsentRule, sheet: FactSheet) -> Since:
    """Compare what was said to a purpose; where nothing was said, no state holds."""
    said = sheet.consents.get((rule.purpose, rule.channel))
    if said is None:
        return Since()
    if said.state is not rule.state:
        return Since(before=said.state.value)
    return Since(said.at, said.state.value)


def known_leaf(rule: KnownRule, sheet: FactSheet) -> Since:
    """Ask for how long the customer has been known; the actual value is since when."""
    since = format_instant(sheet.first_seen)
    return Since(min(sheet.first_seen + rule.span.micros, FOREVER), since, since)


def share_leaf(rule: ShareRule, sheet: FactSheet) -> Fixed:
    """Ask whether the customer falls into a share."""
    if not sheet.anchor:
        return Fixed(holds=False)
    place = place_of(sheet.anchor, rule.salt)
    return Fixed(place < rule.of, round(place, 4))


def place_of(anchor: str, salt: str) -> float:
    """Give the place of a customer among all, from 0 to 1: evenly spread, and another one for every salt.

    It is the first 8 bytes of BLAKE2b of the length of the salt, the salt and the key of the oldest identifier.
    """
    text = f"{len(salt)}:{salt}{anchor}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") / _SHARES
