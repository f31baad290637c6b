"""docs/schema.md says what is so: the graph after events of every kind has what it documents, no more and no less."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.privacy.preserving import Preserve
from identity_graph.domain.privacy.requests import Request, RequestKind
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.graph_schema import KEPT_FREE, MARKS, NODES, RELATIONSHIPS, RESERVED_LABELS
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel, event_id
from identity_graph.domain.values.schema_types import Kind, NodeType, Property
from identity_graph.files.changed_rows import SaidRow, plan_rows
from identity_graph.files.importing import import_file
from identity_graph.files.mapping import ChangedRows
from identity_graph.files.mapping_file import parse_mapping
from identity_graph.service.access.managing import create_key, revoke_key, rotate_key
from identity_graph.service.access.uses import write_last_uses
from identity_graph.service.applying.steps import Totals, take_step
from identity_graph.service.catalogue import changing as changing_catalogue
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.collecting.consenting import Given, set_consent
from identity_graph.service.collecting.dead_letters import retry_dead_letters
from identity_graph.service.commit import count_pruning
from identity_graph.service.core import Service, open_service
from identity_graph.service.corrections.corrections import (
    Named,
    declare,
    overrule_quarantine,
    retract_observation,
    unlink_pair,
    withdraw_judgement,
)
from identity_graph.service.privacy.barring import bar_subject
from identity_graph.service.privacy.requests import erase_customer
from identity_graph.service.privacy.retention import take_page
from identity_graph.service.rules.changing import APPLICABLE, apply_all, put_in_force
from identity_graph.service.scoring.recutting import recut_rfm
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.service.segments.pins import pin_member
from identity_graph.settings import Settings
from identity_graph.store.analysis import experiments
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.privacy.retention import mark_overdue_events
from identity_graph.store.profiles.catalogues import fail_application as fail_catalogue
from identity_graph.store.rules.rule_sets import fail_application
from identity_graph.store.segments import evaluation
from tests.docs.blocks import ROOT
from tests.docs.test_house import CYPHER, modules, texts
from tests.store.driver.everything import keep_request
from tests.worlds.activation import seed_activation
from tests.worlds.audit import keep_audit
from tests.worlds.live_segments import delete_segment, save_segment

DAY = 86_400_000_000
EMPTY_LIST = "LIST<NOTHING>"
RULES = """
format: 1
namespaces:
  user_id: {label: Account, limit: 1}
  loyalty_id: {label: LoyaltyCard, limit: 1, conflict: nobody, max_partners: 2}
  phone: {label: Phone, limit: 1, normalize: phone}
  device_id: {label: Device, conflict: newest, max_partners: 3}
  anonymous_id: {label: Cookie, limit: {count: 2, within: P30D}, visitor: true}
