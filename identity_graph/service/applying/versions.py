"""What is put in force as numbered versions, for commands: put and applied to the end without a service, and listed."""

from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.observations import Instant
from identity_graph.service.applying.steps import Applicable, Stored, apply_all
from identity_graph.service.commit.units import Units
from identity_graph.service.positions import ABOVE_ALL
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

_PAGE = 500


class Version(Stored, Protocol):
    """A version with its text, and with who put it in force."""

    @property
    def yaml(self) -> str: ...  # noqa: D102
    @property
    def applied_by(self) -> str: ...  # noqa: D102
    @property
    def applied_at(self) -> Instant: ...  # noqa: D102
    @property
    def error(self) -> str | None: ...  # noqa: D102


V = TypeVar("V", bound=Version)


class Applied(NamedTuple, Generic[V]):
    """The version that was put in force, and the one that is in force now: another may have come meanwhile."""

    put: V
    current: V


async def put_and_apply(
    units: Units,
    what: Applicable[V],
    put_in_force: Callable[[Units, str, int, str], Awaitable[V]],
    yaml: str,
    expected: int | None,
    actor: str,
    *,
    on_progress: Callable[[float], None],
) -> Applied[V]:
    """Put a text in force and apply it to the end; called again with the same text, it goes on.

    ``expected`` is the version that it is to replace, None for the one in force.

    Raises:
        IdentityGraphError: as ``put_in_force`` does.
    """
    current = await units.graph.read(what.get)
    goes_on_after = (None, current.version - 1, current.version)
    if current.status != RuleSetStatus.APPLYING or current.yaml != yaml or expected not in goes_on_after:
        current = await put_in_force(units, yaml, current.version if expected is None else expected, actor)
    return Applied(current, await apply_all(units, what, on_progress=on_progress))


async def list_versions(graph: Graph, page_versions: Callable[..., Awaitable[list[V]]]) -> list[V]:
    """List all versions that were ever in force, the latest first."""

    async def read(tx: ReadTransaction) -> list[V]:
        found = page = await page_versions(tx, before=ABOVE_ALL, limit=_PAGE)
        while len(page) == _PAGE:
            page = await page_versions(tx, before=page[-1].version, limit=_PAGE)
            found = found + page
        return found

    return await graph.read(read)
