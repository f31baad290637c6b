"""The schema of the graph as data: every label, relationship type and property that the service writes.

A test loads events of every kind and compares: what is in the graph is here, and what is here is in the graph. The labels
that rules may not give to a namespace, and the page of the schema, follow from it.
"""

from identity_graph.domain.values.activation_schema import ACTIVATION_NODES
from identity_graph.domain.values.analysis_schema import ANALYSIS_NODES
from identity_graph.domain.values.bookkeeping_schema import BOOKKEEPING
from identity_graph.domain.values.consent_schema import CONSENT, CONSENT_RELATIONSHIPS
from identity_graph.domain.values.privacy_schema import PRIVACY_NODES
from identity_graph.domain.values.profile_schema import PROFILE_NODES, PROFILE_RELATIONSHIPS
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
from identity_graph.domain.values.segment_schema import SEGMENT_NODES, SEGMENT_RELATIONSHIPS, WAITING

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
        time("restricted_at", "Since when its data may not be used; it has the label `Restricted`.", optional=True),
        text("restricted_by", "The privacy request that says so.", optional=True),
        text("counts", "Internal: identifiers per limited namespace, as JSON.", optional=True),
        flag("contested", "Internal: a refused link leads out of it."),
        flag("judged", "Internal: a judgement names one of its identifiers."),
        number("rule_version", "Internal: the version of the rules under which it was last resolved.", optional=True),
        flag("awaited", "Internal: other rules are being applied, and it has to be derived under them in any case."),
        flag("contested_by_window", "Internal: one was refused by a limit that counts recent identifiers only."),
        *WAITING,
    ),
    indexes=(("last_seen",), ("first_seen",), ("created_at",), ("size", "id"), ("waiting_since",)),
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
        text("consents", "What it says of consents, as JSON.", optional=True),
        Property("context", Kind.BYTES, "What its message said of SDK, page and device: packed JSON.", optional=True),
        text(
            "former_channel",
            "Of an event from before contexts were kept: the channel as it was read then.",
            optional=True,
        ),
        text("owner", "Internal: the key of the identifier that its session belongs to.", optional=True),
        text("campaign_source", "What brought the person: a campaign's source, or a site.", optional=True),
        text("campaign_medium", "By which means: `cpc`, `email`, `organic`, `social`, `referral` …", optional=True),
        text("campaign_name", "The name of the campaign.", optional=True),
        text("campaign_term", "The search term that was paid for.", optional=True),
        text("campaign_content", "What was clicked.", optional=True),
        text("click_id", "What the ad platform knows the click by.", optional=True),
        text("click_id_name", "Which parameter that was, such as `gclid`.", optional=True),
        time(
            "exposed_at", "When it happened, if it tells that somebody saw a variant of an experiment.", optional=True
        ),
        time("ignored_at", "When it was received, if any of its values links nothing.", optional=True),
        time("retracted_at", "When it was retracted: since then it is not evidence.", optional=True),
        text("retracted_by", "Who retracted it.", optional=True),
        time("emptied_at", "When retention deleted what it says; who was seen in it stays.", optional=True),
        flag("overdue", "Internal: it came so late that retention has to look at it."),
    ),
    indexes=(
        ("exposed_at",),
        ("ignored_at",),
        ("retracted_at",),
        ("owner", "occurred_at", "received_at"),
        ("occurred_at", "id"),
        ("overdue",),
    ),
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
    "A property of a person, as far as it was reported of one identifier. The catalogue says how several reports become one "
    "value: of the identifier here, and of the customer when it is asked for.",
    "key",
    (
        text("key", "The identifier's key, a line break, the name."),
        text("name", "Its name, such as `email`."),
        text("value", "Its value as JSON; `null` when it was deleted."),
        time("observed_at", "When the newest message that counts happened."),
        text("source", "The source of that message."),
        text("message_id", "The id of that message."),
        flag("deleted", "The newest message deletes it."),
        text("policy", "Internal: the policy under which `state` was kept.", optional=True),
        text(
            "state", "Internal: what the reports come to, where the newest alone does not tell, as JSON.", optional=True
        ),
    ),
)

