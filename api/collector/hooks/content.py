"""The content of a push: XML or JSON, whichever its first character says."""

from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from api.collector.body import parse_json
from api.collector.errors import MalformedBodyError

_DEEPEST = 20


def read_content(body: bytes) -> dict[str, Any]:
    """Read the object that a push holds.

    Raises:
        MalformedBodyError: it is none.
    """
    if body.lstrip()[:1] == b"<":
        return _read_xml(body)
    value = parse_json(body)
    if not isinstance(value, dict):
        raise MalformedBodyError("The body must be an XML element or a JSON object.")
    return value


class _WithoutDoctype(TreeBuilder):
    """Refuses declarations of a document type: entities that multiply need one, and messages have none."""

    def doctype(self, *_: object) -> NoReturn:
        """Refuse the declaration."""
        raise MalformedBodyError("The body must not declare a document type.")


def _read_xml(body: bytes) -> dict[str, Any]:
    parser = XMLParser(target=_WithoutDoctype())  # noqa: S314 - without a document type there are no entities
    try:
        parser.feed(body)
        root: Element = parser.close()
    except ParseError:
        raise MalformedBodyError("The body is not XML.") from None
    return _fields_of(root, _DEEPEST)


def _fields_of(element: Element, levels: int) -> dict[str, Any]:
    """Read the elements inside one as fields: text, an object, or a list of what comes several times."""
    if not levels:
        raise MalformedBodyError("The body is nested too deeply.")
    fields: dict[str, Any] = {}
    for child in element:
        value = _fields_of(child, levels - 1) if len(child) else (child.text or "").strip()
        if child.tag not in fields:
            fields[child.tag] = value
        elif isinstance(fields[child.tag], list):
            fields[child.tag].append(value)
        else:
            fields[child.tag] = [fields[child.tag], value]
    return fields
