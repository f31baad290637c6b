"""The part of the schema of the graph that erasure writes: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import Kind, NodeType, Property, flag, number, text, time

TOMBSTONE = NodeType(
    "Tombstone",
    "That something was erased and must not come back: an identifier or an event. It has nothing of the person.",
    "hash",
    (
        text("hash", "A hash with the salt of the graph, in hex."),
        time("erased_at", "When it was erased."),
    ),
)

ERASURE_RECEIPT = NodeType(
    "ErasureReceipt",
    "The receipt of an erasure. It has nothing of the person.",
    "id",
    (
        text("id", "`rcp_…`."),
        time("erased_at", "When."),
        number("identifiers", "How many identifiers were erased."),
        number("events", "How many events were erased."),
        number("preserved_orders", "How many orders were kept without the person."),
        text("signature", "All of it in one word, signed with the key of the audit log."),
    ),
)

PRESERVED_ORDER = NodeType(
    "PreservedOrder",
    "An order of somebody who was erased, as accounts need it: hung on nobody.",
    "id",
    (
        text("id", "That of the order; a random one where its order id named the person."),
        text("scope", "What the order id is unique in."),
        text("order_id", "Its id, as the shop calls it, unless it named the person.", optional=True),
        text("state", "How it stood: `PLACED`, `UPDATED`, `PARTLY_REFUNDED`, `REFUNDED` or `CANCELLED`."),
        text("day", "The day on which it was placed, in the zone of the catalogue."),
        text("currency", "The currency of its amounts; `XXX` if none was named."),
        text("total", "What was to be paid, as a decimal."),
        text("revenue", "What the goods came to, as a decimal."),
        text("refunded", "What was paid back of the total, as a decimal."),
        text("shipping", "As a decimal.", optional=True),
        text("tax", "As a decimal.", optional=True),
        text("discount", "As a decimal.", optional=True),
        text("lines", "Its lines, as JSON, if they were to be kept.", optional=True),
    ),
)

PRIVACY_REQUEST = NodeType(
    "PrivacyRequest",
    "A request of somebody about their data: a case with a due date. After an erasure it has nothing of the person.",
    "id",
    (
        text("id", "`prq_…`."),
        text(
            "kind",
            "`ACCESS`, `ERASURE`, `RESTRICTION`, `RECTIFICATION`, `PORTABILITY`, `NOT_PERSONALISED` or `DECEASED`.",
        ),
        text("state", "`OPEN`, `VERIFIED`, `APPROVED`, `RUNNING`, `DONE`, `DENIED` or `FAILED`."),
        text("region", "By whose law the due date is: a country, or a state of it such as `US-CA`."),
        text(
            "subject",
            "Whom it is about: the key of an identifier, as it was when the request was opened.",
            optional=True,
        ),
        text("requester", "Who asks, in words.", optional=True),
        text(
            "preserve",
            "What an erasure keeps of orders: `AMOUNTS` or `AMOUNTS_AND_LINES`.",
            optional=True,
        ),
        text("corrections", "The traits to correct, as JSON, until it ended.", optional=True),
        time("opened_at", "When it was received."),
        time("due_at", "By when it has to be answered."),
        text("opened_by", "The key or the user that opened it."),
        number("approvals", "How many have to approve it."),
        Property("approved_by", Kind.TEXTS, "The keys or users that approved it."),
        text("duplicate_of", "The id of the open request that it repeats.", optional=True),
        flag("extended", "The due date was put off."),
        text("steps", "What was done, as JSON: step, microseconds since 1970, count, by whom."),
        text("receipt", "The id of the receipt of an erasure.", optional=True),
        text("fault", "The code of the error at which it stopped.", optional=True),
    ),
    indexes=(("opened_at", "id"), ("state", "opened_at"), ("subject",)),
)

RETENTION = NodeType(
    "Retention",
    "How far retention is, and whose turn it is.",
    "name",
    (
        text("name", "`retention`."),
        text("holder", "The process that is at it."),
        time("leased_until", "When another one may go on."),
        text("state", "Internal: per age the position up to which all is done, and what the run has deleted, as JSON."),
    ),
)

PRIVACY_NODES = (RETENTION, TOMBSTONE, ERASURE_RECEIPT, PRESERVED_ORDER, PRIVACY_REQUEST)
