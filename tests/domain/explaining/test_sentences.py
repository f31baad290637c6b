"""Explanations: sentences with dates, counts, values and limits."""

from dataclasses import replace
from itertools import pairwise

from identity_graph.domain.explaining.sentences import (
    JudgedBy,
    SeenTogether,
    explain_apart,
    explain_linked,
    how_seen,
    say_ambiguous,
    say_claimed,
    say_different,
    say_full,
    say_limit,
    say_quarantined,
    say_refused,
    say_step,
    say_stood_between,
    say_unbound,
    say_unlinked,
)
from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.values.identifiers import Identifier
from tests.worlds.worlds import SECOND, make_rules

RULES = make_rules()
DAY = 86_400 * SECOND
NEW_YEAR = 1_767_225_600 * SECOND
SAID = JudgedBy("mia", NEW_YEAR, "twins")


def seen(a: str, b: str, count: int = 1, days: int = 0) -> SeenTogether:
    return SeenTogether(a, b, count, NEW_YEAR, NEW_YEAR + days * DAY)


def members(*keys: str, at: int = 100) -> list[Member]:
    return [member_of(Identifier.from_key(key), at * SECOND, RULES) for key in keys]


def path(*keys: str) -> list[SeenTogether]:
    return [seen(a, b) for a, b in pairwise(keys)]


def test_a_link_is_described_by_its_count_and_its_days() -> None:
    assert how_seen(seen("crm:1", "phone:1")) == "seen together once, on 2026-01-01"
    assert how_seen(seen("crm:1", "phone:1", 2)) == "seen together 2 times, on 2026-01-01"
    assert how_seen(seen("crm:1", "phone:1", 2, 30)) == "seen together 2 times, from 2026-01-01 to 2026-01-31"
    judged = replace(seen("crm:1", "phone:1"), said=SAID)
    assert how_seen(judged) == "judged to be the same person by mia on 2026-01-01"


def test_what_links_two_is_told_along_the_way() -> None:
    keys = ["crm:1", "phone:1", "cookie:1"]
    assert explain_linked("crm:1", "cookie:1", path(*keys), path(*keys)[1:]) == (
        "crm 1 and cookie 1 belong to the same customer through 2 links: crm 1 and phone 1 (seen together once, on "
        "2026-01-01), phone 1 and cookie 1 (seen together once, on 2026-01-01). Without the link between phone 1 and "
        "cookie 1, they would be two customers."
    )


def test_a_long_way_is_told_by_what_lies_between() -> None:
    keys = [f"device:{number}" for number in range(7)]
    text = explain_linked("device:0", "device:5", path(*keys[:6]), path(*keys[:6]))
    assert "through 5 links, by way of device 1, device 2, device 3, device 4." in text
    assert "They depend on each of 5 links: device 0 and device 1; device 1 and device 2; device 2 and device 3" in text
    assert "; and 1 more. Without any one of these, they would be two customers." in text
    assert "device 4 …." in explain_linked("device:0", "device:6", path(*keys), [])


def test_a_few_bridges_are_all_named() -> None:
    text = explain_linked("crm:1", "cookie:1", path("crm:1", "cookie:1"), path("crm:1", "phone:1", "cookie:1"))
    assert text.endswith(
        "They depend on each of 2 links: crm 1 and phone 1; phone 1 and cookie 1. Without any one of these, they would be two "
        "customers."
    )


def test_what_keeps_two_apart_is_told_with_the_way_on_which_they_would_meet() -> None:
    whole = "crm 1 and crm 2 belong to different customers."
    assert explain_apart("crm:1", "crm:2", [], [], None) == f"{whole} Nothing that counts connects them."
    assert explain_apart("crm:1", "crm:2", [], ["so it is"], "over one link") == (
        f"{whole} Nothing that counts connects them over one link: so it is."
    )
    assert explain_apart("crm:1", "crm:2", path("crm:1", "crm:2"), ["this", "that", "more"], None) == (
        f"{whole} They were seen together once, on 2026-01-01, but this; also, that (1 more reasons)."
    )
    keys = ["crm:1", *(f"device:{number}" for number in range(5)), "crm:2"]
    assert explain_apart("crm:1", "crm:2", path(*keys), ["this"], None) == (
        f"{whole} They meet through device 0, device 1, device 2, device 3 …, but this."
    )
    assert "They meet through device 0, but this." in explain_apart(
        "crm:1", "x", path("crm:1", "device:0", "x"), ["this"], None
    )


