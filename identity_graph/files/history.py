"""Messages out of a file: history that was written down long ago, not a request that just came in."""

from typing import Any, cast


def as_history(message: object) -> object:
    """Take a message's times at their word.

    ``sentAt`` serves to correct a sender's clock against the moment of receipt. A message in a file has no such
    moment: corrected by it, all of history would have happened during the import. So it is left out, or, in a message
    without any other time, stands for it.
    """
    if type(message) is not dict or "sentAt" not in message:
        return message
    read = dict(cast("dict[str, Any]", message))
    sent_at = read.pop("sentAt")
    if not any(_is_given(time) for time in (read.get("timestamp"), read.get("originalTimestamp"))) and _is_given(
        sent_at
    ):
        read["timestamp"] = sent_at
    return read


def _is_given(time: object) -> bool:
    return time is not None and time != ""
