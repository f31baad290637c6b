"""``identity-graph privacy``: handle requests of people about their data."""

import getpass
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity_graph import terminal
from identity_graph.cli.identifiers import split_identifier
from identity_graph.cli.terminal import OutputFormat
from identity_graph.cli.terminal import run_with_service as run
from identity_graph.cli.time import read_time
from identity_graph.domain.privacy.personal_data import PARTS, SCHEMA, PersonalData, write_page
from identity_graph.domain.privacy.preserving import Preserve
from identity_graph.domain.privacy.requests import RequestKind, RequestState
from identity_graph.domain.privacy.steps import plan_of
from identity_graph.domain.values.instants import format_instant, format_minute
from identity_graph.domain.values.json_reader import JsonError, read_strict_json, write_json
from identity_graph.errors import InvalidInputError
from identity_graph.files.private import open_private
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.core import Service
    from identity_graph.service.privacy.cases import Case


_ORDERS_AT_ONCE = 1000


class ExportFormat(StrEnum):
    """How personal data is written."""

    JSON = "json"
    HTML = "html"


privacy_app = typer.Typer(
    help="Handle requests of people about their data: access, erasure, restriction and others.",
    no_args_is_help=True,
)

Request = Annotated[str, typer.Argument(help="The id of the request.", show_default=False)]
Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
Reason = Annotated[str, typer.Option(help="Why; asked for and not kept, since it may name the person.")]


@privacy_app.command("open")
def open_(
    kind: Annotated[RequestKind, typer.Argument(help="What they want.", case_sensitive=False, show_default=False)],
    identifier: Annotated[
        str, typer.Argument(help="Whom it is about: namespace:value, in any spelling.", show_default=False)
    ],
    requester: Annotated[str, typer.Option(help="Who asks, in words.")],
    region: Annotated[str | None, typer.Option(help="By whose law it is due: EU, US-CA, CN.")] = None,
    received: Annotated[
        str | None, typer.Option(help="When it was received; a date or a time with its offset. By default now.")
    ] = None,
    corrections: Annotated[
        str | None, typer.Option(help="Of a rectification: the right values of traits, as a JSON object.")
    ] = None,
    preserve: Annotated[
        Preserve | None,
        typer.Option(help="Of an erasure: what is kept of orders, without the person.", case_sensitive=False),
    ] = None,
    format_: Format = OutputFormat.TEXT,
) -> None:
    """Open a request of somebody about their data."""
    namespace, value = split_identifier(identifier)
    received_at = None if received is None else read_time("--received", received)
    traits = None if corrections is None else _read_corrections(corrections)

    async def open_one(service: "Service") -> "Case":
        from identity_graph.service.corrections.corrections import Named
        from identity_graph.service.privacy.cases import Wanted, open_request

        wanted = Wanted(
            by=Named(namespace, value),
            kind=kind,
            requester=requester,
            region=region,
            received_at=received_at,
            corrections=traits,
            preserve=preserve,
        )
        return await open_request(service, wanted, _user())

    _show(run(open_one), format_)


@privacy_app.command("list")
def list_(
    state: Annotated[RequestState | None, typer.Option(help="Only those in this state.", case_sensitive=False)] = None,
    first: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 100,
    format_: Format = OutputFormat.TEXT,
) -> None:
    """List requests, those opened last first."""

    async def read(service: "Service") -> "list[Case]":
        from identity_graph.service.privacy.cases import read_cases
        from identity_graph.service.reads import Reads

        return (await read_cases(Reads(service.graph), state=state, first=first, after=None)).items

    found = run(read)
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json([_as_json(case) for case in found], indent=True))
        return
    console = Console(soft_wrap=True)
    for case in found:
        one = case.request
        whom = case.subject or "erased"
        console.print(f"{one.id}  {one.kind:<16} {one.state:<8}  due {format_minute(one.due_at)} UTC  {whom}")


@privacy_app.command()
def show(request: Request, format_: Format = OutputFormat.TEXT) -> None:
    """Show a request with its steps."""

    async def read(service: "Service") -> "Case":
        from identity_graph.service.privacy.cases import get_case

        return await get_case(service, request)

    _show(run(read), format_)


