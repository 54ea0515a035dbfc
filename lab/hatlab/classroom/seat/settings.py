"""What a seat's server is told when it is started, in its environment, wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from hatlab.util.kiosk import SEAT_VARIABLE

SETTINGS_VARIABLE = "HATLAB_SEAT_SETTINGS"
SOCKET_VARIABLE = "HATLAB_SEAT_SOCKET"
"""The number of the open socket on which the seat's server listens; without it, it opens one."""


@dataclass(frozen=True, slots=True)
class SeatSettings:
    """The settings of one student's seat."""

    name: str
    title: str
    """What the class is called."""
    home: str
    """The folder in which everything of this student is kept."""
    words: tuple[str, ...]
    """What to run, as after `hatlab`."""
    idle: float
    """Seconds without a key after which the seat ends."""
    memory: int
    """The most that hatlab may take, in MB."""
    board: str
    """Where the seat reports how its student is doing; empty for nowhere."""
    signing_key: str
    """With which recordings are signed, in hexadecimal; hatlab itself does not get it."""
    parts: str
    """The folder of the parts from npm."""
    lessons: str = ""
    """The teacher's folder of lessons; empty for none."""

    def to_environment(self) -> dict[str, str]:
        """Return them as a variable of the environment."""
        return {SETTINGS_VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> SeatSettings:
        """Return the settings in an environment.

        Raises:
            KeyError, TypeError, ValueError: it has none, or not these.
        """
        data = json.loads(environ[SETTINGS_VARIABLE])
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        return cls(**{**values, "words": tuple(values["words"])})


def program_environment(settings: SeatSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which hatlab runs: the seat's, without what is a secret of the hub's."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("JUPYTERHUB_", "JPY_", "HATLAB_SEAT"))
    }
    home = settings.home
    return {
        **kept,
        "HOME": home,
        "XDG_STATE_HOME": home,
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_DATA_HOME": f"{home}/data",
        "XDG_CACHE_HOME": f"{home}/cache",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": environ.get("LANG", "C.UTF-8"),
        "MALLOC_ARENA_MAX": "1",  # Python's threads take turns anyway
        "HATLAB_KIOSK": "1",
        "HATLAB_LESSONS": settings.lessons,
        SEAT_VARIABLE: "1",
    }
