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
    if not read.get("timestamp") and not read.get("originalTimestamp") and sent_at:
        read["timestamp"] = sent_at
    return read
