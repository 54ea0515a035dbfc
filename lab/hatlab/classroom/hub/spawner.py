"""What every seat has, wherever it runs; and the spawner that starts one as a process of this machine."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from dataclasses import dataclass
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Any as AnyTrait
from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from hatlab.classroom import keys
from hatlab.classroom.course import Course
from hatlab.classroom.hub.free_memory import Admission
from hatlab.classroom.roster import TEACHER
from hatlab.classroom.seat.settings import SOCKET_VARIABLE, SeatSettings
from hatlab.classroom.setup import parts_folder

KEPT = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "HATLAB_IMAGE",
    "TZ",
    "LC_CTYPE",
    "PYTHONDONTWRITEBYTECODE",
    "TMPDIR",
)
"""What a seat takes from the environment of the hub, besides what JupyterHub passes on."""
_SEAT_GROWS_FOR, _LAB_GROWS_FOR = 20.0, 60.0
"""Seconds after which a seat, and one with a lab on Docker, has taken its memory."""


class ClassSpawner(LoggingConfigurable):  # type: ignore[misc]
    """What every spawner of seats has; it stands before JupyterHub's own in the list of bases."""

    course: Course = AnyTrait(config=True)
    board_url: str = Unicode(config=True)
    default_url = "/"
    http_timeout = 60
    start_timeout = 90
    poll_interval = 5

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # a seat is the class's own program: nobody is asked whether it may know who they are
        if self.user is not None:
            self.user.settings.get("oauth_no_confirm_list", set()).add(self.oauth_client_id)

    def make_home(self) -> None:
        """Make the folder of the student, for the seat's owner only.

        Raises:
            OSError: it cannot be made.
        """
        self.course.seat_folder(self.user.name).mkdir(mode=0o700, parents=True, exist_ok=True)


class SeatSpawner(ClassSpawner, SimpleLocalProcessSpawner):  # type: ignore[misc]
    """A seat is a process of the hub's own user; the kiosk keeps its student off the machine."""

    cmd = (sys.executable, "-m", "hatlab.classroom.seat")
    admission = Admission()
    _socket = -1

    def get_env(self) -> dict[str, str]:
        """Return the environment of the seat's server."""
        places = local_places(self.course, self.user.name)
        settings = seat_settings(self.course, self.user.name, self.board_url, places)
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        env: dict[str, str] = {**kept, **super().get_env(), **settings.to_environment()}
        env[SOCKET_VARIABLE] = str(self._socket)
        env["DOCKER_CONFIG"] = os.environ.get("DOCKER_CONFIG", os.path.expanduser("~/.docker"))
        return env

    async def start(self) -> tuple[str, int]:
        """Start the seat on a socket that is open already: no port can be taken meanwhile.

        Raises:
            SeatNotStartedError: this machine has not the memory for it.
        """
        config = self.course.config
        with_lab = config.seats.engine != "sim"
        self.admission.admit(
            self.user.name,
            config.machines.reserved_memory("docker" if with_lab else "sim"),
            _LAB_GROWS_FOR if with_lab else _SEAT_GROWS_FOR,
        )
        self.make_home()
        self.home_dir = str(self.course.seat_folder(self.user.name))
        listening = socket.socket()
        try:
            listening.bind((self.ip or "127.0.0.1", 0))
            listening.listen(64)
            self.port = listening.getsockname()[1]
            self.popen_kwargs = {"pass_fds": (listening.fileno(),)}
            self._socket = listening.fileno()
            address: tuple[str, int] = await super().start()
        finally:
            listening.close()
        return address

    async def stop(self, now: bool = False) -> None:
        """End the seat: what it has not taken yet of its memory is free again."""
        self.admission.forget(self.user.name)
        await super().stop(now)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a seat finds its folders."""

    home: str
    parts: str
    lessons: str
    """The teacher's own; empty for none."""


def has_lessons(course: Course) -> bool:
    """True if the teacher has lessons of their own."""
    return any(course.lessons.glob("*.md"))


def local_places(course: Course, name: str) -> Places:
    """Return where a seat beside the hub finds its folders."""
    lessons = str(course.lessons) if has_lessons(course) else ""
    return Places(str(course.seat_folder(name)), str(parts_folder()), lessons)


def seat_settings(course: Course, name: str, board_url: str, places: Places) -> SeatSettings:
    """Return the settings of somebody's seat; raises as the course's files do."""
    seats = course.config.seats
    return SeatSettings(
        name=name,
        title=course.config.class_.title,
        home=places.home,
        words=tuple(_words(course, name, places.lessons)),
        idle=seats.idle * 60,
        memory=seats.memory,
        board=board_url if name != TEACHER else "",
        signing_key=keys.signing_key(course.secret, name).hex(),
        parts=places.parts,
        lessons=places.lessons,
    )


def _words(course: Course, name: str, lessons: str) -> list[str]:
    """Return what a seat runs, as after `hatlab`."""
    seats, exam = course.config.seats, course.config.exam
    words = shlex.split(seats.run)
    if exam.lesson and name != TEACHER:
        words = ["learn", "--exam", exam.model_dump_json()]
    elif words == ["learn"] and lessons:
        words.append(lessons)
    words += ["--kiosk", "--engine", seats.engine]
    if words[0] == "learn":
        words += ["--seed", str(keys.variant_seed(course.secret, name))]
    return words
