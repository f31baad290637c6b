"""The command line: ``identity-graph``."""

import io
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from identity_graph import __version__
from identity_graph.cli.audit import audit_app
from identity_graph.cli.backup import backup, restore
from identity_graph.cli.catalogue.commands import catalogue_app
from identity_graph.cli.consent.commands import consent_app
from identity_graph.cli.customers.changes import changes
from identity_graph.cli.customers.journey import journey
from identity_graph.cli.customers.lookup import lookup
from identity_graph.cli.customers.why import why
from identity_graph.cli.doctor.command import doctor
from identity_graph.cli.files.commands import export, import_, simulate
from identity_graph.cli.keys import keys_app
from identity_graph.cli.neo4j import neo4j_app
from identity_graph.cli.privacy.commands import privacy_app
from identity_graph.cli.recorded import record_commands
from identity_graph.cli.rules.commands import rules_app
from identity_graph.cli.segments.commands import segments_app
from identity_graph.cli.serve import serve
from identity_graph.cli.spool import spool_app
from identity_graph.errors import IdentityGraphError
from identity_graph.logs import log_to_stderr
from identity_graph.settings import Settings, explain_settings
from identity_graph.terminal import print_error

app = typer.Typer(
    name="identity-graph",
    help="One customer out of every trace a person leaves: collect, resolve and look up, on Neo4j.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve", rich_help_panel="Run")(serve)
app.add_typer(neo4j_app, name="neo4j", rich_help_panel="Run")
app.add_typer(spool_app, name="spool", rich_help_panel="Run")
app.command("backup", rich_help_panel="Run")(backup)
app.command("restore", rich_help_panel="Run")(restore)
app.command("doctor", rich_help_panel="Run")(doctor)
app.add_typer(keys_app, name="keys", rich_help_panel="Run")
app.add_typer(audit_app, name="audit", rich_help_panel="Run")
app.command("import", rich_help_panel="Data")(import_)
app.command("export", rich_help_panel="Data")(export)
app.command("lookup", rich_help_panel="Data")(lookup)
app.command("journey", rich_help_panel="Data")(journey)
app.command("changes", rich_help_panel="Data")(changes)
app.command("why", rich_help_panel="Data")(why)
app.command("simulate", rich_help_panel="Rules")(simulate)
app.add_typer(rules_app, name="rules", rich_help_panel="Rules")
app.add_typer(catalogue_app, name="catalogue", rich_help_panel="Rules")
app.add_typer(segments_app, name="segments", rich_help_panel="Segments")
app.add_typer(consent_app, name="consent", rich_help_panel="Trust")
app.add_typer(privacy_app, name="privacy", rich_help_panel="Trust")

record_commands(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"identity-graph {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """One customer out of every trace a person leaves: collect, resolve and look up, on Neo4j."""
    log_to_stderr()


def main() -> None:
    """Run the command line; an error that says what to do ends it with exit code 1 and without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character shows its code
    try:
        _run()
    except IdentityGraphError as error:
        print_error(error)
        sys.exit(1)


def _run() -> None:
    try:
        app()
    except ValidationError as error:
        if error.title == Settings.__name__:
            raise explain_settings(error) from None
        raise