"""


def message(day: int, name: str, **fields: Any) -> dict[str, Any]:
    """Make a message of some day of January 2026."""
    return {
        "type": "track",
        "event": name,
        "messageId": f"{name}-{day}",
        "timestamp": f"2026-01-{day:02}T08:00:00Z",
    } | fields


def device(value: str) -> dict[str, Any]:
    return {"context": {"device": {"id": value}}}


def card(value: str) -> dict[str, Any]:
    return {"context": {"externalIds": [{"type": "loyalty_id", "id": value}]}}


AD = "https://a.example/?utm_source=s&utm_medium=m&utm_campaign=c&utm_term=t&utm_content=x&gclid=g"
ORDER = {
    "order_id": "1001",
    "total": 69.99,
    "tax": 2,
    "shipping": 7,
    "discount": 5,
    "currency": "CNY",
    "products": [{"sku": "A1", "price": 65.99}],
}
MESSAGES: Sequence[dict[str, Any]] = [
    message(1, "Home", anonymousId="c1", properties={"path": "/"}, context={"page": {"url": AD}}),
    message(2, "merge: a cookie signs in", anonymousId="c1", userId="u1", traits={"name": "Li Wei"}),
    message(2, "merge: a phone", phone="1", userId="u1", properties={"phone": "13800138000"}),
    message(2, "merge: another cookie", anonymousId="c2"),
    message(3, "merge: which is theirs", anonymousId="c2", userId="u1"),
    message(4, "a tablet", userId="u1", **device("t1")),
    message(5, "a tablet that goes to another", userId="u2", **device("t1")),
    *(message(6, f"quarantine {number}", userId=f"q{number}", **device("shop")) for number in range(4)),
    message(7, "claimed by one", userId="u1", **card("k1")),
    message(8, "claimed by another", userId="u2", **card("k1")),
    *(message(9, f"many cookies {number}", userId="u9", anonymousId=f"m{number}") for number in range(3)),
    message(9, "Order Completed", userId="u9", properties=ORDER),
    message(10, "Order Completed", userId="u9", properties={"total": 5}),
    message(9, "Order Refunded", userId="u9", properties={"order_id": "1001", "total": "many"}),
    message(10, "a value that is none", userId="u1", anonymousId="null"),
    message(10, "a trait that is no more", userId="u1", traits={"age": None}),
    message(12, "Experiment Viewed", userId="u1", properties={"experiment_id": "exp_1", "variation_id": "red"}),
    message(12, "a consent", userId="u1", context={"consent": {"categoryPreferences": {"Analytics": True}}}),
    message(12, "nobody else saw these", userId="u7", traits={"name": "A mistake", "age": "old"}, **device("t7")),
]


UNBINDING: dict[str, Any] = {
    "type": "track_id_unbind",
    "time": 1_767_225_600_000,
    "identities": {"$identity_mobile": "13800138000"},
}
"""An event of a Sensors SDK that takes a phone from whoever had it before all these messages."""


async def tell(service: Service, messages: Sequence[object], **more: Any) -> None:
    """Send messages one by one, so that each is a commit of its own."""
    for one in messages:
        await collect(service, [one], source="web", received_at=20 * DAY + 1_767_225_600_000_000, **more)


@pytest.fixture
async def full_graph(graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Give a graph in which everything has happened that can happen."""
    monkeypatch.setattr(count_pruning, "FIRST_SECONDS", 3600.0)  # the messages are old, and so are their counts
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    history = tmp_path / "history.ndjson"
    history.write_text(json.dumps(message(11, "imported", userId="u1")) + "\n")
    table = tmp_path / "crm.csv"
    table.write_text("id,colour\nu1,red\n")
    mapping = parse_mapping("type: {value: identify}\nidentifiers: {user_id: id}\n", name="crm.yaml")
    async with open_service(settings.model_copy(update={"rules": rules})) as service:
        await tell(service, MESSAGES)
        await tell(service, [{"event": "without anybody"}], sent_at="2026-01-20T00:00:00Z", default_type="track")
        await tell(service, [{"type": "nobody knows it"}, UNBINDING], protocol=Protocol.SENSORS)
        await retry_dead_letters(service)
        said = Given(
            by=RawIdentifier("user_id", "u1"), purpose="marketing", state=ConsentState.GRANTED, source="crm",
            channel=Channel.SMS, version="2", evidence="Yes, send me offers.",
        )  # fmt: skip
        await set_consent(service, said, service.units.now())
        await import_file(service, history, None, source="import", rejects=tmp_path / "rejects.ndjson")
        await import_file(service, table, mapping, source="crm", rejects=tmp_path / "rejects.ndjson")
        for content in ("what a row said", "what it says now"):
            await plan_rows(service, "crm", [SaidRow("r1", content)], ChangedRows.REPLACE)
        expiring = await create_key(graph, "web", expires_at=now_instant() + DAY)
        assert await service.keys.find_source(expiring.secret) == "web"
        await write_last_uses(graph, service.keys)
        await rotate_key(graph, expiring.key.id)
        await revoke_key(graph, (await create_key(graph, "gone")).key.id)
        await recut_rfm(service.units, service.units.now())
        await correct(service)
        await erase_somebody(service)
        await retain(service)
        await change_rules(service)
        await change_catalogue(service)
        await keep_segments(service)
        request = Request(id="prq_2", kind=RequestKind.RESTRICTION, opened_at=0, due_at=1, opened_by="support")
        await bar_subject(service, Named("user_id", "u1"), request)
    await seed_activation(graph)
    await graph.write(keep_audit)
    await graph.write(lambda tx: keep_request(tx, "prq_1", "user_id:u1"))
    await graph.write(
        lambda tx: experiments.set_experiment(tx, id="exp_1", name="?", definition="{}", actor="?", at_s=1, at_ns=0)
    )
    # What a version before kept no context of: its migration says what was read of it then.
    await graph.run("MATCH (m:Migration {name: 'journeys'}) DETACH DELETE m")
    await graph.run("MATCH (e:Event {name: 'Home'}) REMOVE e.context")
    await apply_migrations(graph)
    return graph


