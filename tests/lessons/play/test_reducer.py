"""The fold of a learner's progress: beginnings, time set back, and any order of events and actions."""

from __future__ import annotations

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
from tests.lessons.play.lesson_texts import FAILS, PREDICT
from tests.support.lesson_lab import LessonLab, make_lesson
from tests.support.story import layout, story


def test_captures_of_earlier_steps_stay_and_those_begun_anew_are_open() -> None:
    lab = LessonLab(FAILS)
    assert lab.progress.captures["outage"] is None
    lab.do("kill mysqld db1", wait=6)
    first = dict(lab.progress.captures)
    assert isinstance(first["outage"], float)
    assert isinstance(first["noticed"], float)
    lab.runner.next_step()
    lab.runner.begin(1)
    assert lab.progress.captures == first
    lab.runner.begin(0)
    assert lab.progress.captures["outage"] is None
    assert lab.progress.tasks.keys() == {"kill"}


def test_time_set_back_judges_nothing_twice() -> None:
    lab = LessonLab(FAILS)
    lab.run(1)
    here = lab.now
    lab.run(0.01)
    lab.do("kill mysqld db1", wait=6)
    before = lab.progress
    assert before.tasks["kill"].done_at is not None
    lab.go_back(here)
    assert lab.progress.remarks == before.remarks
    assert lab.progress.tasks["kill"].done_at == before.tasks["kill"].done_at
    lab.runner.begin(0)
    lab.do("kill mysqld db1", wait=6)
    assert len(lab.said("done")) == 1, "what was said of the step before it began anew is not said any more"


def test_a_task_goes_on_where_time_was_set_back_into_it() -> None:
    """What happened before that moment counts; what happened after it does not."""
    lab = LessonLab(FAILS)
    lab.runner.skip()
    lab.runner.next_step()
    lab.runner.hint()
    lab.do("stop keepalived db2", wait=1)
    here = lab.now
    lab.run(1)
    lab.go_back(here)
    lab.do("start keepalived db2", wait=1)
    assert lab.task("order").done_at is not None, "the first half came before the moment"
    assert lab.task("order").hints == ("Press t.",)


def test_a_task_begins_anew_where_time_was_set_back_before_it() -> None:
    lab = LessonLab(FAILS)
    lab.runner.skip()
    lab.runner.next_step()
    lab.run(1)
    here = lab.now
    lab.run(0.01)
    lab.do("stop keepalived db2", wait=1)
    lab.go_back(here)
    lab.run(1)
    assert lab.task("order").done_at is None
    lab.do("stop keepalived db2")
    lab.do("start keepalived db2", wait=1)
    assert lab.task("order").done_at is not None


def test_events_after_a_rewind_are_judged_even_in_the_same_batch() -> None:
    text = FAILS.replace(
        "when: {order: [process keepalived db2 down, process keepalived db2 up]}",
        "when: went keepalived db2 down",
    )
    lab = LessonLab(text)
    lab.runner.skip()
    lab.runner.next_step()
    lab.run(3)
    lab.session.seek(lab.now - 2)
    lab.engine.run_until(lab.now + 0.5)
    lab.session.act(lab.runner.compiled.tasks["order"].solution[0])  # type: ignore[arg-type]
    lab.run(1)
    assert lab.task("order").done_at is not None


def test_while_a_step_is_set_up_nothing_is_ticked_or_said() -> None:
    lab = LessonLab(FAILS)
    lab.runner.setting_up = True
    lab.do("kill mysqld db1")
    lab.do("kill mysqld db2", wait=6)
    assert lab.progress.remarks == ()
    assert lab.task("kill").done_at is None


# -- whatever happens ---------------------------------------------------------------------------------------

STORY = story()
LAB = STORY[0]
MIXED: list[Event] = [event for event in STORY if not isinstance(event, e.Probe | e.Arp)][:400]
LEARNER_ACTIONS = st.sampled_from(["answer", "wrong", "hint", "skip", "next", "begin", "forget"])


@settings(max_examples=60)
@given(
    st.lists(st.one_of(st.sampled_from(MIXED), LEARNER_ACTIONS), max_size=60),
    st.sampled_from([PREDICT, FAILS]),
)
def test_no_order_of_events_and_learner_actions_makes_it_fail(things: list[Event | str], text: str) -> None:
    ready = compile_lesson(make_lesson(text), layout())
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
