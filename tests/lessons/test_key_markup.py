"""Keys in a lesson's text: what stands for them on a screen, and where lines are typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.key_markup import KEYS, SCREEN_KEYS, find_keys, render_as_typed, render_for_screen
from hatlab.lessons.library.loader import lesson_files, shipped_lessons
from hatlab.lessons.model import Lesson, Prose, QuestionItem, TaskItem
from hatlab.text.lesson_commands import COMMANDS as TYPED_COMMANDS
from hatlab.topology.library import load_topology
from hatlab.tui.commands import COMMANDS
from hatlab.tui.editor.screen import ConfEditor

_LETTERS = "".join(key for key in {*KEYS.values(), *SCREEN_KEYS.values()} if key.isalpha() and key != "a")
NAMED = re.compile(
    rf"▸|ctrl\+|\bF\d\b|(?<![\w'’-])(?<![\d}}] )[{_LETTERS}](?![\w'’-])|[`(][a-zA-Z1-4:.?][`)]"
)
"""What only a key looks like, in any language: mostly a letter that stands alone, and is no unit."""


def texts_of(lesson: Lesson) -> Iterator[str]:
    """All that a lesson says."""
    yield lesson.intro
    for item in (item for step in lesson.steps for item in step.items):
        match item:
            case Prose(text=text):
                yield text
            case QuestionItem(question=question):
                yield question.ask
                yield from (why.say for why in question.why)
                for choice in question.choices:
                    yield from (choice.text, choice.wrong or "")
            case TaskItem(task=task):
                yield task.do
                yield from (say.say for say in (*task.fail, *task.hints))


def forms_of(file: Path) -> Iterator[Lesson]:
    """A lesson in each of its variants."""
    for seed in range(20):
        lesson = parse_lesson(file.read_bytes(), topology=load_topology, seed=seed).lesson
        assert lesson is not None
        yield lesson
        if seed + 1 >= len(lesson.front.variants):
            break


@pytest.mark.parametrize("file", lesson_files(shipped_lessons()), ids=lambda file: file.stem)
def test_shipped_lessons_name_keys_by_markup_alone(file: Path) -> None:
    for text in (text for lesson in forms_of(file) for text in texts_of(lesson)):
        keys = list(find_keys(text))
        assert [key.problem for key in keys if key.problem] == []
        words = text
        for key in reversed(keys):
            words = words[: key.start] + words[key.end :]
        found = NAMED.search(words)
        assert found is None, f"`{found[0]}` is a key without markup: {text}"
        assert "▸" not in render_as_typed(text)


@pytest.mark.parametrize(
    ("written", "on_screen", "typed"),
    [
        ("{key:mend} mends it.", "u mends it.", "fix mends it."),
        ("{key:mend|The key @|Typing @} mends it.", "The key u mends it.", "Typing fix mends it."),
        ("Die Taste {key:kill mysqld db1}.", "Die Taste k.", "Die Taste kill mysqld db1."),
        (
            "{key:kill keepalived NODE|@ (capital)|@} kills.",
            "K (capital) kills.",
            "kill keepalived NODE kills.",
        ),
        ("open it ({key:packets db1|key `@`|type @})", "open it (key `2`)", "open it (type packets db1)"),
        ("that {key:|▸ marks|you name}", "that ▸ marks", "that you name"),
        ("db2{key:node|; @ moves ▸|}.", "db2; m moves ▸.", "db2."),
        ("{key:cut\n heartbeat|the key\n@|@}", "the key\nc", "cut heartbeat"),
        ("{key:mend|@ for {vip}|@ {vip}}", "u for {vip}", "fix {vip}"),
    ],
)
def test_a_key_reads_as_the_key_or_as_the_typed_line(written: str, on_screen: str, typed: str) -> None:
    assert [key.problem for key in find_keys(written)] == [""]
    assert render_for_screen(written) == on_screen
    assert render_as_typed(written) == typed


@pytest.mark.parametrize(
    "text",
    [
        "Press k, or the key u; 3 s later {vip} moves: {outage - skew:3}.",
        "track_script { mysql }",
        "{{key}} is a variant's, {key} a capture's",
        "JSON has {key: value}",
        "```\n{key:mend}\n```",
        "~~~ text\n{key:mend}\n",
    ],
)
def test_a_text_without_markup_stays_as_it_is_written(text: str) -> None:
    assert list(find_keys(text)) == []
    assert render_for_screen(text) == render_as_typed(text) == text


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{key:kil mysqld db1}", "no key does `kil mysqld db1`; did you mean"),
        ("{key:mend|the key @}", "a key is written {key:LINE}, or {key:LINE|on the screen|as text}"),
        ("{key:mend|a|b|c}", "a key is written"),
        ("{key:mend|the key u|typing @}", "what is said on the screen has no @, which stands for the key u"),
        ("{key:node}", "no line does what `node` does"),
        ("{key:node|@ moves it|@}", "no line does what `node` does"),
        ("{key:mend begins", "this brace is not closed"),
    ],
)
def test_a_key_that_there_is_not_stays_as_it_is_written(written: str, problem: str) -> None:
    (key,) = find_keys(written)
    assert key.problem.startswith(problem)
    assert render_for_screen(written) == render_as_typed(written) == written


def test_each_key_is_the_one_that_the_screen_has() -> None:
    bound = {command.key_shown: command for command in COMMANDS}
    editor = {"Ctrl+R": "ctrl+r", "F2": "f2"}
    for line, key in KEYS.items():
        if command := bound.get(key):
            form = command.line.format(node="NODE", heartbeat="NETWORK")
            assert not command.line or line == form
    for key in {*KEYS.values(), *SCREEN_KEYS.values()} - bound.keys():
        assert editor[key] in {binding.key for binding in ConfEditor.BINDINGS if isinstance(binding, Binding)}
    for command in COMMANDS:
        if command.line:
            assert KEYS[command.line.format(node="NODE", heartbeat="NETWORK")] == command.key_shown


def test_each_line_is_an_action_or_is_told_by_help() -> None:
    actions = {command.line.split()[0] for command in COMMANDS if command.line} | {"reset", "help", "reload"}
    assert {line.split()[0] for line in KEYS} - actions <= set(re.findall(r"\w+", TYPED_COMMANDS))
    assert render_as_typed(TYPED_COMMANDS) == TYPED_COMMANDS
