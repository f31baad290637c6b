"""Segments in a graph that is in use: saved and deleted as a service does it."""

import json
from typing import Any

from identity_graph.domain.profiles.regime import Regime
from identity_graph.service.commit.units import Units
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.segments import segments


async def save_segment(
    units: Units, id: str, rule: dict[str, Any] | str, audience: str = "ALL", purpose: str | None = None
) -> None:
    """Save a segment under an id, which is its name, too; one that is there is changed."""
    text = rule if isinstance(rule, str) else json.dumps(rule)

    async def save(tx: WriteTransaction, regime: Regime) -> None:
        await segments.lock_segments(tx)
        known = await segments.find_segments(tx, ids=[id])
        write = segments.replace_segment if known else segments.create_segment
        await write(
            tx,
            id=id,
            name=id,
            description="what it is for",
            rule=text,
            audience=audience,
            purpose=purpose,
            at_s=seconds(regime.now),
            at_ns=nanoseconds(regime.now),
        )

    await units.run(save)
    units.marked.set()


async def delete_segment(units: Units, id: str) -> None:
    """Delete a segment."""

    async def delete(tx: WriteTransaction, regime: Regime) -> None:
        await segments.lock_segments(tx)
        await segments.delete_segment(tx, id=id, at_s=seconds(regime.now), at_ns=nanoseconds(regime.now))

    await units.run(delete)
    units.marked.set()
