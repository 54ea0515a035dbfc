"""Marks of three students: what honest work is worth, and that every kind of forgery is told."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab.classroom.marks.chain import ChainWriter
from hatlab.classroom.marks.grade import StudentGrader, StudentMarks, compare_students, gather
from hatlab.classroom.marks.report.data import to_csv, to_data
from hatlab.classroom.marks.report.page import marks_page
from hatlab.classroom.marks.report.table import format_table
from hatlab.classroom.marks.scoring import Points
from hatlab.commands.grade import _page_names
from hatlab.commands.support.graded_lessons import lesson_by_id, lesson_finder
from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.play.exam import Exam
from tests.classroom.marks.students import (
    LINE,
    STUDENTS,
    change_lines,
    codes,
    grade_all,
    keys_of,
    read_lines,
    sign,
    take_lesson,
    write_lesson,
    write_lines,
)
from tests.support.drill_texts import DRILL
from tests.support.recorded_walk import MORNING, ExamWalk


def _recording(work: Path, name: str) -> Path:
    return next((work / "handed-in" / name).glob("*.jsonl"))


def _grade(work: Path, name: str = "anna", *, in_class: bool = False) -> set[str]:
    """What does not fit in a student's work."""
    keys = keys_of if in_class else lambda _: None
    return codes(grade_all(work / "handed-in", work / "course", keys)[name])


def test_honest_work_has_its_points_and_no_doubts(work: Path) -> None:
    marks = grade_all(work / "handed-in", work / "course")
    assert list(marks) == list(STUDENTS)
    for student in marks.values():
        assert student.doubts == ()
        (lesson,) = student.lessons
        assert lesson.attempt.finished
        questions = {question.id: question for question in lesson.attempt.questions}
        tasks = {task.id: task for task in lesson.attempt.tasks}
        assert questions["cut-off"].is_prediction
        assert questions["cut-off"].typed == ("0",)
        assert questions["who"].right
        assert all(task.saw_answer for task in tasks.values())
        made, asked, two_tasks = 1.0, 1.0 if questions["who"].right_at_once else 0.5, 1.0
        assert lesson.points.got == made + asked + two_tasks
        assert lesson.signature == "unsigned"


def test_the_same_files_give_the_same_marks(work: Path) -> None:
    first, second = (list(grade_all(work / "handed-in", work / "course").values()) for _ in range(2))
    assert to_csv(first) == to_csv(second)
    assert [marks_page(student) for student in first] == [marks_page(student) for student in second]
    assert json.dumps([to_data(student) for student in first]) == json.dumps(
        [to_data(student) for student in second]
    )


def test_a_table_fits_a_terminal(work: Path) -> None:
    lines = list(format_table(list(grade_all(work / "handed-in", work / "course").values())))
    assert lines[0].split() == ["student", "lesson", "points", "time", "hints", "attempts"]
    assert all(len(line) <= 80 for line in lines)


def test_text_from_outside_is_no_markup_and_no_formula(work: Path) -> None:
    (work / "handed-in" / "anna").rename(work / "handed-in" / "=<b>a")
    student = grade_all(work / "handed-in", work / "course")["=<b>a"]
    assert "<b>a" not in marks_page(student)
    assert "\n'=<b>a," in to_csv([student])


def test_signed_work_is_signed(work: Path) -> None:
    for name in STUDENTS:
        sign(_recording(work, name), name)
    marks = grade_all(work / "handed-in", work / "course", keys_of)
    assert {student.lessons[0].signature for student in marks.values()} == {"signed"}
    assert not any(student.doubts for student in marks.values())


# -- forgeries of a recording


def _right_answer(line: LINE) -> LINE | None:
    """Anna's prediction becomes right."""
    return {"text": "3.4"} if line.get("did") == "answered" and line["item"] == "cut-off" else {}


def _fewer_hints(line: LINE) -> LINE | None:
    return None if line.get("did") == "asked for a hint" else {}


