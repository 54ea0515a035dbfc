"""Finds the files that ship with hatlab; reads and writes files of a person's, within limits.

Nothing else in the package opens a person's file. So a device, a pipe, a sparse file of terabytes or links in
a circle end in a sentence, and what was there before a failed write is there after it.

`topologies/`, `lessons/`, `compose/` and `docs/` stand beside the package in a checkout and inside it in a
wheel (of docs/ only what the program reads); `shipped_folder` is the only code that knows which.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from hatlab.errors import UserError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 5.0
"""Seconds that a pipe's other end may do nothing."""
_MOST_OF_A_PIPE = 4096
"""Bytes that a pipe takes whole, or not at all (PIPE_BUF)."""
_WHOLE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""No descriptor goes on to other programs, and no byte is changed, as Windows would do at ends of lines."""
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
"""What is opened never waits; where there is no such flag, there are no pipes with names either."""
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
MOST_BYTES = 1_000_000
"""The size up to which a person's file is read."""


def shipped_folder(folder: str) -> Path:
    """The folder `topologies`, `lessons`, `compose` or `docs` of this hatlab.

    Raises:
        UserError: this hatlab has been installed without it.
    """
    package = Path(__file__).parents[1]
    checkout, installed = package.parents[1], package / "_shipped"
    if (checkout / "pyproject.toml").is_file() and (checkout / folder).is_dir():
        return checkout / folder
    if (installed / folder).is_dir():
        return installed / folder
    raise UserError(f"this hatlab has no {folder}/", "install it again: pipx reinstall hatlab")


def real_path(path: Path) -> Path:
    """Return where a path leads, links followed; links in a circle are no error, unlike `Path.resolve`."""
    return Path(os.path.realpath(path))


def is_inside(path: Path, folder: Path) -> bool:
    """True if a path stands in a folder or below, links followed: what a file of a stranger's may name."""
    return real_path(path).is_relative_to(real_path(folder))


def read_bytes(path: Path, limit: int = MOST_BYTES, *, pipe: bool = False) -> bytes:
    """Read a file, up to one byte more than `limit`: enough to see that it is too large.

    Args:
        path: of an ordinary file.
        pipe: true: a pipe will do, too, if something comes through it in time, and it ends.

    Raises:
        UserError: it cannot be read, or is no ordinary file.
    """
    try:
        with open_input(path, pipe=pipe) as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None


