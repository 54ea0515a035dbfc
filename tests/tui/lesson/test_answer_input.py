"""The inputs of a question: what they take, what they show, what they leave to the lab."""

from __future__ import annotations

from hatlab.actions import Action
from hatlab.tui.lesson.answer_input import AnswerField, ChoiceList
from hatlab.tui.screens.help import HelpScreen
from tests.tui.learning import LearningApp


async def test_a_number_takes_what_is_part_of_one_and_typing_breaks_nothing(predicting: LearningApp) -> None:
    lab = predicting
    await lab.press("enter")
    await lab.until(lambda: lab.tutor.answering, "the field to have the keys")
    field = lab.app.focused
    assert isinstance(field, AnswerField)
    await lab.press("h")
    assert "A prediction needs no hint" in lab.notices
    await lab.press("3", "space", "full_stop", "5", "comma", "s")
    assert field.value == "3.5s"
    assert "Type a number" in lab.text
    await lab.reach(HelpScreen, "question_mark")
    await lab.press("escape", "k")
    await lab.until(lambda: "k is a lab key. Press Esc first to use it." in lab.text, "the refusal")
    assert lab.engine.acted == []
    assert (lab.tutor.answering, field.value) == (True, "3.5s")
    await lab.press("escape", "k")
    await lab.until(lambda: lab.engine.acted == [Action("kill", ("mysqld", "db1"))], "the lab's keys")
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the field")
    await lab.press("enter")
    await lab.until(lambda: "you said 3.5 s — locked" in lab.text, "the lock")


async def test_words_around_a_number_drive_neither_the_lab_nor_the_lesson(predicting: LearningApp) -> None:
    """Once something is typed, the rest of it is no key: `b` would turn the page, `e` open the editor."""
    lab = predicting
    await lab.press("enter")
    await lab.until(lambda: lab.tutor.answering, "the field to have the keys")
    field = lab.app.focused
    assert isinstance(field, AnswerField)
    field.named_keys = frozenset("e")
    page = lab.tutor.page_text()
    await lab.press(*"about35seconds", *"nearby")
    assert lab.tutor.answering
    assert field.value == "35s"
    assert lab.engine.acted == []
    assert "Press Esc first to use it." in lab.text
    assert lab.tutor.page_text().splitlines()[0] == page.splitlines()[0]
    await lab.press("escape", "h")
    assert "A prediction needs no hint" in lab.notices, "now a letter is a key again"


async def test_a_word_takes_every_key_that_is_typed() -> None:
    field = AnswerField(number=False, unit="", near=0.0)
    assert field.check_consume_key("k", "k")
    assert field.check_consume_key("space", " ")


async def test_what_is_no_number_is_rejected_with_a_reason(predicting: LearningApp) -> None:
    lab = predicting
    await lab.press("enter")
    await lab.until(lambda: lab.tutor.answering, "the field to have the keys")
    await lab.press("minus", "enter")
    await lab.until(lambda: "is not a number" in lab.text, "the refusal")
    await lab.press("backspace", "enter")
    await lab.until(lambda: "Type a number" in lab.text, "what is wanted")
    assert not lab.runner.progress.answers


async def test_the_answer_that_enter_gives_has_a_glyph(learner: LearningApp) -> None:
    def glyphs() -> str:
        question = learner.tutor.open_question
        assert question is not None
        assert isinstance(question.input, ChoiceList)
        return "".join(str(option.prompt)[0] for option in question.input.options)

    assert glyphs() == "◦◦"
    await learner.press("4")
    await learner.until(lambda: learner.tutor.answering, "the keys")
    assert glyphs() == "◦◦"
    await learner.press("enter")
    await learner.until(lambda: glyphs() == "▸◦", "the first")
    assert not learner.runner.progress.answers, "an enter too many is no answer"
    await learner.press("down")
    await learner.until(lambda: glyphs() == "◦▸", "the second")
    await learner.press("escape")
    await learner.until(lambda: glyphs() == "◦◦", "none")


async def test_the_highlighted_choice_is_in_sight_and_page_keys_turn_the_text(judged: LearningApp) -> None:
    lab = judged
    await lab.press("end")
    await lab.until(lambda: lab.shows("▸ nine"), "the last choice")
    await lab.press("pageup")
    await lab.until(lambda: lab.shows("What will be wrong?"), "the text above")
    assert lab.tutor.answering
    await lab.press("up")
    await lab.until(lambda: lab.shows("▸ eight"), "the choice")