def _longer_outage(line: LINE) -> LINE | None:
    return {"ok": False, "server": None, "error": "refused"} if line["kind"] == "probe" else {}


@pytest.mark.parametrize("forge", [_right_answer, _fewer_hints, _longer_outage])
def test_an_edited_recording_is_told(work: Path, forge: object) -> None:
    change_lines(_recording(work, "anna"), forge)  # type: ignore[arg-type]
    assert "edited" in _grade(work)


@pytest.mark.parametrize("forge", [_right_answer, _fewer_hints, _longer_outage])
def test_in_a_class_an_edit_is_told_though_its_seals_were_made_again(work: Path, forge: object) -> None:
    recording = _recording(work, "anna")
    sign(recording, "anna")
    change_lines(recording, forge, seal=True)  # type: ignore[arg-type]
    found = grade_all(work / "handed-in", work / "course", keys_of)["anna"]
    assert "broken" in codes(found)
    assert "edited" not in codes(found)
    assert found.lessons[0].signature == "broken"


def test_facts_that_were_left_out_are_missed(work: Path) -> None:
    dropped = iter(range(10**6))
    change_lines(
        _recording(work, "anna"),
        lambda line: None if line["kind"] == "tick" and next(dropped) < 3 else {},
        seal=True,
    )
    assert "contradiction" in _grade(work)


def test_an_answer_to_what_was_not_open_is_told_with_its_line(work: Path) -> None:
    recording = _recording(work, "anna")
    change_lines(recording, lambda line: {"item": "who"} if line.get("item") == "cut-off" else {}, seal=True)
    doubts = grade_all(work / "handed-in", work / "course")["anna"].doubts
    (doubt,) = (doubt for doubt in doubts if doubt.code == "contradiction")
    line = read_lines(recording)[doubt.line - 1]
    assert (line["did"], line["item"]) == ("answered", "who")
    assert doubt.text == "It answers who, and cut-off is open."


