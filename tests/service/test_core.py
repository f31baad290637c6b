"""Opening a service: which rules hold, and what is said when it cannot be opened."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from pydantic import SecretStr

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.rules.file import load_preset, parse_rules
from identity_graph.domain.rules.rule_set import fingerprint
from identity_graph.errors import GraphSignInError, GraphUnavailableError, RulesChangedError, RulesError, SettingsError
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.core import Service, open_service
from identity_graph.service.readiness import check_ready
from identity_graph.service.rules.changing import apply_all, put_in_force, roll_back
from identity_graph.service.rules.preview import preview_rules
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.ports import free_port
from tests.worlds.worlds import make_event

COATS = "namespaces: {owner: {limit: 1}, coat: {}}\n"
THE_SAME = (
    "# the cloakroom's rules\nformat: 1\nnamespaces:\n  owner:\n    limit: 1   # one\n  coat: {conflict: newest}\n"
)
OTHERS = "namespaces: {owner: {limit: 2}, coat: {}}\n"


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def with_rules(settings: Settings, file: Path, text: str | bytes | None = None) -> Settings:
    if text is not None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    return settings.model_copy(update={"rules": file})


async def opened(settings: Settings) -> Service:
    """Open a service and close it again."""
    async with open_service(settings) as service:
        return service


async def stored_rules(graph: Graph) -> list[dict[str, object]]:
    return await graph.run(
        "MATCH (r:RuleSet) RETURN r.version AS version, r.yaml AS yaml, r.fingerprint AS fingerprint, "
        "r.applied_by AS applied_by, r.status AS status, r.applied_at <= datetime() AS applied"
    )


async def test_the_first_start_writes_down_the_rules_of_the_file(
    graph: Graph, settings: Settings, rules_file: Path
) -> None:
    service = await opened(with_rules(settings, rules_file, COATS))
    assert (service.rules_version, service.rules) == (1, parse_rules(COATS))
    assert await stored_rules(graph) == [
        {
            "version": 1,
            "yaml": COATS,
            "fingerprint": fingerprint(parse_rules(COATS)),
            "applied_by": "settings",
            "status": "ACTIVE",
            "applied": True,
        }
    ]


async def test_without_a_file_the_first_start_takes_the_default_rules(graph: Graph, settings: Settings) -> None:
    service = await opened(settings)
    (stored,) = await stored_rules(graph)
    assert service.rules is load_preset()
    assert (stored["applied_by"], stored["fingerprint"]) == ("default", fingerprint(load_preset()))


async def test_without_a_file_a_graph_goes_on_under_its_own_rules(
    graph: Graph, settings: Settings, rules_file: Path
) -> None:
    await opened(with_rules(settings, rules_file, COATS))
    service = await opened(settings)
    assert (service.rules_version, service.rules) == (1, parse_rules(COATS))


async def test_other_rules_are_refused_and_nothing_changes(graph: Graph, settings: Settings, rules_file: Path) -> None:
    await opened(with_rules(settings, rules_file, COATS))
    await graph.run("CREATE (:Event {id: 'evt_1'})")
    before = await stored_rules(graph)
    with pytest.raises(RulesChangedError, match="Start without rules") as raised:
        await opened(with_rules(settings, rules_file, OTHERS))
    assert (raised.value.code, raised.value.facts) == ("RULES_CHANGED", {"version": 1})
    assert await stored_rules(graph) == before


async def test_rules_that_no_event_was_resolved_under_give_way(
    graph: Graph, settings: Settings, rules_file: Path
) -> None:
    await opened(settings)
    service = await opened(with_rules(settings, rules_file, COATS))
    assert (service.rules_version, service.rules) == (1, parse_rules(COATS))
    assert [row["yaml"] for row in await stored_rules(graph)] == [COATS]


async def test_a_set_that_ships_is_taken_by_its_name(graph: Graph, settings: Settings) -> None:
    service = await opened(settings.model_copy(update={"rules": Path("never-guess")}))
    assert service.rules is load_preset("never-guess")


async def test_the_same_rules_in_other_words_are_the_same(graph: Graph, settings: Settings, rules_file: Path) -> None:
    await opened(with_rules(settings, rules_file, COATS))
    service = await opened(with_rules(settings, rules_file, THE_SAME))
    assert service.rules_version == 1
    assert [row["yaml"] for row in await stored_rules(graph)] == [COATS]


async def test_a_rules_file_that_is_wrong_is_told_before_anything_is_touched(
    graph: Graph, settings: Settings, rules_file: Path
) -> None:
    with pytest.raises(RulesError, match=r"rules\.yaml"):
        await opened(with_rules(settings, rules_file, "namespaces: {coat: {limt: 1}}"))
    with pytest.raises(RulesError, match=r"missing\.yaml cannot be read as rules"):
        await opened(with_rules(settings, rules_file.parent / "missing.yaml"))
    with pytest.raises(RulesError, match="is not UTF-8 text"):
        await opened(with_rules(settings, rules_file, b"\xff\xfe"))
    assert await stored_rules(graph) == []


@pytest.mark.parametrize("port", [free_port(), "no-port"], ids=["closed", "impossible"])
async def test_a_neo4j_that_does_not_answer_is_named(settings: Settings, port: int | str) -> None:
    uri = f"bolt://127.0.0.1:{port}"
    with pytest.raises(GraphUnavailableError, match="Nothing answers at") as raised:
        await opened(settings.model_copy(update={"neo4j_uri": uri}))
    assert raised.value.facts == {"uri": uri}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"neo4j_database": "elsewhere"}, "has no database 'elsewhere'"),
        ({"neo4j_uri": "http://127.0.0.1:7474"}, "IDENTITY_GRAPH_NEO4J_URI is not a Bolt address"),
        ({"neo4j_uri": "nonsense"}, "IDENTITY_GRAPH_NEO4J_URI is not a Bolt address"),
    ],
)
async def test_a_wrong_setting_is_named(settings: Settings, change: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        await opened(settings.model_copy(update=change))


async def test_a_refused_sign_in_is_no_missing_database(settings: Settings) -> None:
    wrong = settings.model_copy(update={"neo4j_user": "nobody", "neo4j_password": SecretStr("not-it")})
    for _ in range(5):  # after three, Neo4j answers that there were too many, and locks this user out
        with pytest.raises(GraphSignInError, match="refuses the user 'nobody'"):
            await opened(wrong)


async def test_a_service_that_was_closed_takes_no_more_events(graph: Graph, settings: Settings) -> None:
    service = await opened(settings)
    with pytest.raises(GraphUnavailableError, match="shutting down"):
        await service.committer.commit([])


async def test_a_graph_whose_rules_hold_an_expression_that_is_not_known_any_more_is_opened_and_can_be_mended(
    graph: Graph, settings: Settings, rules_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await opened(with_rules(settings, rules_file, "namespaces: {owner: {limit: 1}, coat: {blocked: ['/^xx/']}}\n"))
    await graph.run("MATCH (r:RuleSet) SET r.yaml = replace(r.yaml, '^xx', '^(?=x)x')")
    capsys.readouterr()
    async with open_service(settings) as service:
        said = "".join(capsys.readouterr())
        assert "not known any more" in said
        assert "coat" in said
        event = make_event(1, 1, ("owner:ann", "coat:1"), service.rules)
        await service.units.run(lambda tx, regime: take_in(tx, [reread_event(event, regime.rules)], regime))
        assert await usable(graph) == {"owner:ann"}
        await put_in_force(service.units, service.rules.yaml, 1, "test")
        await apply_all(service.units)
        assert await usable(graph) == {"owner:ann"}
        mended = "namespaces: {owner: {limit: 1}, coat: {blocked: ['/^x/']}}\n"
        diff = await preview_rules(graph, parse_rules(mended))
        assert diff.customers_after == 1
        await put_in_force(service.units, mended, 2, "test")
        await apply_all(service.units)
        assert await usable(graph) == {"owner:ann", "coat:1"}
        with pytest.raises(RulesError, match="look-ahead"):
            await roll_back(service.units, 1, "test")


async def test_a_graph_with_a_label_that_is_reserved_only_now_is_opened_and_relabelled(
    graph: Graph, settings: Settings, rules_file: Path
) -> None:
    service = await opened(
        with_rules(settings, rules_file, "namespaces: {owner: {label: Door}, coat: {label: Coat}}\n")
    )
    event = make_event(1, 1, ("owner:ann", "coat:1"), service.rules)
    async with open_service(settings) as service:
        await service.units.run(lambda tx, regime: take_in(tx, [event], regime))
    await graph.run("MATCH (r:RuleSet) SET r.yaml = replace(r.yaml, 'Door', 'Lock') REMOVE r.reading")
    await graph.run("MATCH (i:Door) REMOVE i:Door SET i:Lock")
    async with open_service(settings) as service:
        await apply_all(service.units)
        labels = await graph.run("MATCH (i:Identifier) UNWIND labels(i) AS label RETURN i.value AS value, label")
        assert {(row["value"], row["label"]) for row in labels} == {
            ("ann", "Identifier"), ("ann", "LockIdentifier"), ("1", "Identifier"), ("1", "Coat"),
        }  # fmt: skip
        await put_in_force(service.units, "namespaces: {owner: , coat: }\n", 2, "test")
        await apply_all(service.units)
        with pytest.raises(
            RulesError, match=r"Version 1 of the rules is from an earlier release(?s:.*)namespaces\.owner"
        ):
            await roll_back(service.units, 1, "test")


async def usable(graph: Graph) -> set[str]:
    return {row["key"] for row in await graph.run("MATCH (i:Identifier) RETURN i.key AS key")}


async def test_what_is_wrong_is_told_with_its_facts(graph: Graph) -> None:
    graph.suspend(GraphSignInError("Refused.", uri="bolt://127.0.0.1:1"))
    try:
        with pytest.raises(GraphSignInError, match="Refused") as raised:
            await check_ready(cast("Service", SimpleNamespace(graph=graph)))
    finally:
        graph.resume()
    assert raised.value.facts == {"uri": "bolt://127.0.0.1:1"}
