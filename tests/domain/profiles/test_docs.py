"""docs/catalogue.md: its files are valid, its examples come to what it says, and it names all that there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.collecting.segment.messages import Message, extract
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import Claim, read_value
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.survivorship import Survivorship
from identity_graph.domain.profiles.trait_types import Policy, TraitClass, ValueType

TEXT = (Path(__file__).parents[3] / "docs" / "catalogue.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
JSON, DELETION = [text for language, text in BLOCKS if language == "json"]
EXAMPLES = re.findall(r"^\| `(\w+)` \| `(.+?)` \| `(.+?)` \| ", TEXT, re.MULTILINE)
RECEIVED = 1_800_000_000_000_000


def claims_of(text: str, policy: Survivorship) -> dict[str, list[Claim]]:
    """Read the messages of the page as claims, by identifier."""
    claims: dict[str, list[Claim]] = {}
    for line in text.strip().splitlines():
        sent = json.loads(line)
        source = "crm" if "userId" in sent else "web"
        message = extract(sent, source=source, received_at=RECEIVED)
        assert isinstance(message, Message)
        if policy.trait.name in message.traits:
            value, reason = read_value(message.traits[policy.trait.name], policy.trait)
            assert reason is None
            order = (message.occurred_at, message.source, message.message_id)
            claims.setdefault(message.identifiers[0].text, []).append(Claim(order, value))
    return claims


def value_of(messages: str, entry: str) -> Any:
    name = entry.partition(":")[0]
    policy = Survivorship(name, catalogue_of(entry))
    claims = claims_of(messages, policy)
    tallies = {owner: policy.tally(own, owner) for owner, own in claims.items()}
    return policy.value(policy.combine(tallies, lambda key, deleted: policy.tally(claims[key], key, after=deleted)))


def catalogue_of(entry: str) -> Catalogue:
    return parse_catalogue(f"time_zone: Asia/Shanghai\ntraits:\n  {entry}\n")


@pytest.mark.parametrize(("policy", "entry", "value"), EXAMPLES)
def test_an_example_comes_to_what_the_page_says(policy: str, entry: str, value: str) -> None:
    assert catalogue_of(entry).traits[entry.partition(":")[0]].policy == policy
    assert value_of(JSON, entry) == json.loads(value)


def test_there_is_an_example_of_every_policy() -> None:
    assert [policy for policy, _, _ in EXAMPLES] == list(dict.fromkeys(policy for policy, _, _ in EXAMPLES))
    assert {policy for policy, _, _ in EXAMPLES} == {policy.value for policy in Policy}


def test_the_deletion_comes_to_what_the_page_says() -> None:
    for policy in ("sum", "oldest", "max"):
        assert value_of(JSON + DELETION, f"points: {{type: integer, policy: {policy}}}") == 20
    before = "\n".join(JSON.splitlines()[:3]) + "\n"
    assert value_of(before + DELETION, "points: {type: integer, policy: sum}") is None


def test_every_fenced_block_of_the_page_is_tried() -> None:
    assert [language for language, _ in BLOCKS] == ["sh", "yaml", "json", "json", "sh", "sh"]
    for language, text in BLOCKS:
        if language == "yaml":
            parse_catalogue(text)
        for command in re.findall(r"identity-graph catalogue (\w+)", text):
            assert CliRunner().invoke(app, ["catalogue", command, "--help"]).exit_code == 0


def test_the_page_names_every_type_and_class() -> None:
    for word in (*ValueType, *TraitClass):
        assert f"`{word}`" in TEXT
