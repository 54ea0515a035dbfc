"""A reproduction in words and as plain data: what must have happened, what was tried, how far it agrees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hatlab.compare.comparison import Comparison
from hatlab.compare.document import to_document as comparison_document
from hatlab.compare.words import comparison_lines, conf_lines, describe_total, total_lines
from hatlab.compare.words import verdict as comparison_verdict
from hatlab.describe.times import RunClock
from hatlab.incident.reproduce.cure import Cure
from hatlab.incident.reproduce.faults import InferredFault
from hatlab.incident.reproduce.search import SEEDS, Reproduction
from hatlab.incident.reproduce.timetable import script_lines
from hatlab.incident.signs import Sign, find_signs
from hatlab.util.text import join_names, plural

VERSION = 1
_NOT_PLAYED = {"vrid_shared", "sending_refused", "addresses_refused", "interface_missing", "daemon_failed"}
"""Kinds of signs."""
_PLAYED = {"vrid_shared"}
"""Those that a lab shows if a node of it plays the stranger, or several clusters were brought."""


def verdict(comparison: Comparison) -> str:
    """Return one line: whether the incident was reproduced, and else in what it was not."""
    said = comparison_verdict(comparison)
    if comparison.same or not comparison.matches:
        return f"Reproduced. {said}" if comparison.same else said
    return f"Reproduced in part: {comparison.agreement:.0%} agrees. {said}"


def report_lines(
    found: Reproduction, comparison: Comparison, names: tuple[str, str], *, details: bool
) -> Iterator[str]:
    """Yield a reproduction as lines for people.

    Args:
        found: what was inferred and tried.
        comparison: of the incident (A) and the run (B) that is told: the best of the simulator, or Docker's.
        names: what the incident is called, and the run.
        details: with the whole comparison.
    """
    yield verdict(comparison)
    yield ""
    faults = found.best.faults
    if faults:
        seen = found.seen
        clock = RunClock.of_day(seen.lab.started) if seen.is_imported else RunClock()
        yield "What must have happened (seconds of the script, moment of the recording):"
        for line, fault in zip(script_lines(seen, faults, found.best.lead), faults, strict=True):
            when = clock.format(fault.at, 2)
            yield f"  {line.at:>7.2f} s  {when:>11}  {fault.words}"
            yield f"{'':26}{_because(fault)}"
    elif comparison.same:
        yield "Nothing had to happen: the topology and its configurations do it by themselves."
    else:
        yield "Nothing in it tells of a fault that a lab can play."
    for sentence in _undecided_lines(found):
        yield ""
        yield sentence
    if (exact := found.as_seen()) is not None:
        cuts, agreement = exact
        yield ""
        yield (
            "Chance decides which frames are lost, so no run loses the same ones. "
            f"Of {SEEDS} that were drawn, seed {found.best.seed} agrees best. "
            f"With the adverts lost as they were seen ({cuts.name}), {agreement:.0%} agrees."
        )
    if assumed := found.topology.assume:
        yield ""
        yield plural(
            len(assumed),
            "No lab has what the check {names} runs, so there it asks mysqld: a mysqld that is killed "
            "stands for whatever made it fail.",
            "No lab has what the checks {names} run, so there they ask mysqld: a mysqld that is killed "
            "stands for whatever made them fail.",
            names=join_names(assumed),
        )
    for failure in found.best.trial.failures:
        yield f"This could not be done: {failure}"
    for sign in _not_played(found):
        yield ""
        where = f" ({sign.evidence})" if sign.evidence else ""
        yield f"No lab plays this: {sign.text}{where}"
    for sign in _told_again(found):
        yield ""
        yield f"The run shows this, too: {sign.text}"
    yield ""
    yield plural(
        found.tried,
        "{count} candidate was tried on the simulator.",
        "{count} candidates were tried on the simulator; the best one is told.",
    )
    if details:
        yield ""
        yield from list(comparison_lines(comparison, names))[2:]


def cure_lines(cure: Cure) -> Iterator[str]:
    """Yield what became of the same faults with changed configurations, as lines for people."""
    yield cure_verdict(cure)
    yield from total_lines(cure.comparison)
    yield from conf_lines(cure.comparison)
    for note in cure.notes:
        yield ""
        yield f"note: {note}"


def cure_verdict(cure: Cure) -> str:
    """Return one line: whether the change makes the same faults cheaper, and by what."""
    within = cure.comparison.within
    better = [describe_total(t) for t in cure.totals if t.differs(within) and t.more < 0]
    worse = [describe_total(t) for t in cure.totals if t.differs(within) and t.more > 0]
    if not better and not worse:
        return "The change makes no difference: the same faults cost as much as before."
    if not worse:
        return f"The cure holds: with the same faults, {'; '.join(better)}."
    if not better:
        return f"The change makes it worse: with the same faults, {'; '.join(worse)}."
    return f"The change helps and harms: {'; '.join(better)}; but {'; '.join(worse)}."


def _not_played(found: Reproduction) -> list[Sign]:
    """What the recording tells of things that are no part of a lab, as a kernel that refuses."""
    again = _signs_of_run(found)
    signs = (sign for sign in find_signs(found.seen.facts) if sign.kind in _NOT_PLAYED)
    return [sign for sign in signs if (sign.kind, sign.node) not in again]


def _told_again(found: Reproduction) -> list[Sign]:
    """What the recording tells of others with the same VRID and the run tells, too."""
    again = _signs_of_run(found)
    signs = (sign for sign in find_signs(found.seen.facts) if sign.kind in _PLAYED)
    return [sign for sign in signs if (sign.kind, sign.node) in again]


def _signs_of_run(found: Reproduction) -> set[tuple[str, str]]:
    signs = find_signs(event for event in found.best.trial.events if not event.derived)
    return {(sign.kind, sign.node) for sign in signs if sign.kind in _PLAYED}


def _because(fault: InferredFault) -> str:
    where = f" ({', '.join(fault.evidence)})" if fault.evidence else ""
    return f"{fault.why}{where}"


def _undecided_lines(found: Reproduction) -> Iterator[str]:
    for names in found.undecided():
        first, *others = names
        yield (
            f"It cannot be told apart from {join_names(others) if len(others) == 1 else _either(others)}: "
            f"{first} was chosen, but what was recorded would be the same."
        )
        if found.seen.is_imported and (lacking := _lacking(found)):
            yield f"More would tell: {lacking}."


def _either(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"


def _lacking(found: Reproduction) -> str:
    """Return what was not brought of the nodes, in words."""
    seen = found.seen
    parts = []
    for source, words in (("log", "a log of {nodes}"), ("capture", "a capture on {nodes}")):
        nodes = [node for node in seen.layout.server_names if not seen.sees(node, source)]
        if nodes:
            parts.append(words.format(nodes=join_names(nodes)))
    return join_names(parts)


def to_document(found: Reproduction, comparison: Comparison, cure: Cure | None = None) -> dict[str, Any]:
    """Return a reproduction as plain data; its fields are described in docs/import.md."""
    best = found.best
    lines = script_lines(found.seen, best.faults, best.lead)
    return {
        "version": VERSION,
        "verdict": verdict(comparison),
        "agreement": round(comparison.agreement, 4),
        "same": comparison.same,
        "faults": [
            {
                "at": round(fault.at, 6),
                "script_at": line.at,
                "action": fault.words,
                "why": fault.why,
                "evidence": list(fault.evidence),
            }
            for line, fault in zip(lines, best.faults, strict=True)
        ],
        "failures": list(best.trial.failures),
        "not_played": [
            {"kind": sign.kind, "node": sign.node, "text": sign.text, "evidence": sign.evidence}
            for sign in _not_played(found)
        ],
        "assumed": dict(found.topology.assume),
        "told_again": [{"kind": sign.kind, "node": sign.node} for sign in _told_again(found)],
        "seed": best.seed,
        "as_seen": round(exact[1], 4) if (exact := found.as_seen()) is not None else None,
        "tried": found.tried,
        "alternatives": [
            {name: round(agreement, 4) for name, agreement in agreements.items()}
            for agreements in found.alternatives.values()
        ],
        "undecided": [list(names) for names in found.undecided()],
        "comparison": comparison_document(comparison),
        "cure": {
            "verdict": cure_verdict(cure),
            "holds": cure.holds,
            "comparison": comparison_document(cure.comparison),
        }
        if cure is not None
        else None,
    }
