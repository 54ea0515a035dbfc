"""A task's solution, as a learner types it."""

from __future__ import annotations

from hatlab.lessons.conditions.notation import parse_condition_line
from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.library.loader import lesson_files, shipped_lessons
from hatlab.lessons.model import Lesson, Wait
from hatlab.lessons.solution import compile_steps
from hatlab.text.solution_lines import solution_lines
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.support.lesson_lab import make_lesson
from tests.support.typed_lesson import SOUND


def shipped() -> list[Lesson]:
    examined = [
        parse_lesson(f.read_bytes(), topology=load_topology, seed=0) for f in lesson_files(shipped_lessons())
    ]
    return [found.lesson for found in examined if found.lesson is not None]


def test_each_shipped_solution_can_be_typed() -> None:
    for each in shipped():
        layout = Layout.numbered("lab", load_topology(each.front.topology))
        for _, task in each.tasks():
            for text in solution_lines(task, {}):
                verb, _, rest = text.partition(" ")
                if verb == "wait":
                    until, _, condition = rest.partition(" ")
                    wait = parse_condition_line(condition).written if until == "until" else float(rest)
                    compile_steps((Wait(wait=wait),), layout)
                elif verb not in {"conf", "edit"} and not text.startswith(("[", " ", "]")):
                    compile_steps((text,), layout)


def test_a_change_in_a_file_is_told() -> None:
    text = SOUND.replace(
        "  - start mysqld db1",
        "  - {edit: db1, drop: nopreempt, change: {from: state BACKUP, to: 'virtual {vip}'}}\n"
        "  - start mysqld db1",
    )
    (_, task) = list(make_lesson(text).tasks())[1]
    assert list(solution_lines(task, {"vip": "198.18.0.100"}))[:4] == [
        "conf db1 FILE",
        "[in FILE remove nopreempt and everything in its block]",
        "[in FILE replace state BACKUP with virtual 198.18.0.100]",
        "edit db1 FILE",
    ]
