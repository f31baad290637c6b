"""Up to where exports of segments have come."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class ExportMark(NamedTuple):
    """The position of the last transition that the last export knew, and when it was made."""

    position: int
    at: Instant


@query("activation/find_export")
async def find_export(tx: ReadTransaction, *, segment_id: str, series: str) -> list[ExportMark]: ...


@query("activation/save_export")
async def save_export(
    tx: WriteTransaction, *, segment_id: str, series: str, position: int, written: int, at_s: int, at_ns: int
) -> None: ...
