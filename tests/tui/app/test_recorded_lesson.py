"""The lesson over an incident on the screen, from its first question to its end."""

from __future__ import annotations

from hatlab.commands.support.lesson_recording import recorded_session
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.model import QuestionItem
from hatlab.lessons.play.runner import LessonRunner
from hatlab.tui.app.app import LabApp
from tests.tui.learning import learning
from tests.tui.simulated import screen_lines


async def test_the_incident_is_read_to_its_end() -> None:
    lesson = load_lesson("your-own-incident")
    app = LabApp(recorded_session(lesson), clock=lambda: 0.0, runner=LessonRunner(lesson))
    async with learning(app) as run:
        await run.until(
            lambda: "split" in "\n".join(screen_lines(run.pilot)[:4]).lower(),
            "the header to show what began before the step, though time stands",
        )
        for number, step in enumerate(lesson.steps, 1):
            await run.until(lambda: run.step >= number - 1, f"step {number}")  # noqa: B023
            for item in step.items:
                if isinstance(item, QuestionItem):
                    await run.until(lambda: run.runner.item is item, item.id)  # noqa: B023
                    right = item.question.right
                    texts = [choice.text for choice in item.question.choices]
                    await run.answer(*(["down"] * (texts.index(f"{right}") + 1) if texts else f"{right:g}"))
            await run.turn_page()
        await run.until(lambda: run.runner.progress.finished_at is not None, "the end")
        assert app.session.time is not None
        assert app.session.time.speed == 0
