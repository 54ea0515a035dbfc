"""Which classes this user has started on this machine, so that nothing is removed while one of them runs."""

from __future__ import annotations

import json
from pathlib import Path

from hatlab.util.files import is_locked, read_text, write_text
from hatlab.util.paths import own_folders, state_dir

FILE_NAME = "classes.json"
PROCESSES = ("hub", "board", "proxy")
"""What runs of a class besides its seats; each has a lock in the hub's folder."""


def remember_course(folder: Path) -> None:
    """Note the folder of a class that is started.

    Raises:
        UserError: that cannot be kept.
    """
    folders = known_courses()
    if folder not in folders:
        write_text(state_dir() / FILE_NAME, json.dumps([str(each) for each in (*folders, folder)]) + "\n")


def known_courses() -> list[Path]:
    """Return the folders of the classes that were started here and are still there; none is made to look."""
    path = own_folders()[0] / FILE_NAME
    if not path.is_file():
        return []
    try:
        written = json.loads(read_text(path, "list of classes"))
    except ValueError:
        return []
    folders = [Path(each) for each in written if isinstance(each, str)] if isinstance(written, list) else []
    return [folder for folder in folders if folder.is_dir()]


def running_courses() -> list[Path]:
    """Return those of them of which something runs."""
    return [folder for folder in known_courses() if _runs(folder)]


def seat_of_lab(lab: str) -> Path | None:
    """Return the folder of the student whose lab this is, in a class that runs; None if there is none."""
    for folder in running_courses():
        for labs in folder.glob("state/seats/*/hatlab/labs"):
            if any(path.stem == lab for path in labs.iterdir()):
                return labs.parent.parent
    return None


def _runs(folder: Path) -> bool:
    state = folder / "state"
    locks = [state / "hub" / f"{name}.lock" for name in PROCESSES]
    locks += sorted(state.glob("seats/*/seat.lock"))
    return any(is_locked(lock) for lock in locks)
