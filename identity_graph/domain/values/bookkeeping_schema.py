"""The part of the schema of the graph that the service writes for itself: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import Kind, NodeType, Property, number, text, time

BOOKKEEPING = (
    NodeType(
        "Sequence",
        "A counter whose lock orders commits.",
        "name",
        (
            text(
                "name",
                "`changes`, `judgements`, `rule_sets`, `catalogues`, `rfm_cuts` or `segments`."
                "`changes`, `judgements`, `rule_sets`, `catalogues`, `rfm_cuts` or `deliveries`.",
            ),
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
        "MessageCount",
        "How many messages of a name one process took from a source on a day, as they came; sums of these are in `dataQuality`.",
        "key",
        (
            text("key", "What it counts, as JSON."),
            text("writer", "The process."),
            number("day", "The day on which they were received, in days since 1970 in UTC."),
            text("source", "The source."),
            text("type", "The type of the messages."),
            text(
                "name",
                "The name of the events; of another type than `track` the type; `(others)` for names beyond the first 200.",
            ),
            number("accepted", "New messages."),
            number("repeated", "Repeats of known ones."),
        ),
        indexes=(("day",),),
    ),
    NodeType(
        "ClaimCount",
        "What became of the claims about a trait that one process took from a source on a day, as they came.",
        "key",
        (
            text("key", "What it counts, as JSON."),
            text("writer", "The process."),
            number("day", "The day on which they were received, in days since 1970 in UTC."),
            text("source", "The source."),
            text("name", "The name of the trait; `(others)` for names beyond the first 200."),
            number("claims", "All claims."),
            number("deletions", "Those that delete the trait."),
            number("misfits", "Those whose value did not fit the declared type or the allowed values."),
            number("unsuited", "Those that the policy cannot use."),
            number("too_large", "Those that were too large."),
            time("newest", "When the newest of them happened."),
            text("misfit", "The id of an event whose value did not fit.", optional=True),
        ),
        indexes=(("day",),),
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
            Property("unused_columns", Kind.TEXTS, "Columns that the mapping does not name.", optional=True),
            time("started_at", "When it began."),
            time("updated_at", "When it last made progress."),
            number("skipped", "Records that the mapping leaves out."),
            time("finished_at", "When it ended.", optional=True),
        ),
        indexes=(("updated_at",),),
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
