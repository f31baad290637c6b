"""Saving and deleting segments: checked against what there is, one change after the other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from identity_graph.domain.activation.read_models import AlertRuleRow, DestinationRow
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.segments.checking import Checked, Known, check_purpose, check_rule
from identity_graph.domain.segments.cycles import users_of
from identity_graph.domain.segments.fields import Finding
from identity_graph.domain.segments.file import SegmentDraft
from identity_graph.domain.segments.read_models import StoredSegment
from identity_graph.domain.segments.reading import raise_if_any
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.segments.saved import read_saved, without_purpose, write_saved
from identity_graph.domain.segments.sheet import Terms
from identity_graph.errors import IdentityGraphError, NotFoundError
from identity_graph.service.activation.alert_rules import rules_among
from identity_graph.service.activation.destinations import User, users_among
from identity_graph.service.applying.steps import VersionConflictError
from identity_graph.service.commit.units import Units
from identity_graph.service.new_ids import new_id
from identity_graph.service.profiles.scores import find_cut
from identity_graph.store.activation import alerts as alert_store
from identity_graph.store.activation import destinations as destination_store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.segments import segments as segment_store

SEGMENT = "seg"
"""The prefix of ids."""


class SegmentInUseError(IdentityGraphError):
    """A segment cannot be deleted while something uses it; ``users`` are their ids and names."""

    code = "SEGMENT_IN_USE"


class Saved(NamedTuple):
    """A segment as it is now, and what is only worth a look; without ``changed`` it was so before."""

    segment: StoredSegment
    warnings: list[str]
    changed: bool


class Draft(NamedTuple):
    """What is to be saved: a new segment, or with ``id`` a changed one, of which only ``expected_version`` is replaced."""

    content: SegmentDraft
    id: str | None = None
    expected_version: int | None = None


async def save_segment(units: Units, draft: Draft) -> Saved:
    """Save a segment; what is the same as before is not written again.

    Raises:
        SegmentError: the rule cannot be evaluated, or the name is taken; the message names every problem with its place.
        NotFoundError: there is no segment with this id.
        VersionConflictError: the segment has another version than the expected one.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def save(tx: WriteTransaction, regime: Regime) -> Saved:
        await segment_store.lock_segments(tx)
        stored = {row.id: row for row in await segment_store.list_segments(tx)}
        current = None if draft.id is None else _get(stored, draft.id)
        if current is not None and draft.expected_version not in {None, current.version}:
            raise VersionConflictError(
                f"The segment {current.name!r} has version {current.version} by now, not {draft.expected_version}. "
                "Read it again and see whether the change still fits.",
                version=current.version,
            )
        content = draft.content
        checked = check_among(content.rule, await _know(tx, regime, stored.values(), draft.id))
        purpose = check_purpose(content.purpose, await read_terms(tx, regime))
        raise_if_any([*checked.problems, *purpose, *await _check_name(tx, content.name, draft.id)])
        warnings = [one.text for one in checked.warnings]
        written = _write(content)
        if current is not None and written == _written_of(current):
            return Saved(current, warnings, changed=False)
        id = draft.id or new_id(SEGMENT)
        write = segment_store.create_segment if current is None else segment_store.replace_segment
        await write(
            tx,
            id=id,
            name=written.name,
            description=written.description,
            rule=written.rule,
            audience=written.audience,
            purpose=written.purpose,
            at_s=seconds(regime.now),
            at_ns=nanoseconds(regime.now),
        )
        (saved,) = await segment_store.find_segments(tx, ids=[id])
        return Saved(saved, warnings, changed=True)

    return await units.run(save)


