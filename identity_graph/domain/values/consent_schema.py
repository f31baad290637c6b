"""The part of the schema of the graph that consents write: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import NodeType, RelationshipType, text, time

CONSENT = NodeType(
    "Consent",
    "What an identifier decided on a purpose, a category of consent banners, or by the global opt-out of a browser. Earlier decisions stay.",
    "id",
    (
        text("id", "`con_…`, derived from whose it is, what it is about, and the message that said it first."),
        text("subject", "`purpose:` and its name, `category:` and what a consent banner calls it, or `opt_out`."),
        text("channel", "The channel of contacting that it is about; none for the use of data.", optional=True),
        text("state", "`GRANTED`, `DENIED` or `WITHDRAWN`."),
        time("at", "When it was decided."),
        text("source", "The source of the message that said it first."),
        text("message_id", "The id of that message."),
        time("last_at", "When it was repeated last, before another decision."),
        text("last_source", "The source of the message that repeated it last."),
        text("last_message_id", "The id of that message."),
        text("version", "The version of what was read before deciding.", optional=True),
        text("text", "What was read before deciding, or how it was said.", optional=True),
    ),
)

CONSENT_RELATIONSHIPS = (
    RelationshipType("GAVE", "Identifier", "Consent", "From the identifier whose decision it is."),
)
