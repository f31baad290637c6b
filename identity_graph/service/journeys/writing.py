"""Writing sessions: derived sessions become rows of statements."""

from identity_graph.domain.journeys.sessions import Session
from identity_graph.service.journeys.sessionizing import SessionChanges
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Call, WriteTransaction, run_together
from identity_graph.store.driver.rows import to_json
from identity_graph.store.journeys import sessions as session_store
from identity_graph.store.journeys.sessions import LongerSession, NewOwner, Placed, SessionRow


async def write_sessions(tx: WriteTransaction, journeys: SessionChanges) -> None:
    """Write what changed of sessions that no new event is in."""
    sessions = await write_rows(tx, journeys)
    await run_together(tx, *place_calls(journeys, sessions))


async def write_rows(
    tx: WriteTransaction, journeys: SessionChanges, *before: Call[WriteTransaction, None]
) -> dict[str, str]:
    """Write sessions, and give what the store knows each of them by in this transaction."""
    refs = journeys.refs
    updated = [_longer_session(session, refs[session.id]) for session in journeys.updated.values()]
    owners: list[NewOwner] = [{"ref": refs[id], "owner": owner.key} for id, owner in journeys.new_owners.items()]
    created = session_store.create_sessions.call(
        rows=[{**session_row(session), "id": session.id} for session in journeys.created.values()]
    )
    await run_together(
        tx,
        *before,
        created,
        session_store.update_sessions.call(rows=updated),
        session_store.set_owners.call(rows=owners),
    )
    return refs | {row.id: row.ref for row in created.rows}


def place_calls(journeys: SessionChanges, sessions: dict[str, str]) -> tuple[Call[WriteTransaction, None], ...]:
    """Make the queries that move events between sessions that are written, and delete those that are left empty."""
    moved: list[Placed] = [
        {"event_id": event, "session": sessions[id], "owner": journeys.owner_of(id)}
        for event, id in journeys.moved_events.items()
    ]
    return session_store.move_events.call(rows=moved), session_store.delete_sessions.call(ids=journeys.deleted)


def session_row(session: Session) -> SessionRow:
    """Write a session as the queries take it, but for its name."""
    return {
        "visitor": session.visitor,
        "channel": session.channel,
        "touchpoint_count": session.touchpoint_count,
        "first_s": seconds(session.first.occurred_at),
        "first_ns": nanoseconds(session.first.occurred_at),
        "first_source": session.first.source,
        "first_message_id": session.first.message_id,
        "last_s": seconds(session.last.occurred_at),
        "last_ns": nanoseconds(session.last.occurred_at),
        "last_source": session.last.source,
        "last_message_id": session.last.message_id,
        "unique_values": to_json(session.values),
        "owner": session.owner.key,
    }


def _longer_session(session: Session, ref: str) -> LongerSession:
    return {
        "ref": ref,
        "touchpoint_count": session.touchpoint_count,
        "last_s": seconds(session.last.occurred_at),
        "last_ns": nanoseconds(session.last.occurred_at),
        "last_source": session.last.source,
        "last_message_id": session.last.message_id,
        "unique_values": to_json(session.values),
    }
