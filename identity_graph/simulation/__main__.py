"""Write a simulated world to files: ``python -m identity_graph.simulation EVENTS.ndjson [--truth TRUTH.json]``."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import orjson
import typer

from identity_graph.simulation.retail import Simulation


def main(
    events: Annotated[Path, typer.Argument(help="File for the messages, one JSON object a line.")],
    truth: Annotated[Path | None, typer.Option(help="File for the owners of each identifier, as JSON.")] = None,
    people: Annotated[int, typer.Option(min=1, help="People in the world; each sends about 18 messages.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.")] = 7,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many messages.")] = None,
) -> None:
    """Write a simulated omnichannel retailer as messages in the Segment format, with the truth beside them."""
    world = Simulation(people, seed)
    count = 0
    with events.open("wb") as out:
        for sent in islice(world, limit):
            out.write(orjson.dumps(sent.message, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    if truth is not None:
        truth.write_bytes(orjson.dumps(world.truth.owners))
    typer.echo(f"{count:,} messages of {people:,} people, who left {len(world.truth.owners):,} identifiers: {events}")


if __name__ == "__main__":
    typer.run(main)
