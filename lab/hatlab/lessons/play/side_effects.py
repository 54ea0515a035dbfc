"""What a learner broke that the task under way has no use for: it is spoken of, and can be mended."""

from __future__ import annotations

from dataclasses import replace

from hatlab.actions import Action, ArgKind
from hatlab.lessons.compile import CompiledLesson, restore_conf
from hatlab.lessons.play.progress import Progress, Remark
from hatlab.state.faults import find_faults
from hatlab.state.model import LabState

ASTRAY_AFTER = 1.5
"""Seconds after which something broken that the task has no use for is spoken of."""


def watch_side_effects(course: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Watches for what is broken without this task having a use for it, nor the step having begun so."""
    task = progress.current_task(course)
    expected = course.expected_repairs(progress.step_index, task.id if task else "")
    found = {
        t: cure
        for t, cure in faults_and_edits(now)
        if cure not in expected and t not in progress.initial_faults
    }
    if not found and not progress.side_effects:
        return progress
    astray: dict[str, tuple[float, Action, bool]] = {}
    remarks = progress.remarks
    for text, cure in found.items():
        since, _, told = progress.side_effects.get(text, (now.at, cure, False))
        if not told and now.at - since >= ASTRAY_AFTER:
            told = True
            remarks = (*remarks, Remark(now.at, "lab", f"{text}, which this step has no use for."))
        astray[text] = (since, cure, told)
    strayed = progress.has_side_effects or remarks != progress.remarks
    return replace(progress, side_effects=astray, remarks=remarks, has_side_effects=strayed)


def initial_faults(course: CompiledLesson, step: int, state: LabState) -> frozenset[str]:
    """What is broken where a step begins, if the lab was made so for it."""
    made = step == 0 or course.lesson.steps[step].begin is not None
    return frozenset(text for text, _ in faults_and_edits(state)) if made else frozenset()


def faults_and_edits(state: LabState) -> tuple[tuple[str, Action], ...]:
    """What is broken, and whose keepalived.conf is not the first one, each with what takes it back."""
    edited: list[tuple[str, Action]] = []
    for node in state.nodes.values():
        if node.power != "on":
            continue
        if node.conf != node.original_conf:
            edited.append(
                (f"{node.name}'s keepalived.conf was changed", restore_conf(node.name, node.original_conf))
            )
        elif node.loaded != node.original_conf and node.service("keepalived").state == "up":
            edited.append(
                (f"{node.name}'s keepalived has not read its file again", Action("reload", (node.name,)))
            )
    return (*find_faults(state), *edited)


def find_repairs(progress: Progress, state: LabState) -> list[Action]:
    """What mends all that was spoken of, in order.

    Files come first, as a daemon that ended over its file would end over it again; a keepalived that runs
    reads its file after that.
    """
    cures = list(dict.fromkeys(cure for _, cure, told in progress.side_effects.values() if told))
    edits = [cure for cure in cures if cure.verb == "edit"]
    nodes = [edit.need(ArgKind.NODE) for edit in edits]
    reloads = [
        Action("reload", (node,)) for node in nodes if state.nodes[node].service("keepalived").state == "up"
    ]
    return [*edits, *(cure for cure in cures if cure not in edits), *reloads]
