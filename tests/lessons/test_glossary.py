"""The glossary: read, found and searched."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.errors import FileError, UserError
from hatlab.lessons.glossary import FILE_NAME, Glossary, load_glossary, parse_terms
from hatlab.lessons.library.loader import lesson_files, lesson_name
from tests.support.lesson_prose import sentences

TEXT = """\
# Words

Not a term.

## Master
Also: MASTER, Masters
Lesson: one

It holds the
address.

See: the star.

## muted Master

A Master that is *muted*.

## skew

Short.
"""


@pytest.fixture
def glossary() -> Glossary:
    return Glossary(parse_terms(TEXT, "glossary.md"))


def test_a_term_is_its_heading_and_what_stands_under_it(glossary: Glossary) -> None:
    master, muted, skew = glossary.terms
    assert (master.name, master.also, master.lesson) == ("Master", ("MASTER", "Masters"), "one")
    assert (master.meaning, master.see) == ("It holds the address.", "the star.")
    assert (muted.meaning, muted.see, muted.lesson) == ("A Master that is *muted*.", "", "")
    assert skew.forms == ("skew",)


@pytest.mark.parametrize(
    ("word", "name"),
    [("master", "Master"), ("MASTERS", "Master"), ("muted  master", "muted Master"), ("sk", "skew")],
)
def test_a_term_is_found_by_any_form_of_its_name_or_its_beginning(
    glossary: Glossary, word: str, name: str
) -> None:
    assert glossary.find(word).name == name


def test_what_is_no_term_is_refused_with_a_guess(glossary: Glossary) -> None:
    with pytest.raises(UserError, match=r"no 'skwe'; did you mean `skew`\?"):
        glossary.find("skwe")
    with pytest.raises(UserError, match="could be several terms: Master, muted Master"):
        glossary.find("m")


def test_names_are_searched_before_meanings(glossary: Glossary) -> None:
    assert [term.name for term in glossary.search("mas")] == ["Master", "muted Master"]
    assert [term.name for term in glossary.search("address")] == ["Master"]
    assert glossary.search("nothing like it") == []


def test_terms_are_found_in_a_text_in_order_the_longest_first(glossary: Glossary) -> None:
    text = "Skew, a muted\nMaster, two Masters; no skewed masterpiece."
    assert [term.name for term in glossary.terms_in(text)] == ["skew", "muted Master", "Master"]


def test_a_term_without_a_meaning_is_located() -> None:
    with pytest.raises(FileError, match=r"words.md:3:1: 'Backup' has no meaning"):
        list(parse_terms("# Words\n\n## Backup\nAlso: BACKUP\n", "words.md"))


def test_a_course_brings_its_own_terms(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("## Master\n\nOurs.\n\n## quokka\n\nA small animal.\n")
    glossary = load_glossary([tmp_path])
    assert glossary.find("Master").meaning == "Ours."
    assert glossary.find("quokka").meaning == "A small animal."
    assert glossary.find("skew").lesson == "reading-an-advert"


def test_the_shipped_terms_are_short_and_name_lessons_that_there_are() -> None:
    glossary = load_glossary()
    lessons = {lesson_name(path) for path in lesson_files()}
    assert len(glossary.terms) >= 40
    for term in glossary.terms:
        assert 1 <= len(sentences(term.meaning)) <= 3, term.name
        assert term.see, term.name
        assert term.lesson in lessons | {""}, term.name
    forms = [form for term in glossary.terms for form in term.forms]
    assert len(forms) == len(set(forms)), "a form belongs to one term"
