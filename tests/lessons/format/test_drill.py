"""What is found wrong with a drill's file, and what a sound one becomes."""

from __future__ import annotations

import pytest

from tests.support.drill_texts import DRILL, TWO_CAUSES
from tests.support.lesson_findings import only_message, parse
from tests.support.lesson_texts import LESSON
from tests.support.what_if_texts import WHAT_IF

_LAB = "```yaml lab\nbegin: cut heartbeat db2\nuntil: [owners 2, state db2 MASTER]\n```\n"


@pytest.mark.parametrize("text", [DRILL, TWO_CAUSES], ids=["one", "two"])
def test_a_sound_drill_is_hidden_and_has_its_minutes_as_clock(text: str) -> None:
    result = parse(text)
    assert not result.findings
    assert result.lesson is not None
    assert result.lesson.is_drill
    assert result.lesson.drill_task.limit == 300
    (step,) = result.lesson.steps
    assert step.begin is not None
    assert step.begin.hidden


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (_LAB, "", "a beginning that breaks something"),
        ("begin: cut heartbeat db2", "begin: []", "nothing is broken"),
        ("```yaml question", "```yaml predict", "no prediction"),
        ("```yaml task", f"{WHAT_IF}\n```yaml task", "no what-if"),
        ("\n\n```yaml task", "\n\n## Then\n\n```yaml task", "one step"),
    ],
)
def test_what_is_no_drill_is_refused(old: str, new: str, message: str) -> None:
    result = parse(DRILL.replace(old, new))
    found = [f for f in result.findings if f.code == "LS054"]
    assert any(message in finding.message for finding in found), result.findings
    assert result.lesson is None


def test_a_question_without_choices_is_refused() -> None:
    head, _, rest = DRILL.replace("order: fixed\n", "").partition("choices:")
    text = f"{head}right: nothing{rest[rest.index(chr(10) + 'why') :]}"
    assert "choices" in only_message(text)


def test_the_question_stands_before_the_repair() -> None:
    head, question = DRILL.split("```yaml question\n")
    question, task = question.split("```yaml task\n")
    swapped = f"{head}```yaml task\n{task}\n```yaml question\n{question}"
    assert "before its task" in only_message(swapped)


@pytest.mark.parametrize("line", ["level: 2", "fault: x", "expert: {look: a, shows: b}"])
def test_keys_of_a_drill_in_a_lesson_are_told(line: str) -> None:
    found = parse(LESSON.replace("minutes: 5", f"minutes: 5\n{line}")).findings
    assert [finding.code for finding in found if finding.code == "LS055"] == ["LS055"]


def test_a_drill_without_an_expert_or_a_kind_of_fault_is_told() -> None:
    without_kind = DRILL.replace("fault: one-way networks\n", "")
    assert "kind of fault" in only_message(without_kind)
    head, _, rest = DRILL.partition("expert:\n")
    assert "expert" in only_message(f"{head}---{rest.partition('---')[2]}")


def test_a_right_answer_of_several_must_be_a_choice() -> None:
    text = TWO_CAUSES.replace("right: [db2 hears nothing, mysqld", "right: [db2 hears nothing, mysql")
    assert "is not one of the answers" in only_message(text)
