"""``identity-graph consent list`` and ``why``: what a customer allows, and which decisions that follows from."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from identity_graph import terminal
from identity_graph.cli.terminal import OutputFormat
from identity_graph.cli.terminal import run_with_service as run
from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.permission import Person, may_use, say_refusal
from identity_graph.domain.consent.rules import ConsentRules
from identity_graph.domain.values.instants import format_instant, format_minute
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.errors import InvalidInputError
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.consent.reading import Standings
    from identity_graph.service.core import Service

Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
Who = Annotated[
    str, typer.Argument(help="Any identifier of the customer, in any spelling, or its id.", show_default=False)
]


class _Customer(NamedTuple):
    id: str
    standings: "Standings"
    person: Person
    rules: ConsentRules
    now: Instant


def list_(customer: Who, format_: Format = OutputFormat.TEXT) -> None:
    """List what a customer allows: each purpose and channel, what they said, and whether it may be done."""
    found = _find(customer)
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json([_as_json(one) for one in found], indent=True))
        return
    console = Console(soft_wrap=True)
    for one in found:
        console.print(f"Customer {one.id}")
        for purpose, channel, said, answer in _lines(one):
            what = purpose if channel is None else f"  {purpose} through {channel.value}"
            console.print(f"  {what:<44} {said:<10} {answer}")


def why(
    customer: Who,
    purpose: Annotated[str, typer.Argument(help="A purpose of the catalogue.", show_default=False)],
    channel: Annotated[Channel | None, typer.Option(help="A channel of contacting.", case_sensitive=False)] = None,
) -> None:
    """Show why a purpose, or a channel of it, is allowed or not: each decision, and which one counts."""
    console = Console(soft_wrap=True)
    for one in _find(customer):
        if purpose not in one.rules.purposes:
            known = ", ".join(one.rules.purposes)
            raise InvalidInputError(f"The catalogue declares no purpose {purpose!r}; it declares {known}.")
        verdict = may_use(one.person, purpose, channel, one.now, one.rules)
        answer = "allowed" if verdict.refusal is None else f"not allowed: {say_refusal(verdict.refusal)}"
        what = purpose if channel is None else f"{purpose} through {channel.value}"
        console.print(f"Customer {one.id}: {what} is {answer}.")
        standing = one.standings.get((purpose, channel))
        if standing is None:
            console.print("  They said nothing to it; what holds then is in the catalogue.")
            continue
        console.print(f"  counts     {_say(standing.decision)}")
        for decision in standing.others:
            console.print(
                f"  agrees     {_say(decision)}"
                if decision.state is standing.state
                else f"  is milder  {_say(decision)}"
            )
        for decision in standing.overruled:
            console.print(f"  overruled  {_say(decision)} (a stronger identifier decided later)")


def _find(customer: str) -> list[_Customer]:
    found = run(lambda service: _read(service, customer))
    if not found:
        Console(stderr=True, soft_wrap=True).print(
            f"Nothing found for {customer}. The spelling does not matter; was it ever sent or imported?"
        )
        raise typer.Exit(1)
    return found


async def _read(service: "Service", customer: str) -> list[_Customer]:
    from identity_graph.service.consent.reading import read_people, read_standings_of
    from identity_graph.service.customers.cards import read_customers
    from identity_graph.service.customers.lookup import lookup
    from identity_graph.service.reads import Reads

    reads, in_force = Reads(service.graph), service.units.in_force
    (known,) = await read_customers(reads, [customer])
    ids = [known.id] if known is not None else []
    if not ids:
        rows = await lookup(reads, service.rules, customer)
        ids = list(dict.fromkeys(row.customer.id for row in rows))
    standings = await read_standings_of(reads, ids, in_force)
    people = await read_people(reads, ids, in_force)
    rules, now = in_force.catalogue.consent, service.units.now()
    return [_Customer(*one, rules, now) for one in zip(ids, standings, people, strict=True)]


def _lines(one: _Customer) -> list[tuple[str, Channel | None, str, str]]:
    lines: list[tuple[str, Channel | None, str, str]] = []
    for name, rule in one.rules.purposes.items():
        for channel in (None, *rule.channels):
            standing = one.standings.get((name, channel))
            refusal = may_use(one.person, name, channel, one.now, one.rules).refusal
            said = "-" if standing is None else standing.state.value.lower()
            lines.append((name, channel, said, "allowed" if refusal is None else f"no: {say_refusal(refusal)}"))
    return lines


def _say(decision: Decision) -> str:
    evidence = f", {decision.text!r}" if decision.text else ""
    version = f" (version {decision.version})" if decision.version else ""
    return (
        f"{decision.state.value.lower()} {format_minute(decision.at)} UTC by {decision.identifier}, "
        f"told by {decision.source} as {decision.subject}{evidence}{version}"
    )


def _as_json(one: _Customer) -> dict[str, Any]:
    consents: list[dict[str, Any]] = []
    for purpose, channel, _, _ in _lines(one):
        standing = one.standings.get((purpose, channel))
        refusal = may_use(one.person, purpose, channel, one.now, one.rules).refusal
        consents.append(
            {
                "purpose": purpose,
                "channel": channel,
                "state": None if standing is None else standing.state,
                "at": None if standing is None else format_instant(standing.decision.at),
                "identifier": None if standing is None else standing.decision.identifier,
                "allowed": refusal is None,
                "refusal": refusal,
            }
        )
    return {"customer": one.id, "consents": consents}
