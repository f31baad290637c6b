"""The part of the schema of the graph that profiles write: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import Kind, NodeType, Property, RelationshipType, number, text, time

ORDER = NodeType(
    "Order",
    "An order: what all events that tell of it come to. It counts once, however many events, sources and customers tell of it.",
    "id",
    (
        text("id", "`ord_…`, derived from scope and order id."),
        text("scope", "What the order id is unique in; `default` unless the rules of commerce say otherwise."),
        text("order_id", "Its id, as the shop calls it; `source/message id` of one that came without."),
        text(
            "state",
            "`PLACED`, `UPDATED`, `PARTLY_REFUNDED`, `REFUNDED`, `CANCELLED`, or `UNKNOWN`: only a refund or a cancellation "
            "came so far.",
        ),
        time("at", "When it was placed; while that is unknown, when the first event that tells of it happened."),
        time("placed_at", "When it was placed.", optional=True),
        text("currency", "The currency of its amounts; `XXX` if none is named."),
        text("total", "What was to be paid, as a decimal."),
        text("revenue", "What the goods came to, without shipping and tax, as a decimal."),
        text("refunded", "What was paid back of the total, as a decimal."),
        text("shipping", "As a decimal.", optional=True),
        text("tax", "As a decimal.", optional=True),
        text("discount", "As a decimal.", optional=True),
        text("lines", "Its lines, as JSON.", optional=True),
        text("problems", "What is wrong with the events that tell of it, as JSON.", optional=True),
    ),
)

RFM_CUT = NodeType(
    "RfmCut",
    "The boundaries of RFM as they were found at one moment, of the best class first. The greatest version is in force.",
    "version",
    (
        number("version", "1, 2, 3 …"),
        time("at", "When."),
        text("method", "`quintiles`, `percentages` or `boundaries`."),
        number("population", "How many customers had bought something."),
        text("currency", "The currency of its amounts."),
        Property("recency", Kind.NUMBERS, "At most so many days since the last purchase."),
        Property("frequency", Kind.NUMBERS, "At least so many purchases."),
        Property("monetary", Kind.TEXTS, "At least so much money, as decimals."),
        number("recency_classes", "Into how many classes the days tell the population apart."),
        number("frequency_classes", "Into how many classes the numbers of purchases do."),
        number("monetary_classes", "Into how many classes the amounts do."),
        number("rhythm", "The median gap between purchases of all customers, in microseconds.", optional=True),
    ),
)

PROFILE_NODES = (ORDER, RFM_CUT)

PROFILE_RELATIONSHIPS = (
    RelationshipType("REPORTS", "Event", "Order", "The order that the event tells of."),
    RelationshipType(
        "OF",
        "Order",
        "Identifier",
        "The strongest identifier seen in any event that tells of it; none if no value of theirs is usable.",
    ),
)
