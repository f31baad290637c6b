"""What one request asked for and what it was shown, as the audit log wants to know it."""

from collections.abc import Iterable
from typing import Any

from identity_graph.domain.audit.entries import Action, AuditEntry, Outcome, Who
from identity_graph.domain.values.observations import Instant
from identity_graph.service.audit.recording import Recorder
from identity_graph.service.new_ids import new_id


class Trail:
    """Gathers root fields, the objects that they named, and the objects of persons that were shown, by their types."""

    def __init__(self, recorder: Recorder, who: Who, at: Instant) -> None:
        self.recorder = recorder
        self.who = who
        self.at = at
        self.fields: dict[str, None] = {}
        self.objects: dict[str, None] = {}
        self.shown: dict[str, dict[str, None]] = {}

    def ask(self, field: str, objects: Iterable[str]) -> None:
        """Take note of a root field, and of what it names."""
        self.fields[field] = None
        self.objects.update(dict.fromkeys(objects))

    def show(self, kind: str, id: str) -> None:
        """Take note of an object that is shown."""
        known = self.shown.get(kind)
        if known is None:
            known = self.shown[kind] = {}
        known[id] = None

    def entry(self, action: Action, operation: str, **other: Any) -> AuditEntry:
        """Make an entry of this request."""
        return AuditEntry(id=new_id("aud"), at=self.at, who=self.who, action=action, operation=operation, **other)

    def refuse(self, operation: str, reason: str) -> None:
        """Record that the request was refused as a whole, together with others like it."""
        entry = self.entry(Action.ASK, operation, outcome=Outcome.REFUSED, reason=reason)
        self.recorder.note_merged(entry, "times")
