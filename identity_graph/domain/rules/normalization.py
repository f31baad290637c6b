"""From raw values to identifiers: what a value means under the rules, or why it is not an identifier.

The same trace arrives in many spellings; only one form of it is stored. Normalising a normal form changes nothing.
"""

import re
from collections.abc import Iterable

from identity_graph.domain.rules.blocked import is_blocked_everywhere
from identity_graph.domain.rules.ranking import find_ambiguous
from identity_graph.domain.rules.rule_set import NAMESPACE_NAME, NamespaceRule, Normalization, RuleSet
from identity_graph.domain.rules.sources import CLAIMED
from identity_graph.domain.rules.spelling import BLOCKED, INVALID, Form, spell_email, spell_phone, tidy
from identity_graph.domain.values.identifiers import MAX_VALUE_LENGTH, Identifier, IgnoredIdentifier, RawIdentifier

UNDECLARED = "undeclared"
AMBIGUOUS = "ambiguous_observation"

_REMEMBERED = 32_768
"""Values that are remembered with what they were read as: it takes 3 to 40 µs to find out and some 400 bytes to keep."""

_UNUSABLE_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters (category Cc) and lone surrogates."""


def read_identifiers(
    raw: Iterable[RawIdentifier], rules: RuleSet, source: str | None = None
) -> tuple[tuple[Identifier, ...], tuple[IgnoredIdentifier, ...]]:
    """Read the identifiers of one message of a source; None for one that may say anything.

    Returns the usable ones, distinct and strongest first (then by key), and the ignored ones, distinct and in the
    order of the message, followed by those that the source only claims, and by those that are usable but ambiguous in
    this message: two values of one namespace and scope of which a customer has one only.
    """
    usable: dict[Identifier, NamespaceRule] = {}
    ignored: dict[IgnoredIdentifier, None] = {}
    for item in raw:
        found = _read_one(item, rules)
        if isinstance(found, IgnoredIdentifier):
            ignored[found] = None
        else:
            usable[found] = rules.get_namespace(found.namespace)
    identifiers = sorted(usable, key=lambda identifier: (usable[identifier].rank, identifier.key))
    limited = rules.sources.get(source) if source is not None else None
    if limited is not None:
        claimed = limited.find_claimed(identifier.namespace for identifier in reversed(identifiers))
        ignored.update((IgnoredIdentifier(*one, CLAIMED), None) for one in identifiers if one.namespace in claimed)
        identifiers = [one for one in identifiers if one.namespace not in claimed]
    ambiguous = find_ambiguous(identifiers, rules)
    for identifier in identifiers:
        if identifier in ambiguous:
            ignored[IgnoredIdentifier(identifier.namespace, identifier.value, AMBIGUOUS)] = None
    return tuple(identifiers), tuple(ignored)


def _read_one(raw: RawIdentifier, rules: RuleSet) -> Identifier | IgnoredIdentifier:
    known = rules.memory
    found = known.get(raw)
    if found is None:
        namespace, value = raw
        rule = rules.find_namespace(namespace)
        form, code = (None, UNDECLARED) if rule is None else _read(rule, value, rules.default_region)
        found = IgnoredIdentifier(namespace, value, code) if form is None else Identifier(namespace, form)
        if len(known) >= _REMEMBERED:
            known.clear()
        if len(value) <= MAX_VALUE_LENGTH:
            known[raw] = found
    return found


def read_stored(
    texts: Iterable[str], rules: RuleSet, source: str | None = None
) -> tuple[tuple[Identifier, ...], tuple[IgnoredIdentifier, ...]]:
    """Read the identifiers of a stored event again, from the texts in which it keeps them, in their order."""
    return read_identifiers(map(RawIdentifier.from_text, texts), rules, source)


def read_key(key: str, rules: RuleSet) -> str | None:
    """Read a judged key under rules: its value, taken as a raw one, may be another now; None when it is no identifier."""
    found = _read_one(RawIdentifier(*Identifier.from_key(key)), rules)
    return found.key if isinstance(found, Identifier) else None


_ANY_UNDECLARED = NamespaceRule(name="undeclared", label="Other", priority=0, declared=False)
"""All undeclared namespaces are read alike."""


def normalize(rule: NamespaceRule, raw: str, *, default_region: str) -> str | None:
    """Bring a raw value to the one form in which the graph keeps it; None when it is blocked or invalid."""
    return _read(rule, raw, default_region)[0]


def normalize_lookup(value: str, namespace: str | None, rules: RuleSet) -> list[Identifier]:
    """List every identifier that a raw value may mean, strongest namespace first.

    With a namespace that is at most one. Without, it is one for each declared namespace under which the value is
    neither blocked nor invalid; see ``undeclared_form`` for what came in under an undeclared one.
    """
    rules_in_question = list(rules.namespaces.values()) if namespace is None else [rules.find_namespace(namespace)]
    found: list[Identifier] = []
    for rule in rules_in_question:
        form = None if rule is None else normalize(rule, value, default_region=rules.default_region)
        if rule is not None and form is not None:
            found.append(Identifier(rule.name, form))
    return found


def undeclared_form(value: str, rules: RuleSet) -> str | None:
    """Give the value under which a raw one is stored in every namespace that the rules do not declare.

    None when they accept none, or when the value is blocked or invalid.
    """
    if not rules.accept_undeclared:
        return None
    return normalize(_ANY_UNDECLARED, value, default_region=rules.default_region)


def blocked_forms(value: str, kind: Normalization, *, default_region: str) -> frozenset[str]:
    """List the forms, casefolded, under which a value that an owner blocks may arrive: as written and normalised."""
    text = tidy(value)
    form, _ = _normal_form(kind, text, default_region)
    return frozenset({text.casefold(), (form or text).casefold()})


def _read(rule: NamespaceRule, raw: str, default_region: str) -> Form:
    """Blocked outranks invalid, so that a ``null`` in an e-mail field is reported as what it is."""
    text = tidy(raw)
    scope, local = "", text
    if rule.scoped:
        scope, _, local = (part.strip() for part in text.partition("/"))
        text = f"{scope}/{local}" if scope and local else text
    if _is_blocked(rule, text) or (rule.scoped and text and _is_part_blocked(rule, scope, local)):
        return None, BLOCKED
    if not _is_well_formed(rule, text, scope, local):
        return None, INVALID
    form, code = _normal_form(rule.normalize, local, default_region)
    if form is None:
        return None, code
    if form != local and _is_blocked(rule, form):
        return None, BLOCKED
    return (f"{scope}/{form}" if rule.scoped else form), ""


def _is_blocked(rule: NamespaceRule, value: str) -> bool:
    return (
        is_blocked_everywhere(value)
        or value.casefold() in rule.blocked
        or any(pattern.matches(value) for pattern in rule.blocked_patterns)
    )


def _is_part_blocked(rule: NamespaceRule, scope: str, local: str) -> bool:
    """Look at the two parts of a scoped value; an empty one makes it invalid, not blocked."""
    return bool((scope and is_blocked_everywhere(scope)) or (local and _is_blocked(rule, local)))


def _is_well_formed(rule: NamespaceRule, text: str, scope: str, local: str) -> bool:
    return (
        len(text) <= MAX_VALUE_LENGTH
        and _UNUSABLE_CHARACTER.search(text) is None
        and bool(local)
        and (bool(scope) or not rule.scoped)
        and (rule.declared or NAMESPACE_NAME.fullmatch(rule.name) is not None)
    )


def _normal_form(kind: Normalization, text: str, default_region: str) -> Form:
    if kind is Normalization.PHONE:
        return spell_phone(text, default_region)
    if kind is Normalization.EMAIL:
        return spell_email(text)
    return text, ""
