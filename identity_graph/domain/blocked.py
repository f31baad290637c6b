"""Values that stand for "we do not know": they are no identifiers in any namespace.

Software writes them where an identifier is missing, and each of them would join strangers into one customer.
Every value here is listed in ``docs/rules.md``; a rules file adds its own with ``blocked``.
"""

import re

BLOCKED_VALUES = frozenset(
    {
        # the words that languages and formats have for nothing
        "null",
        "(null)",
        "<null>",
        "nil",
        "none",
        "nan",
        "undefined",
        "[object object]",
        "true",
        "false",
        # the words that people and forms have for nobody
        "n/a",
        "na",
        "#n/a",
        "unknown",
        "anonymous",
        "guest",
        "not set",
        "(not set)",
        "not_set",
        "-1",
        # what devices answer when they do not tell who they are
        "9774d56d682e549c",
        "02:00:00:00:00:00",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        # addresses that are typed to get past a form
        "test@test.com",
        "example@example.com",
        "email@email.com",
        "email@example.com",
        "a@a.com",
        "abc@abc.com",
        "no@no.com",
        "no@email.com",
        "none@none.com",
        "noemail@noemail.com",
        "null@null.com",
    }
)
"""Blocked in every namespace, in casefolded form."""

_ZEROS = re.compile(r"[0\-._:/\s]*")
_COUNTED_UP = "123456789012345"


def is_blocked_everywhere(value: str) -> bool:
    """Say whether a trimmed value is blocked in every namespace; case does not matter.

    Beside ``BLOCKED_VALUES`` that is any value of nothing but zeros and the signs that set groups of digits apart
    (``0``, ``000-000``, ``00:00:00:00:00:00``, the advertising id of all zeros, ``-``), and the empty one.
    """
    folded = value.casefold()
    return folded in BLOCKED_VALUES or _ZEROS.fullmatch(folded) is not None


def is_placeholder_number(national: str) -> bool:
    """Say whether the digits of a phone number, without its country code, are one digit repeated or counted up."""
    return len(set(national)) == 1 or (len(national) > 6 and _COUNTED_UP.startswith(national))
