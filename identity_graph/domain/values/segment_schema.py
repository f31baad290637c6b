"""The part of the schema of the graph that segments write: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import Kind, NodeType, Property, RelationshipType, number, text, time

SEGMENT = NodeType(
    "Segment",
    "A rule that says which customers belong to an audience. A deleted one keeps its id and its name, so that nobody else gets them.",
    "id",
    (
        text("id", "`seg_…`: random and permanent."),
        text("name", "What it is called; no two have one name."),
        text("description", "What it is for.", optional=True),
        text("rule", "The rule as it was saved last, as JSON."),
        text("audience", "Among whom it is asked: `KNOWN` or `ALL`."),
        text("purpose", "The purpose that it is used for.", optional=True),
        number("version", "1, 2, 3 …: how often it was saved."),
        time("created_at", "When it was created."),
        time("updated_at", "When it was saved last, or deleted."),
        time("deleted_at", "When it was deleted.", optional=True),
        text("live_rule", "Internal: the rule that its members follow, as JSON."),
        text("live_audience", "Internal: the audience that its members are of."),
        number("edition", "Internal: the edition of its memberships that is in force."),
        number("last_edition", "Internal: the last edition that was begun."),
        text("state", "`FILLING`, `LIVE`, `CHANGING`, `SETTLING` or `DELETED`: what is being done for it."),
        text("cursor", "Internal: the last customer that was gone through for it.", optional=True),
        number("passed", "How many customers were gone through for it."),
        number("total", "How many there are to go through.", optional=True),
        number("size", "How many members it has."),
        text("fault", "Why its rule cannot be evaluated; then nobody is in.", optional=True),
        number(
            "next_edition",
            "Internal: the edition that is made of a changed rule, or that was in force before.",
            optional=True,
        ),
        text("next_rule", "Internal: the changed rule, as JSON.", optional=True),
        text("next_audience", "Internal: the audience of the changed rule.", optional=True),
    ),
    also_unique="name",
)

MEMBERSHIP = NodeType(
    "SegmentMembership",
    "How a customer stands to a segment. Who is not in it, never was, and never gets into it with time alone, has none.",
    "key",
    (
        text("key", "Edition and customer."),
        text(
            "edition", "`seg_…/number`: the members of a segment under one rule. `edition` of the segment is in force."
        ),
        text("segment_id", "The segment."),
        text("customer_id", "The customer."),
        time("since", "Since when the customer is in; none for one who is not.", optional=True),
        number("number", "The number of the last transition, 0 before the first one."),
        time("due_at", "Internal: when the answer changes next if no fact does.", optional=True),
    ),
    indexes=(("edition", "since", "customer_id"), ("edition", "customer_id"), ("due_at",), ("customer_id",)),
)

TRANSITION = NodeType(
    "Transition",
    "A customer entered a segment, or left it.",
    "key",
    (
        text("key", "Segment, customer and number."),
        number("position", "Its place among all transitions, in the order in which they were written."),
        text("segment_id", "The segment."),
        text("customer_id", "The customer; one that went into another keeps its transitions."),
        number("number", "1, 2, 3 … for the segment and the customer."),
        Property("entered", Kind.FLAG, "Whether the customer entered; otherwise it left."),
        time("at", "When it was written."),
        time("occurred_at", "When what caused it happened."),
        text("cause", "Why, for programs, such as `EVENT` or `TIME`."),
        text("reason", "Why, for people: the condition that turned."),
    ),
    indexes=(("position",), ("segment_id", "position"), ("customer_id", "position")),
)

SEGMENT_SIZE = NodeType(
    "SegmentSize",
    "How the size of a segment went in an hour in which somebody entered or left.",
    "key",
    (
        text("key", "Segment and hour."),
        text("segment_id", "The segment."),
        time("at", "When the hour began."),
        number("size", "The members at its end, or now."),
        number("entered", "How many entered in it."),
        number("exited", "How many left in it."),
    ),
    indexes=(("segment_id", "at"),),
)

PIN = NodeType(
    "Pin",
    "What a person decided about a member of a segment, whatever the rule says. It goes with the identifier.",
    "key",
    (
        text("key", "Segment and identifier."),
        text("segment_id", "The segment."),
        Property("member", Kind.FLAG, "Whether the customer is in."),
        text("reason", "Why."),
        text("actor", "Who decided it."),
        time("at", "When."),
    ),
    indexes=(("segment_id", "key"),),
)

SEGMENT_EVALUATION = NodeType(
    "SegmentEvaluation",
    "Which process evaluates segments, and how far it has come. There is one such node.",
    "name",
    (
        text("name", "`segments`."),
        text("holder", "The process whose turn it is."),
        time("leased_until", "Until when, by the clock of the database, unless it goes on."),
        number("fence", "The number of its turn; whoever has an earlier one writes nothing."),
        text("terms", "Under which rules, catalogue and cut everybody was evaluated, as JSON.", optional=True),
        text("sweep", "Under which everybody is being evaluated.", optional=True),
        text("cursor", "The last customer that was evaluated under these.", optional=True),
        Property("stale", Kind.TEXTS, "Editions that are to be forgotten.", optional=True),
    ),
)

SEGMENT_NODES = (SEGMENT, MEMBERSHIP, TRANSITION, SEGMENT_SIZE, PIN, SEGMENT_EVALUATION)

SEGMENT_RELATIONSHIPS = (
    RelationshipType("PINS", "Pin", "Identifier", "The customer's oldest identifier when it was decided."),
)

WAITING = (
    time("waiting_since", "Since when it waits to be evaluated for segments.", optional=True),
    number("waiting_mark", "Internal: how often it was marked since then.", optional=True),
    Property("waiting_for", Kind.TEXTS, "Internal: what changed of it since then; `*` is anything.", optional=True),
    number("waiting_cause", "Internal: why it was marked.", optional=True),
    time("waiting_at", "Internal: when what it was marked for happened.", optional=True),
)
"""What a customer has of whom something changed that segments read."""
