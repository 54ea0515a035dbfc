"""A file that hatlab keeps for a person: readable JSON, written whole, shared by several hatlabs at once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatlab.errors import UserError
from hatlab.util.files import file_to_lock, read_bytes, replacing

try:
    import fcntl
except ImportError:  # pragma: no cover - without it, two writers at the same instant are not kept apart
    fcntl = None  # type: ignore[assignment]


_TRY_AGAIN_EVERY = 2.0
"""Seconds between two tries to write what could not be written."""


class NewerFile(UserError):
    """A file that a newer hatlab has written."""


class KeptFile:
    """A file that hatlab keeps for a person; subclasses say what is in it.

    Args:
        path: where it is kept; made when it is first saved.
        warn: called with what to say when the file cannot be used as it is, or written.
    """

    CONTENT = ""
    """What is kept, for messages: `your progress`."""

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.path = path
        self.warn = warn
        """As given; a screen puts its own way of warning in its place."""
        self.said: list[str] = []
        """Every warning so far."""
        self._is_unwritable = False
        self._unsaved: list[Callable[[], None]] = []
        """Changes that could not be written so far; what is in memory has them."""
        self._try_again_at = 0.0
        self._is_newer = False
        """True if a newer hatlab has written it: what it holds is left as it is."""
        self._reload()

    def to_json(self) -> str:
        """Return the file's content."""
        raise NotImplementedError

    def _read(self, path: Path) -> None:
        """Take over what a file holds.

        Raises:
            UserError: it cannot be read, is damaged, or from another version of hatlab.
        """
        raise NotImplementedError

    def _say(self, text: str) -> None:
        self.said.append(text)
        self.warn(text)

    def _update(self, change: Callable[[], None]) -> None:
        """Change what the file holds by now, which another hatlab may have written meanwhile.

        The file is written whole or not at all. Where it cannot be, that is said once, work goes on, and the
        change is written with the next one, or by `try_again`.
        """
        if self._is_newer:
            change()
            return
        is_changed = False
        try:
            with _exclusive_lock(self.path.with_suffix(".lock")):
                for each in (*(self._unsaved if self._reload() else ()), change):
                    each()
                is_changed = True
                with replacing(self.path) as out:
                    out.write(self.to_json().encode("utf-8", "backslashreplace"))
        except OSError as error:
            if not is_changed:
                change()
            if not self._unsaved and not self._is_unwritable:
                self._say(f"{self.CONTENT} cannot be saved: cannot write {self.path}: {error.strerror}")
            self._unsaved.append(change)
            self._try_again_at = time.monotonic() + _TRY_AGAIN_EVERY
        else:
            if self._unsaved:
                self._say(f"{self._named_content} is saved again")
            self._unsaved.clear()

    def try_again(self) -> None:
        """Write what could not be written, now and then; call it as often as you like."""
        if self._unsaved and time.monotonic() >= self._try_again_at:
            self._try_again_at = time.monotonic() + _TRY_AGAIN_EVERY
            self._update(_change_nothing)

    @property
    def _named_content(self) -> str:
        return f"{self.CONTENT[:1].upper()}{self.CONTENT[1:]}"

    def _reload(self) -> bool:
        """Read what the file holds; return True if it was.

        One that cannot be used is put aside, and what is known stays.

        One of a newer hatlab stays where it is, for when that is back.
        """
        if self._is_unwritable or not self.path.exists():
            return False
        try:
            self._read(self.path)
        except NewerFile as error:
            if not self._is_newer:
                self._say(f"{error.message}. {error.hint}; until then {self.CONTENT} is not saved")
            self._is_newer = True
        except UserError as error:
            aside = self.path.with_name(f"{self.path.stem}.{time.strftime('%Y%m%d-%H%M%S')}.aside.json")
            try:
                self.path.replace(aside)
                self._say(f"{self._named_content} starts over: {error.message}. It was moved to {aside}")
            except OSError as refusal:
                self._is_unwritable = True
                self._say(f"{error.message}, and {self.CONTENT} cannot be saved: {refusal.strerror}")
        else:
            return True
        return False


def _change_nothing() -> None:
    """What is to be written is known already."""


@contextmanager
def _exclusive_lock(lock: Path) -> Iterator[None]:
    """Wait until no other process is inside."""
    handle = file_to_lock(lock, make=True)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_json(path: Path, what: str, *, mark: str, version: int, hint: str) -> dict[str, Any]:
    """Return the content of such a file.

    Args:
        path: of the file.
        what: what the file is called in messages.
        mark: its `format`.
        version: the one that is understood.
        hint: what to do if it is another file.

    Raises:
        NewerFile: a newer hatlab has written it.
        UserError: it cannot be read, is damaged, or from another version of hatlab.
    """
    try:
        data = json.loads(read_bytes(path))
    except (ValueError, RecursionError):
        raise UserError(f"the {what} {path} is damaged: it is not JSON", hint) from None
    if not isinstance(data, dict) or data.get("format") != mark:
        raise UserError(f"{path} is not a {what}", hint)
    if data.get("version") != version:
        found = str(data.get("version"))[:20]
        if type(data.get("version")) is int and data["version"] > version:
            raise NewerFile(
                f"the {what} {path} is of version {found}, which a newer hatlab has written",
                "Update hatlab: pip install -U hatlab",
            )
        raise UserError(f"the {what} {path} is of version {found}, not {version}")
    return data


def format_now() -> str:
    """Return this moment as it stands in such a file."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
