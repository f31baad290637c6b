"""``identity-graph segments``: check, save and read segments, and ask who is in and why."""

import typer

from identity_graph.cli.segments.checking import check
from identity_graph.cli.segments.export import export
from identity_graph.cli.segments.listing import list_, show
from identity_graph.cli.segments.members import members
from identity_graph.cli.segments.preview import preview
from identity_graph.cli.segments.recompute import recompute
from identity_graph.cli.segments.saving import apply, delete
from identity_graph.cli.segments.templates import templates
from identity_graph.cli.segments.why import why

segments_app = typer.Typer(
    help="Describe an audience in a file, save it, and ask who is in and why.",
    no_args_is_help=True,
)

segments_app.command("list")(list_)
segments_app.command("show")(show)
segments_app.command("check")(check)
segments_app.command("preview")(preview)
segments_app.command("apply")(apply)
segments_app.command("delete")(delete)
segments_app.command("members")(members)
segments_app.command("why")(why)
segments_app.command("recompute")(recompute)
segments_app.command("export")(export)
segments_app.command("templates")(templates)
