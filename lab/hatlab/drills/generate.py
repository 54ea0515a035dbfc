"""Makes a drill from a seed: what breaks, what is reported, and what else it could be."""

from __future__ import annotations

from random import Random

from hatlab.drills.causes import list_causes
from hatlab.drills.expert import find_way
from hatlab.drills.lesson import make_lesson
from hatlab.drills.model import Cause, Drill, Level
from hatlab.drills.roles import Roles
from hatlab.drills.symptoms import STORIES
from hatlab.errors import UserError
from hatlab.topology import Topology
from hatlab.topology.library import load_topology

CHOICES = 8
"""Causes that are offered."""
LEVELS: tuple[Level, ...] = (1, 2, 3)
PAIR = "two-node"


def make_drill(seed: int, level: Level | None = None, topology: str | Topology | None = None) -> Drill:
    """Return the drill of a seed; the same seed, level and topology give the same drill.

    Args:
        seed: any whole number.
        level: 1 one plain fault on a pair, 2 a subtle one or another topology, 3 two at once; drawn by seed
            if left out.
        topology: a shipped name, a path, or a topology; drawn by seed if left out.

    Raises:
        UserError: there is no such topology, or too little can be wrong in it.
    """
    draw = Random(f"hatlab drill {seed}")
    drawn = draw.choice(LEVELS) if level is None else level
    name = topology if isinstance(topology, str) else PAIR
    spec = topology if isinstance(topology, Topology) else load_topology(name)
    causes = list_causes(Roles(spec))
    true = _draw_causes(draw, causes, drawn)
    choices = _draw_choices(draw, causes, true)
    title, story = draw.choice(STORIES[true[0].symptom])
    lesson = make_lesson(f"drill-{seed}", name, spec, title, story, true, choices)
    way = find_way(true, choices)
    return Drill(seed, drawn, name, spec, title, story, true, choices, lesson, way)


def _draw_causes(draw: Random, causes: list[Cause], level: Level) -> tuple[Cause, ...]:
    """Return the causes that are at work."""
    kinds = sorted({cause.id for cause in causes if cause.level <= level})
    if not kinds:
        raise UserError("nothing that a drill is made of can be wrong in this topology", "try two-node")
    kind = draw.choice(kinds)
    return (draw.choice([cause for cause in causes if cause.id == kind]),)


def _draw_choices(draw: Random, causes: list[Cause], true: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Return the causes that are offered: all explain what is reported."""
    symptom = true[0].symptom
    others = [cause for cause in causes if symptom in cause.fits and cause not in true]
    chosen = [*true, *draw.sample(others, min(CHOICES - len(true), len(others)))]
    draw.shuffle(chosen)
    return tuple(chosen)
