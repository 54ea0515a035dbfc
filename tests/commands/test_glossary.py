"""`hatlab glossary`, and the glossary of a lesson as text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatlab.cli import main
from hatlab.lessons.glossary import FILE_NAME
from tests.support.lesson_texts import LESSON
from tests.support.typed_lesson import output_of


def test_a_word_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["glossary", "gratuitous", "ARP"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("gratuitous ARP (gratuitous ARPs, GARP)\nAn announcement to all neighbours")
    assert "\nSee: the packets marked GARP" in out
    assert out.endswith("\nExplained in: hatlab learn the-election\n")


def test_all_words_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["glossary"]) == 0
    assert capsys.readouterr().out.startswith("All words: advert, advert_int, applier, ARP, Backup")


def test_as_json_it_is_an_object_a_term(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["glossary", "--json"]) == 0
    terms = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(terms) >= 40
    assert {tuple(term) for term in terms} == {
        ("format", "version", "name", "also", "meaning", "see", "lesson")
    }
    assert main(["glossary", "--json", "skew"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "skew"


def test_a_word_that_is_not_there_is_the_user_s_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["glossary", "skwe"]) == 2
    assert "the glossary has no 'skwe'; did you mean `skew`?" in capsys.readouterr().err


def test_a_course_s_own_words_are_explained_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "small.md").write_text(LESSON)
    (tmp_path / FILE_NAME).write_text("# Our words\n\n## quokka\n\nA small animal.\n")
    monkeypatch.setenv("HATLAB_LESSONS", str(tmp_path))
    assert main(["glossary", "quokka"]) == 0
    assert capsys.readouterr().out == "quokka\nA small animal.\n"
    assert main(["check", str(tmp_path)]) == 0, "it is no lesson"


def test_a_lesson_as_text_explains_its_words() -> None:
    text = output_of(["glossary", "g skew", "glossary quokka", "3"])
    assert "Used here: client." in text
    assert "All words: advert, " in text
    assert "The part of a Backup's wait that depends on its priority" in text
    assert "the glossary has no 'quokka'" in text
    assert "Locked: 3 s." in text
