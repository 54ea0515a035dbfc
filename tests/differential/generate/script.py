"""What is done to the nodes, and when."""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.case import DEVICES, Case, Step
from tests.differential.generate.cluster import Cluster
from tests.differential.generate.dice import Dice
from tests.differential.generate.edits import random_edit
from tests.differential.generate.tracking import FLAG, NUMBER, Tracking

FIRST, LAST = 4.0, 16.0
"""Seconds between which faults happen: after the first election, and early enough to see what follows."""


def random_steps(dice: Dice, cluster: Cluster, tracking: Tracking, case: Case) -> tuple[Step, ...]:
    """Return the starts of all nodes, then one to five faults, most of them taken back later."""
    steps = []
    at = 0.1
    for node in cluster.nodes:
        steps.append(Step(round(at, 2), "start", node))
        at += dice.between(0.1, 0.5)
    if dice.chance(10):
        late = dice.pick(*range(len(steps)))
        steps[late] = Step(dice.between(FIRST, 8), "start", steps[late].node)
    for _ in range(dice.weighted({0: 5, 1: 30, 2: 30, 3: 25, 4: 10})):
        begin = dice.between(FIRST, LAST - 2)
        end = dice.between(begin + 0.7, LAST)
        steps += _fault(dice, cluster, tracking, case, begin, end if dice.chance(75) else None)
    return tuple(sorted(steps, key=lambda step: step.at))


def _fault(
    dice: Dice, cluster: Cluster, tracking: Tracking, case: Case, begin: float, end: float | None
) -> list[Step]:
    """Return a fault, and what takes it back."""
    node, device = dice.pick(*cluster.nodes), dice.weighted({DEVICES[0]: 75, DEVICES[1]: 25})
    kinds: dict[Callable[[], tuple[str, str, str, str]], float] = {
        lambda: ("kill", "", "start", ""): 12,
        lambda: ("stop", "", "start", ""): 12,
        lambda: ("kill-child", "", "", ""): 4,
        lambda: ("freeze", "", "thaw", ""): 10,
        lambda: ("down", device, "up", device): 15,
        lambda: ("deaf", device, "hears", device): 14,
        lambda: ("delete", _address(dice, cluster), "", ""): 8,
        lambda: _edit(dice, case.confs[node]): 24,
    }
    if tracking.uses_flag:
        kinds[lambda: ("remove", FLAG, "write", f"{FLAG} 1")] = 35
    if tracking.tracked_files:
        number = dice.pick(0, 1, 5, 20, -5, -20, 300, -300)
        kinds[lambda: ("write", f"{NUMBER} {number}", "write", f"{NUMBER} 0")] = 35
    verb, words, undo, undo_words = dice.weighted(kinds)()
    steps = [Step(begin, verb, node, words)]
    if undo and end is not None:
        steps.append(Step(end, undo, node, undo_words))
    return steps


def _address(dice: Dice, cluster: Cluster) -> str:
    router = dice.pick(*cluster.routers)
    return dice.pick(*router.addresses, *router.excluded).split()[0].partition("/")[0]


def _edit(dice: Dice, conf: str) -> tuple[str, str, str, str]:
    change, back = random_edit(dice, conf)
    return "edit", change, "edit", back
