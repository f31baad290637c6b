"""The part ``interactions`` of a catalogue: which events are e-mails opened, calls, complaints, survey answers, and so on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from identity_graph.domain.values.yaml_sections import Section, read_list, read_text


class Interaction(StrEnum):
    """What an event is to the profile of a customer."""

    EMAIL_SENT = "email_sent"
    EMAIL_DELIVERED = "email_delivered"
    EMAIL_OPENED = "email_opened"
    EMAIL_CLICKED = "email_clicked"
    EMAIL_BOUNCED = "email_bounced"
    UNSUBSCRIBED = "unsubscribed"
    SOCIAL = "social"
    SERVICE = "service"
    COMPLAINT = "complaint"
    SURVEY = "survey"
    REVIEW = "review"


EVENTS: Mapping[str, Interaction] = {
    "Email Sent": Interaction.EMAIL_SENT,
    "Email Delivered": Interaction.EMAIL_DELIVERED,
    "Email Opened": Interaction.EMAIL_OPENED,
    "Email Link Clicked": Interaction.EMAIL_CLICKED,
    "Email Bounced": Interaction.EMAIL_BOUNCED,
    "Unsubscribed": Interaction.UNSUBSCRIBED,
    "Brand Mentioned": Interaction.SOCIAL,
    "Product Shared": Interaction.SOCIAL,
    "Cart Shared": Interaction.SOCIAL,
    "Call Received": Interaction.SERVICE,
    "Call Made": Interaction.SERVICE,
    "Live Chat Conversation Started": Interaction.SERVICE,
    "Complaint Raised": Interaction.COMPLAINT,
    "Survey Answered": Interaction.SURVEY,
    "Product Reviewed": Interaction.REVIEW,
}
"""The events of Segment's specifications for e-mail, live chat and commerce, and those of the example mappings."""

KINDS = tuple(Interaction)
"""The keys of this part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionRules:
    """What events are, by their names."""

    events: Mapping[str, Interaction] = field(default_factory=lambda: dict(EVENTS))

    def names_of(self, *kinds: Interaction) -> list[str]:
        """List the names of the events of some kinds."""
        return sorted(name for name, kind in self.events.items() if kind in kinds)


def read_interactions(section: Section) -> InteractionRules:
    """Read the names of events by kind; a kind that the file does not name keeps its own."""
    events: dict[str, Interaction] = {}
    for kind in Interaction:
        names = _read_names(section, kind) if kind in section else [n for n, its in EVENTS.items() if its is kind]
        for name in names:
            if events.setdefault(name, kind) is not kind:
                line = section.line_of_key(kind) if kind in section else section.line
                section.problems.add(line, section.path(kind), f"{name!r} is an event of {events[name]}, too")
    return InteractionRules(events=events)


def _read_names(section: Section, kind: Interaction) -> list[str]:
    names = [read_text(node) for node in read_list(section[kind]) or ()]
    if not names or None in names:
        section.reject(kind, "a list of names of events")
    return [name for name in names if name is not None]
