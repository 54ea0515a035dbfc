"""Names in braces are told wherever the tutor speaks."""

from __future__ import annotations

from io import StringIO

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.compile import compile_lesson
from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.play import learner_actions, reducer
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.text import lesson_demo as plain_demo
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.support.lesson_texts import LESSON

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))
SPOKEN = (
    LESSON[: LESSON.index("```yaml predict")]
    + """\
```yaml question
id: which
ask: Which?
choices: [a, {text: b, wrong: "Not {vip}."}]
right: a
```

```yaml task
id: stay
do: Stay.
when: did reset
fail: {when: elapsed 1, say: "Too long at {vip}."}
hints: Begin anew.
solution: reset
```
"""
)

PREDICTED = (
    LESSON[: LESSON.index("```yaml predict")]
    + """\
```yaml predict
id: who
ask: Who holds {vip}?
choices: [db2, db1]
truth: owner
```

```yaml task
id: kill
do: Kill the Backup's mysqld.
when: process mysqld db2 down
hints: Type it.
solution: kill mysqld db2
```
"""
)


def test_a_wrong_turn_and_a_wrong_answer_name_the_address() -> None:
    examined = parse_lesson(SPOKEN.encode(), topology=load_topology)
    assert examined.findings == ()
    assert examined.lesson is not None
    ready = compile_lesson(examined.lesson, LAYOUT)
    progress = reducer.begin(ready, LabState(layout=LAYOUT))
    progress = learner_actions.answer_question(ready, progress, "b", LabState(at=2.0, layout=LAYOUT))
    assert {remark.text for remark in progress.remarks} == {"Not 198.18.0.100.", "Too long at 198.18.0.100."}


def test_a_prediction_beside_its_truth_names_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_demo, "READING_SPEED", 1e9)
    lesson = parse_lesson(PREDICTED.encode(), topology=load_topology).lesson
    assert lesson is not None
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=20.0))
    out = StringIO()
    try:
        session.start()
        assert plain_demo.AutoTextLesson(session, LessonRunner(lesson), out).run() == 0
    finally:
        session.stop()
    assert "Who holds 198.18.0.100? You said: db2. It was: db1. Wrong." in out.getvalue()
    assert "{vip}" not in out.getvalue()
