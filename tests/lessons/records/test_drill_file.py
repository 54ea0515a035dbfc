"""The record of drills: bests, kinds of fault in boxes, what comes next; kept, merged, damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hatlab.errors import UserError
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.drill_runner import DrillResult
from hatlab.lessons.play.harm import Harm
from hatlab.lessons.records.drill_file import DAYS, DrillFile, FaultRecord
from hatlab.lessons.records.drill_report import most_missed
from tests.support.drill_texts import DRILL
from tests.support.lesson_lab import make_lesson

DAY = 86_400.0
KIND = "one-way networks"


class Clock:
    """A clock that a test sets, s since 1970."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> DrillFile:
    return DrillFile(tmp_path / "drills.json", clock=clock)


def _drill(level: int = 2, name: str = "one-way", kind: str = KIND) -> Lesson:
    text = DRILL.replace("level: 2", f"level: {level}").replace("id: one-way", f"id: {name}")
    return make_lesson(text.replace(f"fault: {KIND}", f"fault: {kind}"))


def _result(seconds: float = 60.0, *wrong: str, solved: bool = True) -> DrillResult:
    return DrillResult(solved, seconds, 300.0, wrong, Harm(), ())


def test_of_two_kinds_only_the_missed_one_is_counted(kept: DrillFile) -> None:
    lesson = _drill(kind="[one-way networks, stopped replicas]")
    kept.save(lesson, replace(_result(60.0, "a wrong name"), missed_causes=(1,)))
    assert {name: fault.missed for name, fault in kept.faults.items()} == {KIND: 0, "stopped replicas": 1}


def test_the_best_of_a_drill_is_kept(kept: DrillFile) -> None:
    for result in (_result(200.0), _result(60.0), _result(100.0), _result(10.0, solved=False)):
        kept.save(_drill(), result)
    record = DrillFile(kept.path).drills["one-way"]
    assert (record.tries, record.solved, record.best, record.seconds) == (4, 3, 92, 60.0)
    assert (record.title, record.level) == ("Two sets of orders", 2)


def test_a_kind_that_is_named_at_once_comes_back_later(kept: DrillFile, clock: Clock) -> None:
    for days in (*DAYS[1:], DAYS[-1]):
        kept.save(_drill(), _result())
        assert kept.faults[KIND].due == clock.now + days * DAY
    kept.save(_drill(), _result(60.0, "the passwords differ"))
    assert kept.faults[KIND].due == clock.now
    assert (kept.faults[KIND].tries, kept.faults[KIND].missed) == (len(DAYS) + 1, 1)


def test_what_is_due_comes_next_then_what_was_never_met(kept: DrillFile, clock: Clock) -> None:
    kinds = ["a", "b", "c", "d"]
    assert kept.next_fault([]) is None
    assert kept.next_fault(kinds) == "a"
    kept.save(_drill(kind="b"), _result(60.0, "x"))
    assert kept.next_fault(["b"]) == "b"
    assert kept.next_fault(kinds) == "a"  # b is due, but was met just now
    clock.now += 60
    kept.save(_drill(kind="a"), _result())
    assert kept.next_fault(kinds) == "b"
    clock.now += 60
    kept.save(_drill(kind="b"), _result())
    assert kept.next_fault(kinds) == "c"
    clock.now += 2 * DAY
    assert kept.next_fault(kinds) == "a"


def test_three_solved_drills_lead_to_the_next_level(kept: DrillFile) -> None:
    assert kept.level_reached() == 1
    for number in range(3):
        kept.save(_drill(1, f"a{number}"), _result())
        kept.save(_drill(1, f"x{number}"), _result(solved=False))
    assert kept.level_reached() == 2
    for number in range(3):
        kept.save(_drill(2, f"b{number}"), _result())
    assert kept.level_reached() == 3


def test_what_is_missed_most_is_told_once_there_is_enough() -> None:
    assert most_missed({"muted Masters": FaultRecord(2, 2)}) == ""
    faults = {"muted Masters": FaultRecord(5, 2), "timers": FaultRecord(10, 3), "checks": FaultRecord(9, 0)}
    assert most_missed(faults) == "You miss muted Masters most: 2 of 5."


def test_two_files_are_merged(kept: DrillFile, tmp_path: Path, clock: Clock) -> None:
    other = DrillFile(tmp_path / "other.json", clock=clock)
    kept.save(_drill(), _result(200.0))
    clock.now += 60
    other.save(_drill(), _result(20.0))
    other.save(_drill(name="mine"), _result(20.0, "x"))
    assert kept.merge_from(other.path) == 2
    assert kept.drills["one-way"].seconds == 20.0
    assert kept.faults[KIND] == other.faults[KIND]
    kept.reset("mine")
    assert set(DrillFile(kept.path).drills) == {"one-way"}
    kept.reset()
    assert not DrillFile(kept.path).faults


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path, said = tmp_path / "drills.json", list[str]()
    path.write_text("{")
    kept = DrillFile(path, said.append)
    kept.save(_drill(), _result())
    assert "It was moved to" in said[0]
    assert len(list(tmp_path.glob("*.aside.json"))) == 1
    assert set(DrillFile(path).drills) == {"one-way"}


def test_what_a_person_changed_is_read_as_far_as_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "drills.json"
    drills = {"a": {"best": "many", "tries": 3, "solved": True}, "b": 5}
    data = {"format": "hatlab drills", "version": 1, "drills": drills, "faults": {"x": {"box": 99}}}
    path.write_text(json.dumps(data))
    kept = DrillFile(path)
    assert (kept.drills["a"].best, kept.drills["a"].tries, kept.drills["b"].tries) == (0, 3, 0)
    assert kept.faults["x"].box == len(DAYS) - 1


def test_another_file_is_refused(tmp_path: Path, kept: DrillFile) -> None:
    path = tmp_path / "progress.json"
    path.write_text(json.dumps({"format": "hatlab progress", "version": 1, "lessons": {}}))
    with pytest.raises(UserError, match="not a file of drills"):
        kept.merge_from(path)
