"""Any change, deletion, swap or insertion is found, and named; what was written anew, or cut off, against a checkpoint."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.audit.chain import GENESIS, canonical_bytes, seal
from identity_graph.domain.audit.checkpoints import Checkpoint, Signer, is_public_key
from identity_graph.domain.audit.entries import Action, AuditEntry, Outcome, SealedEntry, Who
from identity_graph.domain.audit.verification import EMPTY, SHORTEST_KEPT, Fault, Head, Verdict, Verification, verify
from tests.properties import examples

NOW = 2_000_000_000_000_000
SIGNER = Signer(b"\1" * 32)
STRANGER = Signer(b"\2" * 32)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)

entries = st.builds(
    AuditEntry,
    id=WORDS,
    at=st.integers(0, NOW),
    who=st.builds(Who, WORDS, WORDS, WORDS, WORDS),
    action=st.sampled_from(Action),
    operation=WORDS,
    objects=st.lists(WORDS, max_size=3).map(tuple),
    counts=st.dictionaries(WORDS, st.integers(0, 1 << 40), max_size=2).map(
        lambda counts: tuple(sorted(counts.items()))
    ),
    outcome=st.sampled_from(Outcome),
    reason=WORDS,
)
logs = st.lists(entries, min_size=1, max_size=8)


def sealed(log: Sequence[AuditEntry]) -> list[SealedEntry]:
    return seal(log, count=0, root=GENESIS)


def head_of(log: Sequence[SealedEntry]) -> Head:
    return Head(log[-1].number, log[-1].hash) if log else EMPTY


def checkpoint_of(log: Sequence[SealedEntry], at: int = NOW, signer: Signer = SIGNER) -> Checkpoint:
    return signer.sign(*head_of(log), at)


def check(
    log: Sequence[SealedEntry], head: Head, *checkpoints: Checkpoint, trusted: frozenset[str] = frozenset()
) -> Verdict:
    return verify(log, head, checkpoints, trusted=trusted, now=NOW)


@examples(20)
@given(logs, st.data())
def test_what_was_written_verifies_with_every_checkpoint(log: list[AuditEntry], data: st.DataObject) -> None:
    chain = sealed(log)
    cut = data.draw(st.integers(0, len(chain)))
    verdict = check(chain, head_of(chain), checkpoint_of(chain[:cut]), checkpoint_of(chain))
    assert verdict == Verdict(None, len(chain), *head_of(chain), 0, 2)


@examples(30)
@given(logs, st.data())
def test_a_changed_entry_is_named(log: list[AuditEntry], data: st.DataObject) -> None:
    chain = sealed(log)
    place = data.draw(st.integers(0, len(chain) - 1))
    other = data.draw(entries.filter(lambda entry: entry != log[place]))
    chain[place] = replace(chain[place], entry=other)
    problem = check(chain, head_of(chain)).problem
    assert problem is not None
    assert (problem.fault, problem.number) == (Fault.CHANGED, place + 1)


@examples(30)
@given(logs, st.data())
def test_a_changed_field_changes_the_bytes(log: list[AuditEntry], data: st.DataObject) -> None:
    one, other = log[0], data.draw(entries)
    assert (canonical_bytes(1, one) == canonical_bytes(1, other)) is (one == other)
    assert canonical_bytes(1, one) != canonical_bytes(2, one)


@examples(30)
@given(logs, st.data())
def test_a_deleted_entry_is_named(log: list[AuditEntry], data: st.DataObject) -> None:
    chain = sealed(log)
    head, place = head_of(chain), data.draw(st.integers(0, len(chain) - 1))
    del chain[place]
    problem = check(chain, head).problem
    assert problem is not None
    assert problem.number == place + 1
    assert problem.fault is (Fault.CUT_OFF if place == len(chain) else Fault.MISSING) or not chain


@examples(30)
@given(logs.filter(lambda log: len(log) > 1), st.data())
def test_swapped_entries_are_found(log: list[AuditEntry], data: st.DataObject) -> None:
    chain = sealed(log)
    first, second = sorted(data.draw(st.sets(st.integers(0, len(chain) - 1), min_size=2, max_size=2)))
    chain[first], chain[second] = (
        SealedEntry(chain[first].number, chain[second].entry, chain[second].hash),
        SealedEntry(chain[second].number, chain[first].entry, chain[first].hash),
    )
    problem = check(chain, head_of(chain)).problem
    assert problem is not None
    assert (problem.fault, problem.number) == (Fault.CHANGED, first + 1)


@examples(30)
@given(logs, entries, st.data())
def test_an_inserted_entry_is_found(log: list[AuditEntry], other: AuditEntry, data: st.DataObject) -> None:
    chain = sealed(log)
    place = data.draw(st.integers(0, len(chain) - 1))
    (forged,) = seal([other], count=place, root=chain[place - 1].hash if place else GENESIS)
    moved = [replace(one, number=one.number + 1) for one in chain[place:]]
    head = Head(len(log) + 1, chain[-1].hash)
    problem = check([*chain[:place], forged, *moved], head).problem
    assert problem is not None
    assert (problem.fault, problem.number) == (Fault.CHANGED, place + 2)


@examples(30)
@given(logs, st.data())
def test_a_chain_that_was_written_anew_is_found_against_a_checkpoint(
    log: list[AuditEntry], data: st.DataObject
) -> None:
    chain = sealed(log)
    cut = data.draw(st.integers(0, len(log) - 1))
    place = data.draw(st.integers(cut, len(log) - 1))
    other = data.draw(entries.filter(lambda entry: entry != log[place]))
    forged = sealed([*log[:place], other, *log[place + 1 :]])
    assert check(forged, head_of(forged)).problem is None
    problem = check(forged, head_of(forged), checkpoint_of(chain[:cut]), checkpoint_of(chain)).problem
    assert problem is not None
    assert (problem.fault, problem.number) == (Fault.REWRITTEN, cut + 1)


@examples(30)
@given(logs, st.data())
def test_a_cut_tail_is_found_against_a_checkpoint(log: list[AuditEntry], data: st.DataObject) -> None:
    chain = sealed(log)
    cut = chain[: data.draw(st.integers(0, len(chain) - 1))]
    assert check(cut, head_of(cut)).problem is None
    problem = check(cut, head_of(cut), checkpoint_of(chain)).problem
    assert problem is not None
    assert (problem.fault, problem.number) == (Fault.CUT_OFF, len(cut) + 1)


@examples(20)
@given(logs, st.data())
def test_what_a_checkpoint_covers_may_be_deleted_after_three_years(log: list[AuditEntry], data: st.DataObject) -> None:
    chain = sealed(log)
    covered = data.draw(st.integers(1, len(chain)))
    left = chain[data.draw(st.integers(1, covered)) :]
    old = checkpoint_of(chain[:covered], NOW - SHORTEST_KEPT)
    verdict = check(left, head_of(chain), old)
    assert verdict == Verdict(None, len(chain) - covered, *head_of(chain), covered, 1)
    young = check(left, head_of(chain), checkpoint_of(chain[:covered], NOW - SHORTEST_KEPT + 1)).problem
    assert young is not None
    assert young.fault is Fault.DELETED_EARLY
    none = check(left, head_of(chain)).problem
    assert none is not None
    assert none.fault is Fault.MISSING


def make(number: int) -> AuditEntry:
    return AuditEntry(
        id=f"aud_{number}", at=number, who=Who("a", "key"), action=Action.READ_PERSON, operation="customer"
    )


def problem_of(verdict: Verdict) -> tuple[Fault, int]:
    assert verdict.problem is not None
    return verdict.problem.fault, verdict.problem.number


def test_an_empty_log_is_intact() -> None:
    assert check([], EMPTY, checkpoint_of([])).problem is None


def test_a_log_of_which_everything_was_deleted_is_missing() -> None:
    chain = sealed([make(1), make(2)])
    assert problem_of(check([], head_of(chain))) == (Fault.MISSING, 1)
    assert check([], head_of(chain), checkpoint_of(chain, NOW - SHORTEST_KEPT)).problem is None


def test_checkpoints_older_than_the_one_that_covers_are_left_out() -> None:
    chain = sealed([make(number) for number in range(1, 5)])
    old = [checkpoint_of(chain[:1], NOW - SHORTEST_KEPT - 2), checkpoint_of(chain[:3], NOW - SHORTEST_KEPT)]
    assert check(chain[2:], head_of(chain), *old) == Verdict(None, 1, *head_of(chain), 3, 1)


def test_what_contradicts_the_checkpoint_that_covers_is_found() -> None:
    chain, other = sealed([make(1), make(2), make(3)]), sealed([make(4), make(5), make(6)])
    old, forged = checkpoint_of(chain[:2], NOW - SHORTEST_KEPT), checkpoint_of(other[:2], NOW - SHORTEST_KEPT)
    assert problem_of(check(chain[2:], head_of(chain), forged)) == (Fault.CHANGED, 3)
    assert problem_of(check(chain[2:], head_of(chain), old, forged)) == (Fault.REWRITTEN, 3)


def test_an_entry_with_a_number_that_was_there_is_found() -> None:
    chain = sealed([make(1), make(2)])
    assert problem_of(check([*chain, chain[1]], head_of(chain))) == (Fault.CHANGED, 2)


def test_several_missing_entries_are_named() -> None:
    chain = sealed([make(number) for number in range(1, 6)])
    verdict = check([chain[0], chain[4]], head_of(chain))
    assert problem_of(verdict) == (Fault.MISSING, 2)
    assert verdict.problem is not None
    assert "Entries 2 to 4" in verdict.problem.text


def test_nothing_after_what_is_wrong_is_looked_at() -> None:
    chain = sealed([make(1), make(2), make(3)])
    verification = Verification((), trusted=frozenset(), now=NOW)
    for one in [replace(chain[0], hash=GENESIS), *chain[1:]]:
        verification.take(one)
    verdict = verification.finish(head_of(chain))
    assert verification.problem == verdict.problem
    assert (problem_of(verdict), verdict.verified) == ((Fault.CHANGED, 1), 0)


def test_an_end_that_was_not_written_last_is_found() -> None:
    chain = sealed([make(1), make(2)])
    assert problem_of(check(chain, head_of(chain[:1]))) == (Fault.CHANGED, 2)
    assert problem_of(check(chain, Head(2, GENESIS))) == (Fault.CHANGED, 2)


def forge(checkpoint: Checkpoint, **changed: object) -> Checkpoint:
    return replace(checkpoint, **changed)  # type: ignore[arg-type]


def test_a_forged_checkpoint_is_found() -> None:
    chain = sealed([make(1)])
    genuine = checkpoint_of(chain)
    changes: list[Callable[[], Checkpoint]] = [
        lambda: forge(genuine, count=2),
        lambda: forge(genuine, at=1),
        lambda: forge(genuine, key=STRANGER.public_key),
        lambda: forge(genuine, signature="A" * 86),
        lambda: forge(genuine, key="A" * 42 + "!"),
        lambda: forge(genuine, key="A"),
    ]
    for change in changes:
        assert problem_of(check(chain, head_of(chain), change()))[0] is Fault.FORGED_CHECKPOINT


def test_only_trusted_keys_count_when_they_are_named() -> None:
    chain = sealed([make(1)])
    strange, trusted = checkpoint_of(chain, signer=STRANGER), frozenset({SIGNER.public_key})
    assert check(chain, head_of(chain), strange).problem is None
    assert check(chain, head_of(chain), checkpoint_of(chain), trusted=trusted).problem is None
    assert problem_of(check(chain, head_of(chain), strange, trusted=trusted)) == (Fault.FORGED_CHECKPOINT, 1)


def test_a_checkpoint_is_one_word_that_reads_back() -> None:
    checkpoint = checkpoint_of(sealed([make(1)]))
    assert Checkpoint.parse(f" {checkpoint}\n") == checkpoint
    assert Checkpoint.parse(str(checkpoint)[:-1]) is None
    assert Checkpoint.find_all(f"one checkpoint={checkpoint}\nother '{checkpoint}'") == [checkpoint, checkpoint]
    assert is_public_key(SIGNER.public_key)
    assert not is_public_key(SIGNER.public_key[:-1] + "!")
    assert not is_public_key("AAAA")


def test_a_part_verifies_since_a_checkpoint() -> None:
    chain = sealed([make(number) for number in range(1, 5)])
    since, last = checkpoint_of(chain[:2]), checkpoint_of(chain)
    for part, found in ((chain[2:], None), (chain[3:], (Fault.MISSING, 3))):
        verification = Verification([since, last], trusted=frozenset(), now=NOW, since=since)
        for one in part:
            verification.take(one)
        verdict = verification.finish(head_of(chain))
        assert (None if verdict.problem is None else problem_of(verdict)) == found
