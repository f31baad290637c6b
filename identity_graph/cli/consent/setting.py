"""``identity-graph consent set``: record what somebody said."""

from typing import TYPE_CHECKING, Annotated

import typer

from identity_graph.cli.identifiers import split_identifier
from identity_graph.cli.terminal import run_with_service as run
from identity_graph.cli.time import read_time
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.core import Service

Identifier = Annotated[str, typer.Argument(help="Who said it: namespace:value, in any spelling.", show_default=False)]


def set_(
    identifier: Identifier,
    purpose: Annotated[str, typer.Argument(help="A purpose of the catalogue.", show_default=False)],
    state: Annotated[ConsentState, typer.Argument(help="What they said.", case_sensitive=False, show_default=False)],
    channel: Annotated[
        Channel | None,
        typer.Option(
            help="The channel of contacting that it is about; without it, the use of data.", case_sensitive=False
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="When they said it; a date or a time with its offset. By default now.")
    ] = None,
    source: Annotated[str, typer.Option(help="Who tells of it.")] = "terminal",
    version: Annotated[str | None, typer.Option(help="The version of what they read.")] = None,
    evidence: Annotated[str | None, typer.Option(help="What they read, or how they said it.")] = None,
) -> None:
    """Record what somebody said to a purpose, or to a channel of it."""
    namespace, value = split_identifier(identifier)
    moment = None if at is None else read_time("--at", at)

    async def record(service: "Service") -> str:
        from identity_graph.service.collecting.consenting import Given, set_consent

        said = Given(
            by=RawIdentifier(namespace, value),
            purpose=purpose,
            channel=channel,
            state=state,
            at=moment,
            source=source,
            version=version,
            evidence=evidence,
        )
        return (await set_consent(service, said, service.units.now())).key

    key = run(record)
    what = purpose if channel is None else f"{purpose} through {channel.value}"
    Console(soft_wrap=True).print(f"{key}: {what} {state.value}.")
