"""The class as a whole: where most are, and predictions as a histogram."""

from __future__ import annotations

from typing import Any

from hatlab.classroom.board.overview import MOST_BARS, count_predictions, find_places, make_bars
from hatlab.classroom.board.report import Asked, LessonReport
from tests.classroom.board.running_board import lesson

NUMBER, CHOICE = Asked(ask="How long?", unit="s"), Asked(ask="Who?", choices=["db1", "db2", "nobody"])


def made(**changes: Any) -> LessonReport:
    return LessonReport.model_validate(lesson(**changes))


def bars(answers: list[str], asked: Asked) -> dict[str, int]:
    return {bar["label"]: bar["count"] for bar in make_bars(answers, asked)}


def test_where_most_need_help_comes_first_then_where_most_are() -> None:
    lessons = {
        **{name: made(task="a") for name in ("ada", "bo", "cy")},
        "dee": made(task="b"),
        "eve": made(task="c", finished=True),
    }
    places = find_places(lessons, ["dee"])
    assert [(place["task"], place["names"], place["needing"]) for place in places] == [
        ("b", ["dee"], 1),
        ("a", ["ada", "bo", "cy"], 0),
    ]


def test_each_choice_has_a_bar_also_that_which_nobody_took() -> None:
    assert bars(["db2", "db2", "db1"], CHOICE) == {"db1": 1, "db2": 2, "nobody": 0}
    assert bars(["db2", "the cat"], CHOICE) == {"db1": 0, "db2": 1, "nobody": 0, "the cat": 1}


def test_few_numbers_stand_for_themselves() -> None:
    assert bars(["1.50", "3", "3"], NUMBER) == {"1.5 s": 1, "3 s": 2}


def test_many_numbers_are_in_round_ranges_and_none_is_lost() -> None:
    answers = [f"{number / 10:.2f}" for number in range(1, 31)] + ["1000"]
    found = bars(answers, NUMBER)
    assert sum(found.values()) == len(answers)
    assert list(found)[:2] == ["0 to 0.5 s", "0.5 to 1 s"]
    assert list(found)[-1] == "3.5 s or more"
    assert len(found) <= MOST_BARS


def test_numbers_far_apart_and_negative_ones() -> None:
    answers = [str(number) for number in (-3, -2, -1, 0, 1, 2, 3, 4, 5, 1e9)]
    assert sum(bars(answers, NUMBER).values()) == 10


def test_many_other_answers_are_one_bar() -> None:
    found = bars([f"answer {number}" for number in range(20)], Asked(ask="Which?"))
    assert sum(found.values()) == 20
    assert found["another answer"] == 20 - MOST_BARS


def test_no_answer_is_told_to_be_right_and_a_question_without_words_has_its_name() -> None:
    counted = count_predictions([made(predictions={"q": "1"}), made(predictions={"q": "2", "r": "x"})])
    assert [(each["ask"], each["answers"]) for each in counted] == [("q", 2), ("r", 1)]
    assert set(counted[0]) == {"id", "ask", "answers", "bars"}
