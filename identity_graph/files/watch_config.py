"""``watch.yaml``: which files of a watched folder are imported, with which mapping and as which source."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from identity_graph.domain.values.yaml_sections import Problems, Section, compose, line_of, read_list
from identity_graph.errors import InvalidInputError
from identity_graph.files.mapping import Mapping
from identity_graph.files.mapping_file import load_mapping
from identity_graph.files.source_files import reading

CONFIG = "watch.yaml"
"""The name of the file in the watched folder."""

KEYS = ("format", "files")
ENTRY_KEYS = ("pattern", "mapping", "source")
_PATTERN = "a pattern of file names, such as receipts-*.csv"


@dataclass(frozen=True, slots=True)
class WatchedFiles:
    """Files whose names fit a pattern, and how they are read: with a mapping, or as NDJSON."""

    pattern: str
    mapping: Mapping | None
    source: str


@dataclass(frozen=True, slots=True)
class WatchConfig:
    """Which files are imported and how. ``own_files`` belong to the configuration and are never imported."""

    entries: Sequence[WatchedFiles]
    own_files: frozenset[str] = frozenset()

    def find(self, name: str) -> WatchedFiles | None:
        """Find how a file is read by its name: the first pattern that fits counts."""
        if name in self.own_files:
            return None
        return next((entry for entry in self.entries if fnmatchcase(name, entry.pattern)), None)


def watch_all(mapping: Mapping | None, source: str) -> WatchConfig:
    """Read all files of a folder in one way."""
    own_files = frozenset({CONFIG} if mapping is None else {CONFIG, mapping.name})
    return WatchConfig([WatchedFiles("*", mapping, source)], own_files)


def load_watch_config(folder: Path, source: str | None) -> WatchConfig | None:
    """Read ``watch.yaml`` of a folder with the mappings that it names; None where there is none.

    ``source`` is the source of files for which neither it nor their mapping names one.

    Raises:
        InvalidInputError: it, or a mapping, does not hold what it should; every problem with line and field.
    """
    path = folder / CONFIG
    if not path.exists():
        return None
    with reading(str(path)):
        content = path.read_bytes()
    problems = Problems(CONFIG, error=InvalidInputError)
    try:
        text = content.decode("utf-8-sig")
        config = _read(text, folder, source, problems)
        problems.raise_if_any()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not UTF-8: save it as UTF-8.", path=str(path)) from error
    return config


def _read(text: str, folder: Path, source: str | None, problems: Problems) -> WatchConfig:
    root = compose(text, problems)
    section = Section(problems, root, "", KEYS)
    if section.text("format", "1") not in {"1", None}:
        section.reject("format", "1", ", which this version does not know")
    nodes = read_list(section["files"]) if "files" in section else None
    if not nodes:
        problems.add(line_of(root), "files", "missing; list the files to import, such as `- {pattern: '*.ndjson'}`")
    entries: list[WatchedFiles] = []
    own = {CONFIG}
    for index, node in enumerate(nodes or []):
        entry = Section(problems, node, f"files[{index}]", ENTRY_KEYS)
        if "pattern" not in entry:
            problems.add(line_of(node), entry.path("pattern"), f"missing; give {_PATTERN}")
        name = entry.text("mapping", "the path of a mapping file, from this folder")
        if name is not None:
            own.add(name)
        mapping = None if name is None else _load(entry, folder / name)
        named = entry.text("source", "the name of the source of the events") or source
        from_mapping = mapping.source if mapping is not None else None
        pattern = entry.text("pattern", _PATTERN) or "*"
        entries.append(WatchedFiles(pattern, mapping, named or from_mapping or "import"))
    return WatchConfig(entries, frozenset(own))


def _load(entry: Section, path: Path) -> Mapping | None:
    try:
        return load_mapping(path)
    except InvalidInputError as error:
        for problem in error.message.splitlines():
            entry.problems.add(entry.line_of_key("mapping"), entry.path("mapping"), problem)
        return None
