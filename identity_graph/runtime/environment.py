"""The environment of programs that we start: without our own settings, among which are keys and passwords."""

import os
from collections.abc import Mapping

OWN = "IDENTITY_GRAPH_"


def foreign_environment() -> Mapping[str, str]:
    """Give the environment without the settings of Identity Graph: a JVM needs none, and shows its environment to tools and dumps."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
