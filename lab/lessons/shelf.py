"""The lessons to choose from, with how far the learner is in each."""

from __future__ import annotations

from dataclasses import dataclass

from lab.lessons.library import lessons
from lab.lessons.notebook import Notebook


@dataclass(frozen=True, slots=True)
class Entry:
    """One lesson. `mark`: ✔ finished, ▶ begun, else blank."""

    id: str
    title: str
    minutes: int
    mark: str


class Shelf:
    """What `hatlab learn` offers.

    Args:
        notebook: the learner's.

    Attributes:
        wanted: the lesson that was chosen, None if none was.
    """

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.wanted: str | None = None

    def entries(self) -> list[Entry]:
        """The shipped lessons that can be taken, in their order; they are read now."""
        fronts = [each.lesson.front for each in lessons() if each.lesson is not None]
        return [Entry(f.id, f.title, f.minutes, mark(self.notebook, f.id)) for f in fronts]


def mark(notebook: Notebook, lesson: str) -> str:
    """✔ finished, ▶ begun, else blank."""
    own = notebook.lessons.get(lesson)
    return " " if not own else "✔" if own.get("finished") else "▶"
