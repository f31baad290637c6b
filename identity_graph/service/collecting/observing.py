"""Taking in one observation that a program reports by hand, without an SDK."""

import json
from typing import Any, NamedTuple

import orjson

from identity_graph.domain.collecting.segment.fields import OddFields, drop_blank
from identity_graph.domain.collecting.segment.messages import MAX_MESSAGE_BYTES, to_event
from identity_graph.domain.collecting.segment.time import EARLIEST, not_in_future
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS
from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.profiles.trait_types import LONGEST_TRAIT_NAME
from identity_graph.domain.values.identifiers import IgnoredIdentifier, RawIdentifier
from identity_graph.domain.values.numbers import InexactNumberError, read_id
from identity_graph.domain.values.observations import MAX_IDENTIFIERS, Instant, Message
from identity_graph.errors import IdentityGraphError, InvalidInputError
from identity_graph.service.core import Service

_LONGEST_NAME = 255
_LONGEST_MESSAGE_ID = 100


class Observed(NamedTuple):
    """What became of an observation; ``strongest_key`` names its strongest usable identifier, if it has one."""

    duplicate: bool
    strongest_key: str | None
    ignored: tuple[IgnoredIdentifier, ...]


class NotStoredError(IdentityGraphError):
    """The graph refused what was valid; the service's log says why."""

    code = "NOT_STORED"


async def observe(
    service: Service,
    *,
    source: str,
    message_id: str,
    received_at: Instant,
    identifiers: tuple[RawIdentifier, ...],
    occurred_at: Instant | None = None,
    type: str | None = None,
    name: str | None = None,
    properties: object = None,
    traits: object = None,
) -> Observed:
    """Commit an observation; by default it is a ``track`` event that happened when it was received.

    Raises:
        InvalidInputError: something is missing, too large or of the wrong type.
        GraphUnavailableError: Neo4j does not answer.
        NotStoredError: the graph refused it.
    """
    kind = type or "track"
    if occurred_at is not None and occurred_at < EARLIEST:
        raise InvalidInputError("`occurredAt` is from before 1900: check the clock.", field="occurredAt")
    _check_ids(("messageId", message_id), *((one.namespace, one.value) for one in identifiers))
    source, kind = _check_text(source, "source", _LONGEST_NAME), _check_text(kind, "type", _LONGEST_NAME)
    told = _check_object(properties, "properties")
    odd = OddFields()
    at = received_at if occurred_at is None else not_in_future(occurred_at, received_at, "occurredAt", odd)
    origin = find_origin(Said(source, kind, {}, told), DEFAULT_CHANNELS)
    message = Message(
        source=source,
        message_id=_check_text(message_id, "messageId", _LONGEST_MESSAGE_ID),
        type=kind,
        name=name or kind,
        occurred_at=at,
        received_at=received_at,
        channel=origin.channel,
        identifiers=identifiers,
        properties=told,
        traits=_check_traits(traits),
        campaign=origin.campaign,
        unreadable=tuple(one.as_ignored() for one in odd),
    )
    _check_size(message, identifiers)
    event = to_event(message, service.rules)
    (result,) = await service.committer.commit([event])
    if result.error is not None:
        raise NotStoredError("The graph refused this observation; the service's log says why.", reason=result.error)
    strongest = event.identifiers[0].key if event.identifiers else None
    return Observed(result.duplicate, strongest, event.ignored)


def _check_text(text: str, field: str, longest: int) -> str:
    if not 0 < len(text) <= longest:
        raise InvalidInputError(f"`{field}` has 1 to {longest} characters, not {len(text)}.", field=field)
    return text


def _check_ids(*ids: tuple[str, str]) -> None:
    """Refuse what may stand for several, as the collector does."""
    for field, value in ids:
        try:
            read_id(value)
        except InexactNumberError as error:
            raise InvalidInputError(f"`{field}` is {error}.", field=field) from None


def _check_object(value: object, field: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputError(f"`{field}` is a JSON object, such as {{}}.", field=field)
    return {str(name): inner for name, inner in value.items()}


def _check_traits(traits: object) -> dict[str, Any]:
    found = drop_blank(_check_object(traits, "traits"))
    longest = max(map(len, found), default=0)
    if longest > LONGEST_TRAIT_NAME:
        raise InvalidInputError(
            f"`traits` has names of at most {LONGEST_TRAIT_NAME} characters, not {longest}.",
            field="traits",
            maximum=LONGEST_TRAIT_NAME,
        )
    return found


def _check_size(message: Message, identifiers: tuple[RawIdentifier, ...]) -> None:
    count = len(identifiers)
    if not 1 <= count <= MAX_IDENTIFIERS:
        raise InvalidInputError(
            f"An observation has 1 to {MAX_IDENTIFIERS} identifiers, not {count}.",
            identifiers=count,
            maximum=MAX_IDENTIFIERS,
        )
    said = [message.name, list(map(list, identifiers)), message.properties, message.traits]
    try:
        json.dumps(said, allow_nan=False)  # orjson writes Infinity as null
        orjson.dumps([message.source, message.message_id, message.type])
        size = len(orjson.dumps(said))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(
            "The observation holds text or numbers that JSON cannot hold, such as half a surrogate pair, Infinity or a whole number "
            "of more than 64 bits."
        ) from error
    if size > MAX_MESSAGE_BYTES:
        raise InvalidInputError(
            f"An observation has at most {MAX_MESSAGE_BYTES} bytes as JSON, not {size}.",
            bytes=size,
            maximum=MAX_MESSAGE_BYTES,
        )
