"""The mappings and the catalogue of the demo are there, and say what the demo needs."""

import pytest

from identity_graph.demo.catalogue import find_catalogue
from identity_graph.demo.records import find_example
from identity_graph.demo.sending import first_day
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.rfm import RfmMethod
from identity_graph.domain.profiles.trait_types import TraitClass
from identity_graph.errors import NotFoundError
from identity_graph.files.mapping_file import load_mapping
from identity_graph.service.clock import now_instant
from identity_graph.simulation import DAYS
from identity_graph.simulation.people import DAY


def test_the_mappings_are_those_of_the_examples() -> None:
    assert load_mapping(find_example("survey.yaml")).source == "survey"
    with pytest.raises(NotFoundError, match="complete checkout"):
        find_example("no-such-mapping.yaml")


def test_the_catalogue_scores_by_boundaries_and_declares_what_the_mappings_report() -> None:
    catalogue = parse_catalogue(find_catalogue().read_text("utf-8"))
    assert catalogue.rfm.method is RfmMethod.BOUNDARIES
    assert catalogue.commerce.reporting_currency == "CNY"
    reported: set[str] = set()
    for name in ("survey.yaml", "loyalty-ledger.yaml", "email-campaign.yaml", "call-centre.yaml"):
        for message in load_mapping(find_example(name)).messages:
            reported |= message.traits.keys()
    assert reported
    assert reported <= catalogue.traits.keys()
    assert {trait.trait_class for trait in catalogue.traits.values()} == set(TraitClass)
    assert catalogue.computed.keys() == {"looked_at_90d", "looks_at_most", "value"}


def test_a_world_ends_with_yesterday() -> None:
    start = first_day()
    assert start % DAY == 0
    now = now_instant() // 1000
    assert now - DAY < start + DAYS * DAY <= now