def test_a_recording_that_was_cut_off_is_told(work: Path) -> None:
    recording = _recording(work, "anna")
    lines = read_lines(recording)
    write_lines(recording, lines[: len(lines) // 2])
    assert "no-end" in _grade(work)
    recording.write_bytes(recording.read_bytes()[:-20])
    assert {"no-end", "edited"} <= _grade(work)


@pytest.mark.parametrize("by", [-3600, 3600])
def test_a_clock_that_was_set_is_told(work: Path, by: int) -> None:
    seen = iter(range(10**6))
    change_lines(
        _recording(work, "anna"),
        lambda line: {"wall": line["wall"] + by} if "wall" in line and next(seen) > 4 else {},
        seal=True,
    )
    assert "clock" in _grade(work)


def test_in_a_class_a_clock_that_was_wrong_from_the_first_is_told(work: Path) -> None:
    recording = _recording(work, "anna")
    sign(recording, "anna", clock=lambda: 1_796_100_000.0)
    assert _grade(work, in_class=True) == {"clock"}


def test_a_lesson_that_was_changed_is_told(work: Path) -> None:
    text = (work / "course" / "small.md").read_text(encoding="utf-8")
    (work / "course" / "small.md").write_text(text.replace("near: 0.5", "near: 60"), encoding="utf-8")
    assert "other-text" in _grade(work)


def test_a_lesson_that_nobody_knows_is_told(work: Path) -> None:
    text = (work / "course" / "small.md").read_text(encoding="utf-8")
    (work / "course" / "small.md").write_text(text.replace("id: small", "id: another"), encoding="utf-8")
    assert "unknown-lesson" in _grade(work)


def test_the_form_of_somebody_else_is_told(work: Path) -> None:
    recording = _recording(work, "bruno")
    target = work / "handed-in" / "anna"
    _recording(work, "anna").unlink()
    shutil.copy(recording, target)
    found = _grade(work, in_class=True)
    assert "other-form" in found


# -- copies


def test_a_copy_is_told_of_both(work: Path) -> None:
    _recording(work, "anna").unlink()
    shutil.copy(_recording(work, "bruno"), work / "handed-in" / "anna")
    marks = grade_all(work / "handed-in", work / "course")
    texts = {name: [d.text for d in marks[name].doubts if d.code == "copy"] for name in STUDENTS}
    assert texts == {
        "anna": ["This file is the same, byte for byte, as one of bruno."],
        "bruno": ["This file is the same, byte for byte, as one of anna."],
        "carla": [],
    }


def test_a_copy_whose_times_were_moved_is_told(work: Path) -> None:
    recording = _recording(work, "bruno")
    _recording(work, "anna").unlink()
    copy = work / "handed-in" / "anna" / recording.name
    shutil.copy(recording, copy)
    change_lines(
        copy,
        lambda line: (
            {"wall": line["wall"] + 700, "steady": line["steady"] + 700}
            if "wall" in line
            else {"started": ""}
            if line["kind"] == "lab"
            else {}
        ),
        seal=True,
    )
    assert "copy" in _grade(work, "anna")
    assert "copy" in _grade(work, "bruno")


# -- signatures


def test_work_from_elsewhere_is_unsigned_in_a_class(work: Path) -> None:
    assert _grade(work, in_class=True) == {"unsigned"}


def test_somebody_elses_signature_is_foreign(work: Path) -> None:
    sign(_recording(work, "anna"), "bruno")
    assert _grade(work, in_class=True) == {"foreign"}


def test_a_chain_of_another_recording_is_foreign(work: Path) -> None:
    lesson = write_lesson(work / "course")
    other = take_lesson(lesson, work / "elsewhere", 15)
    sign(other, "anna")
    recording = _recording(work, "anna")
    shutil.copy(other.with_name(other.name + ".chain"), recording.with_name(recording.name + ".chain"))
    assert "foreign" in _grade(work, in_class=True)


def test_lines_behind_the_last_signature_are_told(work: Path) -> None:
    recording = _recording(work, "anna")
    sign(recording, "anna")
    with recording.open("a") as out:
        out.write('{"at":99.0,"kind":"tick"}\n')
    assert _grade(work, in_class=True) == {"unsigned-end"}


@pytest.mark.parametrize("lines", [0, 3])
def test_a_seat_that_was_ended_before_its_lab_was_there_leaves_no_doubt(work: Path, lines: int) -> None:
    recording = _recording(work, "anna")
    sign(recording, "anna", 1)
    second = recording.with_name("20261201-120000-small.lesson.jsonl")
    begun = [line for line in read_lines(recording) if line["kind"] != "learner"]
    write_lines(second, begun[:lines])
    ChainWriter(second, keys_of("anna").signing, "anna", 2).follow()
    assert _grade(work, in_class=True) == set()


def test_a_signed_recording_that_was_removed_is_told(work: Path) -> None:
    recording = _recording(work, "anna")
    lesson = write_lesson(work / "course")
    second = take_lesson(lesson, work / "handed-in" / "anna", 14)
    sign(recording, "anna", 1)
    sign(second, "anna", 3)
    recording.unlink()
    marks = grade_all(work / "handed-in", work / "course", keys_of)["anna"]
    texts = [doubt.text for doubt in marks.doubts if doubt.code == "missing"]
    assert texts == [
        "1 signed recording of this seat is gone: number 2.",
        "The recording that was signed here is gone.",
    ]


# -- the progress file


def _change_progress(work: Path, change: object) -> set[str]:
    path = work / "handed-in" / "anna" / "progress.json"
    data = json.loads(path.read_text())
    change(data["lessons"]["small"], data["lessons"])  # type: ignore[operator]
    path.write_text(json.dumps(data))
    return _grade(work)


def _finished_before_begun(record: LINE, _all: LINE) -> None:
    record |= {"began": "2026-12-01T10:00:00+0000", "finished": "2026-12-01T09:00:00+0000"}


def _called_right(record: LINE, _all: LINE) -> None:
    record["answers"]["cut-off"]["right"] = True


def _said_what_was_so(record: LINE, _all: LINE) -> None:
    record["answers"]["cut-off"] |= {"said": record["answers"]["cut-off"]["was"], "right": True}


def _other_measure(record: LINE, _all: LINE) -> None:
    record["answers"]["cut-off"] |= {"was": 0.0, "right": True}


def _at_once(record: LINE, _all: LINE) -> None:
    record["answers"]["who"]["tries"] = 7


def _negative_time(record: LINE, _all: LINE) -> None:
    record["tasks"]["kill"]["done"] = -4.0


def _no_hints(record: LINE, _all: LINE) -> None:
    record["tasks"]["kill"]["hints"] = []


def _more_lessons(record: LINE, lessons: LINE) -> None:
    lessons["the-election"] = record


def _unknown_lesson(record: LINE, lessons: LINE) -> None:
    lessons["nowhere"] = record


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (_finished_before_begun, "impossible"),
        (_called_right, "impossible"),
        (_said_what_was_so, "differs"),
        (_other_measure, "differs"),
        (_at_once, "differs"),
        (_negative_time, "impossible"),
        (_no_hints, "differs"),
        (_more_lessons, "no-recording"),
        (_unknown_lesson, "unknown-lesson"),
    ],
)
def test_a_forged_progress_file_is_told_and_changes_no_mark(work: Path, forge: object, code: str) -> None:
    before = grade_all(work / "handed-in", work / "course")["anna"].points
    assert code in _change_progress(work, forge)
    assert grade_all(work / "handed-in", work / "course")["anna"].points == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "hatlab progress", "version": 9}', "\0" * 99])
