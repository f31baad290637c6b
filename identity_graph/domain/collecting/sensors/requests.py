"""What a request says of its messages, and what arrived damaged: noted in the messages, so that dead letters keep it."""

from typing import Any, cast

BROWSER_LIBRARY = "js"


def note_request(message: object, *, project: str, user_agent: str) -> object:
    """Give a message with what its request says.

    ``project`` is that of the address, for a message that names none. ``user_agent`` is noted as ``_user_agent`` where a
    browser sent the message; the agent of a server says nothing about the person.
    """
    if type(message) is not dict:
        return message
    fields = cast("dict[str, Any]", message)
    noted: dict[str, Any] = {}
    if project and not fields.get("project"):
        noted["project"] = project
    if user_agent and _library_of(fields) == BROWSER_LIBRARY:
        noted["_user_agent"] = user_agent
    return {**fields, **noted} if noted else fields


def damaged(data: str, ext: str) -> dict[str, str]:
    """Give what stands for data whose checksum is wrong: ``extract`` refuses it with that reason."""
    return {"data": data, "ext": ext}


def _library_of(message: dict[str, Any]) -> object:
    for holder in (message.get("lib"), message.get("properties")):
        if isinstance(holder, dict) and (name := cast("dict[str, Any]", holder).get("$lib")) is not None:
            return name
    return None
