"""The section ``consent`` of a catalogue: each value is checked, and each problem names its line and field."""

import re
from collections.abc import Mapping

from identity_graph.domain.consent.rules import SHIPPED_CONSENT, ConsentRules, PurposeRule, Unasked
from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.yaml_sections import Section, line_of, read_list, read_text

CONSENT_KEYS = ("region_trait", "region", "birthday_trait", "adult_at", "purposes")

PURPOSE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a purpose may be called; match all of the name."""

_PURPOSE_KEYS = ("description", "categories", "separate", "minors", "opt_out", "unasked", "regions", "channels")
_WORDS = {"allowed": True, "refused": False}
_CHANNELS = tuple(channel.value for channel in Channel)
_REGION = re.compile(r"[A-Z]{2}")
_A_REGION = "a country of two capital letters, such as CN"
_OTHERWISE = "otherwise"


def read_consent_rules(section: Section) -> ConsentRules:
    """Read the section; without it, or without purposes in it, those that ship with the package hold."""
    default = SHIPPED_CONSENT
    purposes: Mapping[str, PurposeRule] = default.purposes
    if "purposes" in section:
        declared = section.part("purposes")
        purposes = {name: _read_purpose(declared, name) for name in declared}
    region = section.text("region", _A_REGION)
    if region is not None and _REGION.fullmatch(region) is None:
        section.reject("region", _A_REGION)
    return ConsentRules(
        purposes=purposes,
        region_trait=section.text("region_trait", "the name of a trait") or default.region_trait,
        region=region or default.region,
        birthday_trait=section.text("birthday_trait", "the name of a trait") or default.birthday_trait,
        adult_at=section.whole_number("adult_at", default.adult_at),
    )


def _read_purpose(declared: Section, name: str) -> PurposeRule:
    if PURPOSE_NAME.fullmatch(name) is None:
        problem = "expected a name of small letters, digits and _, up to 64, that begins with a letter"
        declared.problems.add(declared.line_of_key(name), declared.path(name), problem)
    section = declared.part(name, _PURPOSE_KEYS)
    separate, unasked = section.flag("separate"), _read_unasked(section, "unasked")
    if separate and (unasked.otherwise or any(unasked.regions.values())):
        problem = "a purpose that needs a consent of its own is never allowed unasked; take separate or this out"
        section.problems.add(section.line_of_key("unasked"), section.path("unasked"), problem)
    return PurposeRule(
        description=section.text("description", "a sentence") or "",
        categories=_read_texts(section, "categories", "a list of names that consent banners use"),
        separate=separate,
        minors=section.choice("minors", _WORDS, default=False),
        opt_out=section.flag("opt_out"),
        unasked=unasked,
        regions=_read_regions(section),
        channels=_read_channels(section),
    )


def _read_unasked(section: Section, key: str) -> Unasked:
    """Read ``allowed`` or ``refused``, or one of these for each region; absent and blank mean refused."""
    if key not in section or read_text(section[key]) is not None:
        return Unasked(otherwise=section.choice(key, _WORDS, default=False))
    regions = section.part(key)
    for region in regions:
        if region != _OTHERWISE and _REGION.fullmatch(region) is None:
            problem = f"expected {_A_REGION}, or {_OTHERWISE}"
            regions.problems.add(regions.line_of_key(region), regions.path(region), problem)
    said = {region: regions.choice(region, _WORDS, default=False) for region in regions}
    return Unasked(otherwise=said.pop(_OTHERWISE, False), regions=said)


def _read_channels(section: Section) -> dict[Channel, Unasked]:
    """Read a list of channels, or what holds unasked for each of them."""
    if "channels" not in section:
        return {}
    nodes = read_list(section["channels"])
    if nodes is None:
        channels = section.part("channels", _CHANNELS)
        return {Channel(name): _read_unasked(channels, name) for name in channels}
    found: dict[Channel, Unasked] = {}
    for number, node in enumerate(nodes):
        name = read_text(node)
        if name in _CHANNELS:
            found[Channel(name)] = Unasked()
        else:
            section.problems.reject(node, f"{section.path('channels')}[{number}]", f"one of {', '.join(_CHANNELS)}")
    return found


def _read_regions(section: Section) -> frozenset[str] | None:
    if "regions" not in section:
        return None
    regions = _read_texts(section, "regions", "a list of countries")
    if any(_REGION.fullmatch(region) is None for region in regions):
        section.problems.add(line_of(section["regions"]), section.path("regions"), f"expected a list, each {_A_REGION}")
    return frozenset(regions)


def _read_texts(section: Section, key: str, expected: str) -> tuple[str, ...]:
    if key not in section:
        return ()
    texts = [read_text(node) for node in read_list(section[key]) or ()]
    if not texts or None in texts:
        section.reject(key, expected)
    return tuple(dict.fromkeys(text for text in texts if text is not None))
