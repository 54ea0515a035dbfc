"""Reads captures of a million frames, each in a process of its own: python -m tests.benchmarks captures"""

from __future__ import annotations

import gzip
import lzma
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory

from hatlab.capture_files import read_capture, to_ethernet
from hatlab.errors import CaptureError
from tests.capture_files.files import AT, interface, option, packet, pcap_file, section

FRAMES = 1_000_000
_PART = 1000


def rows(count: int = FRAMES) -> Iterator[str]:
    """One row a file: the processor time and the most memory of reading it, each frame as Ethernet."""
    with TemporaryDirectory() as folder:
        for path in _write_files(Path(folder), count):
            out = run(
                [sys.executable, "-m", __name__, path, str(count)], capture_output=True, text=True, check=True
            ).stdout
            yield f"| {count:,} frames of {path.suffix[1:]} read | {out.strip()} |"


def _write_files(folder: Path, count: int) -> Iterator[Path]:
    frames = pcap_file([bytes(60)] * _PART)
    plain = frames + frames[24:] * (count // _PART - 1)
    named = option(2, b"\x01\0\0\0")
    packets = [packet(AT + k * 1000, bytes(60), options=named) for k in range(_PART)]
    blocks = section() + interface(option(2, b"eth0") + option(9, b"\x09"))
    blocks += b"".join(packets) * (count // _PART)
    for name, data in (
        ("a.pcap", plain),
        ("a.pcapng", blocks),
        ("a.gz", gzip.compress(plain, 1)),
        ("a.xz", lzma.compress(plain, preset=0)),
    ):
        path = folder / name
        path.write_bytes(data)
        yield path


def _measure(path: Path, expected: int) -> str:
    began = time.process_time()
    notes: list[CaptureError] = []
    count = sum(to_ethernet(frame.link_type, frame.data) is not None for frame in read_capture(path, notes))
    assert (count, notes) == (expected, [])
    status = Path("/proc/self/status").read_text()
    memory = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    return f"{time.process_time() - began:.2f} s, {memory} MB"


if __name__ == "__main__":
    print(_measure(Path(sys.argv[1]), int(sys.argv[2])))  # noqa: T201
