"""Receipts: what was erased and when, signed with the key of the audit log, without anything of the person."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from identity_graph.domain.audit.checkpoints import Signer, is_signed
from identity_graph.domain.values.observations import Instant

_PREFIX = "erasure1"
_FORM = re.compile(
    rf"{_PREFIX}:(rcp_[0-9a-f]{{32}}):(\d{{1,18}}):(\d{{1,18}}):(\d{{1,18}}):(\d{{1,18}}):(\d{{1,18}}):([0-9a-f]{{64}}):([\w-]{{43}}):([\w-]{{86}})",
    re.ASCII,
)


class ReceiptView(NamedTuple):
    """A receipt as it is kept and shown; ``signature`` is what ``Receipt.signed`` wrote."""

    id: str
    erased_at: Instant
    identifiers: int
    events: int
    preserved_orders: int
    signature: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """That somebody was erased; ``preserved_orders`` are kept without the person.

    ``entries`` and ``root`` are how long the audit log was then and its last hash, so that the log cannot be cut before it.
    """

    id: str
    erased_at: Instant
    identifiers: int
    events: int
    preserved_orders: int
    entries: int
    root: str

    def signed(self, signer: Signer) -> str:
        """Sign it, as one word that says all of it."""
        stated = (
            f"{_PREFIX}:{self.id}:{self.erased_at}:{self.identifiers}:{self.events}:{self.preserved_orders}:"
            f"{self.entries}:{self.root}:{signer.public_key}"
        )
        return f"{stated}:{signer.sign_text(stated)}"


def read_receipt(text: str) -> Receipt | None:
    """Read what ``Receipt.signed`` wrote; None when it is no receipt, or the signature is not one of the key in it."""
    found = _FORM.fullmatch(text.strip())
    if found is None or not is_signed(text.strip().rpartition(":")[0], found[8], found[9]):
        return None
    return Receipt(found[1], int(found[2]), int(found[3]), int(found[4]), int(found[5]), int(found[6]), found[7])