def read_text(
    path: Path, what: str, limit: int = MOST_BYTES, *, pipe: bool = False, as_is: bool = False
) -> str:
    """Read a file of text; `what` is how messages call the file, the rest as for `read_bytes`.

    The mark with which some editors begin UTF-8 is left out, unless the text is wanted `as_is`.

    Raises:
        UserError: as `read_bytes`, or it is too large, or not UTF-8.
    """
    raw = read_bytes(path, limit, pipe=pipe)
    if len(raw) > limit:
        raise UserError(f"the {what} {path} is too large", f"at most {limit // 1000} kB")
    try:
        return raw.decode("utf-8" if as_is else "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(f"the {what} {path} is not UTF-8 text", "save it as UTF-8") from None


def open_input(path: Path, *, pipe: bool = False) -> IO[bytes]:
    """Open a file to read that neither blocks nor goes on for ever.

    Raises:
        UserError: there is none, or it is no ordinary file (nor a pipe, if that will do).
        OSError: it may not be read.
    """
    try:
        mode = path.stat().st_mode  # before it is opened, which can change something at a device
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
    is_pipe = pipe and stat.S_ISFIFO(mode)
    if not (stat.S_ISREG(mode) or is_pipe):
        raise UserError(f"{path} is not a file")
    handle = os.open(path, os.O_RDONLY | _AT_ONCE | _WHOLE)
    return io.BufferedReader(_PatientReader(handle) if is_pipe else io.FileIO(handle), 256 * 1024)


class _PatientReader(io.RawIOBase):
    """Reads a pipe, and gives up once nothing has come through it for a while."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._poll = select.poll()
        self._poll.register(handle, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._poll.poll(PATIENCE * 1000):
            raise OSError(errno.ETIMEDOUT, f"nothing came through it within {PATIENCE:g} s")
        data = os.read(self._handle, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            os.close(self._handle)
        super().close()


class _PatientWriter(io.RawIOBase):
    """Writes to a pipe or a device, and gives up once nobody has read from it for a while."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._poll = select.poll()
        self._poll.register(handle, select.POLLOUT)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if not self._poll.poll(PATIENCE * 1000):
            raise OSError(errno.ETIMEDOUT, "nobody reads it")
        return os.write(self._handle, bytes(data[:_MOST_OF_A_PIPE]))

    def close(self) -> None:
        if not self.closed:
            os.close(self._handle)
        super().close()


def open_output(path: Path, mode: int = 0o666) -> IO[bytes]:
    """Open a file, pipe or device to write as it goes along; a file is emptied.

    Args:
        mode: of a new file.

    Raises:
        OSError: it may not be written, or is a pipe that nobody reads.
    """
    special = path.exists() and not path.is_file()
    flags = os.O_WRONLY | _WHOLE | (_AT_ONCE if special else os.O_CREAT | os.O_TRUNC)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            handle = os.open(path, flags, mode)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                raise OSError(errno.ENXIO, "nobody reads it") from None
            time.sleep(0.05)
        else:
            raw = _PatientWriter(handle) if special else io.FileIO(handle, "w")
            return io.BufferedWriter(raw)


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """Give a file to write that takes its place once it is whole; until then what was there stays.

    A pipe or device is written as it goes along.

    Args:
        mode: of a new file; the one that is replaced keeps its own.

    Raises:
        OSError: it cannot be written; nothing is left of it.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if path.exists() and not path.is_file():
        with open_output(path) as out:
            yield out
        return
    place = real_path(path)  # what a link points to is replaced, not the link
    part = place.with_name(f".hatlab-{os.urandom(6).hex()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _WHOLE, mode)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        if place.exists():
            part.chmod(stat.S_IMODE(place.stat().st_mode))
        part.replace(place)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a file of text, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    try:
        with replacing(path) as out:
            out.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from None


def own_file(path: Path) -> int:
    """Make a file of hatlab's own that is not there yet, only for its user; return its descriptor.

    Raises:
        FileExistsError: it is there.
        OSError: it cannot be made.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _WHOLE, 0o600)


def is_full(error: OSError) -> bool:
    """True if there is no room to write, for now: the disk is full, or what its user may take of it."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def write_private(path: Path, text: str) -> None:
    """Write a file of text that is not there yet, only for its user; raises as `own_file` does.

    It is written whole or not at all.
    """
    try:
        with os.fdopen(own_file(path), "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError:
        raise
    except OSError:
        path.unlink(missing_ok=True)
        raise


def append_private(path: Path, text: str) -> None:
    """Add text to a file of hatlab's own, which is made, only for its user, if it is not there.

    Raises:
        OSError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _WHOLE | _NO_LINK
    with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", newline="\n") as out:
        out.write(text)


def file_to_lock(path: Path, *, make: bool) -> int:
    """Return a descriptor of a file of hatlab's own, to lock it; no link is followed.

    Args:
        path: of the file.
        make: true: it is made if it is not there.

    Raises:
        OSError: it is not there, or may not be opened.
    """
    flags = os.O_RDWR | os.O_CREAT if make else os.O_RDONLY
    return os.open(path, flags | _AT_ONCE | _WHOLE | _NO_LINK, 0o600)


def is_locked(path: Path) -> bool | None:
    """True while a process holds the lock on a file, which ends with it; None if that cannot be told here."""
    if fcntl is None:
        return None
    try:
        handle = file_to_lock(path, make=False)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)  # two who ask do not disturb each other
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return None
    finally:
        os.close(handle)
    return False


def open_folder(path: Path) -> int:
    """Return a descriptor of a folder.

    Raises:
        OSError: it is not there, or may not be opened.
    """
    return os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _WHOLE)


def discard_output(descriptor: int) -> None:
    """Let what is written to a descriptor go nowhere from now on.

    Raises:
        OSError: it is not open.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def write_new(path: Path, text: str) -> None:
    """Write a file of text that is not there yet.

    Raises:
        FileExistsError: it is.
        OSError: it cannot be written; nothing is left of it.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _WHOLE, 0o666)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
