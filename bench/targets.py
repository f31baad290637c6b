"""What the product promises, beside what was measured."""

from dataclasses import asdict, dataclass
from typing import Any

from bench.changes import RuleChange
from bench.floor import FloorResult
from bench.journeys import DEEP_PAGE, FIRST_PAGE
from bench.previews import PreviewSpeed
from bench.questions import Latency
from bench.report import Report
from bench.resolution import ResolveSpeed
from bench.segments import SegmentSpeed
from bench.telling import SEGMENTS as TOLD_BESIDE
from bench.telling import Telling
from bench.throughput import Throughput
from bench.trust import BARE, WHOLE, Cost

SPLIT_WITHIN = {10: 50, 500: 1000}
"""Milliseconds in which 95 of 100 splits of customers of so many identifiers are to be done."""

PAGE_WITHIN = 50
"""Milliseconds in which 95 of 100 pages of a long journey are to be answered."""

PROFILE_WITHIN = 60
"""Milliseconds in which 95 of 100 whole profiles are to be answered while 16 clients ask."""

SEGMENTS, SHARE_WITH_SEGMENTS = 50, 0.7
"""With so many live segments, events are to be taken in at this share of the rate without any."""

PREVIEW_WITHIN = 2000
"""Milliseconds in which 95 of 100 previews of ready segments are to be answered."""


TOLD_WITHIN = 1000
"""Milliseconds after the answer to an order in which 95 of 100 entries are to be told."""

TRUST_TIMES = 1.1
"""Without spool, scopes and audit log, a service may take this many times as many events, and lookups this share of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All that was measured; ``naive`` are the events in a second of the naive way, which had ``naive_events``."""

    throughput: Throughput
    latencies: list[Latency]
    corrections: list[Latency]
    changes: list[RuleChange]
    journeys: list[Latency]
    profiles: list[Latency]
    previews: PreviewSpeed
    segments: list[SegmentSpeed]
    telling: Telling
    trust: list[Cost]
    floor: FloorResult
    naive: float
    naive_events: int
    speed: ResolveSpeed


def judge(measured: Measured) -> Report:
    """Write the report."""
    report = Report()
    _judge_intake(report, measured)
    _judge_answers(report, measured)
    _judge_slow_path(report, measured)
    _judge_corrections(report, measured.corrections)
    _judge_changes(report, measured.changes)
    _judge_journeys(report, measured.journeys)
    _judge_profiles(report, measured.profiles)
    _judge_previews(report, measured.previews)
    _judge_segments(report, measured.segments)
    _judge_telling(report, measured.telling)
    _judge_trust(report, measured.trust)
    report.numbers = _numbers(report, measured)
    return report


def _judge_intake(report: Report, measured: Measured) -> None:
    throughput, floor, naive, events = measured.throughput, measured.floor, measured.naive, measured.throughput.events
    rate, floor_rate = throughput.rate, events / floor.seconds
    report.judge("a", f"events/s through HTTP, {events:,} events", f"{rate:,.0f}", ">= 2,000", rate >= 2000)
    report.add("", "a request of 100: p50 / p95 / p99", _milliseconds([1000 * t for t in throughput.took]))
    share = rate / floor_rate
    report.add("b", f"the floor: {floor.rows:,} nodes and relationships, events/s", f"{floor_rate:,.0f}")
    report.judge("", "share of the floor", f"{share:.2f}", ">= 0.40", share >= 0.4)
    report.add("", f"one MERGE transaction per event, {measured.naive_events:,} events, events/s", f"{naive:,.0f}")
    report.judge("", "times the naive way", f"{rate / naive:.1f}", ">= 5", rate >= 5 * naive)
    steady = throughput.last_over_first
    report.judge("c", "rate of the last tenth over the first", f"{steady:.2f}", ">= 0.80", steady >= 0.8)


