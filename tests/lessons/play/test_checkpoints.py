"""A lab put into a step's beginning, and steps gone on to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import ActionFailed
from hatlab.lessons.compile import CompiledLesson, compile_lesson
from hatlab.lessons.play import checkpoints
from hatlab.session import Session
from hatlab.state.faults import find_faults
from hatlab.topology.library import load_topology
from tests.support.lesson_lab import LessonLab, make_lesson
from tests.support.lesson_texts import LESSON
from tests.support.present import present

STEPS = (
    LESSON[: LESSON.index("## Kill it")]
    + """\
## Dead already

```yaml lab
begin: kill mysqld db1
until: owner db2
```

```yaml task
id: mend
do: Start it.
when: [process mysqld db1 up, owner db1]
hints: Press u.
solution: start mysqld db1
```

## Cut

```yaml task
id: cut
do: Cut the heartbeat.
when: owners 2
hints: Press c.
solution: cut heartbeat
```

## And then

```yaml task
id: heal
do: Heal it.
when: [owners 1, {not: cut heartbeat}]
hints: Press u.
solution: heal heartbeat
```

## Healthy

```yaml lab
begin: []
```

```yaml task
id: off
do: Switch db2 off.
when: power db2 off
hints: Press o.
solution: power off db2
```
"""
)


def test_a_step_begins_with_what_its_block_does() -> None:
    lab = LessonLab(STEPS)
    lab.restore_step(0)
    assert lab.owners() == {"db2"}
    assert [text for text, _ in find_faults(lab.state)] == ["mysqld is down on db1"]
    assert lab.task("mend").done_at is None


def test_a_step_without_a_block_begins_where_the_solutions_before_it_end() -> None:
    lab = LessonLab(STEPS)
    lab.do("kill keepalived db2")
    lab.restore_step(2)
    assert lab.owners() == {"db1", "db2"}
    assert {text for text, _ in find_faults(lab.state)} == {"heartbeat is cut"}
    lab.do("heal heartbeat", wait=3)
    assert lab.task("heal").done_at is not None


def test_an_empty_block_begins_with_a_healthy_lab() -> None:
    lab = LessonLab(STEPS)
    lab.do("set db1 priority 90")
    lab.restore_step(3)
    assert find_faults(lab.state) == ()
    assert lab.owners() == {"db1"}
    assert lab.state.nodes["db1"].conf == lab.state.nodes["db1"].original_conf


def test_going_on_leaves_the_lab_as_it_is_where_the_step_has_no_block() -> None:
    lab = LessonLab(STEPS)
    lab.restore_step(0)
    lab.do("start mysqld db1", wait=9)
    at = lab.now
    checkpoints.prepare(lab.session, lab.runner.compiled, 1)
    assert 0 < lab.now - at < 0.1


def test_a_step_that_builds_on_what_was_skipped_begins_as_if_it_had_been_done() -> None:
    lab = LessonLab(STEPS, step=1)
    lab.runner.skip()
    assert checkpoints.next_setup(lab.runner.compiled, lab.progress) is checkpoints.restore
    lab.restore_step(2)
    assert lab.owners() == {"db1", "db2"}
    lab.do("heal heartbeat", wait=3)
    assert checkpoints.next_setup(lab.runner.compiled, lab.progress) is checkpoints.prepare, "it has a block"
    lab.restore_step(1)
    assert checkpoints.next_setup(lab.runner.compiled, lab.progress) is None
    lab.do("cut heartbeat", wait=5)
    assert checkpoints.next_setup(lab.runner.compiled, lab.progress) is None


def test_going_on_mends_what_is_broken_where_the_step_has_a_block() -> None:
    lab = LessonLab(STEPS)
    lab.do("cut heartbeat", wait=5)
    checkpoints.prepare(lab.session, lab.runner.compiled, 3)
    assert find_faults(lab.state) == ()
    healthy = lab.now
    checkpoints.prepare(lab.session, lab.runner.compiled, 3)
    assert lab.now > healthy, "a healthy lab is not put back"


def test_going_on_undoes_an_edit() -> None:
    lab = LessonLab(STEPS)
    lab.do("set db1 priority 90", wait=5)
    checkpoints.prepare(lab.session, lab.runner.compiled, 3)
    assert lab.owners() == {"db1"}


def test_a_setup_is_played_when_the_best_server_is_master() -> None:
    """On two servers keepalived does not start in the same instant: who is late preempts a little later."""
    text = STEPS.replace(
        "begin: kill mysqld db1\nuntil: owner db2", "begin: freeze keepalived db1\nuntil: owners 2"
    )
    lab = LessonLab(text)
    lab.do("stop keepalived db1", wait=3)
    lab.do("start keepalived db1", wait=0.5)
    assert lab.owners() == {"db2"}
    checkpoints.prepare(lab.session, lab.runner.compiled, 0)
    assert lab.owners() == {"db1", "db2"}


def test_a_setup_that_does_not_come_about_is_an_error() -> None:
    text = STEPS.replace("until: owner db2", "until: owners 3\nseconds: 2")
    lab = LessonLab(text)
    with pytest.raises(ActionFailed, match="still not ready for this step: not true: owners 3"):
        checkpoints.restore(lab.session, lab.runner.compiled, 0)


def test_a_solution_that_does_not_pass_is_an_error() -> None:
    text = STEPS.replace("when: owners 2\nhints", "when: owners 2\nwithin: 2\nhints")
    lab = LessonLab(text)
    with pytest.raises(ActionFailed, match="2 s after its solution was played, the task cut"):
        checkpoints.restore(lab.session, lab.runner.compiled, 2)


# -- where time runs by itself ------------------------------------------------------------------------------


@pytest.fixture
def paced() -> Iterator[tuple[Session, CompiledLesson]]:
    session = Session(SimulatorEngine("two-node", load_topology("two-node")))
    session.start()
    layout = present(session.state.layout)
    yield session, compile_lesson(make_lesson(STEPS), layout)
    session.stop()


@pytest.mark.parametrize(("before", "after"), [(1.0, 1.0), (4.0, 4.0), (0.0, 1.0)])
def test_time_goes_on_as_before_and_where_it_stood_as_usual(
    paced: tuple[Session, CompiledLesson], before: float, after: float
) -> None:
    session, ready = paced
    assert session.time is not None
    session.time.speed = before
    checkpoints.restore(session, ready, 0)
    assert session.time.speed == after
    assert session.state.owners(ready.layout.vip_addresses[0]) == {"db2"}


def test_time_goes_on_as_before_also_where_it_failed(paced: tuple[Session, CompiledLesson]) -> None:
    session, good = paced
    assert session.time is not None
    bad = STEPS.replace("until: owner db2", "until: owners 3\nseconds: 1")
    ready = compile_lesson(make_lesson(bad), good.layout)
    with pytest.raises(ActionFailed):
        checkpoints.restore(session, ready, 0)
    assert session.time.speed == 1.0


@pytest.mark.docker
def test_a_step_of_a_lab_without_time_control_begins_so_too() -> None:
    session = Session(DockerEngine("two-node", load_topology("two-node")))
    try:
        session.start()
        layout = present(session.state.layout)
        ready = compile_lesson(make_lesson(STEPS), layout)
        session.act(ready.tasks["cut"].solution[0])  # type: ignore[arg-type]
        checkpoints.restore(session, ready, 0)
        assert [text for text, _ in find_faults(session.state)] == ["mysqld is down on db1"]
        assert session.state.owners(layout.vip_addresses[0]) == {"db2"}
        checkpoints.prepare(session, ready, 3)
        assert find_faults(session.state) == ()
        began = time.monotonic()
        checkpoints.prepare(session, ready, 3)
        assert time.monotonic() - began < 30
    finally:
        session.stop()