async def correct(service: Service) -> None:
    """Judge, unlink, overrule, withdraw and take back."""
    u1, u2, tablet = Named("user_id", "u1"), Named("user_id", "u2"), Named("device_id", "t1")
    said = await declare(service, Verdict.SAME, u1, u2, "asked them", "support")
    await withdraw_judgement(service, said.judgement_id, "support")
    await declare(service, Verdict.DIFFERENT, u1, u2, "asked them again", "support")
    await unlink_pair(service, u1, Named("anonymous_id", "c2"), None, "a colleague's browser", "support")
    await overrule_quarantine(service, tablet, "it is theirs", "support")
    await retract_observation(service, "web", "nobody else saw these-12", "support")


async def erase_somebody(service: Service) -> None:
    """Erase somebody who is nobody's neighbour."""
    bought = {"order_id": "o12", "currency": "EUR", "products": [{"sku": "s"}]}
    bought |= dict.fromkeys(("total", "shipping", "tax", "discount"), 10)
    order = message(12, "Order Completed", userId="u12", properties=bought)
    await tell(service, [message(12, "somebody asks to be forgotten", userId="u12"), order])
    await erase_customer(service, Named("user_id", "u12"), "asked for it", Preserve.AMOUNTS_AND_LINES)


async def retain(service: Service) -> None:
    """Let retention delete what one event says, and note that another came late."""
    await tell(service, [message(14, "Old", userId="u1"), message(14, "Late", userId="u1")])

    async def unit(tx: WriteTransaction, regime: Regime) -> None:
        await take_page(tx, replace(regime, catalogue=parse_catalogue("retention: {events: {Old: P1D}}")), "somebody")
        await mark_overdue_events(tx, ids=[event_id("web", "Late-14")])

    await service.units.run(unit)


async def change_rules(service: Service) -> None:
    """Apply other rules to the end, then again others, whose application comes to a halt after a step."""
    units = service.units
    await put_in_force(units, RULES.replace("newest", "oldest"), 1, "admin")
    await apply_all(units)
    last = await put_in_force(units, RULES.replace("format: 1", "format: 1\nmax_identifiers: 40"), 2, "admin")
    assert await take_step(units, APPLICABLE, last.version, Totals(events=20, customers=20, identifiers=20))
    # One of two customers is converted; the other one, whose card nobody gets, is awaited.
    await tell(service, [message(13, "while rules are applied", userId="u1")])
    await units.graph.write(lambda tx: fail_application(tx, version=last.version, error="ValueError: see the log"))


async def change_catalogue(service: Service) -> None:
    """Apply another catalogue to the end, then again another, whose application comes to a halt after a step."""
    units = service.units
    await changing_catalogue.put_in_force(units, "traits: {name: {policy: oldest}}", 1, "admin")
    await changing_catalogue.apply_all(units)
    last = await changing_catalogue.put_in_force(units, "traits: {name: {policy: first}}", 2, "admin")
    totals = Totals(events=20, customers=20, identifiers=20)
    assert await take_step(units, changing_catalogue.APPLICABLE, last.version, totals)
    error = "ValueError: see the log"
    await units.graph.write(lambda tx: fail_catalogue(tx, version=last.version, error=error))


