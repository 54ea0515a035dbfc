"""The learner's progress file and the lessons on offer, as commands open them."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Library
    from hatlab.lessons.records.progress_file import ProgressFile

FOLDERS_VARIABLE = "HATLAB_LESSONS"
"""The environment variable with an instructor's folders of lessons, put together as PATH is."""


def add_language_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--language",
        metavar="TAG",
        help="the language of lessons that are translated, such as de or zh-CN (default: that of "
        "your locale)",
    )


def add_facts_only_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--facts-only", action="store_true", help="hide banners, whys and verdicts; B shows them again"
    )


def open_progress_file() -> ProgressFile:
    """Open the learner's own progress file."""
    from hatlab.commands.support.output import print_note
    from hatlab.lessons.records.progress_file import ProgressFile
    from hatlab.util.paths import state_dir

    return ProgressFile(state_dir() / "progress.json", print_note)


def open_library(*folders: Path, language: str | None = None) -> Library:
    """Open the shipped lessons, an instructor's of HATLAB_LESSONS, and those of the folders given.

    A folder of HATLAB_LESSONS that has no lessons is told of, and left out.

    Raises:
        UserError: a folder that was given has no lessons.
    """
    from hatlab.lessons.library.catalogue import Library
    from hatlab.lessons.library.locale import preferred_languages

    return Library([*folders, *_folders_from_environment()], preferred_languages(os.environ, language))


def _folders_from_environment() -> Iterable[Path]:
    from hatlab.commands.support.output import print_note
    from hatlab.lessons.library.catalogue import require_lesson_files

    for path in filter(None, os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)):
        folder = Path(path).expanduser()
        try:
            require_lesson_files(folder)
        except UserError as error:
            print_note(f"{error.message} ({FOLDERS_VARIABLE})")
        else:
            yield folder
