"""Findings about the spool: what waits there, and what cannot be delivered."""

from collections.abc import Iterable, Sequence

from identity_graph.domain.health.findings import Finding, Level
from identity_graph.domain.values.instants import format_minute
from identity_graph.domain.values.observations import Instant

_SEE = "(docs/reliability.md#spool)"


def find_spool_findings(
    *, messages: int, since: Instant | None, aside: int, damaged: Sequence[str], unreadable: Sequence[str]
) -> Iterable[Finding]:
    """List what stands out: messages that wait, entries set aside, and files that are damaged or cannot be read."""
    if since is not None:
        yield Finding(
            Level.LOOK,
            "events_waiting",
            f"Messages that wait in the spool: {messages:,}, the oldest since {format_minute(since)} UTC.",
            f"A running service delivers them as soon as Neo4j takes events; without one, `identity-graph spool drain` does {_SEE}.",
        )
    if aside:
        yield Finding(
            Level.ACT,
            "spool_aside",
            f"Entries of the spool that cannot be delivered and were set aside: {aside:,}.",
            f"The log says why. Please report it; nothing of them is deleted {_SEE}.",
        )
    if damaged:
        yield Finding(
            Level.ACT,
            "spool_damaged",
            f"Files of the spool were damaged and set aside: {', '.join(damaged)}.",
            "What could be read of them was delivered. See whether the disk is healthy, recover the rest with `sqlite3 FILE .recover`, "
            f"then remove the files {_SEE}.",
        )
    if unreadable:
        yield Finding(
            Level.ACT,
            "spool_unreadable",
            f"Files of the spool cannot be read: {', '.join(unreadable)}.",
            f"The next start of the service sets damaged ones aside; see whether it may read them {_SEE}.",
        )
