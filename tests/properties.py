"""Properties: how many examples they take, and how an example that fails is written down as a test of its own.

`make soak` runs all that are made with ``examples`` with the profile ``soak``; other runs take the few examples that each
of them asks for.
"""

import inspect
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import wraps
from typing import Any, TypeVar, cast

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis.vendor.pretty import RepresentationPrinter

from identity_graph.domain.identity.judgements import Judgement
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event
from tests.worlds.worlds import SECOND, to_yaml

T = TypeVar("T", bound=Callable[..., Any])

RAN: Counter[str] = Counter()
"""How many examples of each property ran in this process."""


def register_profiles() -> None:
    """Make the profile known that `make soak` runs with; ``SOAK_EXAMPLES`` says how many examples a property takes."""
    settings.register_profile("soak", max_examples=int(os.environ.get("SOAK_EXAMPLES", "3000")), print_blob=True)


def examples(few: int) -> Callable[[T], T]:
    """Mark a test that ``@given`` feeds as a property: it takes ``few`` examples, and as many as the profile says in a soak."""
    soaking = settings.get_current_profile_name() == "soak"
    taking = settings(
        max_examples=settings.default.max_examples if soaking and settings.default is not None else few,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )

    def decorate(test: T) -> T:
        handle = cast("Any", test).hypothesis
        handle.inner_test = _shown(handle.inner_test)
        return pytest.mark.soak(taking(test))

    return decorate


async def replay(property: Callable[..., Any], *given: Any, **named: Any) -> None:
    """Run a property on one example, as the tests do that a soak prints."""
    outcome = cast("Any", property).hypothesis.inner_test(*given, **named)
    if inspect.isawaitable(outcome):
        await outcome


def _shown(test: Callable[..., Any]) -> Callable[..., Any]:
    name = test.__name__

    def begin(named: dict[str, Any]) -> "_Example":
        RAN[name] += 1
        return _Example(name, as_test(name, named))

    if inspect.iscoroutinefunction(test):
        body = cast("Callable[..., Awaitable[None]]", test)

        @wraps(test)
        async def run_async(*given: Any, **named: Any) -> None:
            example = begin(named)
            try:
                await body(*given, **named)
            except Exception:
                note(example)
                raise

        return run_async

    @wraps(test)
    def run(*given: Any, **named: Any) -> None:
        example = begin(named)
        try:
            test(*given, **named)
        except Exception:
            note(example)
            raise

    return run


class _Example:
    """An example that Hypothesis prints as a test, if it is the smallest one that fails."""

    def __init__(self, name: str, text: Callable[[], str]) -> None:
        self._name = name
        self._text = text

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text(f"\n# --- paste this beside {self._name} ---\n{self._text()}\n# --- end ---")


def as_test(name: str, named: dict[str, Any]) -> Callable[[], str]:
    """Give a function that writes one example down as a test, in the module of its property."""
    return lambda: _write_test(name, named)


def _write_test(name: str, named: dict[str, Any]) -> str:
    writer = _Writer()
    fixtures = [key for key in named if key in {"graph", "service"}]
    parameters = ", ".join(f"{key}: {'Graph' if key == 'graph' else 'Service'}" for key in fixtures)
    lines = [f"        {key}={key if key in fixtures else writer.write(value)}," for key, value in named.items()]
    call = "\n".join([f"    await replay(\n        {name},", *lines, "    )"])
    return "\n".join([f"async def {name}_again({parameters}) -> None:", *writer.before, call])


class _Writer:
    """Writes values as the code that makes them; rules get names, for they come again and again."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self._rules: list[tuple[RuleSet, str]] = []

    def write(self, value: Any) -> str:
        match value:
            case RuleSet():
                return self._name(value)
            case Event():
                seen = tuple(identifier.key for identifier in value.identifiers)
                at, rules = value.occurred_at // SECOND, self._rules[0][1] if self._rules else "make_rules()"
                return f"make_event({value.message_id.removeprefix('m')}, {at}, {seen!r}, {rules})"
            case Judgement():
                return f"Judgement.of({self.write(value.verdict)}, {value.a!r}, {value.b!r})"
            case Enum():
                return f"{type(value).__name__}.{value.name}"
            case tuple() if hasattr(value, "_fields"):
                return f"{type(value).__name__}({', '.join(self.write(item) for item in value)})"
            case tuple():
                return f"({', '.join(self.write(item) for item in value)}{',' if len(value) == 1 else ''})"
            case list():
                return f"[{', '.join(self.write(item) for item in value)}]"
            case set() | frozenset():
                inside = ", ".join(sorted(self.write(item) for item in value))
                return f"{type(value).__name__}({{{inside}}})" if value else f"{type(value).__name__}()"
            case dict():
                return f"{{{', '.join(f'{self.write(key)}: {self.write(item)}' for key, item in value.items())}}}"
            case _ if is_dataclass(value) and not isinstance(value, type):
                given = [f"{f.name}={self.write(getattr(value, f.name))}" for f in fields(value) if f.init]
                return f"{type(value).__name__}({', '.join(given)})"
            case _:
                return repr(value)

    def _name(self, rules: RuleSet) -> str:
        for known, name in self._rules:
            if known == rules:
                return name
        name = f"rules_{len(self._rules) + 1}"
        self._rules.append((rules, name))
        self.before.append(f'    {name} = parse_rules("""{to_yaml(rules)}""")')
        return name
