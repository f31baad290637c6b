"""How a mapping file says that times are written: formats, and the zone of times that name none."""

from datetime import datetime
from zoneinfo import ZoneInfo

from identity_graph.domain.values.yaml_sections import Section, read_list, read_text
from identity_graph.files.mapping import ISO, EpochUnit, TimeFormat, ValueType

_UTC = ZoneInfo("UTC")
UTC_TIME = TimeFormat((ISO,), _UTC)
"""The format of a value that is no time."""

_ZONE = "the name of a time zone that this machine knows, such as Asia/Shanghai"
_FORMAT = "iso, epoch_s, epoch_ms, excel or a pattern such as %Y-%m-%d %H:%M:%S"


class Zone:
    """The zone of all times of a mapping that name none, unless a value has its own."""

    def __init__(self, section: Section) -> None:
        self._zone = _read_zone(section, _UTC)

    def default(self, *, of_event: bool = False) -> TimeFormat:
        """Give the format of a time about which no more is said."""
        return TimeFormat((ISO,), self._zone, of_event)

    def of(self, section: Section) -> ZoneInfo:
        """Read the zone of one value."""
        return _read_zone(section, self._zone)


def read_time_format(section: Section, zone: Zone, *, kind: ValueType, of_event: bool) -> TimeFormat:
    """Read how a time is written; note a format or a zone of something that is no time."""
    if kind is not ValueType.TIME:
        allowed = {"format"} if kind is ValueType.DATE else set[str]()
        for key in ("format", "zone"):
            if key in section and key not in allowed:
                section.problems.add(
                    section.line_of_key(key), section.path(key), "only a time has one: add `type: time`"
                )
        return TimeFormat(_read_patterns(section), _UTC) if kind is ValueType.DATE else UTC_TIME
    return TimeFormat(_read_patterns(section), zone.of(section), of_event)


def _read_patterns(section: Section) -> tuple[str, ...]:
    if "format" not in section:
        return (ISO,)
    nodes = read_list(section["format"])
    found = [read_text(node) for node in ([section["format"]] if nodes is None else nodes)]
    patterns = tuple(text for text in found if text is not None and (text in {ISO, *EpochUnit} or _is_pattern(text)))
    if not patterns or len(patterns) != len(found):
        section.reject("format", f"{_FORMAT}, or a list of these")
        return (ISO,)
    return patterns


def _is_pattern(pattern: str) -> bool:
    try:
        example = datetime(2001, 2, 3, 4, 5, 6, tzinfo=_UTC).strftime(pattern)
        datetime.strptime(example, pattern)  # noqa: DTZ007 - only whether it can be read at all
    except ValueError:
        return False
    return "%" in pattern


def _read_zone(section: Section, default: ZoneInfo) -> ZoneInfo:
    name = section.text("zone", _ZONE)
    try:
        return default if name is None else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        section.reject("zone", _ZONE)
        return default