CHANGE = NodeType(
    "Change",
    "A change of customers in one commit.",
    "id",
    (
        text("id", "`chg_…`."),
        text("kind", "`MERGED`, `SPLIT`, `IDENTIFIER_MOVED` or `ERASED`."),
        time("at", "When."),
        number("rule_version", "The version of the rules in force."),
        text("trigger_kind", "The cause: `OBSERVATION`, `JUDGEMENT`, `RETRACTION`, `RULES` or `ERASURE`."),
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
            "the one is never quarantined; `unbound`: what was observed of the one `until` then links it with nothing, "
            "by an event that said so.",
        ),
        text("a", "The judged key; of two, the smaller one."),
        text("b", "The other key; none for `overruled` and `unbound`.", optional=True),
        text("key_a", "What `a` is under the rules in force; none when it is no identifier.", optional=True),
        text("key_b", "What `b` is under the rules in force; none when it is no identifier.", optional=True),
        time("until", "Of `unlinked` and `unbound`: up to when.", optional=True),
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

CATALOGUE = NodeType(
    "Catalogue",
    "A catalogue of profiles that is or was in force. The greatest version is in force.",
    "version",
    (
        number("version", "1, 2, 3 …"),
        text("yaml", "The text of the catalogue file."),
        text("fingerprint", "A hash of what the catalogue means."),
        text(
            "applied_by",
            "`default`, `terminal`, the name of the key, or `upgrade` when a new version of the program derives profiles "
            "differently.",
        ),
        time("applied_at", "When it was put in force."),
        text(
            "status",
            "`APPLYING` while stored profiles are derived again, then `ACTIVE`; `SUPERSEDED` when a later version is in "
            "force; `FAILED` when applying it failed.",
        ),
        Property("progress", Kind.SHARE, "How far it is applied, 0 to 1."),
        text("error", "Of `FAILED`: why.", optional=True),
        Property("replaces", Kind.NUMBERS, "Internal: versions that profiles may stand under until it is applied."),
        number("derivation", "Internal: how profiles were derived when it was put in force."),
        text("phase", "Internal: what is being processed while it is applied.", optional=True),
        text("cursor", "Internal: the last key that was processed.", optional=True),
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
        text("protocol", "How it is written, such as `sensors`; none for the protocol of Segment.", optional=True),
    ),
    indexes=(("received_at",),),
)

NODES = (
    IDENTIFIER,
    CUSTOMER,
    EVENT,
    SESSION,
    TRAIT,
    CONSENT,
    *PROFILE_NODES,
    *SEGMENT_NODES,
    *ACTIVATION_NODES,
    *ANALYSIS_NODES,
    CHANGE,
    JUDGEMENT,
    FORMER_IDENTIFIER,
    RULE_SET,
    CATALOGUE,
    DEAD_LETTER,
    *PRIVACY_NODES,
    *BOOKKEEPING,
)

MARKS = (
    Mark("Former", "A `Customer` that was merged into another, or lost all its identifiers."),
    Mark("Restricted", "A `Customer` who asked that their data not be used: stored, and never shown.", (("id",),)),
    Mark("Deceased", "A `Customer` who has died: shown, and not told of to others.", (("id",),)),
    Mark("Bar", "A `Consent` that a privacy request made, which bars use.", (("subject",),)),
    Mark("Other", "An `Identifier` of an undeclared namespace that the rules accept."),
    Mark("Merged", "What `Former` was called in the first graphs."),
    Mark("Lock", "No node has it: its index makes the name of a property known that locks nodes.", (("locked",),)),
)
"""Labels beside those of nodes."""

KEPT_FREE = frozenset(["Audit", "Erasure", "Product", "Retraction"])
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
    RelationshipType("OF", "Session", "Identifier", "The strongest identifier seen in it, in whose journey it is."),
    *CONSENT_RELATIONSHIPS,
    RelationshipType("HAS_TRAIT", "Identifier", "Trait", "From the strongest usable identifier of the message."),
    RelationshipType(
        "MERGED_INTO",
        "Customer",
        "Customer",
        "From a merged customer. Follow it to the end: that is the surviving customer.",
        (time("at", "When."),),
    ),
    *PROFILE_RELATIONSHIPS,
    *SEGMENT_RELATIONSHIPS,
    RelationshipType("AFFECTED", "Change", "Customer", "The customers that the change is about."),
)
