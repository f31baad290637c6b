"""The messages of a mapping file: what each row says, once or in several events."""

import re

from yaml.nodes import Node

from identity_graph.domain.collecting.segment.messages import MESSAGE_TYPES
from identity_graph.domain.rules.rule_set import NAMESPACE_NAME
from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.yaml_sections import Problems, Section, line_of, read_list
from identity_graph.files.mapping import MessageSpec, ValueSpec
from identity_graph.files.mapping_conditions import read_condition
from identity_graph.files.mapping_times import Zone
from identity_graph.files.mapping_values import Place, read_fields, read_value, read_values

MESSAGE_KEYS = ("timestamp", "type", "event", "channel", "identifiers", "traits", "properties", "context")
"""The keys of a message: at the top of the file for all, in `events` for one."""

EVENT_KEYS = ("id", "when", *MESSAGE_KEYS)
"""The keys of an entry of `events`."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,29}")
_TYPES = sorted(MESSAGE_TYPES)
_CHANNELS = [channel.value for channel in Channel]


def read_messages(section: Section, root: Node, zone: Zone) -> tuple[MessageSpec, ...]:
    """Read what a row says: one message, or with `events` several, each with what the top of the file says for all."""
    common = _read_message(section, MessageSpec(), zone)
    if "events" not in section:
        _check(section.problems, common, line_of(root), "")
        return (common,)
    nodes = read_list(section["events"])
    if not nodes:
        section.reject("events", "a list with an entry for each event that a row can make")
        return ()
    found: list[MessageSpec] = []
    for index, node in enumerate(nodes):
        entry = Section(section.problems, node, f"events[{index}]", EVENT_KEYS)
        message = _read_message(entry, common, zone)
        _check(section.problems, message, line_of(node), entry.field)
        _check_id(entry, node, {other.id for other in found})
        found.append(message)
    return tuple(found)


def _read_message(section: Section, common: MessageSpec, zone: Zone) -> MessageSpec:
    """Read one message; what it does not say itself, and single fields of its objects, are those of ``common``."""
    return MessageSpec(
        id=section.text("id", "a short name") or "",
        when=read_condition(section, "when"),
        type=read_value(section, "type", Place.WORD, zone) or common.type,
        event=read_value(section, "event", Place.WORD, zone) or common.event,
        channel=read_value(section, "channel", Place.WORD, zone) or common.channel,
        timestamp=read_value(section, "timestamp", Place.TIME, zone) or common.timestamp,
        identifiers={**common.identifiers, **_read_identifiers(section, zone)},
        traits={**common.traits, **read_fields(section, "traits", Place.BAG, zone)},
        properties={**common.properties, **read_fields(section, "properties", Place.BAG, zone)},
        context={**common.context, **read_fields(section, "context", Place.BAG, zone)},
    )


def _check(problems: Problems, message: MessageSpec, line: int, field: str) -> None:
    """Refuse a message that nobody could be found by, or that says nothing."""
    place = f"{field}." if field else ""
    if not message.identifiers:
        problems.add(line, f"{place}identifiers", "missing; name the columns that identify the person")
    _check_words(problems, message.type, _TYPES)
    _check_words(problems, message.channel, _CHANNELS)
    kind = message.type
    if message.event is None and (kind is None or kind.constant == "track"):
        problem = "missing; say what happened, such as `event: {value: Order Completed}`, or `type: {value: identify}`"
        problems.add(line, f"{place}event", problem)


def _check_id(entry: Section, node: Node, known: set[str]) -> None:
    if "id" not in entry:
        problem = "missing; name the event shortly, such as `id: opened`: the ids of its messages end with it"
        entry.problems.add(line_of(node), entry.path("id"), problem)
        return
    id = entry.text("id", "a short name") or ""
    if id in known:
        entry.problems.add(entry.line_of_key("id"), entry.path("id"), f"{id!r} is the id of another event")
    elif _ID.fullmatch(id) is None:
        entry.reject("id", "up to 30 small letters, digits and _ that begin with a letter")


def _check_words(problems: Problems, spec: ValueSpec | None, words: list[str]) -> None:
    """Refuse a constant, or a word of a map, that is none of those that there are."""
    if spec is None:
        return
    given = {f"{spec.field}.map.{key}": word for key, word in (spec.words or {}).items()}
    given |= {f"{spec.field}.value": spec.constant, f"{spec.field}.otherwise": spec.otherwise}
    for field, word in given.items():
        if word is not None and word not in words:
            problems.add(spec.line, field, f"expected {' or '.join(words)}, got {word!r}")


def _read_identifiers(section: Section, zone: Zone) -> dict[str, tuple[ValueSpec, ...]]:
    found: dict[str, tuple[ValueSpec, ...]] = {}
    if "identifiers" not in section:
        return found
    names = Section(section.problems, section["identifiers"], section.path("identifiers"))
    for name in names:
        if NAMESPACE_NAME.fullmatch(name) is None:
            problem = "expected a namespace of small letters, digits and _, up to 64, that begins with a letter"
            section.problems.add(names.line_of_key(name), names.path(name), problem)
        found[name] = tuple(read_values(names, name, Place.IDENTIFIER, zone))
    if not found:
        section.reject("identifiers", "at least one namespace")
    return found
