"""The part of a card that says how a customer stands: stage of life, purchases, RFM, preferred channel, and the last orders."""

from decimal import Decimal

import orjson
from rich.table import Table

from identity_graph.cli.customers.cards import make_table, one_line
from identity_graph.domain.profiles.lifecycle import LifecycleStage
from identity_graph.domain.profiles.money import write_amount
from identity_graph.domain.profiles.order_views import CustomerOrder
from identity_graph.domain.profiles.orders import OrderState
from identity_graph.domain.profiles.preference import Preference
from identity_graph.domain.profiles.purchases import Spending
from identity_graph.domain.profiles.rfm import RfmCut, RfmMethod
from identity_graph.domain.values.instants import format_day
from identity_graph.service.profiles.standing import Standing
from identity_graph.terminal import Text

_CATEGORIES = 3
_METHODS = {
    RfmMethod.QUINTILES: "quintiles",
    RfmMethod.PERCENTAGES: "percentages",
    RfmMethod.BOUNDARIES: "the catalogue's boundaries",
}
_GOOD = {LifecycleStage.ACTIVE, LifecycleStage.LOYAL, LifecycleStage.NEW, LifecycleStage.RETURNED}
_BAD = {LifecycleStage.AT_RISK, LifecycleStage.CHURNED}


def render_standing(standing: Standing) -> Table:
    """Say in a few lines how a customer stands; who never bought anything has a stage only."""
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    table.add_row("Stage", _stage_of(standing))
    reason = standing.stage.reason
    table.add_row("", Text(f"on that day: {reason[0].lower()}{reason[1:]}", style="dim"))
    if standing.spent.purchases:
        table.add_row("Bought", Text(_tell_spending(standing.spent, standing.rfm.recency_days or 0)))
        if standing.categories:
            most = (f"{one.name} ({_times(one.orders)})" for one in standing.categories[:_CATEGORIES])
            table.add_row("", Text(f"most often {', '.join(most)}", style="dim"))
        table.add_row("RFM", _score_of(standing.rfm.score, standing.deeds.cut))
        if standing.deeds.cut is not None:
            table.add_row("", _cut_of(standing.deeds.cut))
    if standing.preference.scores:
        table.add_row("Responds", Text(_tell_preference(standing.preference)))
    return table


def render_orders(standing: Standing) -> Table | None:
    """List the newest orders; None without any."""
    deeds = standing.deeds
    if not deeds.orders.items:
        return None
    table = make_table("Orders", "", "", "", "")
    table.columns[1].no_wrap = True
    table.columns[1].max_width = 24
    table.columns[2].no_wrap = table.columns[3].no_wrap = True
    table.columns[2].justify = "right"
    for order in deeds.orders.items:
        amount = "" if order.state == OrderState.UNKNOWN else _amount(Decimal(order.total), order.currency)
        table.add_row(
            format_day(order.at),
            Text(order.order_id, style="cyan"),
            Text(amount),
            Text(_tell_state(order), style="yellow"),
            one_line(_tell_lines(order.lines)),
        )
    if deeds.order_count > len(deeds.orders.items):
        table.add_row(Text(f"… and {deeds.order_count - len(deeds.orders.items):,} earlier", style="dim"))
    return table


def _stage_of(standing: Standing) -> Text:
    stage = standing.stage.stage
    style = "bold green" if stage in _GOOD else "bold red" if stage in _BAD else "bold"
    name = stage.replace("_", " ").capitalize()
    return Text().append(name, style).append(f" since {format_day(standing.stage.at)}")


def _tell_spending(spent: Spending, days: int) -> str:
    last = "today" if days == 0 else "yesterday" if days == 1 else f"{days:,} days ago"
    told = f"{_count(spent.purchases, 'purchase')} for {_amount(spent.total.amount, spent.total.currency)}, the last one {last}"
    if spent.unconverted:
        told += f"; the amounts of {spent.unconverted:,} are left out, since there is no rate for their currency"
    return told


def _tell_preference(preference: Preference) -> str:
    if preference.channel is None:
        contacts = sum(one.contacts for one in preference.scores)
        return f"to none of {_count(contacts, 'contact')} so far"
    best = preference.scores[0]
    channel = best.channel.lower().replace("_", " ")
    return f"best by {channel}: to {best.responses:,} of {_count(best.contacts, 'contact')}"


def _score_of(score: str | None, cut: RfmCut | None) -> Text:
    if score is None or cut is None:
        return Text("no score before the first cut: see recutRfm in docs/scores.md", style="dim")
    bounds = cut.boundaries
    parts = (("recency", bounds.recency), ("frequency", bounds.frequency), ("money", bounds.monetary))
    digits = ", ".join(f"{name} {digit} of {len(own) + 1}" for digit, (name, own) in zip(score, parts, strict=True))
    return Text().append(score, "bold").append(f"  {digits}")


def _cut_of(cut: RfmCut) -> Text:
    buyers = _count(cut.population, "customer")
    return Text(
        f"by cut {cut.version} of {format_day(cut.at)}: {_METHODS[RfmMethod(cut.method)]} among {buyers} who bought",
        style="dim",
    )


def _tell_state(order: CustomerOrder) -> str:
    match order.state:
        case OrderState.PARTLY_REFUNDED:
            return f"{write_amount(Decimal(order.refunded), order.currency)} paid back"
        case OrderState.REFUNDED:
            return "all paid back"
        case OrderState.CANCELLED:
            return "cancelled"
        case OrderState.UPDATED:
            return "updated"
        case OrderState.UNKNOWN:
            return "the order itself is not known yet"
        case _:
            return ""


def _tell_lines(lines: str | None) -> str:
    names = [name for line in orjson.loads(lines or "[]") if (name := line.get("name") or line.get("sku"))]
    return ", ".join(names)


def _amount(amount: Decimal, currency: str) -> str:
    text = write_amount(amount, currency)
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest} {currency}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _times(orders: int) -> str:
    return {1: "once", 2: "twice"}.get(orders, f"{orders:,} times")
