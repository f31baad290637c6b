"""The schema of the graph as data: every label, relationship type and property that the service writes.

A test loads events of every kind and compares: what is in the graph is here, and what is here is in the graph. The labels
that rules may not give to a namespace, and the page of the schema, follow from it.
"""

from identity_graph.domain.values.schema_types import (
    Kind,
    Mark,
    NodeType,
    Property,
    RelationshipType,
    flag,
    number,
    text,
    time,
)

_SPAN = (
    time("first_seen", "When it was first observed."),
    time("last_seen", "When it was last observed."),
)

IDENTIFIER = NodeType(
    "Identifier",
    "A value that identifies a person. It also has the label of its namespace in the rules, such as `Phone`.",
    "key",
    (
        text("key", "`namespace:value`."),
        text("namespace", "The kind of identifier; the rules declare them."),
        text("value", "The value in its normal form, E.164 for a phone number."),
        *_SPAN,
        text("partners", "Internal: how many partners it has of each namespace that counts for it, as JSON."),
        flag(
            "quarantined",
            "True if it has too many partners in one namespace, so it counts as shared: none of its links count.",
        ),
        flag("ambiguous", "True when several customers claim it and the rules give it to nobody."),
        time("quarantined_at", "Since when it is quarantined.", optional=True),
        number(
            "crowding",
            "From 50 on: its partners of one namespace, in percent of `max_partners`.",
            optional=True,
        ),
        flag("judged", "Internal: a judgement names it."),
        flag("overruled", "A person declared that it is never quarantined."),
    ),
    indexes=(("value",), ("quarantined_at",), ("crowding",)),
)

FORMER_IDENTIFIER = NodeType(
    "FormerIdentifier",
    "An identifier whose last evidence was removed. Only queries about an earlier time find it.",
    None,
    (
        text("key", "`namespace:value`. An identifier may come and go several times."),
        text("namespace", "What kind of identifier it was."),
        text("value", "The value in its normal form."),
        text("label", "The label that it had."),
        *_SPAN,
    ),
    indexes=(("key",), ("value",)),
)

CUSTOMER = NodeType(
    "Customer",
    "A person as all sources together know them: identifiers that are connected under the rules. A customer that was merged "
    "into another, or lost all identifiers, also has the label `Former`; it keeps only its id, "
    "`created_at` and `updated_at`.",
    "id",
    (
        text("id", "`cus_…`: random and permanent; a merged id leads to the surviving customer."),
        time("created_at", "When the service created it."),
        time("updated_at", "When it last gained or lost an identifier."),
        time("first_seen", "When the first of its identifiers was first observed.", optional=True),
        time("last_seen", "When the last of its identifiers was last observed.", optional=True),
        number("size", "How many identifiers it has.", optional=True),
        text("counts", "Internal: identifiers per limited namespace, as JSON.", optional=True),
        flag("contested", "Internal: a refused link leads out of it."),
        flag("judged", "Internal: a judgement names one of its identifiers."),
        number("rule_version", "Internal: the version of the rules under which it was last resolved.", optional=True),
        flag("awaited", "Internal: other rules are being applied, and it has to be derived under them in any case."),
        flag(
            "contested_by_window", "Internal: one of those was refused by a limit that counts recent identifiers only."
        ),
    ),
    indexes=(("last_seen",), ("first_seen",), ("created_at",), ("size", "id")),
)

EVENT = NodeType(
    "Event",
    "A fact: a message as a source sent it. Its content never changes; it can be retracted as a whole.",
    "id",
    (
        text("id", "`evt_…`, derived from source and message id."),
        text("source", "The name of the write key that it came with, or of the import."),
        text("message_id", "The sender's id of the message, or one derived from its content."),
        text("type", "`track`, `identify`, `page`, `screen`, `group` or `alias`."),
        text("name", "The name of the event, or else the type."),
        time("occurred_at", "When it happened, corrected for the sender's clock."),
        time("received_at", "When the service received it."),
        text("channel", "`WEB`, `APP`, `STORE` …"),
        Property("identifiers", Kind.TEXTS, "All values as they came, `namespace:raw value`."),
        Property("ignored", Kind.TEXTS, "Those that link nothing, `code namespace:value`.", optional=True),
        text("properties", "The properties as JSON.", optional=True),
        text("traits", "The traits as JSON.", optional=True),
        time("ignored_at", "When it was received, if any of its values links nothing.", optional=True),
        time("retracted_at", "When it was retracted: since then it is not evidence.", optional=True),
        text("retracted_by", "Who retracted it.", optional=True),
    ),
    indexes=(("ignored_at",), ("retracted_at",)),
)

