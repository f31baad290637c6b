"""What a message says of its channel, checked: what is no text is left out and counted."""

from collections.abc import Mapping
from typing import Any

from identity_graph.domain.collecting.segment.fields import OddFields


def check_channels(
    message: Mapping[str, Any], context: Mapping[str, Any], properties: Mapping[str, Any], odd: OddFields
) -> str:
    """Add channels that are no text to ``odd``, and give the message's own one, as rudder sends it; ``""`` without one."""
    for path, value in (
        ("context.channel", context.get("channel")),
        ("properties.channel", properties.get("channel")),
        ("channel", message.get("channel")),
    ):
        if value is not None and type(value) is not str:
            odd.add(path, value, "must be a string, such as WEB")
    own = message.get("channel")
    return own if type(own) is str else ""
