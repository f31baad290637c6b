"""The schema of the graph as data: every label, relationship type and property that the service writes.

A test loads events of every kind and compares: what is in the graph is here, and what is here is in the graph.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The type of a property, in the words of Neo4j's ``valueType``."""

    TEXT = "STRING"
    NUMBER = "INTEGER"
    FLAG = "BOOLEAN"
    TIME = "ZONED DATETIME"
    TEXTS = "LIST<STRING NOT NULL>"


@dataclass(frozen=True, slots=True)
class Property:
    """A property. ``optional``: not every node or relationship has it."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class NodeType:
    """A label, the properties that are unique under it, and further indexes, each by its properties in their order."""

    label: str
    meaning: str
    key: str | None
    properties: tuple[Property, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    also_unique: str | None = None


@dataclass(frozen=True, slots=True)
class RelationshipType:
    """A relationship from one label to another."""

    name: str
    start: str
    end: str
    meaning: str
    properties: tuple[Property, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def arrow(self) -> str:
        """Draw it: ``(:A)-[:NAME]->(:B)``."""
        return f"(:{self.start})-[:{self.name}]->(:{self.end})"


def _text(name: str, meaning: str, *, optional: bool = False) -> Property:
    return Property(name, Kind.TEXT, meaning, optional)


def _number(name: str, meaning: str, *, optional: bool = False) -> Property:
    return Property(name, Kind.NUMBER, meaning, optional)


def _time(name: str, meaning: str, *, optional: bool = False) -> Property:
    return Property(name, Kind.TIME, meaning, optional)


def _flag(name: str, meaning: str) -> Property:
    return Property(name, Kind.FLAG, meaning, optional=True)


_SPAN = (
    _time("first_seen", "When it was first observed."),
    _time("last_seen", "When it was last observed."),
)

IDENTIFIER = NodeType(
    "Identifier",
    "A trace by which a person is recognised. It also has the label that the rules give its namespace, such as `Phone`.",
    "key",
    (
        _text("key", "`namespace:value`."),
        _text("namespace", "What kind of identifier it is; the rules declare which there are."),
        _text("value", "The value in its normal form, E.164 for a phone number."),
        *_SPAN,
        _text("partners", "Internal: how many partners of each namespace of which a customer has one, as JSON."),
        _flag("quarantined", "True when it has too many such partners to be one person's: none of its links count."),
        _flag("ambiguous", "True when several customers claim it and the rules give it to nobody."),
        _time("quarantined_at", "Since when it is quarantined.", optional=True),
        _number(
            "crowding",
            "From 50 on: its partners of one such namespace, in percent of `max_partners`.",
            optional=True,
        ),
        _flag("judged", "Internal: a judgement names it."),
        _flag("overruled", "A person said that it is never to be quarantined."),
    ),
    indexes=(("value",), ("quarantined_at",), ("crowding",)),
)

FORMER_IDENTIFIER = NodeType(
    "FormerIdentifier",
    "An identifier whose evidence was all taken back. It is found only by asking who it was at an earlier time.",
    None,
    (
        _text("key", "`namespace:value`. An identifier may come and go several times."),
        _text("namespace", "What kind of identifier it was."),
        _text("value", "The value in its normal form."),
        _text("label", "The label that it had."),
        *_SPAN,
    ),
    indexes=(("key",),),
)

CUSTOMER = NodeType(
    "Customer",
    "A person as the sources together know them: what hangs together under the rules. One that turned out to be another "
    "also has the label `Former`, as has one that lost all its identifiers; it keeps its id and times of its making, and "
    "nothing else.",
    "id",
    (
        _text("id", "`cus_…`: random, and for ever: a merged one leads to its survivor."),
        _time("created_at", "When the service made it."),
        _time("updated_at", "When an identifier last came or went."),
        _time("first_seen", "The earliest of its identifiers' times.", optional=True),
        _time("last_seen", "The latest of its identifiers' times.", optional=True),
        _number("size", "How many identifiers it has.", optional=True),
        _text("counts", "Internal: identifiers per limited namespace, as JSON.", optional=True),
        _flag("contested", "Internal: a refused link leads out of it."),
        _flag("judged", "Internal: a judgement names one of its identifiers."),
        _number("rule_version", "Internal: the version of the rules under which it was last resolved."),
        _flag(
            "contested_by_window", "Internal: one of those was refused by a limit that counts recent identifiers only."
        ),
    ),
    indexes=(("last_seen",), ("first_seen",), ("created_at",), ("size", "id")),
)

EVENT = NodeType(
    "Event",
    "A fact: a message as a source sent it. What it says never changes; it can be taken back as a whole.",
    "id",
    (
        _text("id", "`evt_…`, derived from source and message id."),
        _text("source", "The name of the write key that it came with, or of the import."),
        _text("message_id", "The sender's id of the message, or one derived from what it says."),
        _text("type", "`track`, `identify`, `page`, `screen`, `group` or `alias`."),
        _text("name", "The name of what happened, else the type."),
        _time("occurred_at", "When it happened, corrected for the sender's clock."),
        _time("received_at", "When the service received it."),
        _text("channel", "`WEB`, `APP`, `STORE` …"),
        Property("identifiers", Kind.TEXTS, "All values as they came, `namespace:raw value`."),
        Property("ignored", Kind.TEXTS, "Those that link nothing, `code namespace:value`.", optional=True),
        _text("properties", "The properties as JSON.", optional=True),
        _text("traits", "The traits as JSON.", optional=True),
        _time("ignored_at", "When it was received, if any of its values links nothing.", optional=True),
        _time("retracted_at", "When it was taken back: since then it is no evidence.", optional=True),
        _text("retracted_by", "Who took it back.", optional=True),
    ),
    indexes=(("ignored_at",), ("retracted_at",)),
)

SESSION = NodeType(
    "Session",
    "A visit: a run of one visitor's events without a longer gap than the rules allow.",
    "id",
    (
        _text("id", "`ses_…`, derived from its first event; a late event may change it."),
        _text("visitor", "The key of the identifier along which it was cut."),
        _text("channel", "The channel of its first event."),
        _number("touchpoint_count", "How many events it holds."),
        _time("started_at", "The time of its first event."),
        _time("ended_at", "The time of its last event."),
        _text("first_source", "Internal: which event is the first."),
        _text("first_message_id", "Internal: which event is the first."),
        _text("last_source", "Internal: which event is the last."),
        _text("last_message_id", "Internal: which event is the last."),
        _text("unique_values", "Internal: the last value of each namespace of which a customer has one, as JSON."),
    ),
    indexes=(("visitor", "started_at"),),
)

TRAIT = NodeType(
    "Trait",
    "Something that a source says about a person. The newest observation of each name counts, per identifier.",
    "key",
    (
        _text("key", "The identifier's key, a line break, the name."),
        _text("name", "Its name, such as `email`."),
        _text("value", "Its value as JSON."),
        _time("observed_at", "When the message that says so happened."),
        _text("source", "The source of that message."),
        _text("message_id", "The id of that message."),
    ),
)

CHANGE = NodeType(
    "Change",
    "What happened to customers in one commit.",
    "id",
    (
        _text("id", "`chg_…`."),
        _text("kind", "`MERGED`, `SPLIT` or `IDENTIFIER_MOVED`."),
        _time("at", "When."),
        _number("rule_version", "The version of the rules in force."),
        _text("trigger_kind", "What brought it about: `OBSERVATION`, `JUDGEMENT`, `RETRACTION` or `RULES`."),
        _text("trigger_id", "The id of the event or judgement that did, or the version of the rules."),
        _number("position", "Its place in the log: 1, 2, 3 … in the order of the commits."),
    ),
    indexes=(("at",),),
    also_unique="position",
)

JUDGEMENT = NodeType(
    "Judgement",
    "What a person said about identifiers. It is a fact: it counts until it is withdrawn, and stays on record then.",
    "id",
    (
        _text("id", "`jdg_…`."),
        _text(
            "verdict",
            "`same` or `different`; `unlinked`: what was observed of the two `until` then does not count; `overruled`: "
            "the one is never quarantined.",
        ),
        _text("a", "The key that was judged, of two the smaller one."),
        _text("b", "The other key; none for `overruled`.", optional=True),
        _text("key_a", "What `a` is under the rules in force; none when it is no identifier.", optional=True),
        _text("key_b", "What `b` is under the rules in force; none when it is no identifier.", optional=True),
        _time("until", "Of `unlinked`: up to when.", optional=True),
        _text("reason", "Why, in the words of who said so."),
        _text("actor", "Who said so."),
        _time("at", "When."),
        _time("withdrawn_at", "When it was taken back.", optional=True),
        _text("withdrawn_by", "Who took it back.", optional=True),
    ),
    indexes=(("key_a",), ("key_b",)),
)

RULE_SET = NodeType(
    "RuleSet",
    "The rules that the graph was resolved under.",
    "version",
    (
        _number("version", "1, 2, 3 …"),
        _text("yaml", "The text of the rules file."),
        _text("fingerprint", "A hash of what the rules mean."),
        _text("applied_by", "`default` or `file`."),
        _text("status", "`APPLYING`, `ACTIVE`, `SUPERSEDED` or `FAILED`."),
        _time("applied_at", "When."),
    ),
)

DEAD_LETTER = NodeType(
    "DeadLetter",
    "A message that could not be accepted, as it came.",
    "id",
    (
        _text("id", "`dlq_…`, derived from what it says."),
        _text("code", "Why, for programs: see [errors](errors/README.md)."),
        _text("reason", "Why, for people."),
        _text("source", "The name of the write key that it came with, or of the import."),
        _text("raw", "The message as JSON."),
        _time("received_at", "When it first came."),
        _number("attempts", "How often it was tried again."),
        _text("last_error", "Why the last attempt failed.", optional=True),
        _text("type_hint", "The type that the path named.", optional=True),
        _text("sent_at", "When its batch was sent, as JSON.", optional=True),
    ),
    indexes=(("received_at",),),
)

BOOKKEEPING = (
    NodeType(
        "Sequence",
        "A counter whose lock puts commits in an order.",
        "name",
        (_text("name", "`changes` or `judgements`."), _number("last", "Its last number.")),
    ),
    NodeType(
        "AccessKey",
        "A key that opens the service, as a hash.",
        "id",
        (
            _text("id", "`kind/name`."),
            _text("kind", "`write` or `admin`."),
            _text("name", "Its name; a write key's is the source of what it brings."),
            _text("sha256", "The hash of the key, in hex."),
            _time("created_at", "When it was made."),
        ),
    ),
    NodeType(
        "IngestCounter",
        "What one process took in; the sum of all is `ingestStats`.",
        "writer",
        (
            _text("writer", "A random name for the process."),
            _number("accepted", "Events."),
            _number("duplicates", "Repeats."),
            _number("dead_lettered", "Messages set aside."),
            _text("ignored", "Values that were no identifiers, per namespace and code, as JSON."),
        ),
    ),
    NodeType(
        "Import",
        "How far a file was imported.",
        "key",
        (
            _text("key", "What makes it the same file: path, size, time, mapping, source."),
            _text("file", "Its path."),
            _text("source", "The source that its events got."),
            _number("records", "Records read so far."),
            _number("accepted", "Events."),
            _number("duplicates", "Repeats."),
            _text("rejected", "Rejected records per code, as JSON."),
            _number("rejects_bytes", "Length of the file of rejected records."),
            _time("started_at", "When it began."),
            _time("updated_at", "When it last went on."),
            _time("finished_at", "When it ended.", optional=True),
        ),
    ),
    NodeType(
        "Migration",
        "A step of the schema that was applied.",
        "version",
        (
            _number("version", "Its number."),
            _text("name", "Its name."),
            _text("checksum", "A hash of its statements."),
            _time("applied_at", "When."),
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

RELATIONSHIPS = (
    RelationshipType("BELONGS_TO", "Identifier", "Customer", "Exactly one, always.", (_time("since", "Since when."),)),
    RelationshipType(
        "BELONGED_TO",
        "Identifier",
        "Customer",
        "Where it belonged before: who this was at some time, as we then knew.",
        (_time("since", "From when."), _time("until", "Until when.")),
    ),
    RelationshipType(
        "OBSERVED_WITH",
        "Identifier",
        "Identifier",
        "Both were seen in one event. It leads from the smaller key to the larger, and is refused exactly when its ends "
        "belong to different customers.",
        (
            *_SPAN,
            _number("count", "How many events hold both."),
            Property("sources", Kind.TEXTS, "The sources of those events."),
            _text(
                "witness",
                "Internal: what stood against it, as JSON; only on a refused link of no quarantined identifier.",
                optional=True,
            ),
            _time("refused_at", "Since when it is refused, but for links of quarantined identifiers.", optional=True),
        ),
        indexes=(("refused_at",),),
    ),
    RelationshipType("OBSERVED", "Event", "Identifier", "Every usable identifier in it: the evidence of the links."),
    RelationshipType("IN", "Event", "Session", "The visit that it is part of; none without a usable identifier."),
    RelationshipType(
        "OF", "Session", "Identifier", "The strongest identifier seen in it, whose journey it is part of."
    ),
    RelationshipType(
        "HAS_TRAIT", "Identifier", "Trait", "The strongest usable identifier of the message that said so."
    ),
    RelationshipType(
        "MERGED_INTO",
        "Customer",
        "Customer",
        "From a customer that turned out to be another. Follow it to the end: that one lives.",
        (_time("at", "When."),),
    ),
    RelationshipType("AFFECTED", "Change", "Customer", "The customers that the change is about."),
)
