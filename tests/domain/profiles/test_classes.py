"""The four classes of customer data, from what is read of a customer."""

import json
from decimal import Decimal
from typing import Any

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.classes import (
    LATEST,
    RfmScore,
    descriptive_of,
    identity_of,
    qualitative_of,
    quantitative_of,
)
from identity_graph.domain.profiles.commerce import DEFAULT_COMMERCE
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue
from identity_graph.domain.profiles.interactions import InteractionRules
from identity_graph.domain.profiles.money import Money
from identity_graph.domain.profiles.purchases import Purchase, sum_up
from identity_graph.domain.profiles.read_models import CustomerEvent, EventCount, TraitView, VisitCount
from identity_graph.domain.rules.file import load_preset

SECOND = 1_000_000
RULES = InteractionRules()


def view(name: str, value: Any, catalogue: Catalogue | None = None) -> TraitView:
    trait = (catalogue or load_catalogue()).trait(name)
    return TraitView("cus_1", name, json.dumps(value), 1, "web", "m1", "user_id:1", trait, None)


def identifier(namespace: str, value: str) -> CustomerIdentifier:
    return CustomerIdentifier("cus_1", f"{namespace}:{value}", namespace, value, "Label", 1, 1, quarantined=False)


def event(at: int, name: str, **said: Any) -> CustomerEvent:
    return CustomerEvent("cus_1", at * SECOND, "web", f"m{at}", "track", name, "WEB", json.dumps(said))


def test_identity_has_names_contacts_accounts_and_all_identifiers() -> None:
    rows = [
        identifier(namespace, f"{namespace}-1")
        for namespace in ("user_id", "email", "phone", "phone", "anonymous_id", "gone")
    ]
    traits = [view("name", "Ann"), view("address", {"city": "X"}), view("city", "Y")]
    found = identity_of(traits, rows, load_preset(), {"member": True})
    assert found == {
        "names": {"name": "Ann"},
        "contacts": {
            "ids": {"email": ["email-1"], "phone": ["phone-1", "phone-1"]},
            "traits": {"address": {"city": "X"}},
        },
        "accounts": {"ids": {"user_id": ["user_id-1"]}, "traits": {}},
        "ids": {
            "user_id": ["user_id-1"],
            "email": ["email-1"],
            "phone": ["phone-1", "phone-1"],
            "anonymous_id": ["anonymous_id-1"],
            "gone": ["gone-1"],
        },
        "other": {},
        "computed": {"member": True},
    }


def test_descriptive_traits_are_grouped_as_the_catalogue_says() -> None:
    catalogue = parse_catalogue("traits: {cats: {group: household}, jobs: {group: occupation}}")
    traits = [view("cats", 2, catalogue), view("colour", "red", catalogue)]
    assert descriptive_of(traits, {"drinks": ["tea"]}) == {
        "demographics": {},
        "household": {"cats": 2},
        "occupation": {},
        "interests": {},
        "other": {"colour": "red"},
        "computed": {"drinks": ["tea"]},
    }


def test_quantitative_counts_what_a_customer_did() -> None:
    purchases = [Purchase(at * SECOND, Money(Decimal(at), "CNY")) for at in (1, 2)]
    visits = [VisitCount("cus_1", "WEB", 2, 5 * SECOND, 9 * SECOND), VisitCount("cus_1", "APP", 1, SECOND, SECOND)]
    counts = [
        EventCount("cus_1", "Email Opened", "EMAIL", 3),
        EventCount("cus_1", "Brand Mentioned", "OTHER", 1),
        EventCount("cus_1", "Liked", "SOCIAL", 2),
        EventCount("cus_1", "Call Made", "CALL_CENTRE", 4),
        EventCount("cus_1", "Complaint Raised", "SOCIAL", 1),
        EventCount("cus_1", "Liked", "WEB", 9),
    ]
    catalogue = parse_catalogue("traits: {points: {class: quantitative}}")
    found = quantitative_of(
        [view("points", 7, catalogue)],
        sum_up(purchases, DEFAULT_COMMERCE),
        RfmScore(3, "555", 1),
        visits,
        counts,
        RULES,
        {"level": "Gold"},
    )
    assert found == {
        "purchases": {
            "count": 2,
            "total": {"amount": "3.00", "currency": "CNY"},
            "average": {"amount": "1.50", "currency": "CNY"},
            "firstAt": "1970-01-01T00:00:01Z",
            "lastAt": "1970-01-01T00:00:02Z",
            "unconverted": 0,
        },
        "rfm": {"recencyDays": 3, "score": "555", "cutVersion": 1},
        "visits": {
            "count": 3,
            "byChannel": {"APP": 1, "WEB": 2},
            "firstAt": "1970-01-01T00:00:01Z",
            "lastAt": "1970-01-01T00:00:09Z",
        },
        "emails": {"sent": 0, "delivered": 0, "opened": 3, "clicked": 0, "bounced": 0, "unsubscribed": 0},
        "social": {"interactions": 3},
        "service": {"contacts": 4, "complaints": 1},
        "other": {"points": 7},
        "computed": {"level": "Gold"},
    }


def test_qualitative_has_the_latest_and_the_mean_of_what_was_answered() -> None:
    events = [
        event(1, "Survey Answered", nps=4, csat="3"),
        event(4, "Survey Answered", nps=9),
        event(3, "Survey Answered", nps=11, csat="good"),
        event(2, "Survey Answered", nps=-1, csat=True, comment="?"),
        event(5, "Product Reviewed", rating=4.5),
        event(6, "Complaint Raised", reason="Late"),
        event(7, "Complaint Raised", topic="Late"),
        event(8, "Complaint Raised"),
        event(9, "Something Else", nps=1),
    ]
    found = qualitative_of([view("nps", 9), view("csat", 2)], events, RULES, {"mood": 3})
    assert found["nps"] == {"latest": 9, "at": "1970-01-01T00:00:04Z", "mean": 6.5, "answers": 2}
    assert found["csat"] == {"latest": 3, "at": "1970-01-01T00:00:01Z", "mean": 3.0, "answers": 1}
    assert (found["attitude"], found["opinion"], found["motivation"]) == ({"nps": 9}, {"csat": 2}, {})
    assert [one["at"][-3:-1] for one in found["surveys"]["latest"]] == ["04", "03", "02", "01"]
    assert found["surveys"]["latest"][2] == {
        "at": "1970-01-01T00:00:02Z",
        "name": "Survey Answered",
        "source": "web",
        "channel": "WEB",
        "said": {"nps": -1, "csat": True, "comment": "?"},
    }
    assert found["computed"] == {"mood": 3}
    assert found["reviews"]["rating"] == {"latest": 4.5, "at": "1970-01-01T00:00:05Z", "mean": 4.5, "answers": 1}
    assert (found["complaints"]["count"], found["complaints"]["reasons"]) == (3, {"Late": 2})


def test_the_newest_of_many_answers_are_shown_and_all_are_counted() -> None:
    events = [event(at, "Survey Answered", nps=at % 2) for at in range(LATEST + 3)]
    events.append(event(99, "Survey Answered")._replace(properties=None))
    found = qualitative_of([], events, RULES, {})
    assert (found["surveys"]["count"], len(found["surveys"]["latest"])) == (LATEST + 4, LATEST)
    assert (found["surveys"]["latest"][0]["said"], found["nps"]["answers"]) == ({}, LATEST + 3)
