"""What is worth a look in a rule that could be saved: names of events that nobody sends, and rules that divide nobody."""

from collections.abc import Iterator, Mapping

from identity_graph.domain.segments.rule_tree import EventRule, Rule, SequenceRule
from identity_graph.domain.segments.walking import places_of
from identity_graph.domain.values.yaml_sections import near_word


def events_named(rule: Rule) -> tuple[str, ...]:
    """List the names of events that a rule asks for, each once."""
    named: list[str] = []
    for _, one in places_of(rule):
        if isinstance(one, EventRule):
            named.append(one.event)
        if isinstance(one, SequenceRule):
            named += [step.event for step in (*one.steps, *([one.without] if one.without else []))]
    return tuple(dict.fromkeys(named))


def doubt_names(rule: Rule, messages: Mapping[str, int], days: int) -> Iterator[str]:
    """Doubt names of events that were not received in some days, and those that differ from others in case and blanks alone."""
    alike: dict[str, list[str]] = {}
    for name in messages:
        alike.setdefault(_form(name), []).append(name)
    for name in events_named(rule):
        others = sorted(other for other in alike.get(_form(name), []) if other != name)
        if others:
            listed = ", ".join(repr(other) for other in others)
            yield f"names of events are exact: {name!r} does not count those that are called {listed}"
        elif name not in messages:
            yield f"no event called {name!r} was received in the last {days} days{near_word(name, tuple(messages))}"


def doubt_size(size: int, audience: int) -> Iterator[str]:
    """Doubt a rule that holds for nobody, or for everybody."""
    if not audience:
        yield "nobody is in the audience, so there is nobody to ask"
    elif not size:
        yield "the rule holds for nobody"
    elif size == audience:
        yield "the rule holds for everybody in the audience"


def _form(name: str) -> str:
    return "".join(name.split()).casefold()
