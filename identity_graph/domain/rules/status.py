"""What has become of a set of rules."""

from enum import StrEnum


class RuleSetStatus(StrEnum):
    """What has become of a set of rules."""

    APPLYING = "APPLYING"
    ACTIVE = "ACTIVE"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"
