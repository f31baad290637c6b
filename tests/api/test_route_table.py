"""The table of routes and commands names all there are, and nothing else."""

from typing import Any

from starlette.routing import BaseRoute
from typer.main import get_command

from api import graphql
from api.app import create_app
from identity_graph.cli.app import app as commands
from identity_graph.domain.access.routes import COMMANDS, ROUTES
from identity_graph.settings import Settings


def paths_of(routes: list[BaseRoute]) -> set[str]:
    return {path.rstrip("/") or "/" for route in routes if (path := getattr(route, "path", None)) is not None}


def commands_of(command: Any, name: str = "") -> set[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return {name.strip()}
    return {found for part, one in inner.items() for found in commands_of(one, f"{name} {part}")}


def test_every_route_is_in_the_table() -> None:
    app = create_app(Settings())
    assert paths_of(app.routes) | paths_of(graphql.router.routes) == set(ROUTES)


def test_every_command_is_in_the_table() -> None:
    assert commands_of(get_command(commands)) == set(COMMANDS)
