"""Placeholders such as `null`: they are not identifiers in any namespace.

Software writes them where an identifier is missing, and each of them would join strangers into one customer.
Every value here is listed in ``docs/rules.md``; a rules file adds its own with ``blocked``.
"""

import re
from urllib.parse import unquote

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
        "#ref!",
        "#value!",
        "#name?",
        "#null!",
        "#num!",
        "#div/0!",
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

_WRAPPING = " \t\r\n\\\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb[]{}()<>"
"""Quotes and brackets: what stands around a word for nothing does not make it something."""

_BARE = frozenset(value.strip(_WRAPPING) for value in BLOCKED_VALUES)
_ZEROS = re.compile(r"[0\-._:/\s]*")
_COUNTED_UP = "123456789012345"

_UNFILLED = re.compile(
    r"""
      \$\{[^{}]*\} | \#\{[^{}]*\} | @\{[^{}]*\}    # anywhere: ${userId} #{id} @{id}
    | \{\{.*?\}\} | \{%.*?%\} | <%.*?%> | <\?.*?\?>  # {{user.id}} {%id%} <%= id %> <?= $id ?>
    | \[\[\s*[a-z_$@].*?\]\] | \[%.*?%\]             # [[id]] [%id%]
    | \*\|\w.*?\|\*                                # *|EMAIL|*
    | \{[$!][a-z_][\w.]*\}                          # {$email} {!Contact.Email}
    | \A (?: \{[a-z_]+(?:\.[a-z_]+)*\} | \{\d\}      # as the whole value: {email} {0}
          | %%\w[^%]*%% | @@\w[^@]*@@ | \#\#\w[^#]*\#\#  # %%EMAIL%% @@EMAIL@@ ##EMAIL##
          | %[a-z_][a-z_.]*% | %(?:\d\$)?[sd@]        # %EMAIL% %s %1$s
          | \[object\ \w+\] ) \Z                     # [object Promise]
    """,
    re.VERBOSE | re.DOTALL,
)
"""Templates that were never filled, in casefolded form: all who are sent one would become one customer."""

_SUSPECT = re.compile(r"[{\[<*%$#]|__|@@")
"""What every template and macro holds; most values hold none of it, and are done with."""

_MACRO = re.compile(r"__[A-Z][A-Z0-9_]*__|\[[A-Z][A-Z_]+\]|\$[A-Z][A-Z_]+\$")
"""What advertising networks replace by a device's id: ``__IDFA__``, ``[IFA]``, ``$IDFA$``."""


def is_blocked_everywhere(value: str) -> bool:
    """Say whether a trimmed value is blocked in every namespace; case does not matter.

    Beside ``BLOCKED_VALUES``, in quotes or brackets too, that is any value of nothing but zeros and the signs that set
    groups of digits apart (``0``, ``000-000``, ``00:00:00:00:00:00``, the advertising id of all zeros, ``-``), the empty
    one, and templates and macros that were never filled (``${userId}``, ``__IDFA__``).
    """
    folded = value.casefold()
    bare = folded.strip(_WRAPPING)
    return bare in _BARE or _ZEROS.fullmatch(bare) is not None or is_unfilled(value)


def is_unfilled(value: str) -> bool:
    """Say whether a value is, or holds, a template that was never filled; as it is or encoded for a URL."""
    if _SUSPECT.search(value) is None:
        return False
    folded = value.casefold()
    if "%7b" in folded or "%5b" in folded or "%3c" in folded:
        folded = unquote(folded)
    return _UNFILLED.search(folded) is not None or _MACRO.fullmatch(value) is not None


def is_placeholder_number(national: str) -> bool:
    """Say whether the digits of a phone number, without its country code, are one digit repeated or counted up."""
    return len(set(national)) == 1 or (len(national) > 6 and _COUNTED_UP.startswith(national))
