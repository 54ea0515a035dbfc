"""Starts a seat as a process of this machine, with the settings of its student."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Any as AnyTrait
from traitlets import Unicode

from hatlab.classroom import keys
from hatlab.classroom.course import Course
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


class SeatSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc]
    """A seat is a process of the hub's own user; the kiosk keeps its student off the machine."""

    course: Course = AnyTrait(config=True)
    board_url: str = Unicode(config=True)
    cmd = (sys.executable, "-m", "hatlab.classroom.seat")
    default_url = "/"
    http_timeout = 60
    start_timeout = 90
    poll_interval = 5
    _socket = -1

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # a seat is the class's own program: nobody is asked whether it may know who they are
        if self.user is not None:
            self.user.settings.get("oauth_no_confirm_list", set()).add(self.oauth_client_id)

    def get_env(self) -> dict[str, str]:
        """Return the environment of the seat's server."""
        settings = seat_settings(self.course, self.user.name, self.board_url)
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        env: dict[str, str] = {**kept, **super().get_env(), **settings.to_environment()}
        env[SOCKET_VARIABLE] = str(self._socket)
        env["DOCKER_CONFIG"] = os.environ.get("DOCKER_CONFIG", os.path.expanduser("~/.docker"))
        return env

    async def start(self) -> tuple[str, int]:
        """Start the seat on a socket that is open already: no port can be taken meanwhile."""
        home = self.course.seat_folder(self.user.name)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home_dir = str(home)
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


def seat_settings(course: Course, name: str, board_url: str) -> SeatSettings:
    """Return the settings of somebody's seat; raises as the course's files do."""
    seats, home = course.config.seats, course.seat_folder(name)
    return SeatSettings(
        name=name,
        title=course.config.class_.title,
        home=str(home),
        words=tuple(_words(course, name)),
        idle=seats.idle * 60,
        memory=seats.memory,
        board=board_url if name != TEACHER else "",
        signing_key=keys.signing_key(course.secret, name).hex(),
        parts=str(parts_folder()),
        lessons=str(course.lessons) if any(course.lessons.glob("*.md")) else "",
    )


def _words(course: Course, name: str) -> list[str]:
    """Return what a seat runs, as after `hatlab`."""
    seats, exam = course.config.seats, course.config.exam
    words = shlex.split(seats.run)
    if exam.lesson and name != TEACHER:
        words = ["learn", "--exam", exam.model_dump_json()]
    elif words == ["learn"] and any(course.lessons.glob("*.md")):
        words.append(str(course.lessons))
    words += ["--kiosk", "--engine", seats.engine]
    if words[0] == "learn":
        words += ["--seed", str(keys.variant_seed(course.secret, name))]
    return words
