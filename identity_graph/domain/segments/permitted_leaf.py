"""The condition that a customer's data may be used for a purpose: what was said, and what holds where nothing was."""

from collections.abc import Iterable, Iterator
from typing import Any

from identity_graph.domain.consent.bars import bar_at
from identity_graph.domain.consent.permission import Person, find_adult_from, may_use, read_region
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.rule_tree import PermittedRule
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Instant

_ALLOWED = "ALLOWED"


class PermittedLeaf:
    """Whether a purpose is allowed, and a channel if one is named; the actual value is ``ALLOWED``, or why it is not."""

    def __init__(self, rule: PermittedRule, sheet: FactSheet, terms: Terms) -> None:
        self._rule = rule
        self._sheet = sheet
        self._terms = terms
        self._consent = terms.catalogue.consent

    def look(self, at: Instant) -> Look:
        """Ask at a moment."""
        rule = self._rule
        verdict = may_use(person_of(self._sheet, self._terms, at), rule.purpose, rule.channel, at, self._consent)
        return Look(verdict.allowed, _ALLOWED if verdict.refusal is None else verdict.refusal.value)

    def moments(self, after: Instant) -> Iterable[Instant]:  # noqa: ARG002 - there are few
        """Give the moments at which something was said, a bar was set, or somebody comes of age."""
        return self._moments()

    def _moments(self) -> Iterator[Instant]:
        for (purpose, _), fact in self._sheet.consents.items():
            if purpose == self._rule.purpose:
                yield fact.at
        for barred in self._sheet.bars:
            yield barred.since
        for name in self._consent.traits:
            told = self._sheet.traits.get(name)
            for step in () if told is None else told.steps:
                yield step.since
                adult_from = self._adult_from(step.value) if name == self._consent.birthday_trait else None
                if adult_from is not None:
                    yield adult_from

    def _adult_from(self, birthday: Any) -> Instant | None:
        return find_adult_from(birthday, self._consent.adult_at, self._terms.zone)


def person_of(sheet: FactSheet, terms: Terms, at: Instant) -> Person:
    """Tell what of a customer decides at a moment."""
    consent = terms.catalogue.consent

    def told(name: str) -> Any:
        fact = sheet.traits.get(name)
        return None if fact is None else fact.value_at(at)

    return Person(
        states={dimension: fact.state for dimension, fact in sheet.consents.items() if fact.at <= at},
        region=read_region(told(consent.region_trait)),
        adult_from=find_adult_from(told(consent.birthday_trait), consent.adult_at, terms.zone),
        bar=bar_at(sheet.bars, at),
    )
