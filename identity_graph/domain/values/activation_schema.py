"""The part of the schema of the graph that activation writes: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import Kind, NodeType, Property, flag, number, text, time

DESTINATION = NodeType(
    "Destination",
    "A receiver of webhooks: where messages go, which ones, and with what they are signed.",
    "id",
    (
        text("id", "`dst_…`."),
        text("name", "Its name."),
        text("url", "The address that messages are sent to."),
        text("secret", "What messages are signed with."),
        Property("former_secrets", Kind.TEXTS, "Secrets that were rotated out and still sign.", optional=True),
        Property(
            "former_until", Kind.NUMBERS, "Until when each of these does, in microseconds since 1970.", optional=True
        ),
        Property("segments", Kind.TEXTS, "The ids of the segments that it is told of; none means all.", optional=True),
        Property("kinds", Kind.TEXTS, "What it is told of: `segment.entered`, `segment.exited`, `alert` …"),
        text("reentry", "How often it is told of the same entry: `ONCE`, `EVERY_TIME` or `COOL_DOWN`."),
        text("cool_down", "Of `COOL_DOWN`: at least so long lies between two entries, such as `P30D`.", optional=True),
        flag("initial", "It is also told of those who were in a segment from the beginning."),
        text("region", "The country, or a region such as `EU`, where it keeps what it gets.", optional=True),
        text("channel", "The channel through which it contacts people.", optional=True),
        number(
            "change_position",
            "Internal: up to where it was told of the change log; only where it wants `customer.changed`.",
            optional=True,
        ),
        time("created_at", "When it was made."),
        time("updated_at", "When it was last saved."),
        time("disabled_at", "Since when nothing is sent to it.", optional=True),
        text("disabled_reason", "Why.", optional=True),
    ),
)

DELIVERY = NodeType(
    "Delivery",
    "A message to a destination. It is written in the transaction that makes true what it tells.",
    "id",
    (
        text("id", "`msg_…`, the `webhook-id`; it follows from what the message tells and whom."),
        text("destination_id", "Who is told."),
        text("kind", "What it tells of: `segment.entered`, `segment.exited`, `alert` …"),
        text(
            "customer_id",
            "The customer whom it tells of; messages about one customer keep their order.",
            optional=True,
        ),
        text("payload", "What is sent, as JSON."),
        number("position", "1, 2, 3 … in the order of the commits."),
        number("attempts", "How often it was tried without success."),
        time("created_at", "When it was written."),
        time("due_at", "Of one that is pending: when it is tried next, or given back by who tries it.", optional=True),
        text("lane", "Of one that is pending: `destination/customer`.", optional=True),
        text("claim", "Internal: who tries it.", optional=True),
        number("last_status", "The status of the last answer.", optional=True),
        text("last_error", "What was wrong at the last attempt.", optional=True),
        time("delivered_at", "When it was delivered.", optional=True),
        time("failed_at", "When it was given up.", optional=True),
        text("withheld", "Why it was not sent, such as `DENIED`.", optional=True),
    ),
    indexes=(
        ("destination_id", "due_at"),
        ("lane", "position"),
        ("destination_id", "failed_at"),
        ("destination_id", "created_at"),
        ("destination_id", "position"),
        ("created_at",),
        ("destination_id", "withheld"),
        ("customer_id",),
    ),
)

TOLD_ENTRY = NodeType(
    "ToldEntry",
    "What a destination was last told of a customer and a segment.",
    "key",
    (
        text("key", "`destination/segment/customer`."),
        text("destination_id", "The destination."),
        text("segment_id", "The segment."),
        text("customer_id", "The customer, as the destination was told."),
        number("number", "The number of the last transition that was decided about."),
        time("entered_at", "When the last entry was that it was told of.", optional=True),
        flag("inside", "It was told of no exit since."),
    ),
    indexes=(("destination_id",), ("customer_id",)),
)

ALERT_RULE = NodeType(
    "AlertRule",
    "Which events somebody wants to hear of at once.",
    "id",
    (
        text("id", "`alr_…`."),
        text("name", "Its name."),
        text("rule", "What must hold of an event, as JSON."),
        text("repeat_after", "For so long there is one alert for a customer, such as `PT1H`.", optional=True),
        text("quiet_from", "When the hours begin in which nobody is told, such as `22:00`.", optional=True),
        text("quiet_to", "When they end.", optional=True),
        flag("disabled", "It is switched off."),
        time("created_at", "When it was made."),
        time("updated_at", "When it was last saved."),
    ),
)

ALERT_CANDIDATE = NodeType(
    "AlertCandidate",
    "An event of a name that a rule of alerts has, until it is looked at.",
    "id",
    (text("id", "The id of the event."),),
)

ALERT = NodeType(
    "Alert",
    "An event that somebody wanted to hear of. There is one for a rule and an event.",
    "id",
    (
        text("id", "`alt_…`, derived from rule and event."),
        number("position", "1, 2, 3 … in the order in which alerts were told.", optional=True),
        text("rule_id", "The rule."),
        text("rule_name", "Its name at that time."),
        text("about", "Internal: `rule/customer`.", optional=True),
        text("customer_id", "The customer at that time; none of an event without anybody.", optional=True),
        text("event_id", "The event."),
        text("event_name", "Its name."),
        number("repeats", "How many events would have been alerts so soon after it."),
        time("occurred_at", "When the event happened."),
        time("at", "When the alert was written."),
        time("held_until", "Of one that was not told yet: when it may be.", optional=True),
    ),
    indexes=(("position",), ("about", "occurred_at"), ("held_until",), ("customer_id",)),
)

SEGMENT_EXPORT = NodeType(
    "SegmentExport",
    "The last export of a segment in a series of them.",
    "key",
    (
        text("key", "`segment/series`."),
        text("segment_id", "The segment."),
        text("series", "The name of the series."),
        number("position", "The last transition that it knew."),
        number("rows", "How many rows it had."),
        time("at", "When it was made."),
    ),
)

ACTIVATION_NODES = (DESTINATION, DELIVERY, TOLD_ENTRY, ALERT_RULE, ALERT_CANDIDATE, ALERT, SEGMENT_EXPORT)