def test_a_damaged_file_is_told_and_the_others_are_graded(work: Path, text: str) -> None:
    (work / "handed-in" / "anna" / "progress.json").write_text(text)
    _recording(work, "bruno").write_text(text)
    marks = grade_all(work / "handed-in", work / "course")
    assert "damaged" in codes(marks["anna"])
    assert "damaged" in codes(marks["bruno"])
    assert marks["anna"].lessons
    assert not marks["carla"].doubts


# -- everybody


def test_marks_are_the_same_in_whichever_process_a_student_is_graded(work: Path) -> None:
    library = Library([work / "course"], ("en",))
    grader = StudentGrader(lesson_finder(library), lesson_by_id(library))
    students = gather([work / "handed-in"])
    shutil.copy(_recording(work, "anna"), work / "handed-in" / "bruno" / "copy.lesson.jsonl")
    graded = [grader.grade(name, files, keys_of(name)) for name, files in students.items()]
    elsewhere = [pickle.loads(pickle.dumps(each)) for each in graded]
    here = [to_data(student) for student in compare_students(graded)]
    assert [to_data(student) for student in compare_students(elsewhere)] == here
    assert len(pickle.dumps(graded)) < 200_000, "no facts of a lab go along"


def test_every_student_has_a_page_of_their_own() -> None:
    names = ["a b", "a_b", "A/B", "王小明", "王", "../x", "..", "", "ü" * 300, "ü" * 301, "a_b-2"]
    pages = _page_names(names)
    assert len({page.casefold() for page in pages}) == len(names)
    assert all(len(page.encode()) < 200 and not page.startswith(".") and "/" not in page for page in pages)


# -- exams


def _take_exam(
    work: Path,
    name: str,
    number: int = 1,
    *,
    begins: float = 0.0,
    held: float = 0.0,
    exam: LINE | None = None,
) -> Path:
    """Let a student take the lesson as an exam, beside what they did before."""
    folder = work / "exams" / name
    stated = Exam.model_validate({"lesson": "small", "name": "test", **(exam or {})})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"20261202-09000{number}-small.lesson.jsonl"
    walk = ExamWalk(
        write_lesson(work / "course"),
        path,
        seed=STUDENTS[name],
        begins=MORNING + begins,
        held=held,
        exam=stated,
    )
    walk.walk()
    return path


