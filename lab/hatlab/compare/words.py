"""A comparison in words: the verdict in one line, and each difference in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.compare.comparison import Comparison, Match
from hatlab.compare.course import ADVERTS, NOBODY, SILENT
from hatlab.compare.totals import Amount, Total, find_totals
from hatlab.describe.times import format_length, format_seconds
from hatlab.util.text import join_names, plural

_MOST_TOLD = 3
"""Differences that the verdict names."""
_STATES = {
    "MASTER": "became Master",
    "BACKUP": "became Backup",
    "FAULT": "went to FAULT",
    "STOPPED": "stopped",
}
_STATES_MISSED = {
    "MASTER": "did not become Master",
    "BACKUP": "did not become Backup",
    "FAULT": "did not go to FAULT",
    "STOPPED": "did not stop",
}


def verdict(comparison: Comparison) -> str:
    """Return one line: that both took the same course, or the most telling differences."""
    if not comparison.matches:
        return "There is nothing to compare: the two recordings show nothing that both could have seen."
    if comparison.same:
        return _same_course(comparison)
    told, more = _most_telling(comparison)
    totals = [total for total in find_totals(comparison) if total.differs(comparison.within)]
    if any(total.is_count for total in totals):  # another course: what it costs says more than its parts
        told, more = [describe_total(total) for total in totals], len(comparison.differences)
    sentence = "B differs: " + "; ".join(told)
    if more:
        sentence += plural(more, "; and {count} more difference", "; and {count} more differences")
    return sentence + "."


def _same_course(comparison: Comparison) -> str:
    states = [m for m in comparison.of("state") if m.first and m.first.at > comparison.first.begins]
    worst = max(
        (abs(m.seconds) for m in comparison.matches if m.key.kind in ("state", "owners")), default=0.0
    )
    count = plural(len(states), "{count} of {count} transition", "{count} of {count} transitions")
    count = count if states else "no transition in either"
    owners = ", no owner differs" if comparison.of("owners") else ""
    times = f", times within {format_seconds(max(worst, 0.01))}" if states else ""
    return f"The same course: {count}{owners}{times}."


def _most_telling(comparison: Comparison) -> tuple[list[str], int]:
    """Return the sentences of the most telling differences, and how many others there are."""
    differences = comparison.differences
    kinds = dict.fromkeys(match.key.kind for match in differences)
    first_of_kind = [next(m for m in differences if m.key.kind == kind) for kind in kinds]
    told = first_of_kind[:_MOST_TOLD]
    told += [m for m in differences if m.key.kind == "state" and m not in told][: _MOST_TOLD - len(told)]
    return [describe_difference(comparison, match) for match in told], len(differences) - len(told)


def describe_difference(comparison: Comparison, match: Match) -> str:
    """Return a difference as a clause about B, without a final stop: `db2 became Master 0.41 s later`."""
    if match.first is None or match.other is None:
        return _describe_alone(comparison, match)
    if match.key.kind == "outage" and abs(match.longer) > comparison.within:
        return f"the outage of {match.key.subject[0]} was {_outages(match)}"
    what = _describe_event(comparison, match)
    if match.apart:
        way = "later" if match.seconds > 0 else "earlier"
        return f"{what} {format_length(abs(match.seconds))} {way}"
    if match.causes is not None:
        return f"{what} for another reason ({match.causes[1]}; in A: {match.causes[0]})"
    return what


def _outages(match: Match) -> str:
    assert match.first is not None
    assert match.other is not None
    return f"{format_length(match.other.seconds)} instead of {format_length(match.first.seconds)}"


def _describe_alone(comparison: Comparison, match: Match) -> str:
    """Say what only one of the runs has."""
    if match.other is not None:
        when = comparison.other.clock.format(match.other.at, 2)
        return f"{_describe_event(comparison, match)} at {when} in B alone"
    assert match.first is not None
    when = comparison.first.clock.format(match.first.at, 2)
    if match.key.kind == "state":
        missed = _STATES_MISSED.get(match.value, f"did not enter {match.value}")
        return f"{_subject(comparison, match)} {missed}, as it did at {when} in A"
    return f"it lacks that {_describe_event(comparison, match)} at {when} in A"


def _subject(comparison: Comparison, match: Match) -> str:
    """Return the node, with its virtual router where there are several."""
    node, instance = match.key.subject
    several = len({m.key.subject[1] for m in comparison.of("state")}) > 1
    return f"{node} ({instance})" if several else node


def _describe_event(comparison: Comparison, match: Match) -> str:
    subject, value = match.key.subject, match.value
    match match.key.kind:
        case "state":
            return f"{_subject(comparison, match)} {_STATES.get(value, f'entered {value}')}"
        case "owners":
            address = _label(comparison, match)
            owners = value.split("+")
            if value == NOBODY:
                return f"{address} was held by nobody"
            return f"{address} was held by {join_names(owners)}"
        case "outage":
            moment = match.first or match.other
            assert moment is not None
            return f"{subject[0]} was cut off for {format_length(moment.seconds)}"
        case "condition":
            return f"{subject[0].replace('_', ' ')} {value}"
        case "heard":
            if value == SILENT:
                return f"{subject[0]} stopped hearing {subject[1]}"
            return f"{subject[0]} heard priority {value} from {subject[1]}"
        case _:
            if value == SILENT:
                return f"{subject[0]} stopped advertising"
            return f"{subject[0]} advertised priority {value}"


def _label(comparison: Comparison, match: Match) -> str:
    instance, number = match.key.subject
    return comparison.first.labels.get((instance, number)) or comparison.other.labels.get(
        (instance, number), instance
    )


def comparison_lines(comparison: Comparison, names: tuple[str, str]) -> Iterator[str]:
    """Yield the whole comparison as lines for people; `names` are what the recordings are called."""
    yield verdict(comparison)
    yield ""
    for letter, name, course in zip("AB", names, (comparison.first, comparison.other), strict=True):
        lab = course.report.lab
        what = f"{lab.name} on {lab.engine}, " if lab else ""
        yield f"{letter}  {name}  ({what}{format_seconds(course.ends, 1)})"
    yield from total_lines(comparison)
    yield ""
    yield _alignment_line(comparison)
    for ours, theirs in comparison.pairing.renamed().items():
        yield f"{theirs} of B stands for {ours} of A."
    for kind, title in _TITLES.items():
        matches = comparison.of(kind)
        if kind in ADVERTS:
            matches = [m for m in matches if m in comparison.differences]
        if matches:
            yield ""
            yield f"{title:<46}{'A':>12}{'B':>12}{'B − A':>11}"
            for match in matches:
                yield from _row(comparison, match)
    yield from conf_lines(comparison)
    unknown = sorted({" ".join(key.subject) for key in comparison.unknown if key.kind in ("state", "outage")})
    if unknown:
        yield ""
        yield f"Not compared, as one recording says nothing of it: {join_names(unknown)}."


def total_lines(comparison: Comparison) -> Iterator[str]:
    """Yield a table of what each run cost in all, above what happened when."""
    totals = find_totals(comparison)
    if totals:
        yield ""
        yield f"{'In all':<46}{'A':>12}{'B':>12}{'B − A':>11}"
    for total in totals:
        mark = "✖" if total.differs(comparison.within) else "✔"
        what = _TOTALS[total.kind].format(subject=total.subject)
        one, two = (_amount(total, amount) for amount in (total.first, total.other))
        apart = total.other.value - total.first.value
        more = f"{apart:+.0f}" if total.is_count else f"{apart:+.2f} s"
        yield f"{mark} {what:<44}{one:>12}{two:>12}{more:>11}"


def _amount(total: Total, amount: Amount) -> str:
    if total.is_count:
        return f"{amount.value:.0f}"
    return _relative(amount.value, amount.about if amount.value else 0.0)


_TOTALS = {
    "masters": "changes of {subject}'s Master",
    "no_owner": "{subject} was held by nobody",
    "several_owners": "{subject} was held by several",
    "outage": "{subject} was cut off",
}
"""Kind of a cost → what it is, for a column of the table and for a sentence."""


def describe_total(total: Total) -> str:
    """Return a cost of B beside that of A, as a clause: `client was cut off for 0 s instead of 2.41 s`."""
    one, two = total.first, total.other
    if total.is_count:
        return plural(
            round(two.value),
            "{count} change of {subject}'s Master instead of {before}",
            "{count} changes of {subject}'s Master instead of {before}",
            subject=total.subject,
            before=round(one.value),
        )
    what = _TOTALS[total.kind].format(subject=total.subject)
    return f"{what} for {_in_words(two)} instead of {_in_words(one)}"


def _in_words(amount: Amount) -> str:
    if not amount.value:
        return "0 s"
    return f"about {amount.value:.0f} s" if amount.about else format_length(amount.value)


_TITLES = {
    "state": "Transitions",
    "owners": "Owners",
    "outage": "Outages",
    "condition": "Conditions",
    "heard": "Who heard whom",
    "sent": "Who advertised what",
}


def _alignment_line(comparison: Comparison) -> str:
    a = comparison.alignment
    how = {
        "fault": "the first fault of both, {what}",
        "first": "the first transition of both, {what}",
        "exact": "the first transition of both whose time is exact, {what}",
        "ready": "the moment at which the lab was ready",
        "beginning": "the beginning",
        "moment": "the moments that you gave",
    }[a.how].format(what=a.what)
    slack = f", known to {format_seconds(a.slack)}" if a.slack else ""
    return (
        f"Aligned at {how}: {comparison.first.clock.format(a.first, 2)} in A, "
        f"{comparison.other.clock.format(a.other, 2)} in B{slack}. "
        f"Times may differ by {format_seconds(comparison.within)}."
    )


def _row(comparison: Comparison, match: Match) -> Iterator[str]:
    """Yield a row of the table: what happened, seconds from the anchor in both runs, and the difference."""
    a, b = comparison.alignment.first, comparison.alignment.other
    one = _relative(match.first.at - a, match.first.about) if match.first else "–"
    two = _relative(match.other.at - b, match.other.about) if match.other else "–"
    both = match.first is not None and match.other is not None
    apart = f"{match.seconds:+.2f} s" if both else "only A" if match.first else "only B"
    mark = "✖" if match.differs(comparison.within) else "✔"
    what = _describe_event(comparison, match)
    if match.key.kind == "outage" and both:
        what = f"{match.key.subject[0]} was cut off"
        if match.first and match.other:
            one, two = format_length(match.first.seconds), format_length(match.other.seconds)
            apart = f"{match.longer:+.2f} s"
    yield f"{mark} {what:<44}{one:>12}{two:>12}{apart:>11}"
    if match.causes is not None:
        yield f"    A: {match.causes[0]}"
        yield f"    B: {match.causes[1]}"


def _relative(seconds: float, about: float) -> str:
    return f"{'about ' if about else ''}{seconds:.{0 if about >= 0.5 else 2}f} s"


def conf_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the lines in which each node's configurations differ, as a diff has them."""
    for node, lines in comparison.confs.items():
        yield ""
        yield f"The keepalived.conf of {node} differs:"
        yield from (f"  {line}" for line in lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            more = len(lines) - _MOST_LINES
            yield "  " + plural(more, "and {count} more line", "and {count} more lines")


_MOST_LINES = 12