async def keep_segments(service: Service) -> None:
    """Save segments, fill them, delete one, change one, pin somebody; the evaluation comes to a halt in the middle of it."""
    await service.evaluator.close()
    evaluator = Evaluator(service.units)
    for id, rule in (
        ("seg_1", '{"not": {"knownFor": "P3650D"}}'),
        ("seg_2", '{"did": {"event": "Home", "within": "P1D"}}'),
        ("seg_3", "{}"),
    ):
        await save_segment(service.units, id, rule, purpose="ads")
    await evaluator.catch_up()
    (row, *_) = await service.graph.run(
        "MATCH (m:SegmentMembership) WHERE m.since IS NOT NULL RETURN m.customer_id AS id"
    )
    await pin_member(service.units, "seg_1", row["id"], member=False, reason="asked for it", actor="support")
    await delete_segment(service.units, "seg_2")
    await evaluator.catch_up()
    await save_segment(service.units, "seg_1", '{"did": {"event": "Home"}}')
    assert await evaluator.take_turn()
    await tell(service, [message(14, "Home", userId="u1")])
    await service.graph.write(lambda tx: evaluation.save_sweep(tx, terms="{}", sweep="{}", cursor=""))
    await service.graph.write(lambda tx: evaluation.set_stale(tx, editions=["seg_2/1"]))


async def properties_of(graph: Graph, pattern: str, names: str) -> dict[tuple[str, ...], dict[str, set[str]]]:
    """Read for each label, or relationship type with its ends, the types that each property has."""
    found: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(dict)
    rows = await graph.run(
        f"{pattern} WITH x, {names} AS names "
        "UNWIND CASE size(keys(x)) WHEN 0 THEN [null] ELSE keys(x) END AS key "
        "RETURN names, key, collect(DISTINCT valueType(x[key])) AS types"
    )
    for row in rows:
        own = found[tuple(row["names"])]
        if row["key"] is not None:
            kinds = {kind.removesuffix(" NOT NULL") for kind in row["types"]}
            own[row["key"]] = kinds - {EMPTY_LIST} or kinds
    return found


def documented(properties: Sequence[Property]) -> dict[str, set[str]]:
    # Neo4j tells bytes from a list of numbers only when they are read.
    kinds = {Kind.BYTES: Kind.NUMBERS}
    return {item.name: {kinds.get(item.kind, item.kind).value} for item in properties}


async def test_the_graph_has_exactly_the_labels_and_properties_of_the_page(full_graph: Graph) -> None:
    labels = [node.label for node in NODES]
    found = await properties_of(
        full_graph,
        "MATCH (x) WHERE coalesce(x.version, 1) <> -1",
        f"[label IN labels(x) WHERE label IN {labels}]",
    )
    assert {label: own for (label,), own in found.items()} == {
        node.label: documented(node.properties) for node in NODES
    }
    await assert_required(full_graph, NODES)


async def test_other_labels_are_those_that_the_rules_give_and_merged(full_graph: Graph) -> None:
    rows = await full_graph.run("MATCH (n) UNWIND labels(n) AS label RETURN collect(DISTINCT label) AS labels")
    others = set(rows[0]["labels"]) - {node.label for node in NODES}
    assert others == {"Account", "LoyaltyCard", "Phone", "Device", "Cookie", "Former", "Restricted", "Bar"}


async def test_the_graph_has_exactly_the_relationships_of_the_page(full_graph: Graph) -> None:
    labels = [node.label for node in NODES]
    found = await properties_of(
        full_graph,
        "MATCH (a)-[x]->(b)",
        f"[l IN labels(a) WHERE l IN {labels}] + [type(x)] + [l IN labels(b) WHERE l IN {labels}]",
    )
    assert found == {(kind.start, kind.name, kind.end): documented(kind.properties) for kind in RELATIONSHIPS}


