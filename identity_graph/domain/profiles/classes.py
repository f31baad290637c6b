"""The four classes of customer data: identity, descriptive, quantitative and qualitative.

Each is what traits, identifiers, events, visits and orders say, put in the form that ``docs/schemas/`` describes. ``computed``
are the computed traits of the class, by name.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.profiles.interactions import Interaction, InteractionRules
from identity_graph.domain.profiles.money import Money, find_amount, write_amount
from identity_graph.domain.profiles.purchases import Spending
from identity_graph.domain.profiles.read_models import CustomerEvent, EventCount, TraitView, VisitCount
from identity_graph.domain.profiles.trait_types import GROUPS, TraitClass, TraitGroup
from identity_graph.domain.profiles.trait_values import number_of
from identity_graph.domain.rules.rule_set import Normalization, RuleSet
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Channel, Instant

LATEST = 10
"""Survey answers, reviews and complaints that are shown of each kind, beside how many there are."""

_CONTACTS = frozenset({Normalization.PHONE, Normalization.EMAIL})
_EMAILS = {
    "sent": Interaction.EMAIL_SENT,
    "delivered": Interaction.EMAIL_DELIVERED,
    "opened": Interaction.EMAIL_OPENED,
    "clicked": Interaction.EMAIL_CLICKED,
    "bounced": Interaction.EMAIL_BOUNCED,
    "unsubscribed": Interaction.UNSUBSCRIBED,
}
_MOST_NPS = 10


class RfmScore(NamedTuple):
    """What RFM says of a customer; ``cut`` is the version of the cut that the score refers to."""

    recency_days: int | None
    score: str | None
    cut: int | None


def identity_of(
    traits: Iterable[TraitView],
    identifiers: Iterable[CustomerIdentifier],
    rules: RuleSet,
    computed: Mapping[str, Any],
) -> dict[str, Any]:
    """Tell who a customer is: names, contacts, accounts, and identifiers by namespace, these in the order given."""
    groups = _groups_of(traits, TraitClass.IDENTITY)
    ids: dict[str, list[str]] = {}
    for identifier in identifiers:
        ids.setdefault(identifier.namespace, []).append(identifier.value)
    contacts: dict[str, list[str]] = {}
    accounts: dict[str, list[str]] = {}
    for namespace, values in ids.items():
        rule = rules.find_namespace(namespace)
        if rule is not None and rule.normalize in _CONTACTS:
            contacts[namespace] = values
        elif rule is not None and not rule.visitor:
            accounts[namespace] = values
    return {
        "names": groups[TraitGroup.NAMES],
        "contacts": {"ids": contacts, "traits": groups[TraitGroup.CONTACTS]},
        "accounts": {"ids": accounts, "traits": groups[TraitGroup.ACCOUNTS]},
        "ids": ids,
        "other": groups[TraitGroup.OTHER],
        "computed": dict(computed),
    }


def descriptive_of(traits: Iterable[TraitView], computed: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what a customer is like: demographics, household, occupation, interests, and what has no group."""
    groups = _groups_of(traits, TraitClass.DESCRIPTIVE)
    return {**{group.value: own for group, own in groups.items()}, "computed": dict(computed)}


