"""Answers the questions of a lesson that is being verified, and checks that exactly one answer is right."""

from __future__ import annotations

from hatlab.errors import LabError
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.model import LessonStep, Question, QuestionItem
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_texts, is_correct, parse_answer
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_value
from hatlab.lessons.verify.result import ResultBuilder

MEASURED_WITHIN = 10.0
"""Seconds that the answer to a question may take to be measurable."""


class QuestionVerifier:
    """Answers questions and notes what is wrong with them.

    Args:
        runner: the lesson under way.
        player: of the lab.
        result: the problems and right answers found are added to it.
    """

    def __init__(self, runner: LessonRunner, player: ActionPlayer, result: ResultBuilder) -> None:
        self._runner, self._player, self._result = runner, player, result

    def answer(self, item: QuestionItem) -> None:
        """Answer a prediction with anything; a question with every wrong choice, then with the truth."""
        choices = self._choices(item.question)
        if not item.checked:
            self._runner.answer(next(iter(choices), "0"))
            return
        truth = self._measure_truth(item)
        self._result.truths.setdefault(item.id, truth)
        if truth is None:
            self._result.problems.append(f"{_title(item)}: its answer cannot be measured")
            self._runner.skip()
            return
        for choice in choices:
            if not is_correct(item.question, choice, truth):
                self._runner.answer(choice)
                if self._runner.item is not item:
                    self._result.problems.append(f"{_title(item)}: “{choice}” also counts as right")
                    return
        if self._check_truth(item, truth):
            self._runner.answer(format_value(truth, 6))
        if self._runner.item is item:
            self._runner.skip()

    def check_choices(self, item: QuestionItem, seen: Observation) -> None:
        """Check that not more than one of a question's choices holds."""
        self._check_at_most_one(item, self._runner.compiled.questions[item.id].true_choices(seen))

    def check_predictions(self, step: LessonStep) -> None:
        """Check that every prediction of a step that is over met its truth, which is one of the answers."""
        answers = self._runner.progress.answers
        for item in step.items:
            if not isinstance(item, QuestionItem) or item.checked or item.id not in answers:
                continue
            truth = answers[item.id].truth
            self._result.truths.setdefault(item.id, truth)
            if truth is not None:
                self._check_truth(item, truth)
                continue
            has_conditions = any(choice.when is not None for choice in item.question.choices)
            why = "none of its answers was right" if has_conditions else "its truth was not measured"
            self._result.add_problem(f"{_title(item)}: {why} by the end of the task")

    def _choices(self, question: Question) -> list[str]:
        return choice_texts(question, self._runner.progress.captures)

    def _measure_truth(self, item: QuestionItem) -> Value:
        """Return the right answer; wait a little until it can be measured, None if it cannot."""
        truth: Value = None

        def is_measured() -> bool:
            nonlocal truth
            compiled, progress = self._runner.compiled, self._runner.progress
            seen = progress.observe(compiled, self._runner.state)
            truth = compiled.questions[item.id].right_answer(seen, progress.captures)
            self.check_choices(item, seen)
            return truth is not None

        self._player.wait_until(is_measured, MEASURED_WITHIN)
        return truth

    def _check_truth(self, item: QuestionItem, truth: Value) -> bool:
        """Check that the truth can be given as an answer, and that only one answer is right."""
        question = item.question
        right = [choice for choice in self._choices(question) if is_correct(question, choice, truth)]
        self._check_at_most_one(item, right)
        try:
            parse_answer(question, format_value(truth, 6), self._runner.progress.captures)
        except LabError:
            self._result.add_problem(
                f"{_title(item)}: the truth, {format_value(truth)}, is not one of the answers"
            )
            return False
        return True

    def _check_at_most_one(self, item: QuestionItem, right: list[str]) -> None:
        if len(right) > 1:
            self._result.add_problem(f"{_title(item)}: more than one answer is right: {', '.join(right)}")


def _title(item: QuestionItem) -> str:
    return f"{'question' if item.checked else 'prediction'} {item.id}"
