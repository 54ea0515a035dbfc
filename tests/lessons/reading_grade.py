"""The reading grade of the shipped lessons: python -m tests.lessons.reading_grade. A report, not a gate.

Flesch-Kincaid grade level (Kincaid, Fishburne, Rogers, Chissom: Derivation of New Readability Formulas,
1975): 0.39 × words per sentence + 11.8 × syllables per word − 15.59, the school years that a text asks for.
Syllables are counted as groups of vowels, less a silent e; what stands in code and braces is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hatlab.lessons.library.loader import lesson_files, read_lesson
from hatlab.lessons.model import Lesson
from tests.support.lesson_prose import sentences, texts_in_reading_order

_LEFT_OUT = re.compile(r"```.*?```|`[^`]*`|(?<!key:)\{(?!key:)[^{}]*\}", re.S)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_SILENT, _SPOKEN = ("e", "es", "ed"), ("le", "les", "ted", "ded", "ces", "ses", "ges")
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """Return about how many syllables an English word has."""
    word = word.casefold()
    is_silent = word.endswith(_SILENT) and not word.endswith(_SPOKEN)
    return max(1, len(_VOWELS.findall(word)) - is_silent)


def grade(texts: Iterable[str]) -> float:
    """Return the Flesch-Kincaid grade of some texts together."""
    found = [sentence for text in texts for sentence in sentences(_LEFT_OUT.sub("db", text))]
    words = [word for sentence in found for word in _WORD.findall(sentence)]
    per_sentence, per_word = len(words) / len(found), sum(map(syllables, words)) / len(words)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


def _texts(lesson: Lesson) -> list[str]:
    return [shown.text for shown in texts_in_reading_order(lesson)]


def rows() -> Iterator[str]:
    """Markdown table rows."""
    lessons = sorted((read_lesson(path) for path in lesson_files()), key=lambda lesson: lesson.front.order)
    for lesson in lessons:
        yield f"| {lesson.front.title} | {grade(_texts(lesson)):.1f} |"
    yield f"| all lessons | {grade(text for lesson in lessons for text in _texts(lesson)):.1f} |"


if __name__ == "__main__":
    for row in rows():
        print(row)  # noqa: T201
