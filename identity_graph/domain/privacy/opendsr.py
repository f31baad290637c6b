"""Requests as privacy tools send them, and what they are told: JSON after OpenDSR, as far as it fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

from identity_graph.domain.privacy.requests import Request, RequestKind, RequestState
from identity_graph.domain.values.instants import format_instant, parse_instant
from identity_graph.domain.values.observations import Instant

_KINDS: Mapping[str, RequestKind] = {
    "access": RequestKind.ACCESS,
    "portability": RequestKind.PORTABILITY,
    "erasure": RequestKind.ERASURE,
    "restriction": RequestKind.RESTRICTION,
    "rectification": RequestKind.RECTIFICATION,
    "not_personalised": RequestKind.NOT_PERSONALISED,
    "deceased": RequestKind.DECEASED,
}
_REGIONS: Mapping[str, str] = {"gdpr": "EU", "ccpa": "US-CA", "pipl": "CN"}
_STATUS: Mapping[RequestState, str] = {
    RequestState.OPEN: "pending",
    RequestState.VERIFIED: "pending",
    RequestState.APPROVED: "pending",
    RequestState.RUNNING: "in_progress",
    RequestState.FAILED: "in_progress",
    RequestState.DONE: "completed",
    RequestState.DENIED: "cancelled",
}
_LONGEST_ID = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request that a privacy tool sent: its id there, what is wanted, and of whom."""

    their_id: str
    kind: RequestKind
    namespace: str
    value: str
    region: str | None = None
    submitted_at: Instant | None = None
    corrections: Mapping[str, Any] | None = None


def read_sent(body: Any) -> Sent | list[str]:
    """Read the body of a request, or tell all that is wrong with it, without quoting values."""
    if not isinstance(body, dict):
        return ["The body is a JSON object."]
    fields = cast("dict[str, Any]", body)
    problems: list[str] = []
    their_id = fields.get("subject_request_id")
    if not isinstance(their_id, str) or not 0 < len(their_id.strip()) <= _LONGEST_ID:
        problems.append(f"`subject_request_id` is a text of 1 to {_LONGEST_ID} characters.")
    kind = _KINDS.get(_text(fields.get("subject_request_type")))
    if kind is None:
        problems.append(f"`subject_request_type` is one of {', '.join(_KINDS)}.")
    region = _REGIONS.get(_text(fields.get("regulation")))
    if region is None and fields.get("regulation") is not None:
        problems.append(f"`regulation` is one of {', '.join(_REGIONS)}, or left out.")
    namespace, value = _read_identity(fields.get("subject_identities"), problems)
    submitted_at = _read_time(fields.get("submitted_time"), problems)
    corrections = fields.get("corrections")
    if corrections is not None and not isinstance(corrections, dict):
        problems.append("`corrections` is an object: the right values of traits by name.")
    if problems or kind is None:
        return problems
    return Sent(
        their_id=str(their_id).strip(),
        kind=kind,
        namespace=namespace,
        value=value,
        region=region,
        submitted_at=submitted_at,
        corrections=cast("Mapping[str, Any] | None", corrections),
    )


def id_of(their_id: str) -> str:
    """Give the id of a request by the id that a privacy tool gave it: the same one sent again is the same request."""
    return "prq_" + blake2b(their_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def describe(request: Request, their_id: str | None) -> dict[str, Any]:
    """Say how far a request is. ``their_id`` is what the tool called it."""
    said: dict[str, Any] = {
        "request_id": request.id,
        "subject_request_type": request.kind.value.lower(),
        "request_status": _STATUS[request.state],
        "state": request.state.value,
        "received_time": format_instant(request.opened_at),
        "expected_completion_time": format_instant(request.due_at),
        "duplicate_of": request.duplicate_of,
    }
    if their_id is not None:
        said["subject_request_id"] = their_id
    if request.kind in (RequestKind.ACCESS, RequestKind.PORTABILITY) and request.state is RequestState.DONE:
        said["results_url"] = f"/privacy/requests/{request.id}/data"
    return said


def _text(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _read_identity(value: Any, problems: list[str]) -> tuple[str, str]:
    identities = cast("list[Any]", value) if isinstance(value, list) else []
    first = cast("dict[str, Any]", identities[0]) if len(identities) == 1 and isinstance(identities[0], dict) else {}
    namespace, text = first.get("identity_type"), first.get("identity_value")
    if not (isinstance(namespace, str) and namespace and isinstance(text, str) and text):
        problems.append(
            "`subject_identities` has one identity, with a namespace as `identity_type`, and an `identity_value`."
        )
        return "", ""
    if first.get("identity_format", "raw") != "raw":
        problems.append("`identity_format` is raw, since hashes lead to nobody.")
    return namespace, text


def _read_time(value: Any, problems: list[str]) -> Instant | None:
    if value is None:
        return None
    try:
        return parse_instant(value if isinstance(value, str) else "")
    except ValueError:
        problems.append("`submitted_time` is a time with its offset, such as 2026-11-27T09:00:00Z.")
        return None