SESSION = NodeType(
    "Session",
    "A visit: a run of one visitor's events without a longer gap than the rules allow.",
    "id",
    (
        text("id", "`ses_…`, derived from its first event; a late event may change it."),
        text("visitor", "The key of the visitor's identifier."),
        text("channel", "The channel of its first event."),
        number("touchpoint_count", "How many events it has."),
        time("started_at", "The time of its first event."),
        time("ended_at", "The time of its last event."),
        text("first_source", "Internal: which event is the first."),
        text("first_message_id", "Internal: which event is the first."),
        text("last_source", "Internal: which event is the last."),
        text("last_message_id", "Internal: which event is the last."),
        text("unique_values", "Internal: the last value of each namespace of which a customer has one, as JSON."),
    ),
    indexes=(("visitor", "started_at"),),
)

TRAIT = NodeType(
    "Trait",
    "A property of a person that a source reported. The newest observation of each name counts, per identifier.",
    "key",
    (
        text("key", "The identifier's key, a line break, the name."),
        text("name", "Its name, such as `email`."),
        text("value", "Its value as JSON."),
        time("observed_at", "When the message with the value happened."),
        text("source", "The source of that message."),
        text("message_id", "The id of that message."),
    ),
)

CHANGE = NodeType(
    "Change",
    "A change of customers in one commit.",
    "id",
    (
        text("id", "`chg_…`."),
        text("kind", "`MERGED`, `SPLIT` or `IDENTIFIER_MOVED`."),
        time("at", "When."),
        number("rule_version", "The version of the rules in force."),
        text("trigger_kind", "The cause: `OBSERVATION`, `JUDGEMENT`, `RETRACTION` or `RULES`."),
        text("trigger_id", "The id of the event or judgement, or the version of the rules."),
        number("position", "Its position in the log: 1, 2, 3 … in the order of the commits."),
        time("reached_at", "Internal: the latest `at` of all up to it."),
    ),
    indexes=(("at",), ("reached_at", "position")),
    also_unique="position",
)

JUDGEMENT = NodeType(
    "Judgement",
    "A statement of a person about identifiers. It is a fact: it counts until it is withdrawn, and stays stored after that.",
    "id",
    (
        text("id", "`jdg_…`."),
        text(
            "verdict",
            "`same` or `different`; `unlinked`: what was observed of the two `until` then does not count; `overruled`: "
            "the one is never quarantined.",
        ),
        text("a", "The judged key; of two, the smaller one."),
        text("b", "The other key; none for `overruled`.", optional=True),
        text("key_a", "What `a` is under the rules in force; none when it is no identifier.", optional=True),
        text("key_b", "What `b` is under the rules in force; none when it is no identifier.", optional=True),
        time("until", "Of `unlinked`: up to when.", optional=True),
        text("reason", "The reason that the person gave."),
        text("actor", "Who made the judgement."),
        time("at", "When."),
        time("withdrawn_at", "When it was withdrawn.", optional=True),
        text("withdrawn_by", "Who withdrew it.", optional=True),
    ),
    indexes=(("key_a",), ("key_b",)),
)

RULE_SET = NodeType(
    "RuleSet",
    "Rules that are or were in force. The greatest version is in force: all new events are resolved under it.",
    "version",
    (
        number("version", "1, 2, 3 …"),
        text("yaml", "The text of the rules file."),
        text("fingerprint", "A hash of what the rules mean."),
        text(
            "applied_by",
            "`default`, `settings` for a file at the first start, `terminal`, the name of the key, or `upgrade` when a new "
            "version of the program reads values differently.",
        ),
        time("applied_at", "When they were put in force."),
        text(
            "status",
            "`APPLYING` while stored customers are converted, then `ACTIVE`; `SUPERSEDED` when a later version is in "
            "force; `FAILED` when applying them failed.",
        ),
        Property("progress", Kind.SHARE, "How far they are applied, 0 to 1."),
        text("error", "Of `FAILED`: why.", optional=True),
        Property("replaces", Kind.NUMBERS, "Internal: versions that customers may have until it is applied."),
        number("reading", "Internal: how values were read when they were put in force; absent means 1.", optional=True),
        text("phase", "Internal: what is being processed while it is applied.", optional=True),
        text("cursor", "Internal: the last id or key that was processed.", optional=True),
        number("seen", "Internal: how many items were processed.", optional=True),
    ),
)

