"""What is told of customers that do not follow from their events, and of their repair."""

from collections.abc import Sequence

from identity_graph.domain.health.findings import Finding, Level
from identity_graph.service.health.mending import Mended, Mending
from identity_graph.service.health.repairing import Difference

_SHOWN = 5

_CAUSE = "Was anything written into the graph by hand, or was a backup loaded in part? If not, this is a bug: please report it. "


def difference_of(wrong: Sequence[str], looked_at: int) -> list[Finding]:
    """Tell what differs, without repair."""
    if not wrong:
        return []
    title = f"{len(wrong)} of {looked_at} compared customers do not follow from their events: {_some(wrong)}."
    if len(wrong) > looked_at or not all(one.startswith("cus_") for one in wrong):
        title = f"{len(wrong)} customers, or parts of them, do not follow from their events: {_some(wrong)}."
    advice = (
        f"{_CAUSE}Take a backup, then derive them again with `identity-graph doctor --fix` (docs/operations.md#repair)."
    )
    return [Finding(Level.ACT, "customers_differ", title, advice)]


def findings_of(mending: Mending) -> list[Finding]:
    """Tell what was repaired, and what could not be."""
    findings: list[Finding] = []
    if mending.mended:
        number = len(mending.mended)
        title = f"{number} {'repair was' if number == 1 else 'repairs were'} made: customers were derived again from their events."
        findings.append(Finding(Level.LOOK, "repaired", title, f"{_CAUSE}The change log has what moved."))
    for one in mending.unmended:
        title = f"{one.broken.subject} could not be repaired: {one.reason}."
        advice = (
            "Nothing of it was changed. Apply other rules and roll back, which derives every customer again "
            "(docs/operations.md#repair), or restore a backup; and please report it."
        )
        findings.append(Finding(Level.ACT, "not_repaired", title, advice))
    return findings


def sentences_of(mended: Mended) -> list[str]:
    """Say what a repair changed, customer by customer."""
    return [_sentence(mended, difference) for difference in mended.differences] or [
        f"{mended.broken.subject}: {', '.join(mended.broken.what)} repaired"
    ]


def _sentence(mended: Mended, difference: Difference) -> str:
    parts: list[str] = []
    if difference.joined:
        parts.append(f"{_identifiers(difference.joined)} joined")
    if difference.left:
        parts.append(f"{_identifiers(difference.left)} left")
    others = [what for what in difference.what if what != "identifiers" or not parts]
    if others:
        parts.append(f"{', '.join(others)} derived again")
    who = f"customer {difference.customer_id}" if difference.customer_id else mended.broken.subject
    return f"{who}: {'; '.join(parts)}"


def _identifiers(keys: Sequence[str]) -> str:
    return f"{'identifier' if len(keys) == 1 else 'identifiers'} {', '.join(keys)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
