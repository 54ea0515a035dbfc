"""Where hatlab keeps recordings, crash reports and the sockets of running labs, and looks for the settings.

All of the folders are the user's alone (mode 0700): a recording holds passwords of the lab, a socket its
control.
"""

from __future__ import annotations

import os
import platform
import stat
import sys
from pathlib import Path
from shutil import which

from hatlab.errors import UserError

LESSON_SUFFIX = ".lesson.jsonl"
"""What the name of a lesson's recording ends in."""


def _make_private(path: Path) -> Path:
    """Make a folder that only its owner can enter, and refuse one of somebody else's."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise UserError(
            f"cannot make the folder {path}: {reason}", "make its parent folder writable"
        ) from None
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode)):
        raise UserError(
            f"{path} belongs to someone else", "remove it, or set XDG_STATE_HOME to a folder of your own"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        path.chmod(0o700)
    return path


def hatlab_command() -> str:
    """The command that starts this hatlab again: `hatlab`, or a path to it."""
    if which("hatlab") is not None or not sys.argv:
        return "hatlab"
    path = Path(sys.argv[0])
    return os.path.relpath(path) if path.name == "hatlab" and path.is_file() else "hatlab"


def state_dir() -> Path:
    """The folder of recordings and crash reports; made if missing.

    Raises:
        UserError: it cannot be made, or belongs to someone else.
    """
    from platformdirs import user_state_path

    return _make_private(user_state_path("hatlab", appauthor=False))


def config_path() -> Path:
    """The path of a person's own `config.toml`, which need not exist."""
    from platformdirs import user_config_path

    return user_config_path("hatlab", appauthor=False) / "config.toml"


def own_folders() -> tuple[Path, ...]:
    """Return the folders in which hatlab keeps anything of this user: state, settings, data, cache.

    Each may be missing; on some systems several are the same.
    """
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("hatlab", appauthor=False)
    paths = (dirs.user_state_path, dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path)
    return tuple(dict.fromkeys(paths))


def recordings_dir() -> Path:
    """The folder of the last few runs; made if missing."""
    return _make_private(state_dir() / "recordings")


def labs_dir() -> Path:
    """The folder of the records of labs on Docker engines, one `ID.json` each; made if missing."""
    return _make_private(state_dir() / "labs")


def sockets_dir() -> Path:
    """The folder of the control sockets of this machine's labs, one `ID.sock` each; made if missing.

    In the state folder, not the runtime one: that depends on XDG_RUNTIME_DIR, which two terminals (or a
    cron job and a terminal) need not share. The machine's name keeps homes on a file server apart.
    """
    host = "".join(c for c in platform.node() if c.isalnum() or c in "-.")[:20].strip(".")
    return _make_private(state_dir() / "run" / (host or "here"))
