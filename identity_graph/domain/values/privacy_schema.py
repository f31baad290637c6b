"""The part of the schema of the graph that erasure writes: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import NodeType, number, text, time

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
        text("signature", "All of it in one word, signed with the key of the audit log."),
    ),
)

PRIVACY_NODES = (TOMBSTONE, ERASURE_RECEIPT)
