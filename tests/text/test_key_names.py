"""Where there are no keys, a lesson speaks of what is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.library.loader import lesson_files, shipped_lessons
from hatlab.lessons.model import Lesson, Prose, QuestionItem, TaskItem
from hatlab.text.key_names import KEYS, keyless
from hatlab.text.lesson_input import COMMANDS
from hatlab.text.markdown_text import format_markdown
from hatlab.topology.library import load_topology
from hatlab.tui.commands import COMMANDS as BOUND

LEFT = re.compile(
    r"▸|ctrl\+|\bF\d\b|\b[Pp]ress\b|arrow keys|[Tt]he menu\b|[Tt]he keys act"
    r"|\b[Kk]eys? :|\b[Kk]ey [A-Za-z1-4](?!\w)|\([A-Za-z:]\)"
    r"|(?<![\w'’-])[b-zB-HJ-Z] (?:\(capital\)|begins|cuts|kills|mends|moves|starts|stops)\b"
)
"""A key that is still spoken of ("the key 9" is one of a table)."""


def said(lesson: Lesson) -> Iterator[str]:
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


@pytest.mark.parametrize("file", lesson_files(shipped_lessons()), ids=lambda file: file.stem)
def test_no_shipped_lesson_speaks_of_a_key(file: Path) -> None:
    for seed in range(20):
        lesson = parse_lesson(file.read_bytes(), topology=load_topology, seed=seed).lesson
        assert lesson is not None
        for text in said(lesson):
            told = format_markdown(text)
            found = LEFT.search(told)
            assert found is None, f"`{found[0]}` is left (lab/hatlab/text/key_names.py): {told}"
        if seed >= len(lesson.front.variants):
            break


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The key k kills mysqld on the server that ▸ marks, here db1.", "Typing kill mysqld db1 kills mysqld there."),  # noqa: E501
        ("Not so; the key r begins this step again.", "Not so; typing retry begins this step again."),
        ("Open a packet (key 2).", "Open a packet (type packets)."),
        ("Look at the file (key e).", "Look at the file (conf NODE FILE, edit NODE FILE)."),
        ("The key o, with ▸ at db2.", "Type power off db2."),
        ("After the key `:`, as in `sql db1 1`", "Type `sql db1 1`"),
        ("Once both have it, u mends it.", "Once both have it, typing mend mends it."),
        ("Repair db1 with the key `u`.", "Repair db1 by typing mend."),
        ("Both insert a row with the key 9.", "Both insert a row with the key 9."),
        ("A node starts; the key was on both sides.", "A node starts; the key was on both sides."),
        ("Wait 5 s: it mends itself. db1's mends it.", "Wait 5 s: it mends itself. db1's mends it."),
    ],
)  # fmt: skip
def test_what_is_typed_stands_in_its_place(said: str, told: str) -> None:
    assert keyless(said) == told


def test_a_key_does_what_its_line_says() -> None:
    bound = {c.key_shown: c.line for c in BOUND if c.line}
    for key, line in bound.items():
        assert KEYS[key] == line.format(node="NODE", heartbeat="NETWORK")


def test_what_stands_for_a_key_is_told_by_help() -> None:
    words = {
        line.split()[0] for key, line in KEYS.items() if key not in {c.key_shown for c in BOUND if c.line}
    }
    assert words - {"reset", "help"} <= set(re.findall(r"\w+", COMMANDS))
    assert keyless(COMMANDS) == COMMANDS
