import pytest

from identity_graph.domain.consent.rules import SHIPPED_CONSENT, PurposeRule, Unasked
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import CatalogueError

OWN = """
consent:
  region: US
  region_trait: land
  birthday_trait: born
  adult_at: 16
  purposes:
    news:
      description: Tell of news.
      categories: [Marketing, Marketing]
      minors: allowed
      opt_out: true
      unasked: {US: allowed, otherwise: refused}
      regions: [US, CN]
      channels: {EMAIL: allowed, SMS: {US: allowed}}
    plain:
    short: {channels: [EMAIL, SMS], unasked: allowed, minors: refused}
    alone: {separate: true, unasked: refused}
"""


def test_the_catalogue_that_ships_says_what_holds_without_one() -> None:
    assert load_catalogue().consent == SHIPPED_CONSENT == parse_catalogue("time_zone: UTC").consent
    assert parse_catalogue("consent: {region: US}").consent.purposes == SHIPPED_CONSENT.purposes


def test_a_catalogue_names_its_own_purposes() -> None:
    rules = parse_catalogue(OWN).consent
    assert (rules.region, rules.traits, rules.adult_at) == ("US", {"land", "born"}, 16)
    assert rules.purposes == {
        "news": PurposeRule(
            description="Tell of news.",
            categories=("Marketing",),
            minors=True,
            opt_out=True,
            unasked=Unasked(regions={"US": True}),
            regions=frozenset({"US", "CN"}),
            channels={Channel.EMAIL: Unasked(otherwise=True), Channel.SMS: Unasked(regions={"US": True})},
        ),
        "plain": PurposeRule(),
        "short": PurposeRule(
            unasked=Unasked(otherwise=True), channels={Channel.EMAIL: Unasked(), Channel.SMS: Unasked()}
        ),
        "alone": PurposeRule(separate=True),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{purpose: {}}", "consent.purpose: unknown key; did you mean 'purposes'?"),
        ("{region: China}", "consent.region: expected a country of two capital letters, such as CN, got 'China'"),
        ("{adult_at: old}", "consent.adult_at: expected a whole number of at least 1, got 'old'"),
        ("{purposes: {Ads: {}}}", "consent.purposes.Ads: expected a name of small letters, digits and _, up to 64"),
        ("{purposes: {ads: {minor: allowed}}}", "consent.purposes.ads.minor: unknown key; did you mean 'minors'?"),
        ("{purposes: {ads: {minors: yes}}}", "consent.purposes.ads.minors: expected allowed or refused, got 'yes'"),
        (
            "{purposes: {ads: {unasked: maybe}}}",
            "consent.purposes.ads.unasked: expected allowed or refused, got 'maybe'",
        ),
        ("{purposes: {ads: {unasked: {EU!: allowed}}}}", "ads.unasked.EU!: expected a country of two capital letters"),
        (
            "{purposes: {ads: {separate: true, unasked: {US: allowed}}}}",
            "ads.unasked: a purpose that needs a consent of its own is never allowed unasked",
        ),
        ("{purposes: {ads: {categories: A}}}", "ads.categories: expected a list of names that consent banners use"),
        (
            "{purposes: {ads: {regions: [China]}}}",
            "ads.regions: expected a list, each a country of two capital letters",
        ),
        ("{purposes: {ads: {channels: [FAX]}}}", "ads.channels[0]: expected one of WEB, APP"),
        ("{purposes: {ads: {channels: {FAX: allowed}}}}", "ads.channels.FAX: unknown key"),
        ("{purposes: {ads: {channels: x}}}", "ads.channels: expected a mapping, got 'x'"),
    ],
)
def test_each_problem_names_its_line_and_field(text: str, problem: str) -> None:
    with pytest.raises(CatalogueError) as raised:
        parse_catalogue(f"time_zone: UTC\nconsent: {text}", name="c.yaml")
    assert str(raised.value).startswith("c.yaml:2: ")
    assert problem in str(raised.value)
