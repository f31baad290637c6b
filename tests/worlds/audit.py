"""Entries of the audit log for tests."""

from dataclasses import replace
from typing import Any

from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.domain.audit.entries import Action, AuditEntry, Who
from identity_graph.service.audit.recording import record
from identity_graph.store.audit import log as store
from identity_graph.store.driver.query import WriteTransaction

SIGNER = Signer(b"\1" * 32)
_ENTRY = AuditEntry(
    id="aud_0",
    at=1_767_225_600_123_456,
    who=Who("crm", "key", "key_1", "10.0.0.1"),
    action=Action.READ_PERSON,
    operation="customer",
    objects=("cus_" + "0" * 32,),
    counts=(("Customer", 1),),
)


def make_entry(number: int, **other: Any) -> AuditEntry:
    """Make an entry; those of different numbers have different ids."""
    return replace(_ENTRY, id=f"aud_{number}", **other)


async def keep_audit(tx: WriteTransaction) -> None:
    """Write entries and a checkpoint."""
    await record(tx, *(make_entry(number) for number in range(50)))
    for count in (1, 2):
        await store.create_checkpoint(tx, count=count, checkpoint=str(SIGNER.sign(count, "0" * 64, 1)))
