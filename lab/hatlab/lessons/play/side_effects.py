"""What a learner broke that the current task does not need: the tutor says so and offers to fix it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hatlab.actions import Action, ArgKind
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.play.progress import Progress, Remark, SideEffect
from hatlab.state.faults import find_faults_and_edits
from hatlab.state.model import LabState

SPOKEN_OF_AFTER = 1.5
"""Seconds after which something broken that the task has no use for is spoken of."""


def watch_side_effects(compiled: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Note what was broken in this step that the task has no use for, and speak of it in time.

    In a drill nobody speaks of it: it counts in the end. In a recording nothing is the learner's doing.
    """
    if compiled.lesson.is_drill or compiled.lesson.is_recorded:
        return progress
    task = progress.current_task(compiled)
    step, task_id = progress.step_index, task.id if task else ""
    if not compiled.can_tell_effects(step, task_id):
        return progress
    expected = compiled.expected_repairs(step, task_id)
    unneeded = {
        text: repair
        for text, repair in find_faults_and_edits(now, _confs_before(compiled, progress))
        if repair not in expected and text not in progress.initial_faults
    }
    if not unneeded and not progress.side_effects:
        return progress
    side_effects: dict[str, SideEffect] = {}
    remarks = progress.remarks
    for text, repair in unneeded.items():
        effect = progress.side_effects.get(text) or SideEffect(now.at, repair)
        if not effect.spoken_of and now.at - effect.since >= SPOKEN_OF_AFTER:
            effect = effect._replace(spoken_of=True)
            remarks = (*remarks, Remark(now.at, "lab", f"{text}: this step does not need that."))
        side_effects[text] = effect._replace(repair=repair)
    has_side_effects = progress.has_side_effects or remarks != progress.remarks
    return replace(progress, side_effects=side_effects, remarks=remarks, has_side_effects=has_side_effects)


def find_initial_faults(compiled: CompiledLesson, step: int, state: LabState) -> frozenset[str]:
    """Return what is broken where a step begins, if the lab was set up for that step."""
    if not compiled.is_set_up(step):
        return frozenset()
    return frozenset(text for text, _ in find_faults_and_edits(state, find_initial_confs(state)))


def _confs_before(compiled: CompiledLesson, progress: Progress) -> Mapping[str, str]:
    """Return the files to which an edit goes back: as the step began, if the lab was set up for it."""
    return progress.initial_confs if compiled.is_set_up(progress.step_index) else {}


def find_initial_confs(state: LabState) -> dict[str, str]:
    """Return each node's keepalived.conf where a step begins."""
    return {node.name: node.conf for node in state.nodes.values() if node.conf}


def find_repairs(progress: Progress, state: LabState) -> list[Action]:
    """Return the actions that repair everything spoken of, in order.

    Files come first, as a daemon that ended over its file would end over it again; a keepalived that runs
    reads its file after that.
    """
    repairs = list(
        dict.fromkeys(effect.repair for effect in progress.side_effects.values() if effect.spoken_of)
    )
    edits = [repair for repair in repairs if repair.verb == "edit"]
    nodes = [edit.need(ArgKind.NODE) for edit in edits]
    reloads = [
        Action("reload", (node,)) for node in nodes if state.nodes[node].service("keepalived").state == "up"
    ]
    return [*edits, *(repair for repair in repairs if repair not in edits), *reloads]