async def delete_segment(units: Units, id: str) -> None:
    """Delete a segment that nothing uses. Its id and its name stay taken.

    Raises:
        NotFoundError: there is no segment with this id.
        SegmentInUseError: something uses it.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def delete(tx: WriteTransaction, regime: Regime) -> None:
        await segment_store.lock_segments(tx)
        stored = {row.id: row for row in await segment_store.list_segments(tx)}
        segment = _get(stored, id)
        rules = await alert_store.list_alert_rules(tx)
        users = find_users(stored, await destination_store.list_destinations(tx), rules, id)
        if users:
            names = ", ".join(repr(user.name) for user in users)
            raise SegmentInUseError(
                f"The segment {segment.name!r} is used by {names}. Take it out there first.",
                users=[user._asdict() for user in users],
            )
        await segment_store.delete_segment(tx, id=id, at_s=seconds(regime.now), at_ns=nanoseconds(regime.now))

    await units.run(delete)


def find_users(
    stored: Mapping[str, StoredSegment],
    destinations: Sequence[DestinationRow],
    alert_rules: Sequence[AlertRuleRow],
    id: str,
) -> list[User]:
    """List what uses a segment, by name: other segments, destinations that are told of it by its id, rules of alerts."""
    rules = {one: rule_of(row) for one, row in stored.items() if one != id}
    users = [User(one, stored[one].name) for one in users_of(id, rules)]
    users += users_among(destinations, id)
    users += rules_among(alert_rules, id)
    return sorted(users, key=lambda user: (user.name, user.id))


def check_among(rule: Rule, known: Known) -> Checked:
    """Check a rule, and name the places as in a file, where the rule is one field of several."""
    checked = check_rule(rule, known)
    return Checked(tuple(map(_inside, checked.problems)), tuple(map(_inside, checked.warnings)))


async def read_known(tx: ReadTransaction, in_force: InForce | Regime, own: str | None = None) -> Known:
    """Read what a rule may refer to; ``own`` is the id of the segment whose rule it is."""
    return await _know(tx, in_force, await segment_store.list_segments(tx), own)


async def read_terms(tx: ReadTransaction, in_force: InForce | Regime) -> Terms:
    """Read what rules are judged by."""
    return Terms(in_force.catalogue, in_force.rules, await find_cut(tx))


def rule_of(row: StoredSegment) -> Rule:
    """Read the rule of a segment as it was saved last."""
    return without_purpose(read_saved(row.rule, row.audience).rule, row.purpose)


async def _know(
    tx: ReadTransaction, regime: InForce | Regime, stored: Iterable[StoredSegment], own: str | None
) -> Known:
    rows = list(stored)
    terms = await read_terms(tx, regime)
    return Known(terms, {row.id: rule_of(row) for row in rows}, own, {row.id: row.name for row in rows})


def draft_of(row: StoredSegment) -> SegmentDraft:
    """Give a segment as a file describes it."""
    return SegmentDraft(
        name=row.name,
        rule=rule_of(row),
        description=row.description,
        audience=Audience(row.audience),
        purpose=row.purpose,
    )


class _Written(NamedTuple):
    """A segment as it is stored."""

    name: str
    description: str | None
    rule: str
    audience: str
    purpose: str | None


def _write(draft: SegmentDraft) -> _Written:
    return _Written(
        draft.name, draft.description, write_saved(draft.rule, draft.purpose), draft.audience.value, draft.purpose
    )


def _written_of(row: StoredSegment) -> _Written:
    return _Written(row.name, row.description, row.rule, row.audience, row.purpose)


def _get(stored: Mapping[str, StoredSegment], id: str) -> StoredSegment:
    found = stored.get(id)
    if found is None:
        raise NotFoundError("There is no segment with this id.", id=id)
    return found


async def _check_name(tx: ReadTransaction, name: str, id: str | None) -> list[Finding]:
    for row in await segment_store.find_segments_by_name(tx, names=[name]):
        if row.id != id:
            whose = f"the segment {row.id}" if row.deleted_at is None else f"a deleted segment ({row.id})"
            return [Finding("name", f"{whose} has the name {name!r}; each name is used once only, so take another one")]
    return []


def _inside(finding: Finding) -> Finding:
    """Name the place as in a file, where the rule is one field of several."""
    return Finding(f"rule.{finding.path}" if finding.path else "rule", finding.problem)
