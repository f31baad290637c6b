"""From raw values to identifiers: what a value means under the rules, or why it is no identifier.

The same trace arrives in many spellings; only one form of it is stored. Normalising a normal form changes nothing.
"""

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from identity_graph.domain.blocked import is_blocked_everywhere, is_placeholder_number
from identity_graph.domain.evidence import find_ambiguous
from identity_graph.domain.identifiers import MAX_VALUE_LENGTH, Identifier, IgnoredIdentifier, RawIdentifier
from identity_graph.domain.rules import NAMESPACE_NAME, NamespaceRule, Normalization, RuleSet

BLOCKED = "blocked"
INVALID = "invalid"
UNDECLARED = "undeclared"
AMBIGUOUS = "ambiguous_observation"

_REMEMBERED = 32_768
"""Values that are remembered with what they were read as: it takes 3 to 40 µs to find out and some 400 bytes to keep."""

_UNUSABLE_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters (category Cc) and lone surrogates."""

_PHONE = re.compile(r"(?:tel:)?\s*\(?\+?[\d\s()\[\]./~\-\u2010-\u2015\u2212]+", re.IGNORECASE)
"""Digits and what sets groups of them apart. Letters, extensions and second numbers are not guessed at."""

_Form = tuple[str | None, str]
"""The normal form and an empty string, or None and the code that says why there is none."""


def read_identifiers(
    raw: Iterable[RawIdentifier], rules: RuleSet
) -> tuple[tuple[Identifier, ...], tuple[IgnoredIdentifier, ...]]:
    """Read the identifiers of one message.

    Returns the usable ones, distinct and strongest first (then by key), and the ignored ones, distinct and in the
    order of the message, followed by those that are usable but ambiguous in this message: two values of one namespace
    and scope of which a customer has one only.
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


def read_stored(texts: Iterable[str], rules: RuleSet) -> tuple[tuple[Identifier, ...], tuple[IgnoredIdentifier, ...]]:
    """Read the identifiers of a stored event again, from the texts in which it keeps them, in their order."""
    return read_identifiers(map(RawIdentifier.from_text, texts), rules)


def read_key(key: str, rules: RuleSet) -> str | None:
    """Read a judged key under rules: its value, taken as a raw one, may be another now; None when it is no identifier."""
    found = _read_one(RawIdentifier(*Identifier.from_key(key)), rules)
    return found.key if isinstance(found, Identifier) else None


def normalize(rule: NamespaceRule, raw: str, *, default_region: str) -> str | None:
    """Bring a raw value to the one form in which the graph keeps it; None when it is blocked or invalid."""
    return _read(rule, raw, default_region)[0]


def normalize_lookup(value: str, namespace: str | None, rules: RuleSet) -> list[Identifier]:
    """List every identifier that a raw value may mean, strongest namespace first.

    With a namespace that is at most one. Without, it is one for each declared namespace under which the value is
    neither blocked nor invalid; what came in under an undeclared namespace is found by naming the namespace.
    """
    rules_in_question = list(rules.namespaces.values()) if namespace is None else [rules.find_namespace(namespace)]
    found: list[Identifier] = []
    for rule in rules_in_question:
        form = None if rule is None else normalize(rule, value, default_region=rules.default_region)
        if rule is not None and form is not None:
            found.append(Identifier(rule.name, form))
    return found


def blocked_forms(value: str, kind: Normalization, *, default_region: str) -> frozenset[str]:
    """List the forms, casefolded, under which a value that an owner blocks may arrive: as written and normalised."""
    text = value.strip()
    form, _ = _normal_form(kind, text, default_region)
    return frozenset({text.casefold(), (form or text).casefold()})


def _read(rule: NamespaceRule, raw: str, default_region: str) -> _Form:
    """Blocked outranks invalid, so that a ``null`` in an e-mail field is reported as what it is."""
    text = raw.strip()
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


def _normal_form(kind: Normalization, text: str, default_region: str) -> _Form:
    if kind is Normalization.PHONE:
        return _read_phone(text, default_region)
    if kind is Normalization.EMAIL:
        return _read_email(text)
    return text, ""


def _read_email(text: str) -> _Form:
    """Lower-case the whole address: no mail provider of note tells users apart by case, but people type either."""
    try:
        found = validate_email(text.lower(), check_deliverability=False)
    except EmailNotValidError:
        return None, INVALID
    return found.normalized, ""


def _read_phone(text: str, default_region: str) -> _Form:
    """Bring a phone number to E.164.

    With its country code a number is taken when its length is possible there: new ranges are handed out faster than
    numbering plans are updated. Without one the country is a guess, so the number must fit the plan of that country.
    """
    if _PHONE.fullmatch(visible := _show_plainly(text)) is None:
        return None, INVALID
    try:
        number = phonenumbers.parse(visible, default_region, keep_raw_input=True)
        if is_placeholder_number(str(number.national_number)):
            return None, BLOCKED
        form = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        again = phonenumbers.format_number(phonenumbers.parse(form), PhoneNumberFormat.E164)
    except NumberParseException:
        return None, INVALID
    # With zeros or a carrier's prefix left in front, a number would come out shorter each time it is read.
    return (form, "") if again == form and _is_plausible(number) else (None, INVALID)


def _show_plainly(text: str) -> str:
    """Narrow full-width characters, and drop invisible ones, which come along when a number is copied from a phone."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def _is_plausible(number: PhoneNumber) -> bool:
    has_country_code = number.country_code_source in {
        CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN,
        CountryCodeSource.FROM_NUMBER_WITH_IDD,
    }
    if not has_country_code:
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
