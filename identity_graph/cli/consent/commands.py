"""``identity-graph consent``: record what somebody said, and see what a customer allows and why."""

import typer

from identity_graph.cli.consent.setting import set_
from identity_graph.cli.consent.showing import list_, why

consent_app = typer.Typer(
    help="Record what people allow, and see what a customer allows and why.",
    no_args_is_help=True,
)
consent_app.command("set")(set_)
consent_app.command("list")(list_)
consent_app.command("why")(why)
