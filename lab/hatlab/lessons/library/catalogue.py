"""The lessons there are, an instructor's by folder and those that ship with hatlab, and how far a learner is.

A lesson with mistakes never hides the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.errors import UserError
from hatlab.lessons.library.loader import (
    LessonFile,
    files_by_language,
    has_language_suffix,
    lesson_files,
    lesson_language,
    lesson_name,
    lesson_order,
    read_lesson,
    read_lesson_files,
    shipped_lessons,
)
from hatlab.lessons.library.locale import best_language, match_language
from hatlab.util.files import real_path

if TYPE_CHECKING:
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.records.progress_file import ProgressFile


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
        others = [folder for folder in folders if real_path(folder) != real_path(shipped)]
        for folder in others:
            require_lesson_files(folder)
        self.folders = tuple(dict.fromkeys([*others, shipped]))
        self._languages = languages

    def files_in(self, folder: Path) -> list[Path]:
        """Return each lesson's file in a folder, in the learner's language."""
        translations: dict[str, dict[str, Path]] = {}
        for path in lesson_files(folder):
            translations.setdefault(lesson_name(path), {}).setdefault(lesson_language(path), path)
        return [paths[best_language(paths, self._languages)] for paths in translations.values()]

    def in_learner_language(self, path: Path) -> Path:
        """Return the file beside a lesson's file that is in the learner's language.

        Without such a file, or if the file's name tells a language, it is the file itself.
        """
        if has_language_suffix(path):
            return path
        translations = files_by_language(path)
        language = match_language(sorted(translations), self._languages)
        return path if language is None or language == lesson_language(path) else translations[language]

    def read_lessons(self, folder: Path) -> list[LessonFile]:
        """Read the lessons of a folder, in their order; those with errors last."""
        return read_lesson_files(self.files_in(folder))

    def find(self, name: str) -> Path:
        """Return the file of a lesson by its id, a path, or its number in the list of the shipped ones.

        Raises:
            UserError: there is no such file.
        """
        path = Path(name)
        if path.suffix == ".md" or "/" in name:
            if path.is_file():
                return path
            raise UserError(f"there is no file {name}", "give a lesson's id or a path to a .md file")
        if name.isascii() and name.isdigit():
            return self._find_number(int(name))
        folders = reversed(self.folders)
        files = {lesson_name(file): file for folder in folders for file in self.files_in(folder)}
        if name not in files:
            guess = get_close_matches(name, files, 1)
            hint = f"did you mean {guess[0]!r}?" if guess else "`hatlab lessons` lists them"
            if (beside := Path(f"{name}.md")).is_file():
                hint = f"did you mean the file {beside}?"
            raise UserError(f"there is no lesson {name!r}", hint)
        return files[name]

    def _find_number(self, number: int) -> Path:
        shipped = [file.path for file in self.read_lessons(self.folders[-1])]
        if not 0 < number <= len(shipped):
            raise UserError(
                f"there is no lesson {number}", f"choose a number from 1 to {len(shipped)}, or an id"
            )
        return shipped[number - 1]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A lesson that can be taken."""

    file: Path
    lesson: Lesson
    course: str
    """What its folder is called, "" for the shipped ones."""
    number: int
    """Its place among those of its folder, from 1."""
    mark: str
    """✔ finished, ▶ begun, else blank."""


class Catalogue:
    """The lessons that `hatlab learn` offers, with how far the learner is in each.

    Args:
        library: the lessons there are.
        progress_file: the learner's.
    """

    def __init__(self, library: Library, progress_file: ProgressFile) -> None:
        self.library = library
        self.progress_file = progress_file

    @property
    def is_first_visit(self) -> bool:
        """True if the learner has never begun a lesson."""
        return not self.progress_file.records

    def entries(self) -> list[CatalogueEntry]:
        """Read the lessons that can be taken, folder by folder, in their order."""
        return [entry for folder in self.library.folders for entry in self.entries_in(folder)]

    def entries_in(self, folder: Path) -> list[CatalogueEntry]:
        """Read the lessons of one folder that can be taken."""
        return self.to_entries(folder, self.library.read_lessons(folder))

    def to_entries(self, folder: Path, files: list[LessonFile]) -> list[CatalogueEntry]:
        """Return the lessons of a folder as entries; those with mistakes are left out."""
        name = "" if folder == self.library.folders[-1] else real_path(folder).name
        sound = [(file.path, file.lesson) for file in files if file.lesson is not None]
        return [
            CatalogueEntry(path, lesson, name, number, self._mark(lesson.id))
            for number, (path, lesson) in enumerate(sound, 1)
        ]

    def _mark(self, lesson: str) -> str:
        record = self.progress_file.records.get(lesson)
        return " " if not record else "✔" if record.get("finished") else "▶"

    def next_unfinished(self, folder: Path | None = None) -> CatalogueEntry | None:
        """Return the first lesson that is not finished, of a folder or of all; the first if all are finished.

        None where there are no lessons.
        """
        entries = self.entries() if folder is None else self.entries_in(folder)
        lessons = [entry for entry in entries if not entry.lesson.is_drill]
        return next((entry for entry in lessons if entry.mark != "✔"), lessons[0] if lessons else None)

    def missing_prerequisites(self, lesson: Lesson) -> list[str]:
        """Return the titles of the lessons that one builds on and that are not finished."""
        records = self.progress_file.records
        unfinished = [need for need in lesson.front.needs if not records.get(need, {}).get("finished")]
        return [read_lesson(self.library.find(need)).front.title for need in unfinished]

    def next_after(self, lesson: Lesson) -> CatalogueEntry | None:
        """Return the lesson after one in its folder; after the last one the first unfinished one, or None.

        Only that lesson is read: whoever begins a lesson waits for it.
        """
        folder = Path(lesson.file).parent
        files = sorted(self.library.files_in(folder), key=lesson_order)
        names = [lesson_name(file) for file in files]
        place = names.index(lesson.id) if lesson.id in names else len(files)
        unfinished = (
            file
            for file, name in zip(files, names, strict=True)
            if name != lesson.id and self._mark(name) != "✔"
        )
        after = files[place + 1 :]
        return next((entry for file in (after or unfinished) if (entry := self._entry(folder, file))), None)

    def _entry(self, folder: Path, file: Path) -> CatalogueEntry | None:
        """Return a lesson of a folder, None if its file has mistakes."""
        return next(iter(self.to_entries(folder, read_lesson_files([file]))), None)


def require_lesson_files(folder: Path) -> list[Path]:
    """Return the lessons' files in a folder, in every language.

    Raises:
        UserError: there are none, or no folder.
    """
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}", "name a folder of lesson files (.md)")
    files = lesson_files(folder)
    if not files:
        raise UserError(
            f"there are no lessons in {folder}", "hatlab new lesson NAME writes one to start from"
        )
    return files


def load_lesson(name: str, seed: int | None = None) -> Lesson:
    """Read a shipped lesson by its id, or any by its path; see `read_lesson`."""
    return read_lesson(Library().find(name), seed)
