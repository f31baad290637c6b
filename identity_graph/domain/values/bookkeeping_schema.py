"""The part of the schema of the graph that the service writes for itself: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import Kind, NodeType, Property, number, text, time

BOOKKEEPING = (
    NodeType(
        "Sequence",
        "A counter whose lock orders commits.",
        "name",
        (
            text("name", "`changes`, `judgements`, `rule_sets`, `catalogues` or `rfm_cuts`."),
            number("last", "Its last number."),
            time("reached_at", "Internal: of `changes`, the latest `at`.", optional=True),
        ),
    ),
    NodeType(
        "AccessKey",
        "The hash of an access key.",
        "id",
        (
            text("id", "`kind/name`."),
            text("kind", "`write` or `admin`."),
            text("name", "Its name; for a write key, the source of its events."),
            text("sha256", "The hash of the key, in hex."),
            time("created_at", "When it was created."),
        ),
    ),
    NodeType(
        "IngestCounter",
        "What one process accepted; the sum of all is `ingestStats`.",
        "writer",
        (
            text("writer", "A random name for the process."),
            number("accepted", "Events."),
            number("duplicates", "Repeats."),
            number("dead_lettered", "Dead letters."),
            text("ignored", "Values that were not identifiers, per namespace and code, as JSON."),
        ),
    ),
    NodeType(
        "Import",
        "How far a file was imported.",
        "key",
        (
            text("key", "What makes it the same file: path, size, time, mapping, source."),
            text("file", "Its path."),
            text("source", "The source of its events."),
            number("records", "Records read so far."),
            number("accepted", "Events."),
            number("duplicates", "Repeats."),
            text("rejected", "Rejected records per code, as JSON."),
            number("rejects_bytes", "Length of the file of rejected records."),
            time("started_at", "When it began."),
            time("updated_at", "When it last made progress."),
            number("skipped", "Records that the mapping leaves out."),
            time("finished_at", "When it ended.", optional=True),
        ),
    ),
    NodeType(
        "ImportedRow",
        "What a row of a table said when it was last imported; only for mappings with `changed_rows`.",
        "key",
        (
            text("key", "A hash of the source and the id of the row's message."),
            text("content", "A hash of what it said; none when it did not say it any more.", optional=True),
            number("revision", "How many things it said over time."),
            text("message_id", "The id of the message that it became last."),
            Property("superseded", Kind.TEXTS, "Ids of its earlier messages that are still to be taken back."),
            time("updated_at", "When it last changed."),
        ),
    ),
    NodeType(
        "Migration",
        "A step of the schema that was applied.",
        "version",
        (
            number("version", "Its number."),
            text("name", "Its name."),
            text("checksum", "A hash of its statements."),
            time("applied_at", "When."),
        ),
    ),
)
