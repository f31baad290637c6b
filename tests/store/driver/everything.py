"""A graph that holds something of everything, so that every query has something to be planned for."""

import random
from dataclasses import replace
from typing import Any

from identity_graph.domain.collecting.source_counts import ClaimKey, ClaimTally, MessageKey, MessageTally
from identity_graph.domain.consent.statements import ConsentState, Statement, write_statements
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.difference import READING
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import Channel, event_id
from identity_graph.service.commit.source_counting import SourceCounts
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.corrections.retracting import retract
from identity_graph.store.access import keys as access_keys
from identity_graph.store.analysis import experiments
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.collecting import dead_letters, imported_rows, imports
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.corrections import judgements
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import (
    Call,
    WriteTransaction,
    run_together,
)
from identity_graph.store.identity import customers
from identity_graph.store.privacy import preserving, tombstones
from identity_graph.store.privacy import requests as privacy_requests
from identity_graph.store.profiles import catalogues, scores, traits
from identity_graph.store.rules import rule_sets
from identity_graph.store.segments import evaluation, marks, members, segments
from tests.worlds.activation import seed_activation
from tests.worlds.audit import keep_audit
from tests.worlds.worlds import VALUES, make_event, make_rules

CONSENTS = write_statements(
    [
        Statement("purpose:ads", ConsentState.GRANTED, Channel.SMS, "1", "Yes."),
        Statement("opt_out", ConsentState.DENIED),
    ]
)
_KEYS = [f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values]


async def seed_everything(graph: Graph) -> None:
    """Take in events of crowds that are contested, ambiguous and quarantined, and keep something of all else."""
    rng = random.Random(7)
    await graph.write(judge_some)
    for crowd, conflict in enumerate(Conflict):
        rules = make_rules(conflict=conflict, max_partners=2)
        events = [
            make_event(
                1000 * crowd + number,
                rng.randrange(300),
                tuple(f"{key}{crowd}{number // 12}" for key in rng.sample(_KEYS, 3)),
                rules,
            )
            for number in range(60)
        ]
        events[::5] = [replace(event, consents=CONSENTS) for event in events[::5]]
        for start in range(0, len(events), 20):
            batch = events[start : start + 20]
            await graph.write(lambda tx, batch=batch, rules=rules: take_in(tx, batch, Regime(rules, 1, 10**15)))
    await graph.write(keep_something_of_all_else)
    await graph.write(keep_segments)
    await seed_activation(graph)
    await graph.write(save_experiments)
    await graph.write(keep_audit)
    await graph.write(keep_erasures)
    await graph.run(
        "MATCH (e:Event {id: $id}) SET e.former_channel = e.channel, e.emptied_at = e.occurred_at",
        id=event_id("test", "m1"),
    )
    await graph.run(
        "MATCH (c:Customer) WITH c LIMIT 1 SET c:Restricted, c.restricted_at = c.created_at, c.restricted_by = 'prq_1'"
    )


async def keep_erasures(tx: WriteTransaction) -> None:
    """Keep what erasures leave behind."""
    for number in range(20):
        await tombstones.create_tombstones(tx, hashes=[f"{number:064x}"], at_s=1, at_ns=0)
        await tombstones.create_receipt(
            tx,
            id=f"rcp_{number}",
            at_s=1,
            at_ns=0,
            identifiers=1,
            events=1,
            preserved_orders=1,
            signature=f"erasure1:{number}",
        )
        await preserving.set_preserved_orders(tx, rows=[preserved(f"ord_gone_{number}")])
        await keep_request(tx, f"prq_{number}", f"crm:{number}")


def preserved(id: str) -> preserving.PreservedRow:
    """Make an order that is kept without the person."""
    return {
        "id": id,
        "scope": "default",
        "order_id": id,
        "state": "PLACED",
        "day": "2026-01-01",
        "currency": "EUR",
        "total": "1.00",
        "revenue": "1.00",
        "refunded": "0.00",
        "shipping": None,
        "tax": None,
        "discount": None,
        "lines": None,
    }


