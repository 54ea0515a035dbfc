"""The files of a simulated machine, as far as scripts and people look at them. All belong to root."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

PROGRAM_FOLDER = "/usr/bin"
_SYSTEM_PROGRAMS = {
    "keepalived": "/usr/sbin", "mysqld": "/usr/sbin", "ip": "/usr/sbin", "nft": "/usr/sbin",
    "service": "/usr/sbin",
}  # fmt: skip
"""Programs that do not stand in /usr/bin."""
SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
LINKS = {
    "/bin": "/usr/bin", "/sbin": "/usr/sbin", "/lib": "/usr/lib", "/var/run": "/run",
    "/var/lock": "/run/lock",
    "/usr/bin/sh": "/usr/bin/dash", "/usr/bin/awk": "/usr/bin/mawk",
}  # fmt: skip
"""Symbolic links."""
_PLAIN_FOLDERS = (
    *(
        "/",
        "/dev",
        "/etc",
        "/etc/keepalived",
        "/etc/mysql",
        "/home",
        "/opt",
        "/proc",
        "/run",
        "/run/lock",
        "/run/mysqld",
    ),
    *("/srv", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin"),
    *("/var", "/var/lib", "/var/log"),
)
_FOLDERS = {
    **dict.fromkeys(_PLAIN_FOLDERS, 0o755),
    "/tmp": 0o1777, "/var/tmp": 0o1777, "/root": 0o700, "/var/lib/mysql": 0o750,
}  # fmt: skip
_SYSTEM_FILES = {
    "/etc/profile": "", "/etc/bash.bashrc": "", "/root/.bashrc": "", "/root/.profile": "",
    "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n',
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nmysql:x:999:999::/var/lib/mysql:/bin/sh\n",
}  # fmt: skip
"""Files that scripts read on any machine."""
MAX_FILE = 1_000_000
"""Characters of a file; what is written beyond them is lost, as on a full disk."""
MAX_FILES = 500


def read_shebang(text: str) -> tuple[str, ...] | None:
    """Return the interpreter of a `#!` line and its argument, as the kernel splits it; None without one."""
    if not text.startswith("#!"):
        return None
    line = text[2:].partition("\n")[0].strip(" \t")
    interpreter, *argument = re.split("[ \t]+", line, maxsplit=1)
    return (interpreter, *argument) if line else ()


@dataclass(frozen=True, slots=True)
class File:
    """A file that is a text."""

    text: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a path."""

    kind: Literal["file", "folder", "program", "device"]
    mode: int
    path: str
    """Without symbolic links."""


def _ignore_change(_: str) -> None:
    """Nobody watches."""


class Disk:
    """Paths and what stands there.

    Args:
        programs: the names of the programs that the machine has.
    """

    def __init__(self, programs: Iterable[str] = ()) -> None:
        self.files = {path: File(text) for path, text in _SYSTEM_FILES.items()}
        self.folders = dict(_FOLDERS)
        """Path → permissions."""
        self.computed: dict[str, Callable[[], str | None]] = {}
        """Path → what gives the text of a file that a service keeps; None while there is no such file."""
        self.writers: dict[str, Callable[[str], None]] = {}
        """Path → what takes a new text for such a file."""
        self.on_change: Callable[[str], None] = _ignore_change
        """What is called with the path of a file that was written or removed."""
        self.programs = {f"{_SYSTEM_PROGRAMS.get(name, PROGRAM_FOLDER)}/{name}" for name in programs}
        """The paths of its programs."""

    @staticmethod
    def resolve(path: str) -> str:
        """Return a path without `.`, `..` and symbolic links."""
        parts: list[str] = []
        for part in path.split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in {"", "."}:
                parts.append(part)
                target = LINKS.get("/" + "/".join(parts))
                if target is not None:
                    parts = target.strip("/").split("/")
        return "/" + "/".join(parts)

    def find(self, path: str) -> Entry | None:
        """Return what stands at a path, None if nothing does."""
        path = self.resolve(path)
        if path in self.files:
            return Entry("file", self.files[path].mode, path)
        if path in self.folders:
            return Entry("folder", self.folders[path], path)
        if path in self.programs or path in {"/usr/bin/dash", "/usr/bin/mawk"}:
            return Entry("program", 0o755, path)
        if path in self.computed and self.computed[path]() is not None:
            return Entry("file", 0o644, path)
        if path in {"/dev/null", "/dev/zero", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty"}:
            return Entry("device", 0o666, path)
        return None

    def read(self, path: str) -> str | None:
        """Return the text of a file, None if there is none."""
        path = self.resolve(path)
        if path in self.files:
            return self.files[path].text
        return self.computed[path]() if path in self.computed else "" if path.startswith("/dev/") else None

    def why_not_readable(self, path: str) -> str:
        """Return the kernel's reason why a path is no text."""
        entry = self.find(path)
        return "Is a directory" if entry and entry.kind == "folder" else "No such file or directory"

    def write(self, path: str, text: str, *, append: bool = False) -> str:
        """Write a file; return the kernel's reason if that cannot be done, else an empty string."""
        path = self.resolve(path)
        folder = path.rpartition("/")[0] or "/"
        if path.startswith("/dev/"):
            return "" if self.find(path) else "Permission denied"
        if path in self.folders:
            return "Is a directory"
        if path in self.writers:
            self.writers[path]((self.read(path) or "") + text if append else text)
            return ""
        if path in self.programs:
            return "Text file busy"
        if folder not in self.folders:
            return "No such file or directory"
        if path not in self.files and len(self.files) >= MAX_FILES:
            return "No space left on device"
        before = self.files.get(path, File(""))
        self.files[path] = File(((before.text if append else "") + text)[:MAX_FILE], before.mode)
        self.on_change(path)
        return ""

    def place(self, path: str, text: str, mode: int) -> None:
        """Put a file there, and the folders that it needs."""
        self.make_folders(path.rpartition("/")[0])
        self.files[self.resolve(path)] = File(text, mode)

    def make_folders(self, path: str) -> None:
        """Make a folder and those above it."""
        while path and self.resolve(path) not in self.folders:
            self.folders[self.resolve(path)] = 0o755
            path = path.rpartition("/")[0]

    def remove(self, path: str) -> bool:
        """Remove a file; False if there is none that can be."""
        path = self.resolve(path)
        removed = self.files.pop(path, None) is not None
        if removed:
            self.on_change(path)
        return removed

    def set_mode(self, path: str, mode: int) -> bool:
        """Set permissions; False if nothing stands there."""
        path = self.resolve(path)
        if path in self.files:
            self.files[path] = File(self.files[path].text, mode)
        elif path in self.folders:
            self.folders[path] = mode
        else:
            return path in self.programs or path in self.computed
        return True

    def list_names(self, folder: str) -> list[str]:
        """Return the names in a folder."""
        below = self.resolve(folder).rstrip("/") + "/"
        present = (path for path, text in self.computed.items() if text() is not None)
        paths = (*self.files, *self.folders, *self.programs, *present)
        return sorted(
            {path[len(below) :].partition("/")[0] for path in paths if path.startswith(below)} - {""}
        )

    def search_program(self, name: str) -> str | None:
        """Return the path of a program's name in the search path, None if there is none."""
        for folder in SEARCH_PATH:
            entry = self.find(f"{folder}/{name}")
            if entry and entry.kind in {"program", "file"} and entry.mode & 0o111:
                return f"{folder}/{name}"
        return None