def quantitative_of(
    traits: Iterable[TraitView],
    spent: Spending,
    rfm: RfmScore,
    visits: Sequence[VisitCount],
    counts: Iterable[EventCount],
    rules: InteractionRules,
    computed: Mapping[str, Any],
) -> dict[str, Any]:
    """Tell what a customer did, in numbers: purchases, RFM, visits, e-mails, social interactions and service contacts."""
    done: Counter[Interaction] = Counter()
    for row in counts:
        kind = rules.events.get(row.name)
        if kind is None and row.channel == Channel.SOCIAL:
            kind = Interaction.SOCIAL
        if kind is not None:
            done[kind] += row.events
    return {
        "purchases": {
            "count": spent.purchases,
            "total": _money(spent.total),
            "average": _money(spent.average),
            "firstAt": _moment(spent.first_at),
            "lastAt": _moment(spent.last_at),
            "unconverted": spent.unconverted,
        },
        "rfm": {"recencyDays": rfm.recency_days, "score": rfm.score, "cutVersion": rfm.cut},
        "visits": {
            "count": sum(row.visits for row in visits),
            "byChannel": {row.channel: row.visits for row in sorted(visits, key=lambda row: row.channel)},
            "firstAt": _moment(min((row.first_at for row in visits), default=None)),
            "lastAt": _moment(max((row.last_at for row in visits), default=None)),
        },
        "emails": {name: done[kind] for name, kind in _EMAILS.items()},
        "social": {"interactions": done[Interaction.SOCIAL]},
        "service": {"contacts": done[Interaction.SERVICE], "complaints": done[Interaction.COMPLAINT]},
        "other": _groups_of(traits, TraitClass.QUANTITATIVE)[TraitGroup.OTHER],
        "computed": dict(computed),
    }


def qualitative_of(
    traits: Iterable[TraitView], events: Iterable[CustomerEvent], rules: InteractionRules, computed: Mapping[str, Any]
) -> dict[str, Any]:
    """Tell what a customer thinks: motivation, opinion, attitude, survey answers, NPS, CSAT, reviews and complaints."""
    said: dict[Interaction, list[tuple[CustomerEvent, dict[str, Any]]]] = {}
    newest_first = sorted(events, key=lambda event: (event.occurred_at, event.source, event.message_id), reverse=True)
    for event in newest_first:
        kind = rules.events.get(event.name)
        if kind is not None:
            said.setdefault(kind, []).append((event, json.loads(event.properties or "{}")))
    surveys, reviews, complaints = (
        said.get(kind, []) for kind in (Interaction.SURVEY, Interaction.REVIEW, Interaction.COMPLAINT)
    )
    reasons = Counter(str(reason) for _, told in complaints if (reason := told.get("reason") or told.get("topic")))
    return {
        **{group.value: own for group, own in _groups_of(traits, TraitClass.QUALITATIVE).items()},
        "computed": dict(computed),
        "nps": _rated(surveys, "nps", most=_MOST_NPS),
        "csat": _rated(surveys, "csat"),
        "surveys": _listed(surveys),
        "reviews": {**_listed(reviews), "rating": _rated(reviews, "rating")},
        "complaints": {**_listed(complaints), "reasons": dict(sorted(reasons.items()))},
    }


def _groups_of(traits: Iterable[TraitView], wanted: TraitClass) -> dict[TraitGroup, dict[str, Any]]:
    found: dict[TraitGroup, dict[str, Any]] = {group: {} for group in GROUPS[wanted]}
    for view in traits:
        if view.trait.trait_class is wanted:
            found[view.trait.group][view.name] = json.loads(view.value)
    return found


def _rated(
    said: Iterable[tuple[CustomerEvent, dict[str, Any]]], name: str, most: int | None = None
) -> dict[str, Any] | None:
    """Give the latest number of a property and the mean of all, the newest event first; None without any."""
    found = [
        (event.occurred_at, number)
        for event, told in said
        if (number := find_amount(told.get(name))) is not None and (most is None or 0 <= number <= most)
    ]
    if not found:
        return None
    at, latest = found[0]
    mean = sum(Fraction(number) for _, number in found) / len(found)
    return {"latest": number_of(latest), "at": format_instant(at), "mean": float(mean), "answers": len(found)}


def _listed(said: Sequence[tuple[CustomerEvent, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "count": len(said),
        "latest": [
            {
                "at": format_instant(event.occurred_at),
                "name": event.name,
                "source": event.source,
                "channel": event.channel,
                "said": told,
            }
            for event, told in said[:LATEST]
        ],
    }


def _money(money: Money) -> dict[str, str]:
    return {"amount": write_amount(money.amount, money.currency), "currency": money.currency}


def _moment(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)