def _judge_answers(report: Report, measured: Measured) -> None:
    for found in measured.latencies:
        over = "Bolt" if found.target == "bolt" else "GraphQL"
        name = f"{found.question}, {over}, {found.clients} at once: p50 / p95 / p99"
        report.add("d", name, f"{found.p50:.1f} / {found.p95:.1f} / {found.p99:.1f} ms")
    p95 = {(found.question, found.target, found.clients): found.p95 for found in measured.latencies}
    times = p95["lookup", "graphql", 16] / p95["lookup", "bolt", 16]
    report.judge("", "lookup p95 at 16 clients, over that of Bolt", f"{times:.1f}", "<= 4", times <= 4)
    memory = measured.throughput.service_peak
    report.judge("e", "memory of the service, peak", f"{memory:,.0f} MiB", "< 400 MB", memory * 2**20 < 400e6)
    report.add("", "memory of Neo4j, peak", f"{measured.throughput.neo4j_peak:,.0f} MiB")


def _judge_slow_path(report: Report, measured: Measured) -> None:
    throughput, speed = measured.throughput, measured.speed
    report.add("f", f"resolve(), {speed.observations:,} observations: links/s", f"{speed.links_per_second:,.0f}")
    final = throughput.samples[-1]
    first, second = throughput.loaded_by_half()
    report.add("", "slow-path share of events", f"{final.slow / final.accepted:.1%}")
    loaded = f"{final.loaded / max(1, final.slow):.1f} / <= {final.p99():.0f} / {final.largest:.0f}"
    report.add("", "identifiers loaded per slow event: mean / p99 / max", loaded)
    growth = second / first if first else 1.0
    report.judge("", "their mean in the second half over the first", f"{growth:.2f}", "<= 1.5", growth <= 1.5)


def _judge_corrections(report: Report, corrections: list[Latency]) -> None:
    for found in corrections:
        verb, _, size = found.question.rpartition(" ")
        within = SPLIT_WITHIN.get(int(size)) if verb.startswith("split") else None
        name = f"{verb} {size} identifiers, {found.answers} times: p50 / p95 / p99"
        value = f"{found.p50:.0f} / {found.p95:.0f} / {found.p99:.0f} ms"
        if within is None:
            report.add("g", name, value)
        else:
            report.judge("g", name, value, f"p95 < {within:,} ms", found.p95 < within)


def _judge_changes(report: Report, changes: list[RuleChange]) -> None:
    for number, change in enumerate(changes):
        name = f"preview, {change.change}, of {change.identifiers:,} identifiers: in a second"
        if number == 0:
            report.judge("h", name, f"{change.previewed:,.0f}", ">= 20,000", change.previewed >= 20_000)
        else:
            report.add("h", name, f"{change.previewed:,.0f}")
        report.add("", "the same applied", f"{change.applied:,.0f}")


def _judge_journeys(report: Report, journeys: list[Latency]) -> None:
    for found in journeys:
        name = f"{found.question}, {found.clients} at once: p50 / p95 / p99"
        value = f"{found.p50:.1f} / {found.p95:.1f} / {found.p99:.1f} ms"
        if found.clients == 1:
            report.judge("i", name, value, f"p95 < {PAGE_WITHIN} ms", found.p95 < PAGE_WITHIN)
        else:
            report.add("i", name, value)
    p95 = {(found.question.split(" of ")[0], found.clients): found.p95 for found in journeys}
    times = p95[DEEP_PAGE, 1] / p95[FIRST_PAGE, 1]
    report.judge("", "p95 of its 50th page over that of the first", f"{times:.2f}", "<= 1.5", times <= 1.5)


def _judge_profiles(report: Report, profiles: list[Latency]) -> None:
    for found in profiles:
        name = f"{found.question}, {found.clients} at once: p50 / p95 / p99"
        value = f"{found.p50:.1f} / {found.p95:.1f} / {found.p99:.1f} ms"
        if found.clients == 16:
            report.judge("j", name, value, f"p95 < {PROFILE_WITHIN} ms", found.p95 < PROFILE_WITHIN)
        else:
            report.add("j", name, value)


def _judge_previews(report: Report, previews: PreviewSpeed) -> None:
    found = previews.again
    name = f"{found.question}, {previews.customers:,} customers with {previews.events:,} events: p50 / p95 / p99"
    value = f"{found.p50:.0f} / {found.p95:.0f} / {found.p99:.0f} ms"
    report.judge("l", name, value, f"p95 < {PREVIEW_WITHIN:,} ms", found.p95 < PREVIEW_WITHIN)
    report.add("", "the first time, when Neo4j plans it: the slowest", f"{1000 * max(previews.first.values()):.0f} ms")
    report.add("", "facts read and the same five rules evaluated: customers in a second", f"{previews.evaluated:,.0f}")


