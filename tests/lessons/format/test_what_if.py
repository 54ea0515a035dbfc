"""What `hatlab check` finds in a what-if."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.commands.support.file_checks import check_files
from hatlab.commands.support.lesson_preview import outline_lesson
from tests.support.lesson_findings import locations, parse, position
from tests.support.lesson_lab import make_lesson
from tests.support.what_if_texts import ASKS_FIRST


def test_a_sound_one_has_no_findings() -> None:
    assert parse(ASKS_FIRST).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "mark"),
    [
        ("measure: takeover db2\n", "", "LS011", "id: slower"),
        ("then: power off db1", "then: []", "LS012", "[]"),
        ("then: power off db1", "then: power off db9", "LS022", "power off db9"),
        ("set db2 advert_int 2", "set db9 advert_int 2", "LS022", "set db9"),
        ("measure: takeover db2", "measure: takeovr db2", "LS021", "takeovr db2"),
        ("measure: takeover db2", "measure: {from: outage, to: ownr db2}", "LS021", "ownr db2"),
        ("{other} s instead", "{another} s instead", "LS025", "db2 waits {another}"),
        ("ask: What if", "ask: Instead of {first}, what if", "LS025", "Instead of {first}"),
        ("set db2 advert_int 2", "set db2 priority 140", "LS057", "- set db1 advert_int 2"),
    ],
)
def test_each_problem_is_found_where_it_stands(old: str, new: str, code: str, mark: str) -> None:
    assert ASKS_FIRST.count(old) == 1, old
    text = ASKS_FIRST.replace(old, new)
    assert locations(text) == [(code, *position(text, mark))]


def test_a_translation_has_other_words_and_the_same_story(tmp_path: Path) -> None:
    german = ASKS_FIRST.replace("id: small\n", "id: small\nlanguage: de\n")
    german = german.replace("What if advert_int were 2 s on both servers?", "Und bei 2 s?")
    original, translation = tmp_path / "02-small.md", tmp_path / "02-small.de.md"
    original.write_text(ASKS_FIRST)
    for text, messages in (
        (german, []),
        (german.replace("then: power off", "then: pause"), ["`slower` is different in 02-small.md: `then`"]),
    ):
        translation.write_text(text)
        _, second = check_files([original, translation], together=False)
        assert [finding.message for finding in second.findings] == messages


def test_the_preview_shows_the_story_and_the_change() -> None:
    shown = "\n".join(outline_lesson(make_lesson(ASKS_FIRST)))
    assert "  ↔ What if advert_int were 2 s on both servers?\n      changed: set db1 advert_int 2; " in shown
    assert "      then: power off db1\n      why: db2 waits {other} s instead of {first} s." in shown
