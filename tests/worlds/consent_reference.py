"""What customers allow, by a plain reading of everything that was said: slow, and written without the code that it checks."""

from itertools import groupby

from identity_graph.domain.consent.decisions import Said
from identity_graph.domain.consent.rules import ConsentRules
from identity_graph.domain.consent.statements import ConsentState

Everything = dict[str, list[Said]]
"""All statements, by the key of the identifier that made them."""


def allowed_by(
    everything: Everything, rules: ConsentRules, strongest_first: list[str]
) -> dict[tuple[str, str | None], str]:
    """Give the state of each purpose and channel that somebody said anything of."""
    answers: dict[tuple[str, str | None], dict[str, tuple[int, str]]] = {}
    for key, said in everything.items():
        for dimension, answer in _answers_of(said, rules).items():
            answers.setdefault(dimension, {})[key] = answer
    return {dimension: _put_together(own, strongest_first) for dimension, own in answers.items()}


def barred_by(everything: Everything) -> str | None:
    """Name the bar that counts: the first of those that the last word of one of the identifiers sets."""
    in_force = {
        subject
        for said in everything.values()
        for subject in {one.statement.subject for one in said}
        if subject.startswith("bar:")
        and max((one.order, one.statement.state.value) for one in said if one.statement.subject == subject)[1]
        == "GRANTED"
    }
    bars = ("RESTRICTED", "DECEASED", "NOT_PERSONALISED")
    return next((bar for bar in bars if f"bar:{bar}" in in_force), None)


def _answers_of(said: list[Said], rules: ConsentRules) -> dict[tuple[str, str | None], tuple[int, str]]:
    """Give the last answer of one identifier to each question, and since when it gives it."""
    found: dict[tuple[str, str | None], tuple[int, str]] = {}
    subjects = {(one.statement.subject, one.statement.channel) for one in said}
    for subject, channel in subjects:
        line = sorted(
            (one.order, one.statement.state.value)
            for one in said
            if (one.statement.subject, one.statement.channel) == (subject, channel)
        )
        runs = [list(run) for _, run in groupby(line, key=lambda step: step[1])]
        last = runs[-1]
        since, state = last[0][0][0], last[0][1]
        covered = _covered(subject, rules)
        for purpose in covered:
            declared = rules.purposes.get(purpose)
            if declared is not None and declared.separate and len(covered) > 1:
                # What covers several purposes at once grants none that stands alone: the last refusal goes on.
                if state == "GRANTED":
                    refused = [run for run in runs if run[0][1] != "GRANTED"]
                    if not refused:
                        continue
                    offer = (refused[-1][0][0][0], refused[-1][0][1])
                else:
                    offer = (since, state)
            else:
                offer = (since, state)
            dimension = (purpose, None if channel is None else channel.value)
            known = found.get(dimension)
            if known is None or (offer[0], offer[1] != "GRANTED") > (known[0], known[1] != "GRANTED"):
                found[dimension] = offer
    return found


def _covered(subject: str, rules: ConsentRules) -> list[str]:
    if subject == "opt_out":
        return [name for name, rule in rules.purposes.items() if rule.opt_out]
    kind, _, name = subject.partition(":")
    if kind == "bar":
        return []
    if kind == "category":
        return [purpose for purpose, rule in rules.purposes.items() if name in rule.categories]
    return [name]


def _put_together(answers: dict[str, tuple[int, str]], strongest_first: list[str]) -> str:
    place = {key: strongest_first.index(key.partition(":")[0]) for key in answers}
    standing = {
        key: answer
        for key, answer in answers.items()
        if not [other for other in answers if answers[other][0] > answer[0] and place[other] < place[key]]
    }
    refusals = [answer for answer in standing.values() if answer[1] != ConsentState.GRANTED.value]
    return "GRANTED" if not refusals else "REFUSED"
