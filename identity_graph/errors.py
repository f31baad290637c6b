"""The errors of Identity Graph.

IdentityGraphError
├── SettingsError                 a setting is missing or makes no sense
├── RulesError                    a rules file does not hold what it should
├── CatalogueError                a catalogue file does not hold what it should
├── SegmentError                  the rule of a segment does not hold what it should
├── RulesChangedError             the graph was resolved under other rules than the given ones
├── SchemaError                   the graph's schema is newer than, or differs from, what this version knows
├── GraphUnavailableError         Neo4j cannot be reached, or does not answer in time
│   ├── GraphSignInError          Neo4j answers, and refuses the user or the password
│   ├── UnwritableError           one transaction asks for what Neo4j does not take
│   ├── SpoolFullError            Neo4j takes no events, and the spool has no room for them
│   └── SpoolUnusableError        Neo4j takes no events, and the spool cannot be written or read
├── RuntimeServerError            the embedded Neo4j cannot be fetched, started or stopped
├── BackupError                   a backup cannot be made or restored
├── InvalidInputError             what the caller gave cannot be read
├── PrivacyRequestError           a privacy request cannot go on like that
├── ForbiddenError                who asks lacks a scope
├── RestrictedError               the customer asked that their data not be used
└── NotFoundError                 nothing of that name exists
"""

from typing import Any, ClassVar


class IdentityGraphError(Exception):
    """The base of all errors that this package raises on purpose.

    ``code`` is stable and documented in ``docs/errors``; the message says what to do; ``facts`` are for programs.
    """

    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class SettingsError(IdentityGraphError):
    """A setting is missing or makes no sense."""

    code = "BAD_SETTINGS"


class RulesError(IdentityGraphError):
    """A rules file does not hold what it should; the message names the line and the field."""

    code = "BAD_RULES"


class CatalogueError(IdentityGraphError):
    """A catalogue file does not hold what it should; the message names the line and the field."""

    code = "BAD_CATALOGUE"


class SegmentError(IdentityGraphError):
    """The rule of a segment does not hold what it should; the message names the place, and the line where there is one."""

    code = "BAD_SEGMENT"


class RulesChangedError(IdentityGraphError):
    """The graph was resolved under other rules than the given ones."""

    code = "RULES_CHANGED"


class SchemaError(IdentityGraphError):
    """The graph's schema is newer than, or differs from, what this version of the service knows."""

    code = "SCHEMA_MISMATCH"


class GraphUnavailableError(IdentityGraphError):
    """Neo4j cannot be reached, or does not answer in time."""

    code = "GRAPH_UNAVAILABLE"


class GraphSignInError(GraphUnavailableError):
    """Neo4j answers, and refuses the user or the password."""

    code = "GRAPH_SIGN_IN"


class UnwritableError(GraphUnavailableError):
    """One transaction asks for what Neo4j does not take, however often: more memory, or what a constraint forbids.

    Less at a time may be taken.
    """


class SpoolFullError(GraphUnavailableError):
    """Neo4j takes no events for now, and the spool has no room for them."""

    code = "SPOOL_FULL"


class SpoolUnusableError(GraphUnavailableError):
    """The spool cannot be written or read: its disk or its folder does not let us."""

    code = "SPOOL_UNUSABLE"


class RuntimeServerError(IdentityGraphError):
    """The embedded Neo4j cannot be fetched, started or stopped."""

    code = "NEO4J_RUNTIME"


class BackupError(IdentityGraphError):
    """A backup cannot be made or restored; nothing was changed."""

    code = "BACKUP_FAILED"


class InvalidInputError(IdentityGraphError):
    """What the caller gave cannot be read."""

    code = "BAD_USER_INPUT"


class PrivacyRequestError(IdentityGraphError):
    """A privacy request cannot go on as somebody wants; ``fault`` among the facts says why as a code."""

    code = "PRIVACY_REQUEST"


class ForbiddenError(IdentityGraphError):
    """Who asks lacks a scope; ``missing`` among the facts names what is missing."""

    code = "FORBIDDEN"


class NotFoundError(IdentityGraphError):
    """Nothing of that name exists."""

    code = "NOT_FOUND"


class RestrictedError(IdentityGraphError):
    """The customer asked that their data not be used: it is stored, and shown to nobody.

    ``customer`` is the id, ``since`` when it was asked for, and ``request`` the id of the privacy request.
    """

    code = "RESTRICTED"
