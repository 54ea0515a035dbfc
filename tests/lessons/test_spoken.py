"""Names in braces are told wherever the tutor speaks."""

from __future__ import annotations

from lab.files import load_topology
from lab.lessons import learner, tutor
from lab.lessons.course import course
from lab.lessons.lesson_file import examine
from lab.state import LabState
from lab.topology import Layout
from tests.lessons.texts import LESSON

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
when: elapsed 9
fail: {when: elapsed 1, say: "Too long at {vip}."}
watch: true
```
"""
)


def test_a_wrong_turn_and_a_wrong_answer_name_the_address() -> None:
    examined = examine(SPOKEN.encode(), topology=load_topology)
    assert examined.findings == ()
    assert examined.lesson is not None
    ready = course(examined.lesson, LAYOUT)
    progress = tutor.begin(ready, LabState(layout=LAYOUT))
    progress = learner.answer(ready, progress, "b", LabState(at=2.0, layout=LAYOUT))
    assert {remark.text for remark in progress.remarks} == {"Not 198.18.0.100.", "Too long at 198.18.0.100."}
