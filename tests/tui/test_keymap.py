"""A person's own keys: they work, every text names them, and what cannot work is told with its place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

import hatlab.tui
from hatlab.errors import UserError
from hatlab.lessons.key_markup import KEYS, SCREEN_KEYS, render_for_screen
from hatlab.session import Session
from hatlab.settings.effective import Settings
from hatlab.tui.app.app import LabApp
from hatlab.tui.commands import COMMANDS
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.keymap import REBINDABLE, check_keymap, keymap_problems
from hatlab.tui.keys import EDITOR_KEYS, is_key, key_of, show_key, use_keymap
from hatlab.tui.screens.help import HelpScreen, help_page
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, wait_for_lab
from tests.tui.learning import app_with, learning, story_engine

SPARE = [
    f"{modifier}f{n}"
    for modifier in ("shift+", "ctrl+", "alt+", "ctrl+shift+", "alt+shift+", "ctrl+alt+")
    for n in range(1, 13)
]
"""Keys that nothing has, for every command there is."""
EVERYWHERE = dict(zip(REBINDABLE, SPARE, strict=False))
"""Another key for each command."""


@pytest.fixture(autouse=True)
def _own_keys_again() -> Iterator[None]:
    yield
    use_keymap({})


def _settings(keymap: dict[str, str]) -> Settings:
    return Settings(None, {"HATLAB_KEYS": " ".join(f"{name}={keys}" for name, keys in keymap.items())})


async def test_a_bound_key_works_and_hatlab_s_own_does_no_more() -> None:
    app = LabApp(Session(StoryEngine()), clock=lambda: 0.0, settings=_settings({"app.help": "f1,ctrl+h"}))
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for_lab(pilot)
        lab = RunningApp(app, StoryEngine(), pilot)
        await lab.press("?")
        assert not isinstance(app.screen, HelpScreen)
        await lab.reach(HelpScreen, "f1")
        await lab.press("escape")
        await lab.reach(HelpScreen, "ctrl+h")


async def test_a_key_that_a_lesson_and_a_recording_share_stays_with_the_other() -> None:
    app = app_with(story_engine())
    app.use_settings(_settings({"time.transition": "f6"}))
    async with learning(app, size=(100, 30)) as learner:
        step = learner.step
        await learner.press("S", "n")
        await learner.until(lambda: learner.step != step or learner.notices, "the lesson's key")


def test_the_bound_keys_stand_in_key_bars_help_and_lessons() -> None:
    use_keymap({"lab.kill": "f9", "lesson.next": "ctrl+k", "editor.apply": "f12", "view.copy": "f7"})
    page = help_page("keys", 100).plain
    assert re.search(r"F9 +kill mysqld", page)
    assert "F7 copies it" in page
    text = "{key:kill mysqld db1|press @|type @}, {key:next}, {key:reload db1}"
    assert render_for_screen(text) == "press F9, Ctrl+K, F12"
    use_keymap({})
    assert render_for_screen(text) == "press k, n, Ctrl+R"


def test_every_key_of_lessons_is_that_of_a_command_that_can_be_bound() -> None:
    use_keymap(EVERYWHERE)
    own = {*KEYS.values(), *SCREEN_KEYS.values()}
    lines = [*KEYS, *SCREEN_KEYS]
    texts = {line: render_for_screen(f"{{key:{line}|@|as text}}") for line in lines}
    assert {line: text for line, text in texts.items() if text in own} == {}


_NAMES_A_KEY = re.compile(
    r"[Pp]ress (?!Ctrl\+[CDZ]|Esc first|Space|←|↑)"
    r"(?:[A-Za-z0-9:?/.]\b|F\d+|Ctrl\+\w|Enter|Esc|Backspace)"
    r"|, or (?:[a-zA-Z]|Ctrl\+\w) to |; [A-Za-z] (?:hides|shows|brings)"
)
"""A text that names a key itself. Some cannot be bound: Ctrl+C, and those of a shell, a field or a list."""


def test_no_text_of_the_screen_names_a_key_itself() -> None:
    """It asks `key_of`; only help of commands, which stands beside the key, and errors do not."""
    folder = Path(hatlab.tui.__file__).parent
    found = {
        f"{path.relative_to(folder)}:{node.lineno}": node.value
        for path in sorted(folder.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value.strip()
        if _NAMES_A_KEY.search(node.value)
    }
    assert found == {}


@pytest.mark.parametrize(
    ("keymap", "problem"),
    [
        ({"lab.kil": "f9"}, "HATLAB_KEYS: there is no command `lab.kil`; did you mean `lab.kill`?"),
        (
            {"lab.kill": "fnord"},
            "HATLAB_KEYS: there is no key 'fnord'; keys are called f9, ctrl+k, alt+x, space or ?",
        ),
        ({"lab.kill": "c"}, "HATLAB_KEYS: the key c is that of `lab.cut`, too"),
        ({"lab.kill": "tab"}, "HATLAB_KEYS: the key Tab is that of “Focus Next”, too"),
        ({"lab.kill": "plus"}, "HATLAB_KEYS: the key + is that of `timeline.zoom-in`, too"),
        ({"editor.apply": "f3"}, "HATLAB_KEYS: the key F3 is that of `editor.compare`, too"),
        ({"lab.kill": "f9", "lab.cut": "f9"}, "HATLAB_KEYS: the key F9 is that of `lab.cut`, too"),
    ],
)
def test_what_cannot_work_is_told(keymap: dict[str, str], problem: str) -> None:
    with pytest.raises(UserError) as caught:
        check_keymap(_settings(keymap))
    assert caught.value.message == problem


def test_keys_can_be_exchanged_and_each_command_can_have_another() -> None:
    assert list(keymap_problems({"lab.kill": "c", "lab.cut": "k"})) == []
    assert list(keymap_problems({"lesson.next": "f6", "time.transition": "f6"})) == []
    assert len(EVERYWHERE) == len(REBINDABLE)
    lab = {name: key for name, key in EVERYWHERE.items() if name not in EDITOR_KEYS}
    assert list(keymap_problems(lab)) == []


def test_hatlab_s_own_keys_have_no_conflict_of_which_a_person_would_be_told() -> None:
    assert list(keymap_problems({command.id: command.key for command in COMMANDS})) == []


def test_the_editor_s_keys_are_those_of_its_bindings() -> None:
    bound = {b.id: b.key for b in ConfEditor.BINDINGS if isinstance(b, Binding)}
    assert {name: bound[name] for name in EDITOR_KEYS} == EDITOR_KEYS
    assert key_of("editor.apply") == "Ctrl+R"
    assert key_of("time.rewind") == "Backspace"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("question_mark", "?"),
        ("ctrl+k", "Ctrl+K"),
        ("f9", "F9"),
        ("escape", "Esc"),
        ("space", "Space"),
        ("K", "K"),
        ("alt+shift+f3", "Alt+Shift+F3"),
        ("pageup", "PgUp"),
    ],
)
def test_a_key_as_people_read_it(name: str, shown: str) -> None:
    assert is_key(name)
    assert show_key(name) == shown


@pytest.mark.parametrize("name", ["", "ctrl+", "hyper+x", "f99x", "nothing"])
def test_what_is_no_key(name: str) -> None:
    assert not is_key(name)
