"""The service without parts of it, for comparison: ``python -m bench.without spool,access,audit serve --port 8000``.

The product has no switch that turns these off. So what they do is replaced by nothing, in a process that runs only for the benchmark.
"""

import os
import sys
from collections.abc import Callable
from inspect import getclosurevars
from types import FunctionType
from typing import Any, cast

from identity_graph.domain.access.masking import OPEN
from identity_graph.domain.access.principals import ALL_SCOPES, Principal
from identity_graph.service import core
from identity_graph.service.access.keys import DEFAULT_SOURCE, FIRST_ADMIN, AccessKeys
from identity_graph.service.audit.recording import Recorder
from identity_graph.store.driver.graph import Graph


def main() -> None:
    """Leave parts out, then run the command that follows."""
    for part in filter(None, sys.argv[1].split(",")):
        PARTS[part]()
    from identity_graph.cli.app import main as run

    sys.argv = ["identity-graph", *sys.argv[2:]]
    run()


def _leave_out_spool() -> None:
    """Commit what comes, however long it takes, and do not watch whether Neo4j answers."""
    os.environ["IDENTITY_GRAPH_SPOOL_MAX_MB"] = "0"
    _put(Graph, "keep_pulse", _nothing)


def _leave_out_access() -> None:
    """Let in whoever comes, with all scopes, and mask nothing."""
    from api.graphql.base import context
    from api.graphql.transport import execution

    admin = Principal(FIRST_ADMIN, "key", ALL_SCOPES)

    async def admit(_keys: AccessKeys, _credential: str) -> Principal:
        return admin

    async def admit_sender(_keys: AccessKeys, _credential: str) -> str:
        return DEFAULT_SOURCE

    _put(AccessKeys, "identify", admit)
    _put(AccessKeys, "find_source", admit_sender)
    _put(execution, "check_scopes", _nothing)
    _put(context.Mask, "of", lambda _principal: OPEN)


def _leave_out_audit() -> None:
    """Note nothing of what is asked, shown and written, and record nothing."""
    from api import app
    from api.graphql.audit.table import PERSONAL
    from api.graphql.schema import core_schema
    from api.graphql.transport import execution

    for root in (core_schema.query_type, core_schema.mutation_type):
        assert root is not None
        for field in root.fields.values():
            field.resolve = getclosurevars(cast("FunctionType", field.resolve)).nonlocals["resolve"]
    PERSONAL.clear()
    _put(execution, "finish_trail", _nothing)
    _put(app, "Refusals", lambda wrapped: wrapped)
    _put(core, "record_along", _nothing)
    _put(Recorder, "note", _nothing)
    _put(Recorder, "note_merged", _nothing)


PARTS: dict[str, Callable[[], None]] = {
    "spool": _leave_out_spool,
    "access": _leave_out_access,
    "audit": _leave_out_audit,
}
"""What can be left out. ``access`` is who may do what, and what is masked."""


def _nothing(*_: object, **__: object) -> None:
    pass


def _put(owner: object, name: str, value: Any) -> None:
    """Replace something that must be there: a comparison with what was renamed would compare nothing."""
    if not hasattr(owner, name):
        raise RuntimeError(f"{owner!r} has no {name} any more: say here what takes its place")
    setattr(owner, name, value)


if __name__ == "__main__":
    main()
