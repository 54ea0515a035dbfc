"""Three students who took the small lesson, and what it takes to forge what they did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hatlab.classroom.marks.chain import ChainWriter
from hatlab.classroom.marks.grade import ClassKeys, StudentGrader, StudentMarks, compare_students, gather
from hatlab.commands.support.graded_lessons import lesson_by_id, lesson_finder
from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.library.loader import read_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.records.progress_file import ProgressFile
from tests.support.recorded_walk import MORNING, RecordedWalk
from tests.support.typed_lesson import SOUND

STUDENTS = {"anna": 11, "bruno": 22, "carla": 33}
"""Name → seed."""
LINE = dict[str, Any]


def write_lesson(course: Path, text: str = SOUND) -> Lesson:
    """Put a lesson, the small one if left out, into a course's folder."""
    course.mkdir(exist_ok=True)
    name = next(line for line in text.splitlines() if line.startswith("id: ")).removeprefix("id: ")
    file = course / f"{name}.md"
    file.write_text(text, encoding="utf-8")
    return read_lesson(file)


def take_lesson(lesson: Lesson, folder: Path, seed: int, **options: Any) -> Path:
    """Let a student take a lesson; return the recording, beside which the progress file stands."""
    folder.mkdir(parents=True, exist_ok=True)
    recording = folder / f"20261201-09000{seed % 10}-{lesson.id}.lesson.jsonl"
    walk = RecordedWalk(lesson, recording, seed=seed, begins=MORNING + seed, **options)
    walk.walk()
    ProgressFile(folder / "progress.json").save(walk.runner)
    return recording


def keys_of(name: str) -> ClassKeys:
    """What the class knows of a student."""
    return ClassKeys(hashlib.sha256(name.encode()).digest(), STUDENTS.get(name, 0))


def sign(recording: Path, name: str, number: int = 1, clock: Callable[[], float] | None = None) -> None:
    """Sign a recording as the seat of a student does."""
    last = [event for event in read_lines(recording) if event["kind"] == "learner"][-1]
    ChainWriter(recording, keys_of(name).signing, name, number, clock or (lambda: last["wall"])).follow()


def grade_all(
    handed_in: Path, course: Path, keys: Callable[[str], ClassKeys | None] = lambda _: None
) -> dict[str, StudentMarks]:
    library = Library([course], ("en",))
    grader = StudentGrader(lesson_finder(library), lesson_by_id(library))
    students = gather([handed_in])
    graded = [grader.grade(name, students[name], keys(name)) for name in sorted(students)]
    return {student.name: student for student in compare_students(graded)}


def codes(marks: StudentMarks) -> set[str]:
    return {doubt.code for doubt in marks.doubts}


def read_lines(path: Path) -> list[LINE]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_lines(path: Path, lines: list[LINE], *, seal: bool = False) -> None:
    """Write a recording; `seal`: as a forger who knows how the seals are made."""
    digest, out = hashlib.sha256(), []
    for line in lines:
        if seal and line["kind"] == "learner":
            line = {**line, "seal": digest.hexdigest()[:16]}
        text = json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n"
        digest.update(text.encode())
        out.append(text)
    path.write_text("".join(out), encoding="utf-8")


def change_lines(
    path: Path, change: Callable[[LINE], Mapping[str, Any] | None], *, seal: bool = False
) -> None:
    """Rewrite a recording; `change` returns what is different in a line, None to leave it out."""
    changed = ((line, change(line)) for line in read_lines(path))
    write_lines(path, [line | dict(new) for line, new in changed if new is not None], seal=seal)
