"""Makes a drill from a seed: what breaks, what is reported, and what else it could be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from hatlab.drills.causes import list_causes
from hatlab.drills.expert import find_way
from hatlab.drills.lesson import make_lesson
from hatlab.drills.model import Cause, Drill, Kind, Level, Symptom
from hatlab.drills.roles import Roles
from hatlab.drills.symptoms import STORIES, Story
from hatlab.errors import UserError
from hatlab.topology import Topology
from hatlab.topology.library import load_topology

CHOICES = 8
"""Causes that are offered."""
LEVELS: tuple[Level, ...] = (1, 2, 3)
PAIR = "two-node"
"""The topology of level 1 and, so that nothing distracts from the two causes, of most of level 3."""
TOPOLOGIES = {
    1: (PAIR,),
    2: (PAIR, "unicast", "ipv6", "one-network", "subsecond", "three-node", "load-sharing", "gateway"),
    3: (PAIR, "unicast", "subsecond"),
}
"""Level → topologies that are drawn; others can be asked for."""


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
    return build_drill(seed, drawn, draw.choice(TOPOLOGIES[drawn]) if topology is None else topology)


def build_drill(
    seed: int,
    level: Level,
    topology: str | Topology,
    *,
    causes: Sequence[str] = (),
    name: str = "",
    title: str = "",
    story: str = "",
) -> Drill:
    """Return a drill of which some is given, and the rest drawn.

    Args:
        seed: draws what is not given.
        level: as of `make_drill`.
        topology: a shipped name, a path, or a topology.
        causes: the ids of what is wrong; drawn without.
        name: its id.
        title: one line.
        story: what is reported.

    Raises:
        UserError: there is no such topology, or too little, or nothing of that kind, can be wrong in it.
    """
    draw = Random(f"hatlab drill {seed} of level {level}")
    spec = topology if isinstance(topology, Topology) else load_topology(topology)
    place = "own" if isinstance(topology, Topology) else topology
    known = _list_causes(spec)
    true = _draw_causes(draw, known, level, place, tuple(causes))
    choices = _draw_choices(draw, known, true)
    told = [_draw_story(draw, cause, has_data=Roles(spec).runs_mysqld) for cause in true]
    name = name or f"drill-{seed}"
    title, story = title or told[0].title, story or f"“{' '.join(part.text for part in told)}”"
    lesson = make_lesson(name, place, spec, title, story, true, choices)
    way = find_way(true, choices)
    return Drill(name, seed, level, place, spec, title, story, true, choices, lesson, way)


def _list_causes(spec: Topology) -> list[Cause]:
    """Return what can be wrong in a topology.

    Raises:
        UserError: no client asks a virtual router of at least two members.
    """
    lab = Roles(spec)
    if not spec.instances or len(lab.members) < 2 or lab.find_client() is None:
        raise UserError("a drill needs a virtual router of two, and a client that asks it", "try two-node")
    return list_causes(lab)


def _draw_causes(
    draw: Random, known: list[Cause], level: Level, topology: str, wanted: tuple[str, ...]
) -> tuple[Cause, ...]:
    """Return the causes that are at work: of the ids that are wanted, or else of any.

    Raises:
        UserError: there are none.
    """
    pool = [cause for cause in known if _counts(known, cause)]
    if not wanted and level == 1:
        pool = [cause for cause in pool if cause.level == 1]
    elif not wanted and topology == PAIR:
        pool = [cause for cause in pool if cause.level > 1]
    groups = list(_pairs(pool, known)) if level == 3 else [(cause,) for cause in pool]
    groups = [group for group in groups if not wanted or _ids(group) == wanted]
    if not groups:
        what = " and ".join(wanted) or f"of level {level}"
        raise UserError(f"no drill {what} can be made from this topology", "try two-node")
    for key in (_kinds, _ids):  # first the kind of fault, so that a rich one is not drawn more often
        drawn = draw.choice(sorted(set(map(key, groups))))
        groups = [group for group in groups if key(group) == drawn]
    return draw.choice(groups)


def _kinds(group: tuple[Cause, ...]) -> tuple[str, ...]:
    return tuple(cause.kind for cause in group)


def _ids(group: tuple[Cause, ...]) -> tuple[str, ...]:
    return tuple(cause.id for cause in group)


def _draw_story(draw: Random, cause: Cause, *, has_data: bool) -> Story:
    """Return what is reported of a cause, in words that fit the lab."""
    return draw.choice([s for s in STORIES[cause.symptom] if has_data or not s.needs_data])


def _counts(causes: list[Cause], cause: Cause) -> bool:
    """True if enough else could be the reason for what a cause is reported by."""
    return sum(cause.symptom in other.fits for other in causes) >= CHOICES


def _pairs(pool: list[Cause], causes: list[Cause]) -> Iterator[tuple[Cause, ...]]:
    """Yield pairs of causes that can be at work together: one of the address, one of the data behind it."""
    of_address = [cause for cause in pool if cause.symptom is not Symptom.STALE and not cause.touches_data]
    for first in of_address:
        yield from ((first, second) for second in causes if second.kind is Kind.REPLICATION)


def _draw_choices(draw: Random, causes: list[Cause], true: Sequence[Cause]) -> tuple[Cause, ...]:
    """Return the causes that are offered: each explains a part of what is reported."""
    chosen = list(true)
    for number, cause in enumerate(true):
        others = [other for other in causes if cause.symptom in other.fits and other not in chosen]
        share = (CHOICES - len(chosen)) // (len(true) - number)
        chosen += draw.sample(others, min(share, len(others)))
    if len(chosen) < CHOICES:
        raise UserError("too little can be wrong in this topology for eight answers", "try two-node")
    draw.shuffle(chosen)
    return tuple(chosen)
