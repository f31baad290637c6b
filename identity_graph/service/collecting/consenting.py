"""Recording a consent that somebody gave, refused or took back: an event like others, so that it goes and stays with its identifier."""

import json
from dataclasses import dataclass, replace
from hashlib import blake2b

from identity_graph.domain.collecting.segment.messages import to_event
from identity_graph.domain.collecting.segment.time import EARLIEST
from identity_graph.domain.consent.permission import find_purpose_fault
from identity_graph.domain.consent.rules import ConsentRules
from identity_graph.domain.consent.statements import PURPOSE, ConsentState, Statement, write_statements
from identity_graph.domain.rules.normalization import read_identifiers
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.numbers import InexactNumberError, read_id
from identity_graph.domain.values.observations import Channel, Instant, Message
from identity_graph.errors import InvalidInputError
from identity_graph.service.collecting.observing import NotStoredError
from identity_graph.service.core import Service

RECORDED = "Consent Recorded"
"""The name of the event."""

_LONGEST_SOURCE = 255
_LONGEST_VERSION = 100
_LONGEST_EVIDENCE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody said, as it is to be recorded. ``version`` and ``evidence`` are of what was read, or how it was said."""

    by: RawIdentifier
    purpose: str
    state: ConsentState
    source: str
    channel: Channel | None = None
    at: Instant | None = None
    version: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: of which identifier, by its key, and when it was said."""

    key: str
    given: Given
    at: Instant


async def set_consent(service: Service, given: Given, received_at: Instant) -> Recorded:
    """Record a consent; on return it is safe. The same one recorded again, with the same time, changes nothing.

    Raises:
        InvalidInputError: something of it cannot be; the message names all of it.
        GraphUnavailableError: Neo4j does not answer.
        NotStoredError: the graph refused it.
    """
    problems = [*_find_problems(given, received_at), *_find_faults(given, service.units.in_force.catalogue.consent)]
    identifiers, ignored = read_identifiers((given.by,), service.rules, given.source)
    if ignored:
        problems.append(f"`by` is no identifier: the value of {given.by.namespace!r} is {ignored[0].code}.")
    if problems:
        raise InvalidInputError(" ".join(problems))
    at = received_at if given.at is None else given.at
    event = to_event(_message_of(replace(given, at=at), at, received_at), service.rules)
    (result,) = await service.committer.commit([event])
    if result.error is not None:
        raise NotStoredError("The graph refused this consent; the service's log says why.", reason=result.error)
    return Recorded(identifiers[0].key, given, at)


def _message_of(given: Given, at: Instant, received_at: Instant) -> Message:
    channel = None if given.channel is None else given.channel.value
    said = {
        "purpose": given.purpose,
        "channel": channel,
        "state": given.state.value,
        "version": given.version,
        "evidence": given.evidence,
    }
    statement = Statement(
        PURPOSE + given.purpose, given.state, given.channel, version=given.version or "", text=given.evidence or ""
    )
    return Message(
        source=given.source,
        message_id=_message_id(given, at, said),
        type="track",
        name=RECORDED,
        occurred_at=at,
        received_at=received_at,
        channel=Channel.OTHER,
        identifiers=(given.by,),
        properties={name: value for name, value in said.items() if value is not None},
        consents=write_statements([statement]),
    )


def _message_id(given: Given, at: Instant, said: dict[str, str | None]) -> str:
    text = json.dumps([*given.by, at, sorted(said.items(), key=lambda item: item[0])])
    return "consent-" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _find_problems(given: Given, received_at: Instant) -> list[str]:
    problems: list[str] = []
    for field, text, longest in (
        ("source", given.source, _LONGEST_SOURCE),
        ("version", given.version, _LONGEST_VERSION),
        ("evidence", given.evidence, _LONGEST_EVIDENCE),
    ):
        if text is not None and not 0 < len(text) <= longest:
            problems.append(f"`{field}` has 1 to {longest} characters, not {len(text)}.")
        if text is not None and not _is_text(text):
            problems.append(f"`{field}` has half a surrogate pair or a character that no text has.")
    try:
        read_id(given.by.value)
    except InexactNumberError as error:
        problems.append(f"`by` is {error}.")
    if given.at is not None and given.at > received_at:
        problems.append("`at` lies in the future: a consent is recorded when it was given.")
    if given.at is not None and given.at < EARLIEST:
        problems.append("`at` is from before 1900: check the clock.")
    return problems


def _find_faults(given: Given, rules: ConsentRules) -> list[str]:
    fault = find_purpose_fault(given.purpose, rules)
    if fault is not None:
        return [f"`purpose`: {fault}."]
    channels = rules.purposes[given.purpose].channels
    if given.channel is not None and given.channel not in channels:
        known = ", ".join(sorted(channels)) or "none"
        return [f"`channel`: nobody is contacted through {given.channel} for {given.purpose!r}; channels are {known}."]
    return []


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
