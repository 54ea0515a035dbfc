"""Exams: the file that states one, when it may be begun, and how often."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hatlab.commands.support.exam_files import ExamFile, read_exam
from hatlab.errors import FileError, UserError
from hatlab.lessons.play.exam import Exam

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NINE.timestamp()

    def __call__(self) -> float:
        return self.now


def _stated(tmp_path: Path, text: str) -> str:
    (tmp_path / "exam.toml").write_text(text)
    return str(tmp_path / "exam.toml")


def test_a_file_states_an_exam(tmp_path: Path) -> None:
    text = '[exam]\nlesson = "timers"\nminutes = 20\nopens = 2026-12-01T09:00:00Z\nattempts = 2\n'
    exam = read_exam(_stated(tmp_path, f"[class]\ntitle = 'x'\n{text}"))
    assert (exam.lesson, exam.minutes, exam.attempts, exam.opens) == ("timers", 20, 2, NINE)
    assert read_exam(exam.model_dump_json()) == exam


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[exam\n", 1, "this is not TOML"),
        ("[class]\n", 1, "there is no `lesson`"),
        ('[exam]\nlesson = "x"\n\nminutes = -1\n', 4, "`minutes`: this should be greater than 0"),
        ('[exam]\nlesson = "x"\nhints = true\n', 3, "there is no key `hints`"),
        ('[exam]\nlesson = "x"\nopens = "later"\n', 3, "`opens`: "),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(FileError) as error:
        read_exam(_stated(tmp_path, text))
    assert message in error.value.message
    assert error.value.line == line


def test_it_is_taken_between_opening_and_closing(tmp_path: Path) -> None:
    clock = Clock()
    exam = Exam(lesson="x", opens=NINE.replace(hour=10), closes=NINE.replace(hour=11))
    file = ExamFile(tmp_path / "exams.json", clock=clock)
    with pytest.raises(UserError, match=r"exam opens at .*") as error:
        file.begin(exam)
    assert error.value.hint == "that is in 1:00:00"
    clock.now += 3600 + 1800
    assert file.begin(exam).seconds_left == pytest.approx(1800, abs=1)
    clock.now += 1800
    with pytest.raises(UserError, match="exam closed at"):
        file.begin(exam)


def test_time_in_which_the_clock_stood_is_kept_for_whoever_is_cut_off(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "exams.json"
    exam = Exam(lesson="x", minutes=30, closes=NINE.replace(minute=20))
    file, now = ExamFile(path, clock=clock), 0.0
    sitting = file.begin(exam)
    sitting._steady = lambda: now
    sitting._ends = 1200.0
    for moment in (100.0, 104.0, 170.0, 220.0):  # the app says so again and again
        now = moment
        sitting.hold(held=True)
    assert sitting.seconds_left == 1100, "it stands"
    clock.now += 220
    again = ExamFile(path, clock=clock).begin(exam)  # cut off, while it stood
    assert again.seconds_left == pytest.approx(1100, abs=1)
    sitting.hold(held=False)
    clock.now += 1000  # past the moment at which it closes for everybody else
    again = ExamFile(path, clock=clock).begin(exam)
    assert (again.continues, round(again.seconds_left)) == (True, 100)
    clock.now += 101
    with pytest.raises(UserError, match="exam closed at"):
        ExamFile(path, clock=clock).begin(exam)


def test_who_leaves_goes_on_with_the_time_that_is_left(tmp_path: Path) -> None:
    clock, exam = Clock(), Exam(lesson="x", minutes=30)
    path = tmp_path / "exams.json"
    assert not ExamFile(path, clock=clock).begin(exam).continues
    clock.now += 600
    sitting = ExamFile(path, clock=clock).begin(exam)
    assert sitting.continues
    assert sitting.seconds_left == pytest.approx(1200, abs=1)
    clock.now -= 86_400  # which gains nothing
    assert ExamFile(path, clock=clock).begin(exam).seconds_left <= 1800
    clock.now += 86_400 + 1200
    with pytest.raises(UserError, match="you have used your 1 attempt at exam"):
        ExamFile(path, clock=clock).begin(exam)


def test_there_are_as_many_attempts_as_are_stated(tmp_path: Path) -> None:
    exam, file = Exam(lesson="x", attempts=2), ExamFile(tmp_path / "exams.json", clock=Clock())
    for _ in range(2):
        assert not file.begin(exam).continues
        file.end(exam)
    with pytest.raises(UserError, match="you have used your 2 attempts at exam"):
        file.begin(exam)
    file.begin(Exam(lesson="y"))  # another one


def test_a_damaged_record_is_put_aside(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "exams.json").write_text("{")
    file = ExamFile(tmp_path / "exams.json", said.append, Clock())
    assert not file.begin(Exam(lesson="x")).continues
    assert "damaged" in said[0]
