"""The part of the schema of the graph that analysis writes: see ``graph_schema``."""

from identity_graph.domain.values.schema_types import NodeType, number, text, time

EXPERIMENT = NodeType(
    "Experiment",
    "An experiment: its variants, and what they are compared by. Who saw which variant is told by events.",
    "id",
    (
        text("id", "`exp_…`: random and permanent."),
        text("name", "What it is called; no other experiment has this name."),
        text("definition", "Its variants, salt, times and conversion, as JSON."),
        number("version", "How often it was saved."),
        time("created_at", "When it was first saved."),
        time("updated_at", "When it was last saved."),
        text("saved_by", "Who saved it last: the name of a key."),
    ),
    indexes=(("created_at",),),
    also_unique="name",
)

ANALYSIS_NODES = (EXPERIMENT,)
