"""Placeholders in a question's choices: filled in wherever they are shown, and an answer all the same."""

from __future__ import annotations

import pytest

from hatlab.commands.support.verify_on_simulator import simulated_session
from hatlab.lessons.play.reducer import begin
from hatlab.lessons.records.progress_record import from_record
from hatlab.lessons.verify.verifier import verify_lesson
from hatlab.tui.lesson.summary_page import summary_bullets
from hatlab.tui.lesson.view_model import QuestionBlock, TaskBlock, step_blocks
from tests.support.lesson_lab import LessonLab, make_lesson
from tests.support.lesson_texts import LESSON

AT_DB2 = "db2 holds {vip}"
ASKED = LESSON.replace(
    "unit: s\ntruth: outage\nnear: 0.5", f"choices: [db1 does, {{text: '{AT_DB2}', when: owner db2}}]"
).replace("choices: [db1, db2, nobody]\ntruth: owner", f"choices: [db1 does, '{AT_DB2}']\nright: '{AT_DB2}'")


def question_block(lab: LessonLab) -> QuestionBlock:
    """Return the only question of the learner's step."""
    blocks = step_blocks(lab.runner, lab.progress.step_index)
    (question,) = (block for block in blocks if isinstance(block, QuestionBlock))
    return question


@pytest.mark.parametrize("typed", ["{}", "2"])
def test_a_placeholder_in_a_choice_is_filled_in_wherever_it_is_shown(typed: str) -> None:
    lab = LessonLab(ASKED)
    text = AT_DB2.format(vip=lab.progress.captures["vip"])
    assert question_block(lab).choices == ("db1 does", text)
    lab.runner.answer(typed.format(text))
    assert (question_block(lab).state, question_block(lab).answer) == ("locked", f"“{text}”")
    lab.do("kill mysqld db1", wait=10)
    assert (question_block(lab).state, question_block(lab).truth) == ("right", f"“{text}”")
    lab.runner.next_step()
    lab.runner.answer(typed.format(text))
    assert (question_block(lab).state, question_block(lab).truth) == ("right", f"“{text}”")
    page = "\n".join(line.plain for _, line in summary_bullets(lab.runner))
    assert (page.count(text), "{vip}" in page) == (2, False)


def test_a_lesson_with_a_placeholder_in_a_choice_can_be_passed() -> None:
    sound = make_lesson(ASKED.replace("owner db2]", "owner db2, outage]"))
    result = verify_lesson(simulated_session(sound), sound)
    assert (result.problems, result.ok) == ((), True)


@pytest.mark.parametrize("said", [3.0, "db3 used to be a choice"])
def test_a_kept_answer_to_an_older_form_of_the_question_is_shown_as_it_was_given(said: float | str) -> None:
    lab = LessonLab(ASKED)
    answer = {"said": said, "was": "db1 was right then", "right": False}
    record = {"tasks": {"kill": {"done": 3.0}}, "answers": {"cut-off": answer}}
    lab.runner.progress_or_none = begin(lab.runner.compiled, lab.runner.state, 1, from_record(record))
    (block,) = (block for block in step_blocks(lab.runner, 0) if isinstance(block, QuestionBlock))
    shown = "3" if said == 3.0 else f"“{said}”"
    assert (block.state, block.answer, block.truth) == ("wrong", shown, "“db1 was right then”")
    assert any(shown in line.plain for _, line in summary_bullets(lab.runner))


@pytest.mark.parametrize(("way_out", "notes"), [("", 2), (" {key:restart|Press `@`|Type @} again.", 1)])
def test_what_was_broken_is_told_once_where_a_wrong_turn_says_how_to_go_on(way_out: str, notes: int) -> None:
    fail = f'fail: {{when: went keepalived db1 down, say: "That was keepalived.{way_out}"}}'
    lab = LessonLab(LESSON.replace("do: Kill mysqld on db1.", f"do: Kill mysqld on db1.\n{fail}"))
    lab.runner.answer("3")
    lab.do("kill keepalived db1", wait=3)
    (task,) = (block for block in step_blocks(lab.runner, 0) if isinstance(block, TaskBlock))
    assert len(task.notes) == notes


def test_what_is_calculated_has_thousandths_in_the_summary_as_in_the_text() -> None:
    lab = LessonLab(LESSON.replace("{outage: outage client}", "{outage: outage client, skew: skew db2}"))
    lab.runner.answer("3")
    lab.do("kill mysqld db1", wait=10)
    page = "\n".join(glyph + line.plain for (glyph, _), line in summary_bullets(lab.runner))
    assert "0.609 s  skew of db2" in page