def _grade_exams(work: Path, name: str = "anna") -> StudentMarks:
    return grade_all(work / "exams", work / "course")[name]


def test_an_exam_has_its_own_points(tmp_path: Path) -> None:
    _take_exam(tmp_path, "anna")
    marks = _grade_exams(tmp_path)
    (lesson,) = marks.lessons
    assert marks.doubts == ()
    assert lesson.exam is not None
    questions = {question.id: question for question in lesson.attempt.questions}
    assert (questions["cut-off"].right, questions["who"].tries) == (False, 1)
    right = sum(question.right_at_once for question in questions.values())
    assert lesson.points == Points(2.0 + right, 4)  # both tasks without a hint


def test_a_drill_may_be_an_exam(tmp_path: Path) -> None:
    drill = write_lesson(tmp_path / "course", DRILL)
    folder = tmp_path / "exams" / "anna"
    folder.mkdir(parents=True)
    path = folder / "20261202-090001-drill.lesson.jsonl"
    ExamWalk(drill, path, seed=11, exam=Exam(lesson=drill.id, minutes=5)).walk()
    (lesson,) = _grade_exams(tmp_path).lessons
    assert lesson.attempt.drill is not None
    assert lesson.points.of == 100
    assert lesson.points.got > 0


def test_an_attempt_too_many_is_told_and_does_not_count(tmp_path: Path) -> None:
    first = _take_exam(tmp_path, "anna", 1)
    second = _take_exam(tmp_path, "anna", 2, begins=5000)
    marks = _grade_exams(tmp_path)
    (doubt,) = marks.doubts
    assert (doubt.code, doubt.file) == ("attempts", str(second))
    assert doubt.text == "This is attempt 2, and 1 was allowed: it does not count."
    assert marks.lessons[0].attempt.sittings[0].recording.path == first


@pytest.mark.parametrize(
    ("exam", "code"),
    [
        ({"minutes": 0.2}, "too-late"),
        ({"opens": "2030-01-01T00:00:00Z"}, "too-early"),
        ({"closes": "2020-01-01T00:00:00Z"}, "too-late"),
    ],
)
def test_what_was_done_out_of_time_is_told(tmp_path: Path, exam: LINE, code: str) -> None:
    _take_exam(tmp_path, "anna", exam=exam)
    assert codes(_grade_exams(tmp_path)) == {code}


@pytest.mark.parametrize(("held", "told"), [(600.0, set()), (0.0, {"too-late"})])
def test_while_a_teacher_has_everybodys_eyes_nobody_gets_late(
    tmp_path: Path, held: float, told: set[str]
) -> None:
    path = _take_exam(tmp_path, "anna", held=held, exam={"minutes": 5})
    if not held:  # the same, and nobody asked the student to look up
        later = _after_the_first_answer(600.0)
        change_lines(path, later, seal=True)
    assert codes(_grade_exams(tmp_path)) == told


def _after_the_first_answer(seconds: float) -> Callable[[LINE], LINE]:
    answered = False

    def change(line: LINE) -> LINE:
        nonlocal answered
        answered = answered or line.get("did") == "answered"
        if answered and line["kind"] == "learner":
            return {"wall": line["wall"] + seconds, "steady": line["steady"] + seconds}
        return {}

    return change


def test_an_exam_taken_as_an_ordinary_lesson_is_told(tmp_path: Path) -> None:
    _take_exam(tmp_path, "anna")
    take_lesson(write_lesson(tmp_path / "course"), tmp_path / "exams" / "anna", 11)
    assert "no-exam" in codes(_grade_exams(tmp_path))
