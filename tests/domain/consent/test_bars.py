"""Bars: what bars somebody's data from use, whatever consents say."""

from identity_graph.domain.consent.bars import Bar, Barred, bar_at, find_bars
from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.deriving import derive
from identity_graph.domain.consent.permission import Person, Refusal, may_use
from identity_graph.domain.consent.rules import SHIPPED_CONSENT
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.observations import Instant
from tests.builders import NOON


def said(key: str, bar: str, at: Instant, state: ConsentState = ConsentState.GRANTED) -> Decision:
    """Say that an identifier was barred, or no longer."""
    order = (at, "privacy", f"{key}-{at}")
    return Decision(key, f"bar:{bar}", None, state, order, order)


def test_a_customer_is_barred_by_any_of_its_identifiers_and_the_first_bar_counts() -> None:
    bars = find_bars(
        [
            said("email:a", "NOT_PERSONALISED", NOON),
            said("crm:1", "RESTRICTED", NOON + 5),
            said("crm:2", "RESTRICTED", NOON + 9),
        ]
    )
    assert bars == (Barred(Bar.RESTRICTED, NOON + 5), Barred(Bar.NOT_PERSONALISED, NOON))
    assert [bar_at(bars, at) for at in (NOON - 1, NOON, NOON + 5)] == [None, Bar.NOT_PERSONALISED, Bar.RESTRICTED]


def test_a_bar_that_was_lifted_is_none_in_whatever_order_it_is_read() -> None:
    both = [said("crm:1", "DECEASED", NOON), said("crm:1", "DECEASED", NOON + 1, ConsentState.WITHDRAWN)]
    assert find_bars(both) == find_bars(both[::-1]) == ()


def test_a_bar_is_no_consent_and_concerns_all_purposes() -> None:
    assert derive([said("crm:1", "RESTRICTED", NOON)], SHIPPED_CONSENT, load_preset()) == {}
    assert SHIPPED_CONSENT.purposes_of("bar:RESTRICTED") == tuple(SHIPPED_CONSENT.purposes)


def test_who_wants_nothing_personal_still_gets_what_was_ordered() -> None:
    person = Person(states={("marketing", None): ConsentState.GRANTED}, bar=Bar.NOT_PERSONALISED)
    assert may_use(person, "marketing", None, NOON, SHIPPED_CONSENT).refusal is Refusal.NOT_PERSONALISED
    assert may_use(person, "service", None, NOON, SHIPPED_CONSENT).allowed
