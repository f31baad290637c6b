"""The spool: files on the disk where messages wait while Neo4j takes none."""

from identity_graph.spool.entries import Entry, UnreadableEntryError, write_entry
from identity_graph.spool.file import DamagedFileError, SpoolFile, copy_file
from identity_graph.spool.folder import (
    HeldFile,
    SpoolTotals,
    adopt_files,
    list_files,
    read_folder,
    renew,
    spool_folder,
    take_file,
)
from identity_graph.spool.limits import SpoolLimits

__all__ = [
    "DamagedFileError",
    "Entry",
    "HeldFile",
    "SpoolFile",
    "SpoolLimits",
    "SpoolTotals",
    "UnreadableEntryError",
    "adopt_files",
    "copy_file",
    "list_files",
    "read_folder",
    "renew",
    "spool_folder",
    "take_file",
    "write_entry",
]
