"""The lessons there are: an instructor's, by folder, and those that ship with hatlab.

One with mistakes never hides the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from hatlab.errors import UserError
from hatlab.lessons.library.loader import (
    Listed,
    language_of,
    lesson_files,
    listed,
    name_of,
    names_language,
    read_lesson,
    shipped_lessons,
)
from hatlab.lessons.library.locale import best, fitting
from hatlab.lessons.model import Lesson


class Library:
    """Folders of lessons. Files of one folder with one name are translations of one lesson.

    Args:
        folders: an instructor's, in order; the shipped ones come after them.
        languages: a learner's, best first.

    Raises:
        UserError: one of the folders has no lessons.
    """

    def __init__(self, folders: Iterable[Path] = (), languages: Sequence[str] = ()) -> None:
        shipped = shipped_lessons()
        own = [folder for folder in folders if folder.resolve() != shipped.resolve()]
        for folder in own:
            lessons_in(folder)
        self.folders = tuple(dict.fromkeys([*own, shipped]))
        self._languages = languages

    def files(self, folder: Path) -> list[Path]:
        """Each lesson's file in a folder, in the learner's language."""
        forms: dict[str, dict[str, Path]] = {}
        for path in lesson_files(folder):
            forms.setdefault(name_of(path), {}).setdefault(language_of(path), path)
        return [paths[best(paths, self._languages)] for paths in forms.values()]

    def translated(self, path: Path) -> Path:
        """A lesson's file, or the one beside it in the learner's language; as it is if its name tells one."""
        if names_language(path):
            return path
        forms = {
            language_of(file): file for file in lesson_files(path.parent) if name_of(file) == name_of(path)
        }
        return (forms | {language_of(path): path}).get(fitting(sorted(forms), self._languages) or "", path)

    def lessons(self, folder: Path) -> list[Listed]:
        """The lessons of a folder, in their order; those with errors last."""
        return listed(self.files(folder))

    def find(self, name: str) -> Path:
        """The file of a lesson's id, or of a path.

        Raises:
            UserError: there is no such file.
        """
        path = Path(name)
        if path.suffix == ".md" or "/" in name:
            if path.is_file():
                return path
            raise UserError(f"there is no file {name}", "give a lesson's id or a path to a .md file")
        files = {name_of(file): file for each in reversed(self.folders) for file in self.files(each)}
        if name not in files:
            guess = get_close_matches(name, files, 1)
            hint = f"did you mean {guess[0]!r}?" if guess else "`hatlab lessons` lists them"
            raise UserError(f"no lesson {name!r}", hint)
        return files[name]


def lessons_in(folder: Path) -> list[Path]:
    """The lessons' files in a folder, in every language.

    Raises:
        UserError: there are none, or no folder.
    """
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}", "a folder of lesson files (.md)")
    found = lesson_files(folder)
    if not found:
        raise UserError(f"there are no lessons in {folder}", "hatlab new lesson NAME writes a start")
    return found


def load_lesson(name: str, seed: int | None = None) -> Lesson:
    """Reads a shipped lesson by its id, or any by its path; see `read_lesson`."""
    return read_lesson(Library().find(name), seed)
