"""How much memory this machine has left for seats, and who gets in while there is some.

A seat that is let in when memory has ended harms everybody: the kernel then kills whatever is largest. So a
seat beside the hub starts only where what it takes is free, and its student is told at once if it is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hatlab.classroom.hub.refusal import FULL_MACHINE, SeatNotStartedError
from hatlab.errors import LabError
from hatlab.util.files import read_text

_SYSTEM = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")
_FIRST = ("memory.limit_in_bytes", "memory.usage_in_bytes")
_SECOND = ("memory.max", "memory.current")
"""Files of a control group, of version 1 and 2: its limit, and what it uses."""
_GROWS_LATER = 0.1
"""The share of its memory that a seat takes little by little, as long as it is there."""
_KEPT = 100
"""MB that stay free, for the hub and whatever else runs."""


def free_memory(system: Path = _SYSTEM, groups: Path = _GROUPS) -> int | None:
    """Return the MB that programs of this machine may still take; None where the system does not say.

    Args:
        system: where the kernel tells of memory and of processes.
        groups: where control groups stand.
    """
    known = [_free_of_machine(system), _free_of_group(system, groups)]
    return min((each for each in known if each is not None), default=None)


def _free_of_machine(system: Path) -> int | None:
    available = _numbers(system / "meminfo").get("MemAvailable:")
    return None if available is None else available * 1024 // 1_000_000


def _free_of_group(system: Path, groups: Path) -> int | None:
    """Return what the control group of this process leaves, of version 1 or 2."""
    free = []
    for line in _text(system / "self" / "cgroup").splitlines():
        _, what, path = line.split(":", 2)
        if what not in {"", "memory"}:
            continue
        root = groups / what
        limit, usage = _FIRST if what else _SECOND
        folder = root / path.lstrip("/")
        for group in (folder, *folder.parents):
            if not group.is_relative_to(root):
                break
            most, used = _text(group / limit).strip(), _text(group / usage).strip()
            if most.isdigit() and used.isdigit():
                stat = _numbers(group / "memory.stat")
                dropped = stat.get("total_inactive_file", stat.get("inactive_file", 0))
                free.append((int(most) - int(used) + dropped) // 1_000_000)
    return min(free, default=None)


def _numbers(path: Path) -> dict[str, int]:
    words = [line.split() for line in _text(path).splitlines()]
    return {each[0]: int(each[1]) for each in words if len(each) > 1 and each[1].isdigit()}


def _text(path: Path) -> str:
    try:
        return read_text(path, "number of the kernel's")
    except LabError:
        return ""


@dataclass(frozen=True, slots=True)
class _Promise:
    """What a seat takes, most of it in its first seconds."""

    began: float
    megabytes: int
    grows_for: float

    def left(self, now: float) -> float:
        """Return the MB that it has not taken yet."""
        return self.megabytes * max(_GROWS_LATER, 1 - (now - self.began) / self.grows_for)


class Admission:
    """Lets seats in while there is memory; those that are in have not taken all of theirs yet.

    Args:
        free: says how many MB are free, None if that is not known.
        clock: seconds.
    """

    def __init__(
        self, free: Callable[[], int | None] = free_memory, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free, self._clock = free, clock
        self._promised: dict[str, _Promise] = {}

    def admit(self, name: str, needed: int, grows_for: float) -> None:
        """Let a seat in.

        Args:
            name: whose.
            needed: MB that it takes, with its lab.
            grows_for: seconds until it has taken them.

        Raises:
            SeatNotStartedError: there is not so much.
        """
        now = self._clock()
        self._promised.pop(name, None)
        promised = round(sum(each.left(now) for each in self._promised.values()))
        free = self._free()
        if free is not None and free - promised - _KEPT < needed:
            raise SeatNotStartedError(
                f"{free} MB of memory are free, {promised} MB of them promised; a seat takes {needed} MB",
                FULL_MACHINE,
            )
        self._promised[name] = _Promise(now, needed, grows_for)

    def forget(self, name: str) -> None:
        """A seat has ended: what it was promised is free."""
        self._promised.pop(name, None)
