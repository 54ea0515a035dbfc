"""A lesson that is taken again from its recording comes out as it did, also where time was set back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.classroom.marks.attempts import make_attempt
from hatlab.classroom.marks.lesson_recording import read_lesson_recording
from hatlab.classroom.marks.retake import Sitting, take_again
from hatlab.commands.support.graded_lessons import lesson_finder
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import UserError
from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.library.loader import read_lesson, shipped_lessons
from hatlab.lessons.model import Lesson, Task
from hatlab.lessons.play.learner_notes import LearnerNotes
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.opening import describe_opening
from hatlab.lessons.records.progress_record import to_record
from hatlab.recorder import Recorder, open_recording
from hatlab.session import Session
from hatlab.text.lesson_input import InteractiveTextLesson
from hatlab.topology.library import load_topology
from tests.classroom.marks.students import write_lesson
from tests.support.recorded_walk import RecordedWalk


def _again(path: Path, course: Path | None = None) -> Sitting:
    find = lesson_finder(Library([course] if course is not None else [], ("en",)))
    recording = read_lesson_recording(path)
    assert recording.damage == ()
    return take_again(recording, find)


def _final_facts(session: Session) -> list[str]:
    """The facts that counted in the end."""
    events = session.reader().drain(most=10**6).events
    return [e.to_json(event) for event in events if not event.derived]


def _facts_in(path: Path) -> list[str]:
    """What a replay shows of the lab."""
    events = [event for _, event in RecordingReader(path).read()]
    assert isinstance(events[0], e.Lab)
    assert events[0].undone
    lab = e.to_json(events[0]).replace(',"undone":true', "")
    return [lab, *(e.to_json(event) for event in events[1:] if not isinstance(event, e.Learner))]


class _TimeTraveller(RecordedWalk):
    """Somebody who does each task, sets time back to before it, and does it again."""

    def _do(self, task: Task) -> None:
        then = self.session.engine.now()
        self._player.wait(0.5)
        self.session.act(self._player.to_action(next(self._lines(task))))  # type: ignore[arg-type]
        self.session.seek(self.session.engine.now() + 0.7)  # which the lesson has not followed yet
        self.session.seek(then + 0.2)
        self.session.seek(self.session.engine.now() + 0.1)
        self.session.seek(then)
        super()._do(task)


@pytest.mark.parametrize("walk", [RecordedWalk, _TimeTraveller])
def test_a_lesson_comes_out_as_it_did(tmp_path: Path, walk: type[RecordedWalk]) -> None:
    lesson, path = write_lesson(tmp_path / "course"), tmp_path / "run.lesson.jsonl"
    taken = walk(lesson, path)
    taken.walk()
    sitting = _again(path, tmp_path / "course")
    assert sitting.contradictions == ()
    assert sitting.record == to_record(taken.runner)
    assert sitting.progress is not None
    assert sitting.progress.finished_at == pytest.approx(taken.runner.progress.finished_at, abs=1e-5)
    assert _facts_in(path) == _final_facts(taken.session)


@pytest.mark.parametrize("name", ["06-preemption", "17-your-own-incident"])
def test_shipped_lessons_come_out_as_they_did(tmp_path: Path, name: str) -> None:
    lesson, path = read_lesson(shipped_lessons() / f"{name}.md", 3), tmp_path / "run.lesson.jsonl"
    taken = RecordedWalk(lesson, path, seed=3)
    taken.walk()
    assert _again(path).record == to_record(taken.runner)


def _typing(lesson: Lesson, path: Path, lines: Iterator[str]) -> LessonRunner:
    """Take a lesson as text."""
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=30.0))
    runner = LessonRunner(lesson, seed=4)
    runner.notes = LearnerNotes(session.note, describe_opening(runner, continues=False))
    recorder = Recorder(session, open_recording(path), lesson=True)
    session.start()
    try:
        assert InteractiveTextLesson(session, runner, io.StringIO(), lines).run() == 0
    finally:
        session.stop()
        recorder.close()
    return runner


def test_a_step_that_was_put_back_counts_as_it_was_answered_first(tmp_path: Path) -> None:
    lesson, path = write_lesson(tmp_path / "course"), tmp_path / "run.lesson.jsonl"
    lines = ["no number", "20", "kill mysqld db1", "wait", "restart"]
    lines += ["3.2", "hint", "kill mysqld db1", "wait"]
    lines += ["next", "nobody", "db2", "start mysqld db1", "wait", "quit"]
    runner = _typing(lesson, path, iter(lines))
    sitting = _again(path, tmp_path / "course")
    assert sitting.record == to_record(runner)
    assert sitting.began == (0, 0)
    typed = [(given.text, given.answer is not None) for given in sitting.answers]
    assert typed == [("no number", False), ("20", True), ("3.2", True), ("nobody", True), ("db2", True)]
    cut_off, who = make_attempt([sitting]).questions
    assert (cut_off.typed, cut_off.right_at_once) == (("20", "3.2"), False)
    assert (who.tries, who.right, who.right_at_once) == (2, True, False)
    assert sitting.put_back[0].answers["cut-off"].right is False


def test_what_is_no_recording_of_a_lesson_is_refused(tmp_path: Path) -> None:
    for text in ("", "{}\n", '{"at":0,"kind":"tick"}\n', "\0" * 500):
        path = tmp_path / "run.jsonl"
        path.write_text(text)
        with pytest.raises(UserError, match="is not a recording"):
            read_lesson_recording(path)
