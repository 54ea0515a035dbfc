"""The progress file: kept, merged, damaged, and gone on from."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from hatlab.commands.support.exam_files import ExamFile
from hatlab.errors import UserError
from hatlab.lessons.play.exam import Exam
from hatlab.lessons.play.reducer import begin
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_file import FORMAT, VERSION, ProgressFile, read_records
from hatlab.lessons.records.progress_record import from_record
from hatlab.util import files, kept_file
from tests.support.lesson_lab import LessonLab, make_lesson
from tests.support.lesson_texts import LESSON

SOUND = LESSON.replace("owner db2]", "owner db2, outage]")


def passed(text: str = SOUND) -> LessonLab:
    """A lesson whose first step is over."""
    lab = LessonLab(text)
    lab.runner.hint()
    lab.runner.answer("3")
    lab.do("kill mysqld db1", wait=6)
    lab.runner.next_step()
    return lab


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.json"


def test_a_record_has_what_was_done(file: Path) -> None:
    lab = passed()
    ProgressFile(file).save(lab.runner)
    own = json.loads(file.read_text())["lessons"]["small"]
    assert (own["step"], own["steps"], own["finished"]) == (1, 2, None)
    assert own["tasks"]["kill"]["hints"] == ["Press k."]
    assert 2 < own["tasks"]["kill"]["done"] < 5
    assert own["answers"]["cut-off"]["said"] == 3.0
    assert own["measured"]["outage"] == own["answers"]["cut-off"]["was"]
    assert "vip" not in own["measured"]
    lab.runner.answer("db2")
    lab.do("start mysqld db1", wait=12)
    ProgressFile(file).save(lab.runner)
    own = ProgressFile(file).records["small"]
    assert own["finished"]
    assert own["step"] == 2


def test_the_file_is_written_only_when_something_is_new(file: Path) -> None:
    lab, progress_file = passed(), ProgressFile(file)
    progress_file.save(lab.runner)
    file.unlink()
    progress_file.save(lab.runner)
    assert not file.exists()


def test_a_lesson_that_has_not_begun_is_not_saved(file: Path) -> None:
    progress_file = ProgressFile(file)
    progress_file.save(passed().runner)
    progress_file.save(LessonRunner(make_lesson(SOUND)))
    assert progress_file.records["small"]["step"] == 1


def test_a_lesson_goes_on_with_what_was_measured(file: Path) -> None:
    lab = passed()
    ProgressFile(file).save(lab.runner)
    known = from_record(ProgressFile(file).records["small"])
    again = LessonLab(SOUND)
    later = begin(again.runner.compiled, again.state, 1, known)
    assert later.captures["outage"] == pytest.approx(lab.progress.captures["outage"], abs=0.001)
    assert later.captures["vip"] == "198.18.0.100"
    own, old = later.tasks["kill"], lab.task("kill")
    assert own.done_at is not None
    assert old.done_at is not None
    assert own.done_at - own.trace.began == pytest.approx(old.done_at - old.trace.began, abs=0.001)
    assert own.hints == ("Press k.",)
    assert later.answers["cut-off"].right == lab.answer("cut-off").right
    assert begin(again.runner.compiled, again.state, 0, known).answers == {}


def test_an_unanswered_question_stays_revealed_when_the_lesson_goes_on(file: Path) -> None:
    lab = LessonLab(SOUND)
    lab.runner.skip()
    lab.do("kill mysqld db1", wait=6)
    lab.runner.next_step()
    ProgressFile(file).save(lab.runner)
    again = LessonLab(SOUND)
    later = begin(again.runner.compiled, again.state, 1, from_record(ProgressFile(file).records["small"]))
    assert later.revealed["cut-off"][0] == pytest.approx(lab.progress.captures["outage"], abs=0.001)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"tasks": None, "answers": 3, "measured": []},
        {"tasks": {"kill": "done", "mend": {"done": "soon"}, "x": {"done": True, "hints": 3}}},
        {"answers": {"cut-off": "3", "who": {"said": [], "was": {}, "right": "yes", "late": 1}}},
        {"measured": {"outage": [3], "skew": None, "x": True}},
        {"tasks": {"kill": {"done": float("nan")}}},
        {"missed": {"cut-off": {}}},
    ],
    ids=str,
)
def test_a_record_that_a_person_changed_does_no_harm(entry: dict[str, Any]) -> None:
    lab = LessonLab(SOUND)
    progress = begin(lab.runner.compiled, lab.state, 1, from_record(entry))
    assert progress.tasks.keys() == {"mend"}
    assert progress.captures["outage"] is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is damaged"),
        (b"\xff\xfe", "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b"[]", "is not a progress file"),
        (b"{}", "is not a progress file"),
        (json.dumps({"format": FORMAT, "version": 0, "lessons": {}}).encode(), "is of version 0, not 1"),
        (json.dumps({"format": FORMAT, "version": "2", "lessons": {}}).encode(), "is of version 2, not 1"),
        (json.dumps({"format": FORMAT, "version": VERSION}).encode(), "its lessons are not a mapping"),
        (json.dumps({"format": FORMAT, "version": VERSION, "lessons": {"a": 1}}).encode(), "not a mapping"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_unusable_file_is_put_aside_with_a_warning(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    told: list[str] = []
    progress_file = ProgressFile(file, told.append)
    assert message in told[0]
    assert "It was moved to" in told[0]
    (aside,) = file.parent.glob("*.aside.json")
    assert aside.read_bytes() == content
    progress_file.save(passed().runner)
    assert "small" in read_records(file)
    with pytest.raises(UserError, match=message):
        progress_file.merge_from(aside)


def test_a_file_of_a_newer_hatlab_is_left_as_it_is(file: Path) -> None:
    content = json.dumps(
        {"format": FORMAT, "version": VERSION + 1, "lessons": {"small": {"new": 1}}}
    ).encode()
    file.write_bytes(content)
    told: list[str] = []
    progress_file = ProgressFile(file, told.append)
    progress_file.save(passed().runner)
    progress_file.save(passed().runner)
    (text,) = told
    assert "which a newer hatlab has written. Update hatlab" in text
    assert "until then your progress is not saved" in text
    assert file.read_bytes() == content
    assert list(file.parent.glob("*.aside.json")) == []
    assert "small" in progress_file.records
    with pytest.raises(UserError, match="a newer hatlab has written"):
        progress_file.merge_from(file)


def test_a_folder_that_cannot_be_written_is_warned_of_once(tmp_path: Path) -> None:
    told: list[str] = []
    progress_file = ProgressFile(tmp_path / "missing" / "progress.json", told.append)
    lab = passed()
    progress_file.save(lab.runner)
    lab.runner.answer("db2")
    progress_file.save(lab.runner)
    assert len(told) == 1
    assert "your progress cannot be saved" in told[0]
    assert "who" in progress_file.records["small"]["answers"]


def test_a_file_that_cannot_be_put_aside_is_warned_of(file: Path) -> None:
    file.mkdir()
    told: list[str] = []
    ProgressFile(file, told.append).save(passed().runner)
    assert "is not a file" in told[0]
    assert "small" in read_records(file)


def test_two_at_once_keep_each_other_s_lessons(file: Path) -> None:
    one, two = ProgressFile(file), ProgressFile(file)
    one.save(passed().runner)
    two.save(passed(SOUND.replace("id: small", "id: other")).runner)
    assert read_records(file).keys() == {"small", "other"}
    one.reset("small")
    assert read_records(file).keys() == {"other"}
    two.reset()
    assert read_records(file) == {}
    assert not list(file.parent.glob("*.new"))


def test_of_two_files_the_side_that_is_further_counts(file: Path, tmp_path: Path) -> None:
    def written(name: str, **lessons: dict[str, Any]) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"format": FORMAT, "version": VERSION, "lessons": lessons}))
        return path

    mine: dict[str, dict[str, Any]] = {
        "a": {"finished": "x", "step": 2},
        "b": {"step": 3},
        "c": {"step": 0},
        "d": {"step": "odd"},
    }
    theirs: dict[str, dict[str, Any]] = {
        "a": {"step": 9},
        "b": {"step": 1},
        "c": {"step": 2},
        "d": {"step": 1},
        "e": {},
    }
    written("progress.json", **mine)
    progress_file = ProgressFile(file)
    assert progress_file.merge_from(written("theirs.json", **theirs)) == 5
    assert read_records(file) == {**mine, "c": theirs["c"], "d": theirs["d"], "e": {}}
    with pytest.raises(UserError, match="there is no file"):
        progress_file.merge_from(tmp_path / "none.json")


def test_a_lone_surrogate_is_written_and_read(file: Path) -> None:
    file.write_text('{"format": "hatlab progress", "version": 1, "lessons": {"\\ud800": {}}}')
    progress_file = ProgressFile(file)
    progress_file.save(passed().runner)
    assert read_records(file).keys() == {"\ud800", "small"}


@pytest.mark.parametrize("refused", [1, 2, 5])
def test_what_a_full_disk_refused_is_saved_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """Nothing is counted twice for it, and what another hatlab wrote meanwhile stays."""
    monkeypatch.setattr(kept_file, "_TRY_AGAIN_EVERY", 0.0)
    real, writes, told = files.replacing, 0, list[str]()

    @contextmanager
    def replacing(path: Path) -> Iterator[IO[bytes]]:
        nonlocal writes
        writes += 1
        with real(path) as out:
            yield out
            if writes <= refused:
                raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept_file, "replacing", replacing)
    here = ExamFile(tmp_path / "exams.json", told.append)
    exam = Exam(lesson="x", attempts=3)
    here.begin(exam)
    monkeypatch.setattr(kept_file, "replacing", real)
    elsewhere = ExamFile(tmp_path / "exams.json")
    elsewhere.begin(Exam(lesson="y"))
    monkeypatch.setattr(kept_file, "replacing", replacing)
    for _ in range(refused):
        here.try_again()
    assert [text.partition(":")[0] for text in told] == [
        "your record of exams cannot be saved",
        "Your record of exams is saved again",
    ]
    after = ExamFile(tmp_path / "exams.json")
    assert {name: len(attempts) for name, attempts in after.attempts.items()} == {"exam: x": 1, "exam: y": 1}
    here.try_again()
    assert writes == refused + 1, "there is nothing left to write"
