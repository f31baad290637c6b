"""Messages out of a file: history that was written down long ago, not a request that just came in."""

from typing import Any, cast

from identity_graph.domain.collecting.segment.fields import UnreadableError
from identity_graph.domain.collecting.segment.time import read_timestamp


def as_history(message: object) -> object:
    """Take a message's times at their word.

    ``sentAt`` serves to correct a sender's clock against the moment of receipt. A message in a file has no such
    moment: corrected by it, all of history would have happened during the import. So it is left out, or, in a message
    without any other time, stands for it. One that is no time stays too, so that the message is refused for it by its name.
    """
    if type(message) is not dict or "sentAt" not in message:
        return message
    read = dict(cast("dict[str, Any]", message))
    sent_at = read["sentAt"]
    if any(_may_be_time(read.get(name)) for name in ("timestamp", "originalTimestamp")):
        del read["sentAt"]
    elif _may_be_time(sent_at):
        # What has a wrong type stays where it is, and is left out and counted.
        read["originalTimestamp" if read.get("timestamp") not in (None, "") else "timestamp"] = sent_at
        if _is_time(sent_at):
            del read["sentAt"]
    return read


def _may_be_time(value: object) -> bool:
    """Whether a value is one that a message is refused for if it is no time, and not left out."""
    return value != "" and isinstance(value, str | int | float) and type(value) is not bool


def _is_time(value: object) -> bool:
    try:
        read_timestamp(value, "sentAt")
    except UnreadableError:
        return False
    return True
