"""What a project says of consent: its purposes, the channels by which it contacts people, and what holds where nobody said anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from identity_graph.domain.consent.statements import BAR, CATEGORY, OPT_OUT, PURPOSE
from identity_graph.domain.values.observations import Channel


@dataclass(frozen=True, kw_only=True)
class Unasked:
    """What holds while somebody said nothing: whether it is allowed, by the region where they live, and in all others."""

    otherwise: bool = False
    regions: Mapping[str, bool] = field(default_factory=dict[str, bool])

    def allows(self, region: str) -> bool:
        """Tell whether the law allows it in a region without a word."""
        return self.regions.get(region, self.otherwise)


@dataclass(frozen=True, kw_only=True)
class PurposeRule:
    """A purpose of using data.

    ``categories`` are what consent banners call it. ``separate``: it needs a consent of its own; no law allows it unasked, and a
    category that covers other purposes too does not grant it. ``minors``: those who are under age may be included, too.
    ``opt_out``: the global opt-out of a browser denies it. ``regions`` are those in which destinations may lie, None for any.
    ``channels`` are those by which people are contacted for it.
    """

    description: str = ""
    categories: tuple[str, ...] = ()
    separate: bool = False
    minors: bool = False
    opt_out: bool = False
    unasked: Unasked = field(default_factory=Unasked)
    regions: frozenset[str] | None = None
    channels: Mapping[Channel, Unasked] = field(default_factory=dict[Channel, Unasked])


@dataclass(frozen=True, kw_only=True)
class ConsentRules:
    """The purposes of a project, by name, and which traits tell where somebody lives and when they were born.

    ``region`` is that of people of whom nothing tells it; ``adult_at`` is in years.
    """

    purposes: Mapping[str, PurposeRule]
    region_trait: str = "country"
    region: str = "CN"
    birthday_trait: str = "birthday"
    adult_at: int = 14

    @property
    def traits(self) -> frozenset[str]:
        """The traits of a person that count."""
        return frozenset({self.region_trait, self.birthday_trait})

    @cached_property
    def by_category(self) -> Mapping[str, tuple[str, ...]]:
        """The purposes that each category of consent banners covers."""
        found: dict[str, tuple[str, ...]] = {}
        for name, purpose in self.purposes.items():
            for category in purpose.categories:
                found[category] = (*found.get(category, ()), name)
        return found

    @cached_property
    def opted_out(self) -> tuple[str, ...]:
        """The purposes that a global opt-out denies."""
        return tuple(name for name, purpose in self.purposes.items() if purpose.opt_out)

    def purposes_of(self, subject: str) -> tuple[str, ...]:
        """Name the purposes that the subject of a statement is about; a purpose that nobody declares is about itself.

        A bar is about all.
        """
        if subject.startswith(BAR):
            return tuple(self.purposes)
        if subject == OPT_OUT:
            return self.opted_out
        if subject.startswith(CATEGORY):
            return self.by_category.get(subject.removeprefix(CATEGORY), ())
        return (subject.removeprefix(PURPOSE),)


_ANYWHERE = Unasked(otherwise=True)
_ASK = Unasked()
_US_OPTS_OUT = Unasked(regions={"US": True})

SHIPPED_PURPOSES: Mapping[str, PurposeRule] = {
    "service": PurposeRule(
        description="Do what was ordered or asked for: deliver, bill, answer, keep accounts safe.",
        categories=("Functional", "Necessary", "Essential"),
        minors=True,
        unasked=_ANYWHERE,
        channels={
            Channel.EMAIL: _ANYWHERE,
            Channel.SMS: _ANYWHERE,
            Channel.APP: _ANYWHERE,
            Channel.WECHAT_OFFICIAL_ACCOUNT: _ANYWHERE,
            Channel.CALL_CENTRE: _ANYWHERE,
        },
    ),
    "analytics": PurposeRule(
        description="Count and understand how people use shops, sites and apps.",
        categories=("Analytics", "Performance"),
        unasked=_US_OPTS_OUT,
    ),
    "personalisation": PurposeRule(
        description="Show each person what fits them, by what is known of them.",
        categories=("Personalization", "Personalisation"),
        unasked=_US_OPTS_OUT,
    ),
    "marketing": PurposeRule(
        description="Tell people of products and offers.",
        categories=("Marketing",),
        unasked=_US_OPTS_OUT,
        channels={
            Channel.EMAIL: _US_OPTS_OUT,
            Channel.SMS: _ASK,
            Channel.APP: _ASK,
            Channel.WECHAT_OFFICIAL_ACCOUNT: _ASK,
            Channel.WECOM: _ASK,
            Channel.CALL_CENTRE: _ASK,
        },
    ),
    "ads": PurposeRule(
        description="Have ads shown on other sites and apps.",
        categories=("Advertising", "Targeting"),
        opt_out=True,
        unasked=_US_OPTS_OUT,
    ),
    "sharing": PurposeRule(
        description="Give data to others, who use it for themselves.",
        categories=("DataSharing", "Sale of Data"),
        separate=True,
        opt_out=True,
    ),
}
"""The purposes that ship with the package; a catalogue that has a section `consent` names its own."""

SHIPPED_CONSENT = ConsentRules(purposes=SHIPPED_PURPOSES)
"""What holds where the catalogue says nothing of consent."""
