import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.consent.decisions import Decision, Said, extend, fold
from identity_graph.domain.consent.deriving import derive
from identity_graph.domain.consent.rules import ConsentRules, PurposeRule
from identity_graph.domain.consent.statements import CATEGORY, OPT_OUT, PURPOSE, ConsentState, Statement
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.values.observations import Channel
from tests.properties import examples
from tests.worlds.consent_reference import allowed_by

STRONGEST_FIRST = ["user_id", "phone", "cookie"]
RULES = parse_rules("namespaces: {user_id: {}, phone: {}, cookie: {visitor: true}}")
CONSENT = ConsentRules(
    purposes={
        "news": PurposeRule(categories=("Marketing",)),
        "ads": PurposeRule(categories=("Marketing", "Advertising"), opt_out=True),
        "sharing": PurposeRule(categories=("Advertising", "Sharing"), opt_out=True, separate=True),
    }
)
G, D, W = ConsentState.GRANTED, ConsentState.DENIED, ConsentState.WITHDRAWN
ADS = PURPOSE + "ads"


def said(at: int, state: ConsentState, subject: str = ADS, channel: Channel | None = None) -> Said:
    return Said((at, "web", f"m{at}"), Statement(subject, state, channel))


def decisions_of(**by_namespace: list[Said]) -> list[Decision]:
    return [one for name, own in by_namespace.items() for one in fold(f"{name}:1", own)]


def state_of(purpose: str = "ads", channel: Channel | None = None, **by_namespace: list[Said]) -> ConsentState | None:
    standing = derive(decisions_of(**by_namespace), CONSENT, RULES).get((purpose, channel))
    return None if standing is None else standing.state


# Each row of the table in docs/consent.md: what a cookie said at 1, what an account said at 0 or at 2, and what holds.
TABLE = [
    (G, None, None, G),
    (D, None, None, D),
    (W, None, None, W),
    (G, G, 0, G),
    (G, D, 0, D),
    (D, G, 0, D),
    (D, G, 2, G),
    (G, D, 2, D),
    (W, G, 2, G),
    (D, W, 2, W),
    (D, W, 0, D),
]


@pytest.mark.parametrize(("cookie", "account", "at", "holds"), TABLE)
def test_the_most_restrictive_counts_unless_a_stronger_identifier_decided_later(
    cookie: ConsentState, account: ConsentState | None, at: int | None, holds: ConsentState
) -> None:
    own = [] if account is None or at is None else [said(at, account)]
    assert state_of(cookie=[said(1, cookie)], user_id=own) is holds


def test_a_weaker_identifier_never_overrules_and_equal_ones_do_not_either() -> None:
    assert state_of(user_id=[said(1, D)], cookie=[said(2, G)]) is D
    both = [*fold("cookie:1", [said(1, D)]), *fold("cookie:2", [said(2, G)])]
    assert derive(both, CONSENT, RULES)[("ads", None)].state is D


def test_an_identifier_of_a_namespace_that_the_rules_do_not_know_is_the_weakest() -> None:
    decisions = [*fold("gone:1", [said(1, D)]), *fold("cookie:1", [said(2, G)])]
    standing = derive(decisions, CONSENT, RULES)[("ads", None)]
    assert (standing.state, [one.identifier for one in standing.overruled]) == (G, ["gone:1"])


def test_the_same_moment_is_not_later() -> None:
    assert state_of(cookie=[said(1, D)], user_id=[said(1, G)]) is D


def test_repeating_an_answer_is_no_new_decision() -> None:
    stamped = [said(at, D) for at in (1, 2, 3, 4)]
    assert state_of(cookie=stamped, user_id=[said(2, G)]) is G
    assert fold("cookie:1", stamped) == [Decision("cookie:1", ADS, None, D, (1, "web", "m1"), (4, "web", "m4"))]


def test_purposes_and_channels_never_mix() -> None:
    own = [said(1, G), said(2, D, channel=Channel.SMS)]
    assert state_of(user_id=own) is G
    assert state_of(channel=Channel.SMS, user_id=own) is D
    assert state_of(channel=Channel.EMAIL, user_id=own) is None
    assert state_of("news", user_id=own) is None


