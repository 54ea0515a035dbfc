"""A what-if: both futures are measured, their difference is said, and the learner's lab stays as it is."""

from __future__ import annotations

import pytest

from hatlab.errors import LabError, UserError
from hatlab.lessons.model import WhatIf, WhatIfItem
from hatlab.lessons.play.futures import compare_futures
from hatlab.lessons.play.progress import Futures
from tests.support.lesson_lab import LessonLab
from tests.support.what_if_texts import ASKS_FIRST


def what_if(measure: object) -> WhatIf:
    return WhatIf.model_validate(
        {"id": "a", "ask": "What if?", "change": "x", "then": "y", "measure": measure}
    )


def test_both_futures_are_measured_while_the_lab_stays_as_it_is() -> None:
    lab = LessonLab(ASKS_FIRST)
    lab.do("stop keepalived db1", wait=2)
    before = lab.session.state
    futures = lab.runner.play_futures()
    assert futures.first == pytest.approx(3.609, abs=0.01)
    assert futures.other == pytest.approx(6.609, abs=0.01)
    assert lab.session.state is before
    assert lab.runner.play_futures() == futures, "the same each time"


def test_what_is_shown_is_over_and_is_open_again_after_a_restart() -> None:
    lab = LessonLab(ASKS_FIRST)
    item = lab.runner.item
    assert isinstance(item, WhatIfItem)
    lab.runner.show_futures(Futures(3.6, 6.6))
    assert lab.runner.item is not item
    with pytest.raises(UserError, match="no open what-if"):
        lab.runner.play_futures()
    with pytest.raises(UserError, match="no open what-if"):
        lab.runner.show_futures(Futures(3.6, 6.6))
    lab.restore_step(0)
    assert lab.runner.item is item
    lab.runner.skip()
    assert lab.runner.item is not item
    assert lab.progress.futures == {}


def test_a_task_that_was_done_before_ticks_with_the_what_if_in_front_of_it() -> None:
    text = ASKS_FIRST.replace("```yaml predict\nid: cut-off", "```yaml predict\nid: later")
    head, predict, rest = text.partition("```yaml predict\nid: later")
    text = head + rest[rest.index("```yaml task") :].replace("{cut_off}", "so")
    lab = LessonLab(text)
    assert predict
    lab.do("kill mysqld db1", wait=8)
    assert not lab.task("kill").is_over
    lab.runner.show_futures(Futures(3.6, 6.6))
    assert lab.task("kill").is_over


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("then: power off db1\n", "then: start mysqld db1\n", "mysqld runs already"),
        ("then: power off db1\n", "then: kill mysqld db2\nwithin: 3\n", "nothing to measure"),
    ],
)
def test_what_cannot_be_played_says_why(old: str, new: str, message: str) -> None:
    lab = LessonLab(ASKS_FIRST.replace(old, new))
    with pytest.raises(LabError, match=message):
        lab.runner.play_futures()


@pytest.mark.parametrize(
    ("measure", "first", "other", "sentence"),
    [
        ("takeover db2", 3.609, 0.722, "With the change it is 0.72 s instead of 3.61 s: 2.89 s less."),
        (
            {"from": "outage", "to": "healthy"},
            1.0,
            3.5,
            "With the change it is 3.50 s instead of 1 s: 2.50 s more.",
        ),
        ("handovers", 2.0, 1.0, "With the change it is 1 instead of 2: 1 less."),
        ("owner", "db1", "db2", "With the change it is db2 instead of db1."),
        ("owner", "db1", "db1", "The change makes no difference: db1 both times."),
        ("takeover db2", 3.6094, 3.6091, "The change makes no difference: 3.61 s both times."),
    ],
)
def test_the_difference_is_one_sentence(
    measure: object, first: float | str, other: float | str, sentence: str
) -> None:
    assert compare_futures(what_if(measure), Futures(first, other)) == sentence
