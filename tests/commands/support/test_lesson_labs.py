"""The labs of one app: made ahead, shown, and gone at the end in any case."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path

import pytest

from hatlab.commands.support.drill_play import draw_due_drill, open_drill_file
from hatlab.commands.support.lesson_labs import LessonLabs
from hatlab.errors import LabError
from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.tui.app.labs import LabOnScreen
from hatlab.util.paths import recordings_dir, sockets_dir

ARGUMENTS = Namespace(engine="sim", context=None, seed=None, restart=False)


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Catalogue(Library(), ProgressFile(tmp_path / "progress.json"))


def lesson_labs(arguments: Namespace, catalogue: Catalogue) -> LessonLabs:
    drill_file = open_drill_file()
    return LessonLabs(arguments, catalogue, drill_file, partial(draw_due_drill, drill_file))


def first_choices(lab: LabOnScreen) -> list[str]:
    assert lab.runner is not None
    return [
        choice_texts(item.question, {})[0]
        for _, item in lab.runner.lesson.questions()
        if item.question.choices
    ]


def test_a_lab_made_ahead_is_reached_from_elsewhere_only_once_it_is_shown(catalogue: Catalogue) -> None:
    with lesson_labs(ARGUMENTS, catalogue) as labs:
        lab = labs.make(Library().find("timers"))
        lab.session.start()
        assert not list(sockets_dir().glob("*.sock"))
        shown = labs.enter(lab)
        assert list(sockets_dir().glob("*.sock"))
        assert shown.record is not None
        assert shown.record.parent == recordings_dir()
        assert labs.current[0] is lab.session
    assert lab.session.ended
    assert not list(sockets_dir().glob("*.sock"))


def test_all_labs_are_gone_at_the_end_also_after_a_crash(catalogue: Catalogue) -> None:
    labs = lesson_labs(ARGUMENTS, catalogue)
    made = [labs.make(Library().find(name)) for name in ("timers", "one-server")]

    def crash() -> None:
        with labs:
            labs.enter(made[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert all(lab.session.ended for lab in made)


def test_no_lab_is_made_any_more_once_a_signal_has_ended_them(catalogue: Catalogue) -> None:
    with lesson_labs(ARGUMENTS, catalogue) as labs:
        lab = labs.make(Library().find("timers"))
        labs.stop_all()
        assert lab.session.ended
        with pytest.raises(LabError, match="ending"):
            labs.make(Library().find("timers"))


def test_a_lab_that_cannot_be_removed_does_not_keep_the_others(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise LabError("it stays")

    labs = lesson_labs(ARGUMENTS, catalogue)
    first, second = (labs.make(Library().find(name)) for name in ("timers", "one-server"))
    monkeypatch.setattr(first.session.engine, "stop", refuse)
    with pytest.raises(LabError, match="it stays"):
        labs.close_all()
    assert second.session.ended


def test_the_order_of_choices_stays_when_a_lesson_goes_on(catalogue: Catalogue) -> None:
    file, records = Library().find("reading-an-advert"), catalogue.progress_file.records
    with lesson_labs(ARGUMENTS, catalogue) as labs:
        lab = labs.make(file)
        assert lab.runner is not None
        seed = lab.runner.seed
        lesson = lab.runner.lesson
        records[lesson.id] = {"step": 1, "steps": len(lesson.steps), "variant": "", "seed": seed}
        again = labs.make(file)
        assert again.step == 1
        assert first_choices(again) == first_choices(lab)
        orders = {tuple(first_choices(labs.make(file))) for records[lesson.id] in [{}] * 8}
        assert len(orders) > 1, "it is not the same for everybody"


def test_a_seed_draws_the_same_order_on_the_screen_and_as_text(catalogue: Catalogue) -> None:
    arguments = Namespace(**{**vars(ARGUMENTS), "seed": 5})
    file = Library().find("reading-an-advert")
    with lesson_labs(arguments, catalogue) as labs:
        assert first_choices(labs.make(file)) == first_choices(labs.make(file))