def _judge_segments(report: Report, speeds: list[SegmentSpeed]) -> None:
    alone = next(one.events_per_second for one in speeds if one.segments == 0)
    for one in speeds:
        name = f"events/s beside {one.segments} live segments, over none"
        share = one.events_per_second / alone
        value = f"{one.events_per_second:,.0f}, {share:.2f}"
        if one.segments == SEGMENTS:
            report.judge("k", name, value, f">= {SHARE_WITH_SEGMENTS}", share >= SHARE_WITH_SEGMENTS)
        else:
            report.add("k", name, value)
        if one.segments:
            report.add("", "all are evaluated after the last event", f"{one.behind:.1f} s")
            report.add("", "customers evaluated in a second", f"{one.customers_per_second:,.0f}")


def _judge_telling(report: Report, telling: Telling) -> None:
    for found in (telling.webhook, telling.subscription):
        name = (
            f"{found.question} by {found.target}, {telling.rate:,.0f} events/s, {TOLD_BESIDE} segments: p50 / p95 / p99"
        )
        value = f"{found.p50:.0f} / {found.p95:.0f} / {found.p99:.0f} ms"
        report.judge("m", name, value, f"p95 < {TOLD_WITHIN:,} ms", found.p95 < TOLD_WITHIN)


def _judge_trust(report: Report, costs: list[Cost]) -> None:
    whole = next(cost for cost in costs if cost.variant == WHOLE)
    for cost in costs:
        processor = f"processor time {cost.event_processor:.2f} ms"
        report.add("n", f"events/s, {cost.variant}; {processor}", f"{cost.rate:,.0f}")
        if cost is not whole:
            _judge_times(report, cost, "times those of the service", cost.rate_beside(whole))
    for cost in costs:
        processor = f"processor time {cost.lookup_processor:.2f} ms"
        report.add("n", f"lookup p95 by 16 clients, {cost.variant}; {processor}", f"{cost.lookup:.1f} ms")
        if cost is not whole:
            _judge_times(report, cost, "the service takes times as long", cost.lookup_beside(whole))


def _judge_times(report: Report, cost: Cost, name: str, times: float) -> None:
    """Judge the service beside the one without all three; what each of them costs is only told."""
    if cost.variant == BARE:
        report.judge("", name, f"{times:.2f}", f"<= {TRUST_TIMES}", times <= TRUST_TIMES)
    else:
        report.add("", name, f"{times:.2f}")


def _numbers(report: Report, measured: Measured) -> dict[str, Any]:
    throughput, floor = measured.throughput, measured.floor
    final = throughput.samples[-1]
    return {
        "events": throughput.events,
        "events_per_second": throughput.rate,
        "tenths": throughput.tenths,
        "floor": {**asdict(floor), "events_per_second": throughput.events / floor.seconds},
        "naive_events_per_second": measured.naive,
        "latencies_ms": [asdict(found) for found in measured.latencies],
        "memory_mib": {"service": throughput.service_peak, "neo4j": throughput.neo4j_peak},
        "resolve": asdict(measured.speed),
        "slow_path": {
            "events": final.slow,
            "loaded_by_half": list(throughput.loaded_by_half()),
            "largest": final.largest,
        },
        "corrections_ms": [asdict(found) for found in measured.corrections],
        "journeys_ms": [asdict(found) for found in measured.journeys],
        "profiles_ms": [asdict(found) for found in measured.profiles],
        "previews": asdict(measured.previews),
        "telling": asdict(measured.telling),
        "trust": [asdict(cost) for cost in measured.trust],
        "segments": [asdict(found) for found in measured.segments],
        "rule_changes": [asdict(change) for change in measured.changes],
        "targets": [asdict(line) for line in report.lines],
    }


def _milliseconds(values: list[float]) -> str:
    at = [values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.95, 0.99)]
    return f"{at[0]:,.0f} / {at[1]:,.0f} / {at[2]:,.0f} ms"
