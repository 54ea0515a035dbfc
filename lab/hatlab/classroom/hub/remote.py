"""What a seat in a container has, whoever places it: its user, its folders, its limits."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hatlab.classroom.course import Course
from hatlab.classroom.hub.spawner import ClassSpawner, Places, has_lessons, seat_settings
from hatlab.classroom.machines import BESIDES_HATLAB
from hatlab.classroom.seat_image import PARTS_IN_IMAGE

HOME = "/home/seat"
"""Where a student's folder is in the container."""
LESSONS = "class-lessons"
"""Below it: a copy of the teacher's own lessons."""
MOST_PROCESSES = 300
MOST_TEMPORARY = 64_000_000
"""Bytes in /tmp."""
ENDS_WITHIN = 40
"""Seconds that a seat has to put its lab away."""
_IMAGE_USER = (1000, 1000)
KEPT_ELSEWHERE = ("HATLAB_IMAGE", "TZ")
"""What a seat takes from the environment of the hub, besides what JupyterHub passes on."""
_ZONE = Path("/etc/localtime")


class RemoteSeat(ClassSpawner):
    """A seat in a container on some machine; its student's folder is there, too."""

    poll_interval = 10
    start_timeout = 180

    def get_env(self) -> dict[str, str]:
        """Return the environment of the seat's server."""
        places = Places(HOME, PARTS_IN_IMAGE, f"{HOME}/{LESSONS}" if has_lessons(self.course) else "")
        settings = seat_settings(self.course, self.user.name, self.board_url, places)
        kept = {name: os.environ[name] for name in KEPT_ELSEWHERE if name in os.environ}
        zone = {"TZ": _time_zone()}  # an exam's clock is the same at each seat
        return {**zone, **kept, **super().get_env(), **settings.to_environment()}

    def make_home(self) -> None:
        """Make the student's folder, with a copy of the teacher's lessons, for the container's user."""
        super().make_home()
        home = self.course.seat_folder(self.user.name)
        shutil.rmtree(home / LESSONS, ignore_errors=True)
        if has_lessons(self.course):
            shutil.copytree(self.course.lessons, home / LESSONS)
        if os.getuid() == 0:
            for path in (home, *home.rglob("*")):
                os.chown(path, *_IMAGE_USER, follow_symlinks=False)


def seat_user() -> tuple[int, int]:
    """Return the user and group as whom seats run: the hub's, whose files they write; never root."""
    return _IMAGE_USER if os.getuid() == 0 else (os.getuid(), os.getgid())


def memory_limit(course: Course) -> int:
    """Return the bytes that a seat's container may take."""
    return (course.config.seats.memory + BESIDES_HATLAB) * 1_000_000


def _time_zone() -> str:
    """Return the name of this machine's time zone."""
    return os.path.realpath(_ZONE).partition("/zoneinfo/")[2] or "UTC"
