"""``identity-graph audit``: who read, changed or exported what, and whether anybody changed that record."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.terminal import OutputFormat, run_on_graph
from identity_graph.domain.audit.checkpoints import Checkpoint, is_public_key
from identity_graph.domain.audit.entries import SealedEntry
from identity_graph.domain.audit.objects import hash_text
from identity_graph.domain.values.instants import format_instant, format_minute
from identity_graph.errors import InvalidInputError
from identity_graph.service.audit.reading import Verified, read_log, stream_log, verify_log
from identity_graph.service.audit.signing_key import find_signer, load_signer
from identity_graph.service.clock import now_instant
from identity_graph.service.positions import ABOVE_ALL
from identity_graph.service.reads import Reads
from identity_graph.settings import Settings
from identity_graph.terminal import Console, Text, as_json

if TYPE_CHECKING:
    from identity_graph.store.driver.graph import Graph

audit_app = typer.Typer(help="List, verify and export the audit log.", no_args_is_help=True)

_STANDARD_OUTPUT = Path("-")


@audit_app.command("list")
def show(
    first: Annotated[int, typer.Option(help="How many entries, the latest first.", min=1, max=10_000)] = 20,
    format: Annotated[OutputFormat, typer.Option(help="A table, or lines of JSON.")] = OutputFormat.TEXT,
) -> None:
    """List who did what, the latest first."""
    page = asyncio.run(run_on_graph(lambda graph: read_log(Reads(graph), first=first, before=ABOVE_ALL)))
    if format is OutputFormat.JSON:
        for sealed in page.items:
            print(as_json(_described(sealed)))
        return
    table = Table(box=SIMPLE_HEAD)
    for title in ("No.", "At (UTC)", "Who", "Action", "Operation", "Objects", "Outcome"):
        table.add_column(title)
    for sealed in page.items:
        entry = sealed.entry
        who = f"{entry.who.kind} {entry.who.name}".strip() + (f" ({entry.who.address})" if entry.who.address else "")
        objects = ", ".join(entry.objects[:2]) + (
            f" and {len(entry.objects) - 2} more" if len(entry.objects) > 2 else ""
        )
        outcome = f"{entry.outcome} {entry.reason}".strip()
        cells = (str(sealed.number), format_minute(entry.at), who, str(entry.action), entry.operation, objects, outcome)
        table.add_row(*map(Text, cells))
    Console().print(table)


@audit_app.command("verify")
def verify(
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="A checkpoint, or a file with some, such as the log output of the service.", metavar="CHECKPOINT"
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A public key whose checkpoints you trust.", show_default="that of this data folder"),
    ] = None,
) -> None:
    """Check that no entry was changed, removed or inserted; exit code 1 when one was.

    Whoever can write the database can cut off its end, or write all of it anew. Checkpoints that you kept elsewhere show that.
    """
    given = [one for text in against or [] for one in _read_checkpoints(text)]
    trusted = _trusted(key or [])
    verified = asyncio.run(
        run_on_graph(lambda graph: verify_log(graph, now=now_instant(), against=given, trusted=trusted))
    )
    _print_verdict(verified)
    if verified.verdict.problem is not None:
        raise typer.Exit(1)


@audit_app.command("export")
def export(
    output: Annotated[Path, typer.Argument(help="A new file of JSON lines; - is standard output.")],
    after: Annotated[int, typer.Option(help="Only entries after this number.", min=0)] = 0,
) -> None:
    """Write all entries as lines of JSON, with their hashes, the oldest first."""
    count = asyncio.run(run_on_graph(lambda graph: _export(graph, output, after)))
    Console(stderr=True).print(f"{count:,} entries written.")


@audit_app.command("key")
def show_key() -> None:
    """Print the public key that belongs to the checkpoints of this data folder."""
    print(load_signer(Settings().data_dir).public_key)  # pyright: ignore[reportCallIssue]


@audit_app.command("hash")
def show_hash(
    identifier: Annotated[
        str, typer.Argument(help="As the log hashes it: `namespace:value`, spelled as it was asked for.")
    ],
) -> None:
    """Print what stands in the log for an identifier, to look for it there."""
    print(hash_text(load_signer(Settings().data_dir).hash_key, identifier))  # pyright: ignore[reportCallIssue]


async def _export(graph: "Graph", output: Path, after: int) -> int:
    from identity_graph.files.private import open_private

    file = sys.stdout.buffer if output == _STANDARD_OUTPUT else open_private(output)
    count = 0
    try:
        async for sealed in stream_log(graph, after):
            file.write(as_json(_described(sealed)).encode() + b"\n")
            count += 1
        file.flush()
    finally:
        if output != _STANDARD_OUTPUT:
            file.close()
    return count


def _described(sealed: SealedEntry) -> dict[str, Any]:
    entry = sealed.entry
    return {
        "number": sealed.number,
        "id": entry.id,
        "at": format_instant(entry.at),
        "who": {
            "name": entry.who.name,
            "kind": entry.who.kind,
            "keyId": entry.who.key_id,
            "address": entry.who.address,
        },
        "action": str(entry.action),
        "operation": entry.operation,
        "objects": list(entry.objects),
        "counts": dict(entry.counts),
        "outcome": str(entry.outcome),
        "reason": entry.reason,
        "hash": sealed.hash,
    }


def _read_checkpoints(text: str) -> list[Checkpoint]:
    found = Checkpoint.find_all(text)
    if not found and Path(text).is_file():
        found = Checkpoint.find_all(Path(text).read_text("utf-8", errors="replace"))
    if not found:
        raise InvalidInputError(
            f"There is no checkpoint in {text!r}. A checkpoint is a word that begins with `audit1:`; the service writes one to its "
            "log output every hour and when it stops."
        )
    return found


def _trusted(keys: list[str]) -> frozenset[str]:
    for key in keys:
        if not is_public_key(key):
            raise InvalidInputError(f"{key!r} is not a public key: `identity-graph audit key` prints one.")
    own = find_signer(Settings().data_dir)  # pyright: ignore[reportCallIssue]
    return frozenset(keys) or (frozenset() if own is None else frozenset({own.public_key}))


def _print_verdict(verified: Verified) -> None:
    verdict, console = verified.verdict, Console(soft_wrap=True)
    if verdict.problem is not None:
        console.print(f"The audit log is not what was written: {verdict.problem.text}")
        console.print(f"Everything before entry {verdict.problem.number} is intact. See docs/audit.md#what-to-do.")
        return
    deleted = f", {verdict.deleted:,} older ones were deleted after their time" if verdict.deleted else ""
    console.print(
        f"The audit log is intact: {verdict.verified:,} entries{deleted}. {verdict.compared} checkpoints fit. The last entry is "
        f"number {verdict.count}."
    )
    if verified.last_checkpoint is not None:
        console.print(f"Last checkpoint: {verified.last_checkpoint}")
