"""The ready segments: each is valid, and has somebody who is in and somebody who is not."""

from typing import Any

import pytest

from identity_graph.domain.profiles.file import load_catalogue
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.segments.checking import Known, check_rule
from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.ready import load_templates, read_template, template_names
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Channel
from tests.worlds.segment_facts import DAY, HOUR, NOW, bought, event, make_sheet, order
from tests.worlds.segment_sheets import CUT

TERMS = Terms(load_catalogue(), load_preset("default"), CUT._replace(rhythm=30 * DAY))
"""As shipped, with a cut: scores are 5 from 4 orders and from 100 in money on, and 1 below 1 and 10."""

MINI, ON_THE_WEB = Channel.MINI_PROGRAM, Channel.WEB
COOKIE = {"anonymous_id:c1": NOW - DAY}


def shopper(*ago: int, worth: int = 10, **facts: Any) -> FactSheet:
    """Make a customer who bought something so many days ago."""
    return make_sheet(orders=bought(*(order(days * DAY, worth) for days in ago)), **facts)


def mini_program(*events: Any) -> FactSheet:
    return make_sheet(identifiers={"openid:a/1": NOW - DAY}, events=[event(DAY, "Seen", channel=MINI), *events])


def cart(paid: str) -> FactSheet:
    added = event(5 * HOUR, "Product Added", cart_id="c1")
    return make_sheet(events=[added, event(5 * HOUR - 60, "Order Completed", cart_id=paid)])


def refunder(*amounts: int) -> FactSheet:
    refunds = [event(number * DAY, "Order Refunded", total=amount) for number, amount in enumerate(amounts)]
    return make_sheet(orders=bought(order(9 * DAY, 5000, refunded=sum(amounts))), events=refunds)


EXAMPLES: dict[str, tuple[FactSheet, FactSheet]] = {
    "potential": (make_sheet(), make_sheet(identifiers=COOKIE)),
    "new": (shopper(3), shopper(3, 40, 80)),
    "active": (shopper(3, 40), shopper(3)),
    "at-risk": (shopper(50), shopper(20)),
    "churned": (shopper(99), shopper(50)),
    "repeat-buyers": (shopper(3, 300), shopper(3, 400)),
    "rfm-champions": (shopper(0, 9, 19, 29, worth=30), shopper(9, 19, 29, 39, worth=30)),
    "rfm-promising": (shopper(0), shopper(0, 9, 19, 29)),
    "rfm-cannot-lose": (shopper(9, 19, 29, 39, worth=30), shopper(9, 19, 29, 39, worth=1)),
    "rfm-hibernating": (shopper(9), shopper(0)),
    "rfm-best-fifth": (shopper(9, worth=100), shopper(9, worth=99)),
    "cart-abandoners": (cart(paid="c2"), cart(paid="c1")),
    "mini-program-only": (mini_program(), mini_program(event(DAY, "Seen", channel=ON_THE_WEB))),
    "high-value-without-wecom": (
        shopper(9, worth=100),
        shopper(9, worth=100, identifiers={"user_id:mei": NOW - DAY, "wecom_id:w": NOW - DAY}),
    ),
    "service-complainers": (
        make_sheet(events=[event(29 * DAY, "Complaint Raised")]),
        make_sheet(events=[event(31 * DAY, "Complaint Raised")]),
    ),
    "birthdays-next-week": (
        make_sheet(traits={"birthday": "1990-06-22"}),
        make_sheet(traits={"birthday": "1990-06-23"}),
    ),
    "risk-large-orders": (shopper(1, worth=5000, first_seen=NOW - 2 * DAY), shopper(1, worth=5000)),
    "risk-refunds": (refunder(400, 400, 400), refunder(2000)),
}


def test_every_template_has_its_examples() -> None:
    assert set(template_names()) == set(EXAMPLES)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_template_is_valid_and_takes_in_whom_it_should(name: str) -> None:
    draft = load_templates()[name]
    checked = check_rule(draft.rule, Known(TERMS))
    assert (checked.problems, checked.warnings) == ((), ())
    assert draft.description
    assert read_template(name).startswith("name: ")
    inside, outside = EXAMPLES[name]
    assert evaluate(draft.rule, inside, NOW, TERMS, draft.audience).holds
    assert not evaluate(draft.rule, outside, NOW, TERMS, draft.audience).holds
