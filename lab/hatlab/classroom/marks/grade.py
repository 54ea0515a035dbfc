"""Grades what students handed in: each recording is taken again, and what does not fit is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hatlab.classroom.marks.attempts import Attempt, make_attempt
from hatlab.classroom.marks.chain import ChainCheck, check_chain, signed_numbers
from hatlab.classroom.marks.copies import copy_doubts
from hatlab.classroom.marks.doubts import (
    Doubt,
    chain_doubts,
    number_doubts,
    overlap_doubts,
    recording_doubts,
    sitting_doubts,
)
from hatlab.classroom.marks.exam_check import exam_doubts, exam_of, is_allowed
from hatlab.classroom.marks.lesson_recording import LessonRecording, NothingDone, read_lesson_recording
from hatlab.classroom.marks.progress_check import progress_doubts
from hatlab.classroom.marks.retake import FindLesson, Sitting, take_again
from hatlab.classroom.marks.scoring import Points, points_of
from hatlab.errors import UserError
from hatlab.lessons.play.exam import Exam
from hatlab.lessons.records.contradictions import LessonById
from hatlab.lessons.records.learners import find_learners
from hatlab.lessons.records.opening import lesson_digest
from hatlab.lessons.records.progress_record import Record, from_record
from hatlab.util.files import read_bytes
from hatlab.util.paths import LESSON_SUFFIX

PROGRESS = "progress.json"
_FIRST_LINE = 100_000
"""Bytes in which the first line of a recording has its end."""


@dataclass(frozen=True, slots=True)
class ClassKeys:
    """What a class knows of a student and nobody else does."""

    signing: bytes
    seed: int
    """Draws the student's forms of the lessons."""


@dataclass(frozen=True, slots=True)
class LessonMark:
    """What a student has for a lesson."""

    attempt: Attempt
    """The one that counts: the best of those allowed."""
    attempts: int
    points: Points
    signature: str
    """`signed` if all of it is; `unsigned`, `broken` or `foreign`."""
    exam: Exam | None
    """The exam that it was, None if it was none."""


@dataclass(frozen=True, slots=True)
class StudentMarks:
    """One student's marks."""

    name: str
    lessons: tuple[LessonMark, ...]
    doubts: tuple[Doubt, ...]
    full_name: str = ""

    @property
    def shown_name(self) -> str:
        return self.full_name or self.name

    @property
    def points(self) -> Points:
        return Points(
            sum(mark.points.got for mark in self.lessons), sum(mark.points.of for mark in self.lessons)
        )