async def test_what_is_unique_or_indexed_is_so_on_the_page(graph: Graph) -> None:
    constraints = await graph.run(
        "SHOW CONSTRAINTS YIELD labelsOrTypes, properties RETURN labelsOrTypes[0] AS label, properties"
    )
    assert {(row["label"], *row["properties"]) for row in constraints} == {
        (node.label, key) for node in NODES for key in (node.key, node.also_unique) if key is not None
    }
    indexes = await graph.run(
        "SHOW INDEXES YIELD type, labelsOrTypes, properties, owningConstraint WHERE type = 'RANGE' "
        "AND owningConstraint IS NULL RETURN labelsOrTypes[0] AS label, properties"
    )
    stored = {(row["label"], *row["properties"]) for row in indexes}
    assert stored == {(node.label, *index) for node in (*NODES, *MARKS) for index in node.indexes} | {
        (kind.name, *index) for kind in RELATIONSHIPS for index in kind.indexes
    }


async def assert_required(graph: Graph, nodes: Sequence[NodeType]) -> None:
    """Check that what is not marked optional is on every node."""
    for node in nodes:
        rows = await graph.run(f"MATCH (x:{node.label}) WHERE coalesce(x.version, 1) <> -1 RETURN keys(x) AS names")
        always = set.intersection(*(set(row["names"]) for row in rows))
        assert {item.name for item in node.properties if not item.optional} <= always, node.label


def test_the_saved_labels_of_the_default_rules_are_not_those_of_the_graph() -> None:
    assert not RESERVED_LABELS & {rule.label for rule in load_preset().namespaces.values()}


_QUOTED = re.compile(r"//.*|'[^']*'|\"[^\"]*\"")
_LABEL_NAMED = re.compile(r"[:|&]\s*[!(]*`?([A-Z]\w*)")


def labels_named(cypher: str) -> set[str]:
    """Find the labels that a statement names. Types of relationships are written in capitals, and labels are not."""
    return {name for name in _LABEL_NAMED.findall(_QUOTED.sub("", cypher)) if not name.isupper()}


def statements() -> dict[str, str]:
    """Give all Cypher that the product runs, by the file that holds it: files of its own, and texts of the store."""
    files = [path for folder in ("migrations", "queries") for path in (ROOT / "cypher" / folder).rglob("*.cypher")]
    found = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}
    for name, tree in modules("identity_graph/store"):
        found[name] = ";\n".join(text for text in texts(tree) if CYPHER.search(text))
    return {name: text for name, text in found.items() if text}


def test_labels_are_found_in_cypher() -> None:
    assert labels_named(
        "MATCH (a:One)-[:BELONGS_TO|IN]->(b:Two|Three) WHERE NOT b:Four // see Five:Six\n"
        "SET a:Seven REMOVE a:$(row.label) RETURN {x: 'y:Eight'}; CREATE INDEX n IF NOT EXISTS FOR (n:Nine) ON (n.x);\n"
        "MATCH (c:(Ten|!Eleven)&!(Twelve)), (d:`Thirteen`)"
    ) == {"One", "Two", "Three", "Four", "Seven", "Nine", "Ten", "Eleven", "Twelve", "Thirteen"}


def test_every_label_that_migrations_and_queries_use_is_reserved() -> None:
    used = {name: labels_named(text) for name, text in statements().items()}
    assert used["identity_graph/store/driver/migrations.py"] == {"Migration"}
    assert len(used) > 100
    unreserved = {name: labels - RESERVED_LABELS for name, labels in used.items() if labels - RESERVED_LABELS}
    assert unreserved == {}, "name them in identity_graph/domain/values/graph_schema.py"
    everything = set[str]().union(*used.values())
    # All that is documented is used: so no label escapes the reading of statements.
    assert everything == RESERVED_LABELS - KEPT_FREE - {"Other"}


def test_every_arrow_of_the_drawing_is_a_relationship() -> None:
    for page in ("README.md", "docs/model.md"):
        text = (ROOT / page).read_text("utf-8")
        for drawing in re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL):
            assert set(re.findall(r"\|([A-Z_]+)\|", drawing)) <= {kind.name for kind in RELATIONSHIPS}
