"""The learner's progress file and the lessons on offer, as commands open them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.errors import UserError
from hatlab.settings.effective import current_settings

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Library
    from hatlab.lessons.records.progress_file import ProgressFile


def open_progress_file() -> ProgressFile:
    """Open the learner's own progress file."""
    from hatlab.commands.support.output import print_note
    from hatlab.lessons.records.progress_file import ProgressFile
    from hatlab.util.paths import state_dir

    return ProgressFile(state_dir() / "progress.json", print_note)


def open_library(*folders: Path, language: str | None = None) -> Library:
    """Open the shipped lessons, those of the folders in the settings, and those of the folders given.

    A folder of the settings that has no lessons is told of, and left out.

    Raises:
        UserError: a folder that was given has no lessons.
    """
    from hatlab.lessons.library.catalogue import Library
    from hatlab.lessons.library.locale import preferred_languages

    return Library([*folders, *_folders_from_settings()], preferred_languages(os.environ, language))


def check_lesson_folders() -> None:
    """Refuse a folder without lessons that was given as an option, also where nobody looks into it.

    Raises:
        UserError: one was given.
    """
    if current_settings().given("lessons").origin == "option":
        list(_folders_from_settings())


def _folders_from_settings() -> Iterable[Path]:
    from hatlab.commands.support.output import print_note
    from hatlab.lessons.library.catalogue import require_lesson_files

    given = current_settings().given("lessons").origin
    for folder, place in current_settings().folders():
        try:
            require_lesson_files(folder)
        except UserError as error:
            if given == "option":
                raise
            print_note(f"{error.message} ({place})")
        else:
            yield folder
