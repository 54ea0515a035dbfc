"""A drill under way: naming before and after the repair, the proof, giving up, what is counted."""

from __future__ import annotations

import pytest

from hatlab.lessons.play.score import costs, score
from tests.support.drill_lab import DrillLab
from tests.support.drill_texts import TWO_CAUSES


def test_naming_first_then_repairing() -> None:
    lab = DrillLab()
    lab.drill.note_look("log db2")
    lab.drill.note_look("log db2")
    lab.drill.answer("the passwords differ")
    assert lab.said("truth") == ["A log would say so."]
    lab.drill.answer("the passwords differ")
    lab.drill.answer("db2 hears nothing")
    assert not lab.drill.is_over
    lab.do("heal heartbeat", wait=20)
    assert lab.drill.is_over
    result = lab.drill.result()
    assert result.solved
    assert result.wrong == ("the passwords differ",)
    assert result.looks == ("log db2",)
    assert 5 < result.seconds < 15
    assert score(result) == 100 - sum(points for points, _ in costs(result)) < 90


def test_repairing_first_then_naming() -> None:
    lab = DrillLab()
    lab.do("heal heartbeat", wait=20)
    assert lab.drill.is_repaired
    assert not lab.drill.is_over
    lab.drill.answer("1")
    assert lab.drill.is_over
    assert lab.drill.seconds >= 20


def test_the_proof_is_counted_and_begins_again_when_something_breaks() -> None:
    lab = DrillLab()
    assert lab.drill.healthy_for is None
    lab.do("heal heartbeat", wait=4)
    before = lab.drill.healthy_for
    assert before is not None
    assert 0 < before[0] < 5 == before[1]
    lab.do("kill mysqld db1", wait=1)
    assert lab.drill.healthy_for is None
    assert not lab.drill.is_repaired


def test_giving_up_ends_it_without_points() -> None:
    lab = DrillLab()
    lab.run(3)
    lab.drill.give_up()
    result = lab.drill.result()
    assert lab.drill.is_over
    assert not result.solved
    assert result.missed
    assert score(result) == 0
    assert result.seconds == pytest.approx(3, abs=0.2)


def test_begun_again_nothing_of_before_counts() -> None:
    lab = DrillLab()
    lab.drill.note_look("packets")
    lab.drill.answer("the passwords differ")
    lab.drill.give_up()
    lab.restore_step(0)
    assert lab.drill.is_under_way
    lab.drill.answer("1")
    lab.do("heal heartbeat", wait=20)
    result = lab.drill.result()
    assert (result.solved, result.wrong, result.looks) == (True, (), ())


def test_of_two_causes_each_is_named_in_either_order() -> None:
    lab = DrillLab(TWO_CAUSES)
    lab.drill.answer("mysqld on db2 is dead")
    assert "That is not all" in lab.said("truth")[-1]
    assert not lab.answer("cause").right
    lab.drill.answer("the passwords differ")
    lab.drill.answer("db2 hears nothing")
    assert lab.answer("cause").right
    lab.do("start mysqld db2")
    lab.do("heal heartbeat", wait=30)
    assert lab.drill.result().wrong == ("the passwords differ",)


def test_nothing_is_said_of_what_is_broken_besides() -> None:
    lab = DrillLab()
    lab.do("stop mysqld db2", wait=4)
    assert not lab.said("lab")


def test_of_two_causes_a_wrong_name_counts_for_the_one_found_after_it() -> None:
    lab = DrillLab(TWO_CAUSES)
    question = next(item.question for _, item in lab.drill.lesson.questions())
    rights = question.right
    assert isinstance(rights, tuple)
    wrong = next(choice.text for choice in question.choices if choice.text not in rights)
    for name in (rights[1], wrong, rights[0]):
        lab.drill.answer(name)
    assert lab.drill.result().missed_causes == (0,)
