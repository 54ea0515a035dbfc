"""A drill as a lesson: the report, the question for the cause, and the repair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hatlab.drills.expert import contradictions
from hatlab.drills.model import Cause, Saved, Written
from hatlab.drills.places import Place, View
from hatlab.drills.roles import Roles
from hatlab.lessons.as_drill import SURE_SECONDS, WAS_RESET
from hatlab.lessons.model import (
    Front,
    Lesson,
    LessonStep,
    Prose,
    Question,
    QuestionItem,
    Setup,
    Task,
    TaskItem,
)
from hatlab.topology import Topology

CAUSE, REPAIR = "cause", "repair"
"""The ids of its question and of its task."""
QUIET_SECONDS = 5
"""Seconds for which all must be well once it is repaired."""
LONGEST_CHECK = 30
"""Runs, or seconds, after which a check must count."""
SETTLED_SECONDS = 3
"""Seconds for which the cause has shown when the drill begins: long enough that each look shows it."""
_LONGEST_BEGINNING = 120


def make_lesson(
    name: str,
    topology: str,
    spec: Topology,
    title: str,
    story: str,
    causes: Sequence[Cause],
    choices: Sequence[Cause],
    *,
    minutes: int = 5,
) -> Lesson:
    """Return the lesson that a drill is played as.

    Args:
        name: its id.
        topology: the topology's shipped name or path.
        spec: the topology.
        title: one line.
        story: what is reported.
        causes: what is wrong.
        choices: what is offered.
        minutes: the time a learner should need.
    """
    front = Front(version=1, id=name, title=title, minutes=minutes, topology=topology)
    setup = Setup.model_validate(
        {
            "begin": [step for cause in causes for step in cause.begin],
            "until": {"held": SETTLED_SECONDS, "when": [cause.until for cause in causes]},
            "hidden": True,
            "seconds": _LONGEST_BEGINNING,
        }
    )
    step = LessonStep(
        title,
        (
            Prose(story),
            _make_question(causes, choices),
            TaskItem(_make_repair(spec, causes, minutes)),
        ),
        setup,
    )
    return Lesson(front, (step,))


def _make_question(causes: Sequence[Cause], choices: Sequence[Cause]) -> QuestionItem:
    ask, (right, *others) = "What is wrong?", [cause.name for cause in causes]
    if others:
        ask = "Two things are wrong. What are they? Name them one after the other."
    data = {
        "id": CAUSE,
        "ask": ask,
        "choices": [_make_choice(choice, causes) for choice in choices],
        "right": [right, *others] if others else right,
        "why": [" ".join(sign.shows for sign in cause.signs) for cause in causes],
    }
    return QuestionItem(Question.model_validate(data), checked=True)


def _make_choice(choice: Cause, causes: Sequence[Cause]) -> dict[str, Any]:
    """Return a choice, with what one would see if it were the cause."""
    true_signs = [sign for cause in causes for sign in cause.signs]
    sign = next(iter(contradictions(choice, true_signs)), choice.signs[-1])
    if choice in causes:
        return {"text": choice.name}
    return {"text": choice.name, "wrong": f"{_would_show(sign.place)} {sign.shows}"}


def _would_show(place: Place) -> str:
    """Return the sentence that leads from a cause to what one would see of it at a place."""
    match place.view:
        case View.STATUS:
            return "If that were it, {key:|the map|`status`} would show this:"
        case View.PACKETS:
            return "If that were it, the packets would show this:"
        case View.LOG:
            return f"If that were it, the log of keepalived on {place.node} would show this:"
        case View.CONF:
            return f"If that were it, {place.node}'s keepalived.conf would show this:"
        case View.SHELL:
            return f"If that were it, `{place.line}` in {place.node}'s shell would show this:"


def _make_repair(spec: Topology, causes: Sequence[Cause], minutes: int) -> Task:
    well, saves = list(_well(spec, causes)), list(_list_saved(spec, causes))
    saved = [each.holds for each in saves]
    return Task.model_validate(
        {
            "id": REPAIR,
            "do": f"Fix it, so that all is well and stays well for {QUIET_SECONDS} seconds.",
            "when": [{"held": QUIET_SECONDS, "when": [*well, *saved]}, {"not": "did reset"}],
            "limit": minutes * 60,
            "fail": [
                {
                    "when": {"held": SURE_SECONDS, "when": [*well, {"not": each.holds}]},
                    "say": each.lost,
                }
                for each in saves
            ]
            + [{"when": "did reset", "say": WAS_RESET}],
            "hints": [cause.advice for cause in causes],
            "solution": [step for cause in causes for step in cause.cure],
            "within": 120,
            "wrong": [{"do": list(cause.harm), "because": cause.because} for cause in causes if cause.harm],
        }
    )


def _list_saved(spec: Topology, causes: Sequence[Cause]) -> Iterator[Saved]:
    """Yield what a repair must not destroy: checks that notice a dead mysqld, and what clients wrote."""
    lab = Roles(spec)
    if lab.check:
        yield from (_make_asked(node) for node in lab.members)
        yield _make_effective(lab)
    yield from (saved for cause in causes for saved in cause.saves)


def _make_asked(node: str) -> Saved:
    return Saved(
        f"checked {node} mysql",
        f"All is well for now, but no check on {node} asks mysqld any more. If it died, nobody would notice. "
        "Give the check back.",
    )


def _make_effective(lab: Roles) -> Saved:
    """The best server's check counts: a failure makes the next one take over, and soon."""
    node = lab.best
    least = lab.priority(node) - lab.priority(lab.next)
    too_small: list[Written] = [f"setting {node} weight >= {-least}", {"not": f"setting {node} weight = 0"}]
    return Saved(
        [
            {"not": too_small},
            {"not": f"setting {node} fall > {LONGEST_CHECK}"},
            {"not": f"setting {node} interval > {LONGEST_CHECK}"},
        ],
        f"All is well for now, but if mysqld died on {node}, its check would change nothing, or not for a "
        "long time. Look at its weight, its fall and its interval.",
    )


def _well(spec: Topology, causes: Sequence[Cause]) -> Iterator[Any]:
    """Yield what must hold at the end: a Master and its Backups, running replicas, and no cause left."""
    yield "healthy"
    for name, router in spec.instances.items():
        yield {
            "any": [
                [f"state {node} {'MASTER' if node == master else 'BACKUP'} {name}" for node in router.members]
                for master in router.members
            ]
        }
    if spec.replication.kind == "two-sources":
        yield from (f"replicates {node}" for node in Roles(spec).members)
    yield from (cause.gone for cause in causes)
