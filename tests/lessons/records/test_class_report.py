"""A class summed up: whose file is whose, who is stuck where, and what cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hatlab.errors import UserError
from hatlab.lessons.records.class_report import find_doubts, learner_rows, read_learners
from hatlab.lessons.records.learners import find_learners
from hatlab.lessons.records.progress_file import ProgressFile
from tests.support.lesson_lab import LessonLab, make_lesson

SMALL = make_lesson()


def _write(path: Path, **lessons: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"format": "hatlab progress", "version": 1, "lessons": lessons}))
    return path


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["s01/progress.json", "s02/progress.json", "s03/progress.json"], ["s01", "s02", "s03"]),
        (["anna.json", "bruno.json"], ["anna", "bruno"]),
        (["s01/state/hatlab/progress.json", "s02/state/hatlab/progress.json"], ["s01", "s02"]),
        (["s01/handed-in/work.json", "s02/handed-in/work.json"], ["s01", "s02"]),
        (["group-a/anna.json", "group-b/anna.json"], ["group-a/anna", "group-b/anna"]),
    ],
)
def test_files_are_named_by_their_learner(tmp_path: Path, files: list[str], names: list[str]) -> None:
    paths = [_write(tmp_path / file, x={}) for file in files]
    assert list(read_learners(paths)[0]) == names


@pytest.mark.parametrize(
    "files",
    [["s01/progress.json", "s02/progress.json"], ["s01.json", "s02.json"], ["s01/a.json", "s02/a.json"]],
)
def test_in_a_folder_each_folder_or_file_is_a_learner(tmp_path: Path, files: list[str]) -> None:
    for file in files:
        _write(tmp_path / "handed-in" / file, x={})
    assert list(read_learners([tmp_path / "handed-in"])[0]) == ["s01", "s02"]


def test_of_two_files_of_a_learner_the_one_that_is_further_counts(tmp_path: Path) -> None:
    _write(tmp_path / "all/s01/old.json", small={"step": 3}, other={"step": 1})
    _write(tmp_path / "all/s01/progress.json", small={"step": 1})
    assert read_learners([tmp_path / "all"])[0] == {"s01": {"small": {"step": 3}, "other": {"step": 1}}}


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is nothing of a learner's"):
        find_learners([tmp_path], lambda _: True)


def test_a_damaged_file_hides_nobody_else(tmp_path: Path) -> None:
    files = [_write(tmp_path / f"s0{number}.json", x={}) for number in (1, 2, 3)]
    files[1].write_text('{"format": "hatlab progress", "vers')
    learners, errors = read_learners(files)
    assert list(learners) == ["s01", "s03"]
    assert errors[files[1]].message == f"the progress file {files[1]} is damaged: it is not JSON"
    files[0].write_text("")
    files[2].write_text("[]")
    with pytest.raises(UserError):
        read_learners(files)


def test_who_is_stuck_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(f"2026-12-01T09:{minute:02}:00+0000" for minute in range(60))
    monkeypatch.setattr("hatlab.lessons.records.progress_file.format_now", lambda: next(times))
    file = ProgressFile(tmp_path / "s01.json")
    lab = LessonLab()
    file.save(lab.runner)
    file.save(lab.runner)  # nothing is new
    before = file.path.read_bytes()
    lab.run(3)
    file.save(lab.runner)
    assert file.path.read_bytes() == before
    lab.runner.answer("3")
    lab.do("kill mysqld db1", wait=8)
    lab.runner.next_step()
    lab.runner.answer("db1")
    lab.runner.answer("nobody")
    file.save(lab.runner)
    (row,) = learner_rows(read_learners([file.path])[0])
    assert (row.lesson, row.step, row.steps, row.item) == ("small", 2, 2, "who")
    assert row.wrong == 2
    lab.runner.answer("db2")
    lab.runner.hint()
    file.save(lab.runner)
    lab.runner.hint()
    file.save(lab.runner)
    (row,) = learner_rows(read_learners([file.path])[0])
    assert (row.item, row.hints, row.wrong) == ("mend", 2, 2)
    assert row.seconds == 60
    assert row.last == file.records["small"]["last"]


def test_copies_and_what_cannot_be_are_told(tmp_path: Path) -> None:
    answer = {"said": 1.0, "was": 9.0, "right": True, "tries": 1}
    honest = {"began": "2026-12-01T09:00:00+0000", "answers": {"cut-off": answer | {"right": False}}}
    forged = honest | {"finished": "2026-12-01T08:00:00+0000", "answers": {"cut-off": answer}}
    learners = {"s01": {"small": honest}, "s02": {"small": honest}, "s03": {"small": forged, "no": {}}}
    doubts = find_doubts(learners, lambda name: SMALL if name == "small" else None)
    assert doubts == [
        ("s01", "small: everything in it is as in the file of s02."),
        ("s02", "small: everything in it is as in the file of s01."),
        ("s03", "no: there is no such lesson here."),
        ("s03", "small: cut-off is called right, with 1 where 9 was."),
        ("s03", "small: finished before it was begun."),
    ]