async def keep_request(tx: WriteTransaction, id: str, subject: str) -> None:
    """Keep a privacy request of which everything is known that may be."""
    await privacy_requests.create_request(
        tx,
        id=id,
        kind="ERASURE",
        state="OPEN",
        region="EU",
        subject=subject,
        requester="?",
        corrections="{}",
        preserve="AMOUNTS",
        opened_s=1,
        opened_ns=0,
        due_s=2,
        due_ns=0,
        opened_by="?",
        approvals=2,
        duplicate_of="prq_0",
    )
    await privacy_requests.update_request(
        tx,
        id=id,
        state="FAILED",
        due_s=3,
        due_ns=0,
        approved_by=["a", "b"],
        steps="[]",
        receipt="rcp_1",
        fault="?",
        extended=True,
    )


def make_judgement(id: str, verdict: str, b: str | None, until: int | None) -> Call[WriteTransaction, None]:
    return judgements.create_judgement.call(
        id=id,
        verdict=verdict,
        a="crm:100",
        b=b,
        until_s=until,
        until_ns=until,
        reason="?",
        actor="?",
        at_s=1,
        at_ns=1,
    )


async def judge_some(tx: WriteTransaction) -> None:
    """Judge identifiers of the first crowd before they are seen."""
    for number, (verdict, b, until) in enumerate(
        [
            ("same", "phone:100", None),
            ("different", "crm:200", None),
            ("unlinked", "device:100", 1),
            ("overruled", None, None),
        ]
    ):
        await run_together(tx, make_judgement(f"jdg_{number}", verdict, b, until))
    await judgements.withdraw_judgement(tx, id="jdg_2", actor="?", at_s=2, at_ns=2)


async def keep_segments(tx: WriteTransaction) -> None:
    """Keep segments of which everything is known that may be."""
    at: dict[str, int] = {"at_s": 1, "at_ns": 0}
    await segments.lock_segments(tx)
    for number in range(3):
        await segments.create_segment(
            tx, id=f"seg_{number}", name=f"{number}", description="", rule="{}", audience="ALL", purpose="?", **at
        )
    await evaluation.begin_edition(tx, id="seg_1")
    await segments.delete_segment(tx, id="seg_2", **at)
    await evaluation.set_fault(tx, rows=[{"id": "seg_0", "fault": "?"}])
    walk: evaluation.Walk = {"id": "seg_0", "state": "FILLING", "cursor": "", "passed": 1, "total": 2}
    await evaluation.save_walk(tx, rows=[walk])
    await evaluation.take_turn(tx, holder="w", seconds=1)
    await evaluation.save_sweep(tx, terms="{}", sweep="{}", cursor="")
    await evaluation.set_stale(tx, editions=["seg_2/1"])
    for number in range(50):
        row: evaluation.MembershipRow = {
            "key": f"seg_0/1/cus_{number}",
            "edition": "seg_0/1",
            "segment_id": "seg_0",
            "customer_id": f"cus_{number}",
            "number": 1,
            "since_s": number,
            "since_ns": 0,
            "due_s": number,
            "due_ns": 0,
        }
        told: evaluation.NewTransition = {
            "key": f"seg_0/cus_{number}/1",
            "segment_id": "seg_0",
            "customer_id": f"cus_{number}",
            "number": 1,
            "entered": True,
            "cause": "EVENT",
            "reason": "?",
            "occurred_s": number,
            "occurred_ns": 0,
        }
        await evaluation.set_memberships(tx, rows=[row])
        await evaluation.create_transitions(tx, rows=[told], **at)
    grown: evaluation.SizeChange = {"key": "seg_0/0", "segment_id": "seg_0", "change": 1, "entered": 1, "exited": 0}
    await evaluation.update_sizes(tx, rows=[grown], hour_s=0)
    pin: dict[str, Any] = {"identifier": "crm:100", "member": True, "reason": "?", "actor": "?", **at}
    await members.save_pin(tx, key="seg_0/crm:100", segment_id="seg_0", **pin)
    mark: marks.OwnerMark = {"key": "crm:100", "tokens": ["orders"], "cause": 1, "occurred_s": 1, "occurred_ns": 0}
    await marks.mark_owners(tx, rows=[mark], **at)


async def save_experiments(tx: WriteTransaction) -> None:
    for number in range(20):
        await experiments.set_experiment(
            tx, id=f"exp_{number}", name=f"{number}", definition="{}", actor="?", at_s=number, at_ns=0
        )


async def count_something(tx: WriteTransaction, day: int) -> None:
    """Count a message and a claim of some day."""
    counted = SourceCounts("w").calls(
        {MessageKey(day, "web", "track", "Cart Viewed"): MessageTally(1, 1)},
        {ClaimKey(day, "web", "name"): ClaimTally(claims=1, newest=day, misfit="evt_1")},
    )
    await run_together(tx, *counted)


