"""Catalogue files: YAML text to a validated catalogue, and the one that ships with the package."""

from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from yaml.nodes import Node

from identity_graph.domain.consent.section import CONSENT_KEYS, read_consent_rules
from identity_graph.domain.journeys.channel_rules import CHANNEL_KEYS, read_channels
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.commerce import COMMERCE_KEYS, read_commerce_rules
from identity_graph.domain.profiles.computed_section import read_computed
from identity_graph.domain.profiles.interactions import KINDS, read_interactions
from identity_graph.domain.profiles.lifecycle import LIFECYCLE_KEYS, read_lifecycle_rules
from identity_graph.domain.profiles.preference import PREFERENCE_KEYS, read_preference_rules
from identity_graph.domain.profiles.retention import RETENTION_KEYS, read_retention
from identity_graph.domain.profiles.rfm import RFM_KEYS, read_rfm_rules
from identity_graph.domain.profiles.traits_section import read_traits
from identity_graph.domain.values.yaml_sections import Problems, Section, compose, near_word
from identity_graph.errors import CatalogueError

SHIPPED = 0
"""The version of the catalogue that ships, in a graph that has none of its own."""

_KEYS = (
    "format",
    "time_zone",
    "traits",
    "computed",
    "commerce",
    "rfm",
    "lifecycle",
    "preference",
    "channels",
    "interactions",
    "consent",
    "retention",
)
_NO_ZONES = frozenset({"localtime", "Factory", "posixrules"})


def parse_catalogue(text: str, *, name: str = "catalogue") -> Catalogue:
    """Read the text of a catalogue file; ``name`` is what messages call the file.

    Raises:
        CatalogueError: the file does not hold what it should; the message names every problem with its line and field.
    """
    return _parse(text, Problems(name, error=CatalogueError))


def parse_stored_catalogue(text: str, *, name: str) -> Catalogue:
    """Read a catalogue that a graph was brought under: what earlier versions of the product took is no problem in it.

    Raises:
        CatalogueError: the text holds no catalogue.
    """
    return _parse(text, Problems(name, stored=True, error=CatalogueError))


@cache
def load_catalogue() -> Catalogue:
    """Load the catalogue that ships with the package."""
    return parse_catalogue(read_shipped(), name="default.yaml")


def read_shipped() -> str:
    """Read the text of the catalogue that ships with the package: a good start for a file of one's own."""
    return (files("identity_graph.domain.profiles") / "presets" / "default.yaml").read_text("utf-8")


def _parse(text: str, problems: Problems) -> Catalogue:
    catalogue = _read_catalogue(compose(text, problems), text, problems)
    problems.raise_if_any()
    return catalogue


def _read_catalogue(root: Node, text: str, problems: Problems) -> Catalogue:
    """Read the whole file; once a problem is noted, what comes back is of no use.

    Each part has a function of its own that takes its section, which is empty where the file has none.
    """
    section = Section(problems, root, "", _KEYS)
    if section.text("format", "1") not in {"1", None}:
        section.reject("format", "1", ", which this version does not know")
    traits, computed = section.part("traits"), section.part("computed")
    for name in computed:
        if name in traits:
            problem = f"is a trait in line {traits.line_of_key(name)}, too: give one of them another name"
            section.problems.add(computed.line_of_key(name), computed.path(name), problem)
    return Catalogue(
        time_zone=_read_zone(section),
        traits=read_traits(traits),
        computed=read_computed(computed),
        commerce=read_commerce_rules(section.part("commerce", COMMERCE_KEYS)),
        rfm=read_rfm_rules(section.part("rfm", RFM_KEYS)),
        lifecycle=read_lifecycle_rules(section.part("lifecycle", LIFECYCLE_KEYS)),
        preference=read_preference_rules(section.part("preference", PREFERENCE_KEYS)),
        channels=read_channels(section.part("channels", CHANNEL_KEYS)),
        interactions=read_interactions(section.part("interactions", KINDS)),
        consent=read_consent_rules(section.part("consent", CONSENT_KEYS)),
        retention=read_retention(section.part("retention", RETENTION_KEYS)),
        yaml=text,
    )


def _read_zone(section: Section) -> str:
    expected = "a time zone of the IANA list, such as Asia/Shanghai"
    zone = section.text("time_zone", expected)
    known = available_timezones() - _NO_ZONES
    if zone is not None and zone not in known:
        section.reject("time_zone", expected, near_word(zone, known))
        zone = None
    return zone or "UTC"