def gather(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Return each student's recordings and progress files; raises as `find_learners` does."""
    return find_learners(paths, lambda file: file.name == PROGRESS or _is_of_lesson(file))


def _is_of_lesson(file: Path) -> bool:
    """True for a recording of a lesson, whatever it is called by now; a lab's own may lie beside it."""
    if file.name.endswith(LESSON_SUFFIX):
        return True
    try:
        return file.suffix == ".jsonl" and b'"undone":true' in read_bytes(file, _FIRST_LINE)
    except UserError:
        return False


def compare_students(graded: Sequence[GradedStudent]) -> list[StudentMarks]:
    """Return everybody's marks, with what only shows where students are compared: copies."""
    copies = list(copy_doubts({student.name: student.sittings for student in graded}))
    return [
        StudentMarks(
            student.name,
            tuple(student.marks),
            tuple(sorted({*student.doubts, *(doubt for name, doubt in copies if name == student.name)})),
        )
        for student in graded
    ]


@dataclass
class GradedStudent:
    """A student whose files were read, by themselves. Of recordings it has what the student did alone."""

    name: str
    marks: list[LessonMark] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    sittings: list[Sitting] = field(default_factory=list)


class StudentGrader:
    """Grades students, each by themselves.

    Args:
        find_lesson: finds the lesson that a recording names.
        find_by_id: the same for a progress file.
    """

    def __init__(self, find_lesson: FindLesson, find_by_id: LessonById) -> None:
        self._find_lesson, self._find_by_id = find_lesson, find_by_id

    def grade(self, name: str, files: Sequence[Path], keys: ClassKeys | None) -> GradedStudent:
        """Grade a student; `keys`: what the class knows, None for somebody of no class."""
        return _Grading(name, keys, self._find_lesson, self._find_by_id).grade(files)


class _Grading:
    """The files of one student, being graded."""

    def __init__(
        self, name: str, keys: ClassKeys | None, find_lesson: FindLesson, find_by_id: LessonById
    ) -> None:
        self._name, self._keys = name, keys
        self._find_lesson, self._find_by_id = find_lesson, find_by_id
        self._checks: dict[Path, ChainCheck] = {}
        self._result = GradedStudent(name)

    def grade(self, files: Sequence[Path]) -> GradedStudent:
        result = self._result
        by_lesson: dict[str, list[LessonRecording]] = {}
        for recording in sorted(self._read_all(files), key=_opened_at):
            by_lesson.setdefault(_lesson_of(recording), []).append(recording)
        derived: dict[str, Record] = {}
        for name in sorted(by_lesson):
            attempts = self._take_all(by_lesson[name])
            if attempts:
                result.marks.append(self._mark(attempts))
                derived[name] = attempts[-1].sittings[-1].record or {}
        result.sittings.sort(key=lambda sitting: str(sitting.recording.path))
        result.doubts += overlap_doubts(result.sittings)
        for file in files:
            if file.name == PROGRESS or file.suffix == ".json":
                result.doubts += progress_doubts(file, derived, self._find_by_id)
        self._check_numbers(files)
        return result

    def _read_all(self, files: Iterable[Path]) -> Iterable[LessonRecording]:
        """Yield the recordings that can be read, and note what is wrong with each by itself."""
        doubts = self._result.doubts
        for file in sorted(file for file in files if file.suffix == ".jsonl"):
            try:
                check = check_chain(file, self._keys.signing if self._keys else None, self._name)
                recording = read_lesson_recording(file)
            except UserError as error:
                if isinstance(error, NothingDone) and check.status == "signed":
                    continue  # the seat was ended before its lab was there
                doubts.append(Doubt(str(file), 0, "damaged", f"It cannot be graded: {error.message}."))
                continue
            self._checks[file] = check
            doubts += recording_doubts(recording)
            doubts += chain_doubts(recording, check, in_class=self._keys is not None)
            yield recording

    def _take_all(self, recordings: Sequence[LessonRecording]) -> list[Attempt]:
        """Take the recordings of one lesson again, and return the attempts, the first one first."""
        groups: list[list[Sitting]] = []
        for recording in recordings:
            before = groups[-1][-1].record if groups else None
            continues = _details_of(recording).get("continues") is True
            try:
                sitting = take_again(
                    recording, self._find_lesson, from_record(before) if continues and before else None
                )
            except UserError as error:
                text = f"It cannot be graded: {error.message}."
                self._result.doubts.append(Doubt(str(recording.path), 0, "unknown-lesson", text))
                continue
            sitting = sitting.without_facts()
            seed = self._keys.seed if self._keys is not None else None
            self._result.doubts += sitting_doubts(sitting, lesson_digest(sitting.lesson), seed)
            self._result.sittings.append(sitting)
            if continues and groups:
                groups[-1].append(sitting)
                continue
            if continues:
                text = "It goes on from an earlier sitting, of which there is no recording."
                self._result.doubts.append(Doubt(str(recording.path), 0, "no-beginning", text))
            groups.append([sitting])
        return [make_attempt(group) for group in groups]

    def _mark(self, attempts: Sequence[Attempt]) -> LessonMark:
        """Return the mark of a lesson: that of the best attempt which is allowed."""
        exam = exam_of(attempts)
        if exam is not None:
            self._result.doubts += exam_doubts(attempts, exam)
        allowed = [attempt for number, attempt in enumerate(attempts, 1) if is_allowed(attempt, number, exam)]
        best = max(allowed or attempts[:1], key=lambda attempt: points_of(attempt, exam).got)
        states = {self._checks[sitting.recording.path].status for sitting in best.sittings}
        signature = next((each for each in ("foreign", "broken", "unsigned") if each in states), "signed")
        return LessonMark(best, len(attempts), points_of(best, exam), signature, exam)

    def _check_numbers(self, files: Sequence[Path]) -> None:
        if self._keys is None:
            return
        folders = sorted({file.parent for file in files if file.suffix == ".jsonl"})
        for folder in folders:
            self._result.doubts += number_doubts(signed_numbers(folder), files)


def _details_of(recording: LessonRecording) -> Mapping[str, Any]:
    return next((act.details for _, act in recording.acts() if act.did == "opened"), {})


def _lesson_of(recording: LessonRecording) -> str:
    return str(_details_of(recording).get("lesson", ""))


def _opened_at(recording: LessonRecording) -> tuple[float, str]:
    return next(act.wall for _, act in recording.acts()), str(recording.path)