def test_a_limit_is_told_with_the_values_that_exceed_it() -> None:
    assert say_limit(members("crm:1", "phone:1"), members("crm:2", "openid:wxA/1"), RULES) == (
        "together they would have 2 crm (1, 2); the limit is 1"
    )
    assert say_limit(members("openid:wxA/1"), members("openid:wxA/2"), RULES) == (
        "together they would have 2 openid of wxA (wxA/1, wxA/2); the limit is 1"
    )
    both = say_limit(members("crm:1", "openid:wxA/1"), members("crm:2", "openid:wxA/2"), RULES)
    assert both is not None
    assert both.count("the limit is 1") == 2
    many = say_limit(members(*(f"phone:{n}" for n in range(6))), members("phone:6", "device:1"), RULES)
    assert many == "together they would have 7 phone (0, 1, 2, 3, 4, 5, …); the limit is 2"


def test_a_window_counts_what_was_seen_within_it() -> None:
    old, new = members("cookie:1", "cookie:2", at=70), members("cookie:3", at=100)
    assert say_limit(old, new, RULES) is None
    assert say_limit(members("cookie:1", "cookie:2", at=80), new, RULES) == (
        "together they would have 3 cookie (1, 2, 3); the limit is 2 within 20 seconds"
    )
    assert say_limit([], [], RULES) is None
    assert say_limit(members("phone:1"), members("phone:2"), RULES) is None
    yearly = make_rules(window=365 * DAY)
    cookies = [member_of(Identifier("cookie", str(number)), 0, yearly) for number in range(3)]
    said = say_limit(cookies[:1], cookies[1:], yearly)
    assert said == "together they would have 3 cookie (0, 1, 2); the limit is 2 within 365 days"


def test_every_other_reason_has_its_words() -> None:
    assert say_full(7, 5, 10) == "together they would have 12 identifiers (7 and 5); the limit is 10"
    assert say_ambiguous("device:1") == "several customers claim device 1, and the rules give it to nobody"
    assert say_quarantined("device:1", {"crm": 51, "openid/wxA": 3}, RULES) == (
        "device 1 was seen with 51 crm, more than 50, so it counts as shared and its links do not count"
    )
    assert say_different("crm:1", "crm:2", SAID) == (
        "mia judged on 2026-01-01 that crm 1 and crm 2 are different persons: twins"
    )
    assert say_unlinked("crm:1", "crm:2", NEW_YEAR - DAY, SAID) == (
        "mia unlinked crm 1 and crm 2 on 2026-01-01, for everything observed up to 2025-12-31: twins"
    )
    assert say_stood_between().startswith("a limit kept their customers apart")
    assert (
        say_refused(seen("crm:1", "phone:1"), "no")
        == "crm 1 and phone 1 were seen together once, on 2026-01-01, but no."
    )


def test_a_step_says_why_it_joined() -> None:
    link = seen("crm:1", "phone:1")
    assert say_step(link, "phone", 1) == "The first link, in tier phone: seen together once, on 2026-01-01."
    assert say_step(link, "phone", 2).startswith("The next link that joined something, in tier phone")
    judged = replace(link, said=SAID)
    assert say_step(judged, None, 1) == "mia judged on 2026-01-01 that they are the same person: twins"
    assert say_step(judged, "phone", 1).startswith("The first link")


def test_what_an_event_unbound_names_its_source_and_until_when() -> None:
    assert say_claimed("cookie:1", "crm:1") == (
        "crm 1 was claimed together with cookie 1, by a source that may not say so"
    )
    assert say_unbound("crm:1", NEW_YEAR - DAY, SAID) == (
        "crm 1 was unbound by an event of mia, for everything observed up to 2025-12-31"
    )
