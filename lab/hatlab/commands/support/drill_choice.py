"""Which drill to play: a file, a shipped one by its name, a seed's, or what the record says is due."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING

from hatlab.errors import UserError
from hatlab.util.paths import hatlab_command

if TYPE_CHECKING:
    from hatlab.drills import Drill
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.records.drill_file import DrillFile

SEEDS = 1_000_000
"""As many seeds are drawn from."""
_SAMPLE = 40
"""Drills of which the kind that is due is sought."""


def find_drill(name: str) -> Lesson:
    """Return the shipped drill of a name, or the one in a lesson file.

    Raises:
        UserError: there is none, the file has mistakes, or it is a lesson and no drill.
    """
    from hatlab.drills import load_shipped
    from hatlab.lessons.library.loader import read_lesson

    path = Path(name)
    if path.suffix != ".md" and "/" not in name:
        return to_lesson(load_shipped(name))
    if not path.is_file():
        raise UserError(f"there is no file {name}", "give a drill's name (--list) or a path to a .md file")
    lesson = read_lesson(path)
    if not lesson.is_drill:
        raise UserError(f"{path} is a lesson, not a drill", f"{hatlab_command()} learn {path}")
    return lesson


def draw_drill(level: int | None, topology: str | None, drill_file: DrillFile) -> Lesson:
    """Return a drill of the kind that the record says is due.

    Args:
        level: 1 to 3; the one that the learner has reached if left out.
        topology: a shipped name or a path; whatever the drill is drawn in if left out.
        drill_file: the learner's record.
    """
    level = level or drill_file.level_reached()
    drills = {drill.seed: drill for drill in _sample(level, topology)}
    lessons = {seed: to_lesson(drill) for seed, drill in drills.items()}
    faults = [fault for lesson in lessons.values() for fault in lesson.front.fault]
    due = drill_file.next_fault(sorted(set(faults)))
    return next(lesson for lesson in lessons.values() if due is None or due in lesson.front.fault)


def _sample(level: int, topology: str | None) -> list[Drill]:
    return [generate(randbelow(SEEDS), level, topology) for _ in range(_SAMPLE)]


def generate(seed: int, level: int, topology: str | None) -> Drill:
    """Return the drill of a seed.

    Raises:
        UserError: there is no such topology, or nothing can be wrong in it.
    """
    from hatlab.drills import make_drill

    return make_drill(seed, level, topology)  # type: ignore[arg-type]


def to_lesson(drill: Drill) -> Lesson:
    """Return a generated drill as it is played and recorded."""
    from hatlab.lessons.as_drill import as_drill
    from hatlab.lessons.model import ExpertLook

    front = drill.lesson.front.model_copy(
        update={
            "id": _record_id(drill),
            "kind": "drill",
            "level": drill.level,
            "fault": tuple(dict.fromkeys(FAULTS.get(kind, f"{kind} faults") for kind in drill.kinds)),
            "expert": tuple(ExpertLook(look=str(look.place), shows=look.text) for look in drill.expert),
        }
    )
    return as_drill(replace(drill.lesson, front=front))


def _record_id(drill: Drill) -> str:
    """Return a shipped drill's name; else one that tells what it was made of."""
    if drill.name != f"drill-{drill.seed}":
        return drill.name
    place = f"{drill.topology}-" if re.fullmatch(r"[a-z][a-z0-9-]*", drill.topology) else ""
    return f"drill-{drill.level}-{place}{drill.seed}"


FAULTS = {
    "process": "dead and frozen processes",
    "check": "checks that do not work",
    "mismatch": "settings that do not match",
    "timers": "wrong timers",
    "preemption": "preemption faults",
    "address": "address faults",
    "reload": "files that were not reloaded",
    "writes": "refused writes",
}
"""Kind of fault → what it is called in the plural; others are as they are called, `network faults`."""
