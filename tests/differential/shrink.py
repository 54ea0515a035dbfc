"""The smallest case that still differs: what can be left out is left out, settings and steps alike.

Each thing that may go is tried by itself, all at the same time; then as many as possible of those that could
go are left out together, and so on until nothing more can go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Protocol

from tests.differential.case import Case, Step
from tests.differential.compare import Difference
from tests.differential.judge import differences
from tests.differential.outcome import Outcome

AFTERWARDS = 2.5
"""Seconds that a case goes on after its first difference."""
AT_ONCE = 40
"""Things that are tried at the same time at most."""
_NEEDED = (
    "interface ",
    "virtual_router_id ",
    "virtual_ipaddress {",
    "vrrp_notify_fifo ",
    "script_user ",
    "global_defs {",
)
"""Statements without which nothing works."""

Atom = tuple[str, int]
"""Something that can go: (node, first line of a statement), or ("", number of a step)."""
Unit = frozenset[Atom]
"""Atoms that go together: a statement on every node that has it."""


def shrink(case: Case, found: list[Difference], keepalived: Player) -> tuple[Case, Outcome]:
    """Return the smallest case found that differs in the same kind, and what real keepalived does of it.

    Args:
        found: the differences of the whole case.
    """
    kind = found[0].kind
    first = min(difference.fact.at for difference in found if difference.kind == kind)
    trial = _Trial(_cut(case, first + AFTERWARDS), kind, keepalived)
    if trial.outcome_of(Unit()) is None:
        trial = _Trial(case, kind, keepalived)
    removed = Unit()
    while True:
        units = [unit for unit in _units(trial.case) if not unit <= removed][:AT_ONCE]
        loose = trial.successes([removed | unit for unit in units])
        chains = [Unit().union(*loose[: count + 1]) for count in range(len(loose))]
        together = trial.successes(chains)
        if not together:
            break
        removed = max(together, key=len)
    outcome = trial.outcome_of(removed) or trial.outcome_of(Unit())
    small = _without(trial.case, removed)
    return (small, outcome) if outcome is not None else (case, keepalived.play(case).result())


class Player(Protocol):
    """Plays cases; see `tests.differential.real.RealKeepalived`."""

    def play(self, case: Case, *, again: bool = False) -> Future[Outcome]:
        """Play a case, and give its outcome."""


class _Trial:
    """A case, and whether it still differs without something."""

    def __init__(self, case: Case, kind: str, keepalived: Player) -> None:
        self.case, self._kind, self._keepalived = case, kind, keepalived
        self._outcomes: dict[Unit, Outcome | None] = {}

    def successes(self, removals: Iterable[Unit]) -> list[Unit]:
        """Return those without which the case still differs."""
        removals = list(dict.fromkeys(removals))
        played = {
            removed: self._keepalived.play(_without(self.case, removed))
            for removed in removals
            if removed not in self._outcomes
        }
        for removed, future in played.items():
            small, outcome = _without(self.case, removed), future.result()
            found = differences(small, outcome)
            self._outcomes[removed] = outcome if found and found[0].kind == self._kind else None
        return [removed for removed in removals if self._outcomes[removed] is not None]

    def outcome_of(self, removed: Unit) -> Outcome | None:
        """Return what real keepalived does of the case without something; None if that does not differ."""
        self.successes([removed])
        return self._outcomes[removed]


def _cut(case: Case, length: float) -> Case:
    steps = tuple(step for step in case.steps if step.at < length)
    return replace(case, steps=steps, length=min(case.length, round(length, 1)))


def _units(case: Case) -> Iterator[Unit]:
    """Yield what may go: steps, then statements that nodes have in common, then those of one node."""
    for number in range(len(case.steps)):
        yield Unit({("", number)})
    alike: dict[tuple[str, ...], set[Atom]] = defaultdict(set)
    for node, conf in case.confs.items():
        lines = conf.splitlines()
        for first, end in _statements(lines):
            if not lines[first].strip().startswith(_NEEDED):
                alike[tuple(lines[first:end])].add((node, first))
    units = sorted(map(Unit, alike.values()), key=len, reverse=True)
    yield from units
    yield from (Unit({atom}) for unit in units if len(unit) > 1 for atom in unit)


def _statements(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield (first line, line behind the last) of each statement, a block's before those in it."""
    for first, line in enumerate(lines):
        if line.endswith("{"):
            indent = line[: len(line) - len(line.lstrip())]
            end = next((n for n in range(first, len(lines)) if lines[n] == f"{indent}}}"), len(lines) - 1)
            yield first, end + 1
        elif line.strip() != "}":
            yield first, first + 1


def _without(case: Case, removed: Unit) -> Case:
    steps = [step for number, step in enumerate(case.steps) if ("", number) not in removed]
    confs = {}
    for node, conf in case.confs.items():
        lines = conf.splitlines()
        gone = {n for first, end in _statements(lines) if (node, first) in removed for n in range(first, end)}
        confs[node] = "".join(f"{line}\n" for n, line in enumerate(lines) if n not in gone)
    return replace(case, steps=tuple(steps), confs=_without_idle_nodes(confs, steps))


def _without_idle_nodes(confs: dict[str, str], steps: list[Step]) -> dict[str, str]:
    """Leave out the last nodes if nothing is done to them: the others keep their addresses."""
    busy = {step.node for step in steps}
    last = max((number for number, node in enumerate(confs) if node in busy), default=0)
    return dict(list(confs.items())[: last + 1])