@privacy_app.command()
def advance(
    request: Request,
    to: Annotated[
        RequestState,
        typer.Argument(
            help="VERIFIED: the requester was checked; APPROVED; RUNNING: do it, or go on with it; DENIED.",
            case_sensitive=False,
            show_default=False,
        ),
    ],
    reason: Reason,
    format_: Format = OutputFormat.TEXT,
) -> None:
    """Bring a request on."""

    async def bring_on(service: "Service") -> "Case":
        from identity_graph.service.privacy.running import advance_request

        return await advance_request(service, request, to, _user(), reason)

    case = run(bring_on)
    _show(case, format_)
    if case.request.state is RequestState.FAILED:
        raise typer.Exit(1)


@privacy_app.command()
def extend(request: Request, reason: Reason, format_: Format = OutputFormat.TEXT) -> None:
    """Put the due date of a request off, once, where the law of the region allows that."""

    async def put_off(service: "Service") -> "Case":
        from identity_graph.service.privacy import cases

        return await cases.put_off(service, request, reason)

    _show(run(put_off), format_)


@privacy_app.command()
def export(
    request: Request,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; it is for you only.")],
    as_: Annotated[
        ExportFormat, typer.Option("--as", help="JSON for systems, or a page for people.")
    ] = ExportFormat.JSON,
) -> None:
    """Write all that is stored of the person whom a request for access or portability is about."""

    async def read(service: "Service") -> "PersonalData":
        from identity_graph.service.privacy.personal_data import export_personal_data

        return await export_personal_data(service, request)

    data = run(read)
    text = write_page(data) if as_ is ExportFormat.HTML else write_json(data)
    with open_private(output) as file:
        file.write(text.encode("utf-8", "surrogatepass"))
    counts = ", ".join(f"{len(data[name])} {name}" for name in PARTS)
    Console(soft_wrap=True).print(f"Wrote {output}: {counts}.")


@privacy_app.command()
def orders() -> None:
    """Print the orders that erasures kept without the person, one JSON object a line."""

    async def read(service: "Service") -> None:
        from identity_graph.service.privacy.preserving import read_preserved
        from identity_graph.service.reads import Reads

        reads, after = Reads(service.graph), ""
        while page := await read_preserved(reads, first=_ORDERS_AT_ONCE, after=after):
            after = page[-1].id
            for order in page:
                typer.echo(terminal.as_json({**order._asdict(), "lines": json.loads(order.lines or "[]")}))

    run(read)


@privacy_app.command()
def schema() -> None:
    """Print the JSON Schema of what `export` writes."""
    typer.echo(SCHEMA.read_text("utf-8"), nl=False)


def _show(case: "Case", format_: OutputFormat) -> None:
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json(_as_json(case), indent=True))
        return
    one, console = case.request, Console(soft_wrap=True)
    console.print(f"{one.id}: {one.kind} of {case.subject or 'somebody who was erased'}, {one.state}.")
    console.print(f"  due {format_minute(one.due_at)} UTC by the law of {one.region}; opened by {one.opened_by}")
    if one.duplicate_of is not None:
        console.print(f"  repeats {one.duplicate_of}, which is still open: go on with that one, and deny this one")
    if case.preserve is not None:
        console.print(f"  keeps of orders, without the person: {case.preserve}")
    for step in plan_of(one.kind):
        done = [f"{format_minute(row.at)} UTC by {row.by} ({row.count})" for row in case.steps if row.step is step]
        console.print(f"  {step:<8} {', '.join(done) or 'waits'}")
    if case.receipt is not None:
        console.print(f"  receipt  {case.receipt}")
    if case.fault is not None:
        console.print(f"  stopped  {case.fault}: mend it, then advance the request to RUNNING again")


def _as_json(case: "Case") -> dict[str, Any]:
    one = case.request
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "region": one.region,
        "opened_at": format_instant(one.opened_at),
        "due_at": format_instant(one.due_at),
        "opened_by": one.opened_by,
        "identifier": case.subject,
        "requester": case.requester,
        "approvals": one.approvals,
        "approved_by": list(one.approved_by),
        "duplicate_of": one.duplicate_of,
        "steps": [
            {"name": row.step, "at": format_instant(row.at), "count": row.count, "by": row.by} for row in case.steps
        ],
        "receipt": case.receipt,
        "preserve": case.preserve,
        "fault": case.fault,
    }


def _read_corrections(text: str) -> dict[str, Any]:
    try:
        value = read_strict_json(text.encode("utf-8", "surrogatepass"))
    except JsonError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInputError("--corrections is a JSON object: the right values of traits by name.")
    return value


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
