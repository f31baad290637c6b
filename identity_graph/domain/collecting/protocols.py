"""The protocols in which messages come, and the one reading of each."""

from collections.abc import Mapping
from enum import StrEnum

from identity_graph.domain.collecting.segment import messages as segment
from identity_graph.domain.collecting.segment.fields import Rejection
from identity_graph.domain.collecting.sensors import messages as sensors
from identity_graph.domain.collecting.wechat import messages as wechat
from identity_graph.domain.values.observations import Instant, Message


class Protocol(StrEnum):
    """How a message is written."""

    SEGMENT = "segment"
    SENSORS = "sensors"
    WECHAT = "wechat"
    WECOM = "wecom"


CHANGED_BY_A_RETRY: Mapping[Protocol, frozenset[str]] = {
    Protocol.SEGMENT: segment.CHANGED_BY_A_RETRY,
    Protocol.SENSORS: sensors.CHANGED_BY_A_RETRY,
    Protocol.WECHAT: wechat.CHANGED_BY_A_RETRY,
    Protocol.WECOM: wechat.CHANGED_BY_A_RETRY,
}
"""The fields that differ when an SDK sends the same message again."""


def read_message(
    protocol: Protocol,
    message: object,
    *,
    source: str,
    received_at: Instant,
    sent_at: object = None,
    default_type: str | None = None,
    keep_ip: bool = False,
) -> Message | Rejection:
    """Take one message apart, or say why that cannot be done.

    ``sent_at`` and ``default_type`` are what Segment's protocol says of a batch and by a path; others say all in the message.
    ``keep_ip`` keeps whole network addresses.
    """
    if protocol is Protocol.SENSORS:
        return sensors.extract(message, source=source, received_at=received_at, keep_ip=keep_ip)
    if protocol is Protocol.WECHAT:
        return wechat.extract_account_message(message, source=source, received_at=received_at)
    if protocol is Protocol.WECOM:
        return wechat.extract_company_message(message, source=source, received_at=received_at)
    return segment.extract(
        message,
        source=source,
        received_at=received_at,
        sent_at=sent_at,
        default_type=default_type,
        keep_ip=keep_ip,
    )
