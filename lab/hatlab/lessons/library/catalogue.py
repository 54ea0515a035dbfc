"""The lessons there are: an instructor's, by folder, and those that ship with hatlab.

One with mistakes never hides the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from hatlab.errors import UserError
from hatlab.lessons.library.loader import (
    LessonFile,
    has_language_suffix,
    lesson_files,
    lesson_language,
    lesson_name,
    read_lesson,
    read_lesson_files,
    shipped_lessons,
)
from hatlab.lessons.library.locale import best_language, match_language
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
        own = [folder for folder in folders if folder.resolve() != shipped.resolve()]
        for folder in own:
            require_lesson_files(folder)
        self.folders = tuple(dict.fromkeys([*own, shipped]))
        self._languages = languages

    def files_in(self, folder: Path) -> list[Path]:
        """Each lesson's file in a folder, in the learner's language."""
        forms: dict[str, dict[str, Path]] = {}
        for path in lesson_files(folder):
            forms.setdefault(lesson_name(path), {}).setdefault(lesson_language(path), path)
        return [paths[best_language(paths, self._languages)] for paths in forms.values()]

    def in_learner_language(self, path: Path) -> Path:
        """A lesson's file, or the one beside it in the learner's language; as it is if its name tells one."""
        if has_language_suffix(path):
            return path
        forms = {
            lesson_language(file): file
            for file in lesson_files(path.parent)
            if lesson_name(file) == lesson_name(path)
        }
        return (forms | {lesson_language(path): path}).get(
            match_language(sorted(forms), self._languages) or "", path
        )

    def read_lessons(self, folder: Path) -> list[LessonFile]:
        """The lessons of a folder, in their order; those with errors last."""
        return read_lesson_files(self.files_in(folder))

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
        files = {lesson_name(file): file for each in reversed(self.folders) for file in self.files_in(each)}
        if name not in files:
            guess = get_close_matches(name, files, 1)
            hint = f"did you mean {guess[0]!r}?" if guess else "`hatlab lessons` lists them"
            raise UserError(f"no lesson {name!r}", hint)
        return files[name]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One lesson.

    Attributes:
        file: where it is.
        course: what its folder is called, "" for the shipped ones.
        number: its place among those of its folder, from 1.
        mark: ✔ finished, ▶ begun, else blank.
    """

    file: Path
    lesson: Lesson
    course: str
    number: int
    mark: str


class Catalogue:
    """What `hatlab learn` offers.

    Args:
        library: the lessons there are.
        progress_file: the learner's.

    Attributes:
        wanted: the file of the lesson that was chosen, None if none was.
    """

    def __init__(self, library: Library, progress_file: ProgressFile) -> None:
        self.library = library
        self.progress_file = progress_file
        self.chosen: Path | None = None

    @property
    def is_first_visit(self) -> bool:
        """Whether the learner has never begun a lesson."""
        return not self.progress_file.records

    def entries(self) -> list[CatalogueEntry]:
        """The lessons that can be taken, folder by folder, in their order; they are read now."""
        return [entry for folder in self.library.folders for entry in self.entries_in(folder)]

    def entries_in(self, folder: Path) -> list[CatalogueEntry]:
        """The lessons of one folder that can be taken."""
        return self.to_entries(folder, self.library.read_lessons(folder))

    def to_entries(self, folder: Path, found: list[LessonFile]) -> list[CatalogueEntry]:
        """Lessons of a folder as entries; those with mistakes are left out."""
        name = "" if folder == self.library.folders[-1] else folder.resolve().name
        sound = [(each.path, each.lesson) for each in found if each.lesson is not None]
        return [
            CatalogueEntry(path, lesson, name, number, progress_mark(self.progress_file, lesson.id))
            for number, (path, lesson) in enumerate(sound, 1)
        ]

    def next_unfinished(self, folder: Path | None = None) -> CatalogueEntry | None:
        """The first lesson that is not finished, of a folder or of all; the first if all are finished.

        None where there are no lessons.
        """
        entries = self.entries() if folder is None else self.entries_in(folder)
        return next((each for each in entries if each.mark != "✔"), entries[0] if entries else None)

    def missing_prerequisites(self, lesson: Lesson) -> list[str]:
        """Titles of the lessons that one builds on and that are not finished."""
        done = {name for name, own in self.progress_file.records.items() if own.get("finished")}
        wanted = [need for need in lesson.front.needs if need not in done]
        return [read_lesson(self.library.find(need)).front.title for need in wanted]

    def next_after(self, lesson: Lesson) -> CatalogueEntry | None:
        """The lesson after one, in its folder; after the last one the first that is not finished, or None."""
        entries = self.entries_in(Path(lesson.file).parent)
        number = next((each.number for each in entries if each.lesson.id == lesson.id), len(entries))
        left = [each for each in entries if each.mark != "✔" and each.lesson.id != lesson.id]
        return entries[number] if number < len(entries) else left[0] if left else None


def progress_mark(progress_file: ProgressFile, lesson: str) -> str:
    """✔ finished, ▶ begun, else blank."""
    own = progress_file.records.get(lesson)
    return " " if not own else "✔" if own.get("finished") else "▶"


def require_lesson_files(folder: Path) -> list[Path]:
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
