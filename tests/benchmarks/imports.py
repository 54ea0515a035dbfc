"""Imports 100 MB of a node's log and a capture of a million frames: python -m tests.benchmarks imports"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory

from tests.support.story import advert_frame

FRAMES, BYTES = 1_000_000, 100_000_000
BEGAN = datetime(2026, 11, 28, tzinfo=UTC).timestamp()
_MEASURED = """
import pathlib, sys, time
from hatlab.cli import main
assert main(sys.argv[1:]) == 0
memory = int(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024
print(f"{time.process_time():.0f} s of a processor, {memory} MB")
"""
_A_SECOND = 20
"""Frames a second: as of twenty virtual routers."""


def rows(frames: int = FRAMES, size: int = BYTES) -> Iterator[str]:
    """One row: time by the clock, processor time and the most memory of the import."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "db1"
        home.mkdir()
        (home / "messages").write_text("".join(_lines(size)))
        (home / "vip.pcap").write_bytes(_capture(frames))
        seconds = frames // _A_SECOND
        began = time.monotonic()
        words = ["import", str(home), "--tz", "UTC", "-o", str(Path(folder) / "out.jsonl")]
        said = run([sys.executable, "-c", _MEASURED, *words], capture_output=True, text=True, check=True)
        yield (
            f"| `hatlab import` of {size // 10**6} MB of a log and {frames:,} frames of "
            f"{seconds / 3600:.0f} h | {time.monotonic() - began:.0f} s, {said.stdout.splitlines()[-1]} |"
        )


def _lines(most: int) -> Iterator[str]:
    """A log in which one line of a hundred is keepalived's."""
    size, number = 0, 0
    states = ("Entering MASTER STATE", "Entering BACKUP STATE")
    while size < most:
        moment = datetime.fromtimestamp(BEGAN + number * 0.05, UTC)
        if number % 100:
            said = f"app[{number % 977}]: request {number} answered in {number % 89} ms, status 200"
        else:
            said = f"Keepalived_vrrp[812]: (VI_1) {states[number // 100 % 2]}"
        line = f"{moment:%b %d %H:%M:%S} db1 {said}\n"
        size += len(line)
        number += 1
        yield line


def _capture(count: int) -> bytes:
    frame = advert_frame("db1", 150)
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number in range(count):
        at = BEGAN + number / _A_SECOND
        out.append(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame)))
        out.append(frame[:18] + struct.pack("!H", number & 0xFFFF) + frame[20:])
    return b"".join(out)
