"""What the tutor makes of what a learner does and what happens: ticks, truths, wrong turns, time set back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.events import Event
from hatlab.lessons.compile import compile_lesson
from hatlab.lessons.play import learner_actions, reducer
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from hatlab.state.steps import steps
from tests.support.lesson_lab import Taught, lesson
from tests.support.lesson_texts import LESSON
from tests.support.story import layout, story

HEAD = LESSON[: LESSON.index("## Kill it")]
PREDICT = LESSON.replace("owner db2]", "owner db2, outage]")
FAILS = (
    HEAD
    + """\
## Watch

```yaml task
id: kill
do: Kill mysqld on db1.
when: [process mysqld db1 down, owner db2, outage]
capture: {outage: outage client, noticed: {from: process mysqld db1 down, to: state db1 FAULT}}
fail:
  - when: process mysqld db2 down
    say: That was db2.
hints:
  - Look at db1.
  - when: process mysqld db2 down
    say: db2 is dead.
  - Press k.
solution: kill mysqld db1
```

It took {outage} s, noticed after {noticed} s.

## Order

```yaml task
id: order
do: Stop keepalived on db2, then start it.
when: {order: [process keepalived db2 down, process keepalived db2 up]}
hints: Press t.
solution: [stop keepalived db2, start keepalived db2]
```
"""
)


def test_a_task_ticks_only_when_its_prediction_is_locked() -> None:
    lab = Taught(PREDICT)
    lab.do("kill mysqld db1")
    lab.run(6)
    assert lab.task("kill").held_at is not None
    assert lab.task("kill").done_at is None
    lab.runner.answer("3")
    own = lab.answer("cut-off")
    assert lab.task("kill").done_at is not None
    assert (own.late, own.truth) == (True, lab.progress.captures["outage"])


def test_a_prediction_is_compared_when_the_task_is_done() -> None:
    lab = Taught(PREDICT)
    lab.runner.answer("3,1 s")
    lab.do("kill mysqld db1")
    assert lab.answer("cut-off").truth is None
    lab.run(6)
    own = lab.answer("cut-off")
    assert own.late is False
    assert isinstance(own.truth, float)
    assert own.right is (abs(own.truth - 3.1) <= 0.5)
    assert lab.said("done") == ["Kill mysqld on db1."]
    assert lab.said("truth") == [f"It was {own.truth:.2f} s."]
    assert lab.progress.captures["cut_off"] == own.truth
    assert lab.runner.item is None


def test_what_was_said_can_be_named() -> None:
    lab = Taught(LESSON.replace("It took", "You said {cut_off.said} s. It took"))
    lab.runner.answer("3")
    assert lab.progress.captures["cut_off.said"] == 3.0


def test_a_task_to_be_watched_begins_when_its_learner_comes_to_it() -> None:
    text = LESSON.replace("hints:\n  - Press k.\nsolution: kill mysqld db1\n", "watch: true\n")
    begin, end = text.index("wrong:"), text.index("```", text.index("wrong:"))
    text = text[:begin] + text[end:]
    lab = Taught(re.sub(r"when: \[process.*\]", "when: elapsed 5", text))
    lab.run(20)
    assert "kill" not in lab.progress.tasks
    lab.runner.answer("3")
    lab.run(4)
    assert lab.progress.tasks["kill"].done_at is None
    lab.run(2)
    assert lab.progress.tasks["kill"].done_at is not None


def test_a_prediction_is_not_compared_at_a_later_task() -> None:
    text = LESSON.replace("truth: outage\nnear: 0.5", "truth: takeover db2\nnear: 0.5")
    lab = Taught(text)
    lab.runner.answer("3")
    lab.runner.skip()
    lab.do("kill mysqld db1")
    lab.run(8)
    assert lab.progress.answers["cut-off"].truth is None


def test_what_explains_a_prediction_is_told_even_if_it_could_not_be_measured() -> None:
    text = LESSON.replace("truth: outage\nnear: 0.5", "truth: takeover db1\nnear: 0.5")
    lab = Taught(text.replace('why: "It was {outage} s."', 'why: "A Backup waits."'))
    lab.runner.answer("3")
    lab.do("kill mysqld db1")
    lab.run(8)
    assert lab.progress.answers["cut-off"].truth is None
    assert lab.said("truth") == ["A Backup waits."]


def test_the_same_wrong_answer_again_is_no_further_try() -> None:
    lab = Taught(LESSON)
    lab.runner.answer("3")
    lab.runner.skip()
    lab.runner.next_step()
    for answer, tries in (("db2", 1), ("db2", 1), ("nobody", 2), ("db1", 3)):
        lab.runner.answer(answer)
        assert lab.progress.answers["who"].tries == tries


def test_the_answer_to_a_question_is_checked_at_once() -> None:
    lab = Taught(PREDICT)
    lab.runner.skip()
    lab.do("kill mysqld db1")
    lab.run(6)
    lab.runner.next_step()
    lab.runner.answer("1")
    assert lab.answer("who").right is False
    with pytest.raises(UserError, match="none of the answers"):
        lab.runner.answer("db7")
    lab.runner.answer("DB2")
    assert (lab.answer("who").right, lab.answer("who").tries) == (True, 2)
    with pytest.raises(UserError, match="no question is open"):
        lab.runner.answer("db2")
    lab.do("start mysqld db1")
    lab.run(12)
    assert lab.progress.finished_at is not None


def test_what_was_not_answered_has_its_right_answer_all_the_same() -> None:
    lab = Taught(PREDICT)
    lab.runner.skip()
    assert not lab.progress.revealed, "the lab is to show it first"
    lab.do("kill mysqld db1")
    lab.run(6)
    truth, why = lab.progress.revealed["cut-off"]
    assert isinstance(truth, float)
    assert why.startswith(f"It was {truth:.2f} s.")
    assert lab.progress.captures["cut_off"] == truth
    lab.runner.next_step()
    lab.runner.skip()
    assert lab.progress.revealed["who"][0] == "db2"
    assert not lab.progress.answers
    lab.runner.begin(1)
    assert lab.progress.revealed.keys() == {"cut-off"}


def test_a_wrong_number_is_told_to_be_too_much_or_too_little() -> None:
    lab = Taught(LESSON.replace("choices: [db1, db2, nobody]\ntruth: owner", "right: 150\nunit: of 255"))
    lab.runner.skip()
    lab.runner.skip()
    lab.runner.next_step()
    for answer in ("200", "100.5", "150"):
        lab.runner.answer(answer)
    assert lab.said("truth") == ["Not so: that is too much.", "Not so: that is too little.", "Right."]


def test_a_wrong_turn_is_spoken_of_once_each_time_it_is_taken() -> None:
    lab = Taught(FAILS)
    lab.do("kill mysqld db2")
    lab.run(5)
    assert lab.said("wrong turn") == ["That was db2."]
    lab.do("start mysqld db2")
    lab.run(5)
    lab.do("kill mysqld db2")
    lab.run(1)
    assert lab.said("wrong turn") == ["That was db2."] * 2


def test_what_fits_is_hinted_first_and_the_answer_last() -> None:
    lab = Taught(FAILS)
    lab.do("kill mysqld db2")
    for _ in range(6):
        lab.runner.hint()
    assert lab.task("kill").hints == (
        "db2 is dead.",
        "Look at db1.",
        "Press k.",
        "The answer: kill mysqld db1",
        learner_actions.BEGIN_AGAIN,
    ), "db2 was killed first"


def test_captures_of_earlier_steps_stay_and_those_begun_anew_are_open() -> None:
    lab = Taught(FAILS)
    assert lab.progress.captures["outage"] is None
    lab.do("kill mysqld db1")
    lab.run(6)
    first = dict(lab.progress.captures)
    assert isinstance(first["outage"], float)
    assert isinstance(first["noticed"], float)
    lab.runner.next_step()
    lab.runner.begin(1)
    assert lab.progress.captures == first
    lab.runner.begin(0)
    assert lab.progress.captures["outage"] is None
    assert lab.progress.tasks.keys() == {"kill"}


def test_what_was_not_measured_is_told_as_that() -> None:
    from hatlab.lessons.templates import render

    lab = Taught(FAILS)
    lab.runner.skip()
    assert (
        render("{outage} s at {vip}, {other}", lab.progress.captures)
        == "(not measured) s at 198.18.0.100, {other}"
    )


def test_going_on_and_skipping() -> None:
    lab = Taught(FAILS)
    lab.runner.next_step()
    assert lab.progress.step_index == 0
    lab.runner.skip()
    assert lab.task("kill").skipped
    lab.runner.skip()
    lab.runner.next_step()
    assert lab.progress.step_index == 1
    lab.runner.skip()
    assert lab.progress.finished_at is not None
    lab.runner.next_step()
    lab.runner.skip()
    lab.runner.hint()
    assert lab.progress.step_index == 1


def test_time_set_back_judges_nothing_twice() -> None:
    lab = Taught(FAILS)
    lab.run(1)
    here = lab.now
    lab.run(0.01)
    lab.do("kill mysqld db1")
    lab.run(6)
    before = lab.progress
    assert before.tasks["kill"].done_at is not None
    lab.back(here)
    assert lab.progress.remarks == before.remarks
    assert lab.progress.tasks["kill"].done_at == before.tasks["kill"].done_at
    lab.runner.begin(0)
    lab.do("kill mysqld db1")
    lab.run(6)
    assert len(lab.said("done")) == 1, "what was said of the step before it began anew is not said any more"


def test_a_task_goes_on_where_time_was_set_back_into_it() -> None:
    """What happened before that moment counts; what happened after it does not."""
    lab = Taught(FAILS)
    lab.runner.skip()
    lab.runner.next_step()
    lab.runner.hint()
    lab.do("stop keepalived db2")
    lab.run(1)
    here = lab.now
    lab.run(1)
    lab.back(here)
    lab.do("start keepalived db2")
    lab.run(1)
    assert lab.task("order").done_at is not None, "the first half came before the moment"
    assert lab.task("order").hints == ("Press t.",)


def test_a_task_begins_anew_where_time_was_set_back_before_it() -> None:
    lab = Taught(FAILS)
    lab.runner.skip()
    lab.runner.next_step()
    lab.run(1)
    here = lab.now
    lab.run(0.01)
    lab.do("stop keepalived db2")
    lab.run(1)
    lab.back(here)
    lab.run(1)
    assert lab.task("order").done_at is None
    lab.do("stop keepalived db2")
    lab.do("start keepalived db2")
    lab.run(1)
    assert lab.task("order").done_at is not None


def test_what_follows_time_set_back_is_news_even_if_both_are_seen_at_once() -> None:
    text = FAILS.replace(
        "when: {order: [process keepalived db2 down, process keepalived db2 up]}",
        "when: went keepalived db2 down",
    )
    lab = Taught(text)
    lab.runner.skip()
    lab.runner.next_step()
    lab.run(3)
    lab.session.seek(lab.now - 2)
    lab.engine.run_until(lab.now + 0.5)
    lab.session.act(lab.runner.compiled.tasks["order"].solution[0])  # type: ignore[arg-type]
    lab.run(1)
    assert lab.task("order").done_at is not None


def test_while_the_lab_is_put_in_place_nothing_is_ticked_or_said() -> None:
    lab = Taught(FAILS)
    lab.runner.setting_up = True
    lab.do("kill mysqld db1")
    lab.do("kill mysqld db2")
    lab.run(6)
    assert lab.progress.remarks == ()
    assert lab.task("kill").done_at is None


# -- whatever happens ---------------------------------------------------------------------------------------

STORY = story()
LAB = STORY[0]
MIXED: list[Event] = [event for event in STORY if not isinstance(event, e.Probe | e.Arp)][:400]
DEEDS = st.sampled_from(["answer", "wrong", "hint", "skip", "next", "begin", "forget"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.one_of(st.sampled_from(MIXED), DEEDS), max_size=60),
    st.sampled_from([PREDICT, FAILS]),
)
def test_no_order_of_events_and_deeds_makes_it_fail(things: list[Event | str], text: str) -> None:
    ready = compile_lesson(lesson(text), layout())
    state = fold(LabState(), LAB)
    progress = reducer.begin(ready, state)
    for thing in things:
        match thing:
            case "answer" | "wrong":
                try:
                    progress = learner_actions.answer_question(
                        ready, progress, "1" if thing == "answer" else "x", state
                    )
                except UserError as error:
                    assert error.message  # noqa: PT017 - either answer may be refused, in words
            case "hint":
                progress = learner_actions.give_hint(ready, progress, state)
            case "skip":
                progress = learner_actions.skip_item(ready, progress, state)
            case "next":
                progress = learner_actions.go_to_next_step(ready, progress, state)
            case "begin":
                progress = reducer.begin(ready, state, progress.step_index, progress)
            case "forget":
                progress = reducer.rewind(ready, progress, state.at / 2)
            case e.Lab():
                pass
            case _:
                assert not isinstance(thing, str)
                (step,) = steps([thing], state)
                state, progress = step.after, reducer.reduce(ready, progress, step)
        assert 0 <= progress.step_index < len(ready.lesson.steps)
        assert all(s.done_at is None or s.held_at is not None for s in progress.tasks.values())
