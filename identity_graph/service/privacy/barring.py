"""What a privacy request says of an identifier: a bar, or the right values of traits.

Each is an event like others, of the identifier, so that merges, splits and erasures treat it like any other fact, and taking the event back lifts it.
"""

from collections.abc import Mapping
from typing import Any

from identity_graph.domain.collecting.segment.messages import to_event
from identity_graph.domain.consent.bars import Bar
from identity_graph.domain.consent.statements import BAR, ConsentState, Statement, write_statements
from identity_graph.domain.privacy.requests import Request, RequestKind
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel, Message
from identity_graph.service.collecting.observing import NotStoredError, observe
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import Named

SOURCE = "privacy"
"""The source of these events; the id of the message is that of the request."""

BARRED = "Use Barred"
"""The name of the event that sets a bar."""

BARS: Mapping[RequestKind, Bar] = {
    RequestKind.RESTRICTION: Bar.RESTRICTED,
    RequestKind.DECEASED: Bar.DECEASED,
    RequestKind.NOT_PERSONALISED: Bar.NOT_PERSONALISED,
}


async def bar_subject(service: Service, by: Named, request: Request) -> None:
    """Set the bar of a request on an identifier. Setting it again changes nothing.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
        NotStoredError: the graph refused it.
    """
    bar = BARS[request.kind]
    now = service.units.now()
    message = Message(
        source=SOURCE,
        message_id=request.id,
        type="track",
        name=BARRED,
        occurred_at=now,
        received_at=now,
        channel=Channel.OTHER,
        identifiers=(RawIdentifier(by.namespace, by.value),),
        properties={"bar": bar.value},
        consents=write_statements([Statement(BAR + bar.value, ConsentState.GRANTED)]),
    )
    (result,) = await service.committer.commit([to_event(message, service.rules)])
    if result.error is not None:
        raise NotStoredError("The graph refused this; the service's log says why.", reason=result.error)


async def correct_subject(service: Service, by: Named, request: Request, traits: Mapping[str, Any]) -> None:
    """Tell the right values of traits of an identifier. Telling them again changes nothing.

    Raises:
        InvalidInputError: a value cannot be one of a trait.
        GraphUnavailableError: Neo4j does not answer.
        NotStoredError: the graph refused it.
    """
    await observe(
        service,
        source=SOURCE,
        message_id=request.id,
        received_at=service.units.now(),
        identifiers=(RawIdentifier(by.namespace, by.value),),
        type="identify",
        name="Data Corrected",
        traits=dict(traits),
    )