async def keep_something_of_all_else(tx: WriteTransaction) -> None:
    await reading_store.mark_events(tx, ids=[event_id("test", "m1")])
    await retract(tx, "test", "m2", "?", Regime(make_rules(), 1, 10**15))
    alone = make_event(9000, 1, ("device:gone",), make_rules())
    await take_in(tx, [alone], Regime(make_rules(), 1, 10**15))
    await retract(tx, "test", "m9000", "?", Regime(make_rules(), 1, 10**15))
    for number in range(1, 3):
        await scores.create_rfm_cut(
            tx,
            at_s=number,
            at_ns=0,
            method="quintiles",
            population=1,
            currency="CNY",
            recency=[1],
            frequency=[1],
            monetary=["1"],
            recency_classes=2,
            frequency_classes=2,
            monetary_classes=2,
            rhythm=number,
        )
    letters: list[dead_letters.NewDeadLetter] = [
        {
            "id": f"dlq_{number}",
            "code": "unknown_type",
            "reason": "?",
            "source": "web",
            "raw": "{}",
            "type_hint": None if number % 2 else "track",
            "sent_at": None if number % 2 else "2026-01-01T00:00:00Z",
            "protocol": None if number % 2 else "sensors",
            "received_s": number,
            "received_ns": 0,
        }
        for number in range(300)
    ]
    await dead_letters.create_dead_letters(tx, rows=letters)
    await dead_letters.update_dead_letters(tx, rows=[{"id": "dlq_1", "last_error": "?"}])
    for number in range(20):
        await access_keys.create_access_key(
            tx,
            id=f"key_{number}",
            open_name=f"source/shop {number}",
            name=f"shop {number}",
            scopes=["write"],
            sha256=f"{number}",
            created_s=1,
            created_ns=1,
            expires_s=2,
            expires_ns=2,
        )
        await access_keys.set_last_uses(tx, rows=[{"id": f"key_{number}", "used_s": 1, "used_ns": 1}])
    await access_keys.rotate_access_key(tx, id="key_0", sha256="rotated", until_s=2, until_ns=2)
    await access_keys.revoke_access_key(tx, id="key_1", at_s=2, at_ns=2)
    for number in range(20):
        await access_keys.save_secret(tx, name=f"secret {number}", secret="")
        await counter_store.set_counts(tx, writer=f"w{number}", accepted=1, duplicates=1, ignored="{}")
        await count_something(tx, number)
        await rule_sets.create_rule_set(
            tx,
            version=number,
            yaml="",
            fingerprint="",
            applied_by="",
            status="APPLYING",
            replaces=[],
            reading=READING,
            at_s=1,
            at_ns=1,
        )
        await catalogues.create_catalogue(
            tx,
            version=number,
            yaml="",
            fingerprint="",
            applied_by="",
            status="APPLYING",
            replaces=[],
            derivation=1,
            at_s=1,
            at_ns=1,
        )
        await imports.save_import(
            tx,
            key=f"k{number}",
            file="f",
            source="s",
            records=1,
            accepted=1,
            duplicates=1,
            skipped=1,
            rejected="{}",
            rejects_bytes=1,
            unused_columns=["a"],
            is_finished=True,
            at_s=1,
            at_ns=1,
        )
    await imported_rows.create_imported_rows(tx, keys=[f"row-{number}" for number in range(30)])
    await rule_sets.fail_application(tx, version=1, error="?")
    await rule_sets.save_application(tx, version=2, phase="customers", cursor="", seen=1, progress=0.5)
    await catalogues.fail_application(tx, version=1, error="?")
    await catalogues.save_application(tx, version=2, phase="traits", cursor="", seen=1, progress=0.5)
    points: traits.NewTrait = {
        "identifier": "crm:100",
        "key": "crm:100\npoints",
        "name": "points",
        "value": "null",
        "observed_s": 1,
        "observed_ns": 1,
        "source": "test",
        "message_id": "m1",
        "deleted": True,
        "policy": "sum",
        "state": "{}",
    }
    await traits.set_traits(tx, rows=[points])
    (row,) = await customers.find_owners(tx, keys=["crm:100"])
    await customers.await_customers(tx, ids=[row.customer_id], rule_version=10**6)