DEAD_LETTER = NodeType(
    "DeadLetter",
    "A message that could not be accepted, as it came.",
    "id",
    (
        text("id", "`dlq_…`, derived from its content."),
        text("code", "Why, for programs: see [errors](errors/README.md)."),
        text("reason", "Why, for people."),
        text("source", "The name of the write key that it came with, or of the import."),
        text("raw", "The message as JSON."),
        time("received_at", "When it first came."),
        number("attempts", "How often it was retried."),
        text("last_error", "Why the last attempt failed.", optional=True),
        text("type_hint", "The type that the path named.", optional=True),
        text("sent_at", "When its batch was sent, as JSON.", optional=True),
    ),
    indexes=(("received_at",),),
)

BOOKKEEPING = (
    NodeType(
        "Sequence",
        "A counter whose lock orders commits.",
        "name",
        (
            text("name", "`changes`, `judgements` or `rule_sets`."),
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

NODES = (
    IDENTIFIER,
    CUSTOMER,
    EVENT,
    SESSION,
    TRAIT,
    CHANGE,
    JUDGEMENT,
    FORMER_IDENTIFIER,
    RULE_SET,
    DEAD_LETTER,
    *BOOKKEEPING,
)

MARKS = (
    Mark("Former", "A `Customer` that was merged into another, or lost all its identifiers."),
    Mark("Other", "An `Identifier` of an undeclared namespace that the rules accept."),
    Mark("Merged", "What `Former` was called in the first graphs."),
    Mark("Lock", "No node has it: its index makes the name of a property known that locks nodes.", (("locked",),)),
)
"""Labels beside those of nodes."""

KEPT_FREE = frozenset(
    ["Alert", "Audit", "Consent", "Destination", "Erasure", "Order", "Product", "Retraction", "Segment"]
)
"""Labels that nothing has yet, kept free for what is to come."""

RESERVED_LABELS = KEPT_FREE.union((node.label for node in NODES), (mark.label for mark in MARKS))
"""Labels that no namespace may have: nodes of the graph have them for another reason."""

RELATIONSHIPS = (
    RelationshipType("BELONGS_TO", "Identifier", "Customer", "Exactly one, always.", (time("since", "Since when."),)),
    RelationshipType(
        "BELONGED_TO",
        "Identifier",
        "Customer",
        "Its earlier customer, from when until when.",
        (time("since", "From when."), time("until", "Until when.")),
    ),
    RelationshipType(
        "BELONGED_TO",
        "FormerIdentifier",
        "Customer",
        "Its customer while there was evidence of it.",
        (time("since", "From when."), time("until", "Until when.")),
    ),
    RelationshipType(
        "OBSERVED_WITH",
        "Identifier",
        "Identifier",
        "Both were seen in one event. It leads from the smaller key to the larger, and is refused exactly when its ends "
        "belong to different customers.",
        (
            *_SPAN,
            number("count", "How many events have both."),
            Property("sources", Kind.TEXTS, "The sources of those events."),
            text(
                "witness",
                "Internal: what refused it, as JSON; only on refused links without a quarantined identifier.",
                optional=True,
            ),
            time("refused_at", "Since when it is refused; not on links of quarantined identifiers.", optional=True),
        ),
        indexes=(("refused_at",),),
    ),
    RelationshipType("OBSERVED", "Event", "Identifier", "Every usable identifier in it: the evidence of the links."),
    RelationshipType("IN", "Event", "Session", "The visit that it is part of; none without a usable identifier."),
    RelationshipType(
        "OF", "Session", "Identifier", "The strongest identifier seen in it; the session is part of its journey."
    ),
    RelationshipType("HAS_TRAIT", "Identifier", "Trait", "From the strongest usable identifier of the message."),
    RelationshipType(
        "MERGED_INTO",
        "Customer",
        "Customer",
        "From a merged customer. Follow it to the end: that is the surviving customer.",
        (time("at", "When."),),
    ),
    RelationshipType("AFFECTED", "Change", "Customer", "The customers that the change is about."),
)
