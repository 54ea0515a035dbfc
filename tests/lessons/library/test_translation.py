"""A translation is compared with its original: words may differ, what is asked may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.commands.support.file_checks import check_files
from tests.support.lesson_texts import LESSON

GERMAN = (
    LESSON.replace("id: small\n", "id: small\nlanguage: de\n")
    .replace("Kill mysqld on db1.", "Töte mysqld auf db1.")
    .replace("Press k.", "Drücke k.")
    .replace("choices: [db1, db2, nobody]", "choices: [db1, db2, niemand]")
    .replace("because: mysqld lives", "because: mysqld lebt")
    .replace("## Look", "## Nachsehen")
)


def found(folder: Path, german: str) -> list[tuple[int, str]]:
    original, translation = folder / "02-small.md", folder / "02-small.de.md"
    original.write_text(LESSON)
    translation.write_text(german)
    first, second = check_files([original, translation], together=False)
    assert first.findings == ()
    assert {f.code for f in second.findings} <= {"LS045"}
    return [(f.line, f.message) for f in second.findings]


def line(text: str) -> int:
    """Where a text stands in the translation, from 1."""
    return GERMAN[: GERMAN.index(text)].count("\n") + 1


def test_a_translation_that_differs_only_in_words_is_fine(tmp_path: Path) -> None:
    assert found(tmp_path, GERMAN) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("near: 0.5", "near: 0.2", "```yaml predict", "`cut-off` is different in 02-small.md: `near`"),
        (
            "when: [process mysqld db1 down, owner db2]",
            "when: owner db2",
            "```yaml task",
            "`kill` is different in 02-small.md: `when`",
        ),
        ("until: owner db1", "until: owner db2", "## Kill it", "this step starts differently in 02-small.md"),
        ("Drücke k.", "Drücke {key:mend}.", "```yaml task", "`kill` is different in 02-small.md: `keys`"),
        (
            "It took",
            "{key:mend} It took",
            "## Kill it",
            "the text of this step names different keys in 02-small.md",
        ),
        (
            "id: who",
            "id: whom",
            "## Nachsehen",
            "this step has different blocks in 02-small.md: `who`, `mend`",
        ),
        ("## Nachsehen", "Nachsehen", "---", "02-small.md has 2 steps, this file has 1"),
        ("topology: two-node", "topology: subsecond", "---", "02-small.md has a different `topology`"),
    ],
)
def test_a_translation_that_differs_in_more_than_words_is_a_finding(
    tmp_path: Path, old: str, new: str, at: str, message: str
) -> None:
    assert old in GERMAN
    assert (line(at), message) in found(tmp_path, GERMAN.replace(old, new))
