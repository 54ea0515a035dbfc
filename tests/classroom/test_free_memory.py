"""A seat is let in while there is memory for it, and told at once if there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.classroom.hub.free_memory import Admission, free_memory
from hatlab.classroom.hub.refusal import FULL_MACHINE, SeatNotStartedError

MEMINFO = "MemTotal:       24000000 kB\nMemAvailable:    4000000 kB\n"


def system(folder: Path, groups: str, files: dict[str, str] | None = None) -> tuple[Path, Path]:
    """Make a /proc and a /sys/fs/cgroup."""
    proc = folder / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(MEMINFO, encoding="utf-8")
    (proc / "self" / "cgroup").write_text(groups, encoding="utf-8")
    for name, text in (files or {}).items():
        path = folder / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return proc, folder / "cgroup"


@pytest.mark.parametrize(
    ("groups", "files", "free"),
    [
        ("0::/user.slice\n", {}, 4096),
        ("0::/user.slice\n", {"user.slice/memory.max": "max", "user.slice/memory.current": "7"}, 4096),
        (
            "0::/class/hub\n",
            {
                "class/memory.max": "3000000000",
                "class/memory.current": "2500000000",
                "class/memory.stat": "anon 1\ninactive_file 200000000",
                "class/hub/memory.max": "max",
            },
            700,
        ),
        (
            "7:cpu:/other\n4:memory:/class\n",
            {
                "memory/class/memory.limit_in_bytes": "2000000000",
                "memory/class/memory.usage_in_bytes": "1900000000",
                "memory/class/memory.stat": "inactive_file 1\ntotal_inactive_file 100000000",
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "memory/memory.usage_in_bytes": "5",
            },
            200,
        ),
    ],
    ids=["no group", "no limit", "version 2, above", "version 1"],
)
def test_what_is_free_is_what_the_machine_and_its_group_leave(
    tmp_path: Path, groups: str, files: dict[str, str], free: int
) -> None:
    assert free_memory(*system(tmp_path, groups, files)) == free


def test_where_the_system_does_not_say_everybody_gets_in(tmp_path: Path) -> None:
    assert free_memory(tmp_path, tmp_path) is None
    Admission(lambda: None).admit("s01", 10**9, 60)


def test_who_has_just_come_has_not_taken_their_memory_yet() -> None:
    now, free = 0.0, 800
    admission = Admission(lambda: free, lambda: now)
    admission.admit("s01", 340, 60)
    admission.admit("s02", 340, 60)
    with pytest.raises(SeatNotStartedError) as caught:
        admission.admit("s03", 340, 60)
    assert caught.value.jupyterhub_message == FULL_MACHINE
    now, free = 30.0, 800 - 340
    with pytest.raises(SeatNotStartedError):
        admission.admit("s03", 340, 60)
    now, free = 60.0, 340 + 100 + 2 * 34 - 1
    with pytest.raises(SeatNotStartedError):
        admission.admit("s03", 340, 60)
    free += 1
    admission.admit("s03", 340, 60)


def test_who_leaves_makes_room_at_once_and_nobody_counts_twice() -> None:
    admission = Admission(lambda: 500, lambda: 0.0)
    admission.admit("s01", 340, 60)
    admission.admit("s01", 340, 60)
    with pytest.raises(SeatNotStartedError):
        admission.admit("s02", 340, 60)
    admission.forget("s01")
    admission.admit("s02", 340, 60)
