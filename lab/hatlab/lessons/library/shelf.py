"""The lessons to choose from, with how far the learner is in each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.library.loader import Listed, read_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.records.progress_file import Notebook


@dataclass(frozen=True, slots=True)
class Entry:
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


class Shelf:
    """What `hatlab learn` offers.

    Args:
        library: the lessons there are.
        notebook: the learner's.

    Attributes:
        wanted: the file of the lesson that was chosen, None if none was.
    """

    def __init__(self, library: Library, notebook: Notebook) -> None:
        self.library = library
        self.notebook = notebook
        self.wanted: Path | None = None

    @property
    def fresh(self) -> bool:
        """Whether the learner has never begun a lesson."""
        return not self.notebook.lessons

    def entries(self) -> list[Entry]:
        """The lessons that can be taken, folder by folder, in their order; they are read now."""
        return [entry for folder in self.library.folders for entry in self.course(folder)]

    def course(self, folder: Path) -> list[Entry]:
        """The lessons of one folder that can be taken."""
        return self.entered(folder, self.library.lessons(folder))

    def entered(self, folder: Path, found: list[Listed]) -> list[Entry]:
        """Lessons of a folder as entries; those with mistakes are left out."""
        name = "" if folder == self.library.folders[-1] else folder.resolve().name
        sound = [(each.path, each.lesson) for each in found if each.lesson is not None]
        return [
            Entry(path, lesson, name, number, mark(self.notebook, lesson.id))
            for number, (path, lesson) in enumerate(sound, 1)
        ]

    def proposed(self, folder: Path | None = None) -> Entry | None:
        """The first lesson that is not finished, of a folder or of all; the first if all are finished.

        None where there are no lessons.
        """
        entries = self.entries() if folder is None else self.course(folder)
        return next((each for each in entries if each.mark != "✔"), entries[0] if entries else None)

    def missing(self, lesson: Lesson) -> list[str]:
        """Titles of the lessons that one builds on and that are not finished."""
        done = {name for name, own in self.notebook.lessons.items() if own.get("finished")}
        wanted = [need for need in lesson.front.needs if need not in done]
        return [read_lesson(self.library.find(need)).front.title for need in wanted]

    def after(self, lesson: Lesson) -> Entry | None:
        """The lesson after one, in its folder; after the last one the first that is not finished, or None."""
        entries = self.course(Path(lesson.file).parent)
        number = next((each.number for each in entries if each.lesson.id == lesson.id), len(entries))
        left = [each for each in entries if each.mark != "✔" and each.lesson.id != lesson.id]
        return entries[number] if number < len(entries) else left[0] if left else None


def mark(notebook: Notebook, lesson: str) -> str:
    """✔ finished, ▶ begun, else blank."""
    own = notebook.lessons.get(lesson)
    return " " if not own else "✔" if own.get("finished") else "▶"