def test_a_category_speaks_for_its_purposes_and_an_opt_out_for_those_that_it_concerns() -> None:
    marketing = [said(1, G, CATEGORY + "Marketing")]
    assert [state_of(name, cookie=marketing) for name in CONSENT.purposes] == [G, G, None]
    opted_out = [*marketing, said(2, D, OPT_OUT)]
    assert [state_of(name, cookie=opted_out) for name in CONSENT.purposes] == [G, D, D]
    assert state_of("ads", cookie=[said(1, G, CATEGORY + "Nobody's")]) is None


def test_a_purpose_that_stands_alone_is_granted_only_by_what_speaks_for_it_alone() -> None:
    assert state_of("sharing", cookie=[said(1, G, CATEGORY + "Advertising")]) is None
    assert state_of("sharing", cookie=[said(1, D, CATEGORY + "Advertising")]) is D
    assert state_of("sharing", cookie=[said(1, G, CATEGORY + "Sharing")]) is G
    assert state_of("sharing", cookie=[said(1, G, PURPOSE + "sharing")]) is G


def test_of_two_answers_of_one_moment_the_one_that_refuses_counts() -> None:
    assert state_of(cookie=[said(1, G, CATEGORY + "Advertising"), said(1, D, OPT_OUT)]) is D
    assert state_of(cookie=[said(1, D, CATEGORY + "Advertising"), said(1, G, ADS)]) is D


STATEMENTS = st.lists(
    st.builds(
        said,
        st.integers(0, 6),
        st.sampled_from(ConsentState),
        st.sampled_from(
            [ADS, PURPOSE + "sharing", OPT_OUT, CATEGORY + "Marketing", CATEGORY + "Advertising", CATEGORY + "Sharing"]
        ),
        st.sampled_from([None, None, Channel.SMS]),
    ),
    max_size=6,
)
KEYS = [f"{name}:{number}" for name in STRONGEST_FIRST for number in (1, 2)]


def _told_apart(everything: dict[str, list[Said]]) -> dict[str, list[Said]]:
    """Give each statement a message of its own, so that no message contradicts itself."""
    numbers = itertools.count()
    return {
        key: [one._replace(order=(one.order[0], "web", f"m{next(numbers)}")) for one in own]
        for key, own in everything.items()
    }


@examples(300)
@given(
    everything=st.dictionaries(st.sampled_from(KEYS), STATEMENTS, max_size=4), random=st.randoms(use_true_random=False)
)
def test_what_a_customer_allows_is_what_a_plain_reading_of_all_statements_gives(
    everything: dict[str, list[Said]], random: Random
) -> None:
    everything = _told_apart(everything)
    decisions = [one for key, own in everything.items() for one in fold(key, own)]
    random.shuffle(decisions)
    found = {
        (purpose, channel): "GRANTED" if standing.state is G else "REFUSED"
        for (purpose, channel), standing in derive(decisions, CONSENT, RULES).items()
    }
    assert found == allowed_by(everything, CONSENT, STRONGEST_FIRST)


@examples(300)
@given(own=STATEMENTS, random=st.randoms(use_true_random=False))
def test_taking_statements_one_by_one_gives_the_decisions_of_all(own: list[Said], random: Random) -> None:
    own = _told_apart({"cookie:1": own})["cookie:1"]
    random.shuffle(own)
    known: dict[str, list[Decision]] = {}
    seen: list[Said] = []
    for one in own:
        seen.append(one)
        topic = one.statement.topic
        line = known.setdefault(topic, [])
        made = extend("cookie:1", line[-1] if line else None, one)
        if made is None:
            known = {}
            for decision in fold("cookie:1", seen):
                known.setdefault(decision.topic, []).append(decision)
        elif line and made.order == line[-1].order:
            line[-1] = made
        else:
            line.append(made)
    assert [decision for topic in sorted(known) for decision in known[topic]] == fold("cookie:1", own)
