"""A learner who takes a lesson on a simulated lab, does what is asked, and takes time to read and type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hatlab.commands.support.lesson_recording import recorded_session
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.model import Lesson, QuestionItem, Task, TaskItem, WhatIfItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.solution import CompiledStep, WaitStep
from hatlab.lessons.templates import format_value
from hatlab.session import Session
from hatlab.topology.library import load_named_topology


def _make_session(lesson: Lesson) -> Session:
    if lesson.is_recorded:
        return recorded_session(lesson)
    name, topology = load_named_topology(lesson.front.topology)
    return Session(SimulatorEngine(name, topology, paced=False, ticks=True))


class LessonWalk:
    """A walk through a lesson.

    Args:
        lesson: the lesson.
        reading: seconds of the lab that the learner takes before each answer, line and step.
        look: called at every moment at which the learner can read something.
    """

    def __init__(
        self, lesson: Lesson, *, reading: float, look: Callable[[LessonRunner], None] = lambda _: None
    ) -> None:
        self.runner = LessonRunner(lesson)
        self.session = _make_session(lesson)
        self._reading, self._look = reading, look
        self._player = ActionPlayer(self.session, fast=True, feed=self.runner.feed)

    def walk(self) -> None:
        """Take the lesson to its end."""
        try:
            self.session.start()
            checkpoints.wait_until_ready(self.session)
            self._player.catch_up()
            self._look(self.runner)
            for index, step in enumerate(self.runner.lesson.steps):
                self._enter(index)
                for _ in step.items:
                    self._take_turn()
                assert self.runner.item is None, f"step {index + 1} is not over"
            assert self.runner.progress.finished_at is not None
            self._look(self.runner)
        finally:
            self.session.stop()

    def _enter(self, index: int) -> None:
        runner = self.runner
        setup = checkpoints.next_setup(runner.compiled, runner.progress) if index else checkpoints.prepare
        if setup is not None:
            runner.setting_up = True
            setup(self.session, runner.compiled, index)
            self._player.catch_up()
            runner.setting_up = False
        if index == 0:
            runner.begin()
        else:
            runner.next_step()
        self._read()

    def _read(self) -> None:
        self._look(self.runner)
        self._player.wait(self._reading)
        self._look(self.runner)

    def _take_turn(self) -> None:
        match self.runner.item:
            case QuestionItem() as item:
                self._answer(item)
            case TaskItem() as item:
                self._do(item.task)
            case WhatIfItem():
                self.runner.show_futures(self.runner.play_futures())
            case _:
                return
        self._read()

    def _answer(self, item: QuestionItem) -> None:
        choices = choice_texts(item.question, self.runner.values)
        if not item.checked:
            self.runner.answer(next(iter(choices), "0"))
            return
        compiled, progress = self.runner.compiled, self.runner.progress
        question = compiled.questions[item.id]
        for wrong in choices[-1:]:
            self.runner.answer(wrong)
            self._look(self.runner)
        truth = question.right_answer(progress.observe(compiled, self.runner.state), progress.captures)
        if self.runner.item is item:
            self.runner.answer(format_value(truth, 6))

    def _do(self, task: Task) -> None:
        for _ in range(len(task.hints) + 2):
            self.runner.hint()
        self._look(self.runner)
        for line in self._lines(task):
            self._player.play([line])
            self._look(self.runner)
            if not isinstance(line, WaitStep):
                self._player.wait(self._reading)
        item = self.runner.item
        is_over = self._player.wait_until(lambda: self.runner.progress.tasks[task.id].is_over, task.within)
        assert is_over, f"{task.id} is not passed: {item}"

    def _lines(self, task: Task) -> Iterator[CompiledStep]:
        yield from self.runner.compiled.tasks[task.id].solution
