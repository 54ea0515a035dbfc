"""What a learner breaks without need: spoken of, mended, and remembered where something is explained."""

from __future__ import annotations

from dataclasses import replace

from hatlab.lessons.conditions.trace import Observation, Trace
from hatlab.lessons.play.predictions import ANOTHER_WAY, judge_prediction
from hatlab.lessons.play.side_effects import find_repairs
from hatlab.state.model import LabState
from tests.lessons.play.lesson_texts import FAILS, PREDICT
from tests.support.lesson_lab import LessonLab


def test_what_is_broken_without_need_is_spoken_of_after_a_while() -> None:
    lab = LessonLab(FAILS)
    lab.do("kill keepalived db2", wait=1)
    assert lab.said("lab") == []
    lab.run(3)
    assert lab.said("lab") == ["keepalived is down on db2: this step does not need that."]
    (effect,) = lab.progress.side_effects.values()
    assert (str(effect.repair), effect.spoken_of) == ("start keepalived db2", True)
    lab.do(str(effect.repair), wait=1)
    assert lab.progress.side_effects == {}


def test_what_the_lesson_asks_for_is_no_side_effect() -> None:
    lab = LessonLab(FAILS)
    lab.do("kill mysqld db1", wait=9)
    assert lab.said("lab") == []
    lab.runner.next_step()
    lab.run(3)
    assert lab.said("lab") == [], "what an earlier task broke is expected still"
    lab.do("stop keepalived db2", wait=3)
    assert lab.said("lab") == []


def test_a_changed_configuration_is_a_side_effect() -> None:
    lab = LessonLab(FAILS)
    lab.do("set db2 priority 120", wait=3)
    assert lab.said("lab") == ["keepalived.conf on db2 was changed: this step does not need that."]
    for cure in find_repairs(lab.progress, lab.state):
        lab.session.act(cure)
    lab.run(1)
    assert lab.progress.side_effects == {}
    settings = lab.state.nodes["db2"].instances["VI_1"].settings
    assert settings is not None
    assert settings.priority == 100


def test_a_file_that_was_put_back_and_not_read_is_spoken_of() -> None:
    lab = LessonLab(FAILS)
    original = lab.state.nodes["db2"].conf
    lab.do("set db2 priority 120")
    lab.do("edit db2 keepalived.conf", original, wait=3)
    assert lab.said("lab") == ["keepalived on db2 has not reloaded its file: this step does not need that."]
    assert [str(cure) for cure in find_repairs(lab.progress, lab.state)] == ["reload db2"]


def test_a_file_is_put_back_before_what_ended_over_it_is_started() -> None:
    lab = LessonLab(FAILS)
    lab.do("set db2 priority 120")
    lab.do("stop keepalived db2", wait=3)
    assert [str(cure) for cure in find_repairs(lab.progress, lab.state)] == [
        "edit db2 keepalived.conf",
        "start keepalived db2",
    ]


def test_a_fault_that_a_step_begins_with_is_no_side_effect() -> None:
    lab = LessonLab(FAILS.replace("## Watch\n", "## Watch\n\n```yaml lab\nbegin: stop keepalived db2\n```\n"))
    lab.restore_step(0)
    lab.run(5)
    assert lab.said("lab") == []
    lab.do("stop mysqld db2", wait=5)
    assert lab.said("lab") == ["mysqld is down on db2: this step does not need that."]


def test_an_explanation_after_a_side_effect_says_so() -> None:
    lab = LessonLab(PREDICT)
    lab.do("kill keepalived db2", wait=3)
    lab.do("start keepalived db2", wait=5)
    lab.runner.answer("4")
    lab.do("kill mysqld db1", wait=8)
    (truth,) = lab.said("truth")
    assert truth.endswith(f" s. {ANOTHER_WAY}")
    assert not lab.progress.has_side_effects, "it is said once"
    lab.restore_step(0)
    lab.runner.answer("4")
    lab.do("kill mysqld db1", wait=8)
    assert ANOTHER_WAY not in lab.said("truth")[-1]


def test_a_prediction_that_could_not_be_measured_has_one_caveat() -> None:
    lab = LessonLab(PREDICT)
    lab.runner.answer("4")
    question, nothing = (
        next(iter(lab.runner.compiled.questions.values())),
        Observation(LabState(), Trace(0.0)),
    )
    progress = replace(lab.progress, has_side_effects=True)
    judged = judge_prediction(progress, question, nothing, last=True)
    assert ANOTHER_WAY not in judged.remarks[-1].text


def test_a_step_remembers_the_files_it_began_with() -> None:
    lab = LessonLab(PREDICT)
    lab.do("set db2 priority 120", wait=1)
    lab.runner.begin(0)
    lab.do("set db2 priority 130", wait=1)
    assert "priority 120" in lab.progress.initial_confs["db2"]


def test_a_file_that_the_step_changed_goes_back_to_what_it_was_then() -> None:
    setup = "## Watch\n\n```yaml lab\nbegin: set db2 priority 110\n```\n"
    lab = LessonLab(FAILS.replace("## Watch\n", setup))
    lab.restore_step(0)
    lab.run(4)
    assert lab.said("lab") == []
    lab.do("set db2 priority 120", wait=3)
    assert lab.said("lab") == ["keepalived.conf on db2 was changed: this step does not need that."]
    for repair in find_repairs(lab.progress, lab.state):
        lab.session.act(repair)
    lab.run(2)
    settings = lab.state.nodes["db2"].instances["VI_1"].settings
    assert settings is not None
    assert settings.priority == 110
    assert lab.progress.side_effects == {}
