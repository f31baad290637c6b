"""The part of the schema of the graph that segments write: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import NodeType, number, text, time

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

SEGMENT_NODES = (SEGMENT,)
