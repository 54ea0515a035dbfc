"""Opens a capture of either format, compressed or not, and reads it frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from hatlab.capture_files import pcap, pcapng
from hatlab.capture_files.frame import CapturedFrame
from hatlab.errors import CaptureError, UserError
from hatlab.util.compression import open_decompressed

MAX_NOTES = 1000
"""Places of a file that are noted at most."""
_HINT = "a capture is what `tcpdump -w FILE` or Wireshark writes; `editcap FILE FILE.pcapng` converts others"


def is_capture(start: bytes) -> bool:
    """True if a file begins like a capture; its first four (decompressed) bytes are enough."""
    return start[:4] == pcapng.MAGIC or start[:4] in pcap.MAGIC


def read_capture(path: Path, notes: list[CaptureError]) -> Iterator[CapturedFrame]:
    """Yield the frames of a file, in its order, and close it at the end.

    Args:
        path: pcap or pcapng, may be compressed by gzip or xz; a pipe will do, too.
        notes: where the file is cut off or damaged is added here; what stands before was yielded.

    Raises:
        CaptureError: it is no capture.
        UserError: it cannot be read.
    """
    try:
        with open_decompressed(path) as file:
            yield from read_frames(file, str(path), notes)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None


def read_frames(file: IO[bytes], name: str, notes: list[CaptureError]) -> Iterator[CapturedFrame]:
    """Yield the frames of an open (decompressed) file; as `read_capture`.

    Args:
        file: its `read(n)` returns n bytes, unless it ends.
        name: how messages call it.

    Raises:
        CaptureError: it is no capture.
    """
    number = offset = 0

    def report(frame: int, byte: int, message: str) -> None:
        if len(notes) < MAX_NOTES:
            notes.append(CaptureError(message, file=name, frame=frame, byte=byte))

    try:
        magic = file.read(4)
        if not is_capture(magic):
            raise CaptureError(
                "this is not a pcap or pcapng capture" if magic else "the file is empty", _HINT, file=name
            )
        read = pcapng.read_pcapng if magic == pcapng.MAGIC else pcap.read_pcap
        for frame in read(file, magic, report):
            number, offset = frame.number, frame.offset
            yield frame
    except OSError as error:
        report(number + 1, offset, f"it cannot be read further than frame {number}: {error.strerror}")
