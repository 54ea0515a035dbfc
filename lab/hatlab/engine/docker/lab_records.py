"""The records of one's own labs: which labs on which Docker engine this user made.

A record is written before the first object of a lab is made and ends when the engine has confirmed that
nothing of the lab is left. The process that runs the lab holds a lock on it as long as it lives, so a number
that another process got later (a recycled pid) is never taken for it. What a lab makes carries the record's
token as a label: a lab of somebody else that happens to have the same id is not taken for one's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.connection import engine_address
from hatlab.errors import UserError
from hatlab.util.files import is_locked, own_file, read_bytes
from hatlab.util.paths import labs_dir

if TYPE_CHECKING:
    from docker import DockerClient

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_LAB_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
LATE_WITHIN = 60.0
"""Seconds for which a killed hatlab's last request may still be under way on a busy engine."""
_LARGEST_RECORD = 10_000
"""Bytes."""


@dataclass(frozen=True, slots=True)
class EnginePlace:
    """Which Docker engine it is."""

    id: str
    """What the engine calls itself; empty if it says nothing."""
    address: str
    """Where hatlab reached it; the address of a local socket begins with the machine's name."""

    def is_same(self, other: EnginePlace) -> bool:
        """True if both mean one engine."""
        return (self.id != "" and self.id == other.id) or self.address == other.address


@dataclass(frozen=True, slots=True)
class LabRecord:
    """A lab that this user made, as a file says it."""

    path: Path
    lab: str
    """The lab's id."""
    token: str
    """The label on everything of the lab; empty if the record is damaged."""
    place: EnginePlace | None
    """Where the lab was made; None if the record is damaged."""
    host: str
    """The machine that hatlab ran on."""
    pid: int
    made: float
    """Seconds since the epoch, by this machine's clock."""

    @property
    def is_young(self) -> bool:
        """True if a request of a hatlab that was killed meanwhile may still be under way on the engine."""
        return abs(time.time() - self.made) < LATE_WITHIN

    def owns(self, token: str) -> bool:
        """True if something of this lab's id with this label is the lab's own."""
        return self.token in ("", token)

    def owner_runs(self) -> bool | None:
        """True while the process that made the lab lives; None if that cannot be told from here."""
        return is_locked(self.path) if self.host in ("", platform.node()) else None

    def end(self) -> None:
        """Forget the lab: the engine has confirmed that nothing of it is left."""
        _forget(self.path)


class HeldRecord:
    """The record of a lab that this process runs."""

    def __init__(self, path: Path, handle: int, token: str) -> None:
        self._path, self._handle, self.token = path, handle, token

    def end(self) -> None:
        """Forget the lab: the engine has confirmed that nothing of it is left."""
        _forget(self._path)
        self.release()

    def release(self) -> None:
        """Let go of the record, and leave it: something of the lab is left, or may be."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def find_place(client: DockerClient, context: str | None) -> EnginePlace:
    """Return which engine a client speaks to."""
    address = engine_address(context)
    if address.startswith(("unix:", "npipe:")):
        address = f"{platform.node()} {address}"
    return EnginePlace(str(client.info().get("ID", "")), address)


def write_record(lab: str, topology: str, place: EnginePlace) -> HeldRecord:
    """Write the record of a lab that is about to be made.

    Raises:
        OSError: it cannot be written.
        UserError: the folder of records cannot be made.
    """
    path, token = labs_dir() / f"{lab}.json", secrets.token_hex(8)
    data = {
        "version": 1,
        "lab": lab,
        "topology": topology,
        "token": token,
        "engine": place.id,
        "address": place.address,
        "host": platform.node(),
        "pid": os.getpid(),
        "made": round(time.time(), 3),
    }
    while True:
        handle = own_file(path)
        try:
            if fcntl is not None:
                with contextlib.suppress(OSError):  # a file system without locks
                    fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, json.dumps(data).encode() + b"\n")
            os.fsync(handle)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(handle)):
                return HeldRecord(path, handle, token)
        except BaseException:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        os.close(handle)  # another process took the empty file for one of a lab that is gone


def read_records() -> list[LabRecord]:
    """Return the records of all labs of this user, damaged ones too; none if there is no such folder."""
    try:
        paths = sorted(labs_dir().glob("*.json"))
    except (OSError, UserError):
        return []
    ours = (p for p in paths if _LAB_ID.fullmatch(p.stem) and p.is_file() and not p.is_symlink())
    return [_read_record(path) for path in ours]


def _read_record(path: Path) -> LabRecord:
    """Read a record; a damaged one still names the lab by its file's name."""
    try:
        data: Any = json.loads(read_bytes(path, _LARGEST_RECORD))
        place = EnginePlace(_text(data["engine"]), _text(data["address"]))
        return LabRecord(
            path,
            path.stem,
            _text(data["token"]),
            place,
            _text(data["host"]),
            int(data["pid"]),
            float(data["made"]),
        )
    except (UserError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return LabRecord(path, path.stem, "", None, "", 0, time.time())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a record holds text here")
    return value
