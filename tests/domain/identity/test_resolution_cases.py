"""Resolution, case by case: every file in ``resolution_cases`` through one ``check``.

A case is facts under rules and what follows. ``seen`` holds observations as ``<second> <key> <key> …``, with ``@id`` at
the end where the message's id matters; ``judged`` holds ``same <key> <key>``; ``refused`` holds ``<key> <key> <code>``.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.identity.resolution import RefusalCode, RefusedLink, Resolution, resolve
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Observation

SECOND = 1_000_000
FILES = sorted((Path(__file__).parent / "resolution_cases").glob("*.yaml"))
FIELDS = {"case", "because", "rules", "seen", "judged", "customers", "refused", "quarantined", "ambiguous", "ordered"}


def read_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['case']}")
        for file in FILES
        for case in yaml.safe_load(file.read_text("utf-8"))
    ]


@pytest.mark.parametrize("case", read_cases())
def test_these_facts_under_these_rules_give_these_customers(case: dict[str, Any]) -> None:
    check(case)


def test_all_kinds_of_cases_are_there() -> None:
    cases: list[dict[str, Any]] = [param.values[0] for param in read_cases()]
    assert len({file.stem for file in FILES}) >= 7
    assert len({case["case"] for case in cases}) == len(cases)
    refused = [item.split()[2] for case in cases for item in case.get("refused", ())]
    assert set(refused) == set(RefusalCode)


def check(case: dict[str, Any]) -> None:
    """Resolve a case, in its order, backwards and twice over, and compare all that comes out."""
    assert case.keys() <= FIELDS
    rules = parse_rules(yaml.safe_dump(case["rules"], sort_keys=False, allow_unicode=True))
    seen = [read_observation(text, number) for number, text in enumerate(case["seen"])]
    judged = [read_judgement(text) for text in case.get("judged", ())]
    expected = Resolution(
        customers=frozenset(frozenset(text.split()) for text in case["customers"]),
        refused=frozenset(read_refusal(text) for text in case.get("refused", ())),
        quarantined=frozenset(case.get("quarantined", "").split()),
        ambiguous=frozenset(case.get("ambiguous", "").split()),
    )
    assert resolve(seen, judged, rules) == expected
    assert resolve([*seen, *seen], [*judged, *judged], rules) == expected
    if not case.get("ordered"):
        assert resolve(seen[::-1], judged[::-1], rules) == expected


def read_observation(text: str, number: int) -> Observation:
    second, *keys = text.partition("@")[0].split()
    return Observation(
        source="desk",
        message_id=text.partition("@")[2] or str(number),
        occurred_at=int(second) * SECOND,
        identifiers=tuple(Identifier.from_key(key) for key in keys),
    )


def read_judgement(text: str) -> Judgement:
    verdict, one, other = text.split()
    return Judgement.of(Verdict(verdict), one, other)


def read_refusal(text: str) -> RefusedLink:
    one, other, code = text.split()
    return RefusedLink(min(one, other), max(one, other), RefusalCode(code))
