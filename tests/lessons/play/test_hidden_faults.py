"""A step that begins with a fault nobody is told of."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.errors import ActionFailed
from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.library.loader import lesson_files, lesson_name, read_lesson
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.runner import LessonRunner
from hatlab.state.faults import find_faults
from hatlab.topology.library import load_topology
from hatlab.tui.lesson.status import countdown
from tests.support.lesson_texts import LESSON
from tests.support.simulated_lab import SimLab


def entered(begin: str, task: str = "") -> tuple[SimLab, LessonRunner]:
    """The lab and the runner at the beginning of a lesson's first step."""
    text = LESSON.replace("until: owner db1", begin).replace("id: kill\n", f"id: kill\n{task}", 1)
    examined = parse_lesson(text.encode(), topology=load_topology)
    assert examined.lesson is not None, examined.findings
    lab, runner = SimLab(), LessonRunner(examined.lesson)
    reader = lab.session.reader()
    runner.feed(reader.drain())
    checkpoints.prepare(lab.session, runner.compiled, 0)
    runner.feed(reader.drain())
    runner.begin()
    return lab, runner


@pytest.mark.parametrize(("hidden", "told"), [("true", []), ("false", ["started", "done"])])
def test_only_the_effects_of_a_hidden_setup_are_seen(hidden: str, told: list[str]) -> None:
    begin = f"begin: freeze keepalived db1\nuntil: state db2 MASTER\nhidden: {hidden}"
    lab, _ = entered(begin)
    assert [event.phase for event in lab.events if isinstance(event, e.Action)] == told
    explained = [event for event in lab.events if isinstance(event, e.Why) and event.to == "MASTER"]
    assert [why.node for why in explained] == ["db1", *(["db2"] if told else [])]
    assert lab.state.nodes["db1"].service("keepalived").state == "frozen"


def test_a_hidden_setup_that_fails_is_not_seen_either() -> None:
    lab = SimLab()
    with pytest.raises(ActionFailed), lab.session.secretly():
        lab.session.act(Action("freeze", ("keepalived", "nobody")))
    assert not [event for event in lab.events if isinstance(event, e.Action)]


def test_the_clock_runs_at_the_questions_in_front_of_its_task() -> None:
    lab, runner = entered("until: owner db1", "limit: 90\n")
    reader = lab.session.reader()
    lab.run(12)
    runner.feed(reader.drain())
    told = countdown(runner)
    assert told is not None
    assert told[0].startswith("◷ 1:1")


@pytest.mark.parametrize(
    ("variant", "line"),
    [
        ("password", "set db1 auth_pass hatlap"),
        ("vrid", "set db1 virtual_router_id 15"),
        ("interval", "set db1 advert_int 2"),
    ],
)
def test_the_incident_is_not_over_by_changing_the_other_server_too(variant: str, line: str) -> None:
    """Both agree then, but it is not as it was; and to mend "the change" would bring the fault back."""
    (path,) = (file for file in lesson_files() if lesson_name(file) == "the-incident")
    first = read_lesson(path, seed=0)
    seed = [each.id for each in first.front.variants].index(variant)
    lab, runner = SimLab(), LessonRunner(read_lesson(path, seed))
    reader = lab.session.reader()
    runner.feed(reader.drain())
    checkpoints.prepare(lab.session, runner.compiled, 0)
    runner.feed(reader.drain())
    runner.begin()
    runner.skip()
    runner.skip()
    lab.do(line, wait=15)
    runner.feed(reader.drain())
    assert not find_faults(lab.state)
    assert lab.owners() == {"db1"}
    assert runner.progress.tasks["repair"].done_at is None
