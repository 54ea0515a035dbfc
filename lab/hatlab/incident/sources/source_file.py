"""Opens what an operator has: compressed or not, in any of the usual encodings, within limits.

A folder, a device, a binary that nothing here reads and an archive end in a sentence that says what to do. A
damaged or endless file is read as far as it goes.
"""

from __future__ import annotations

import codecs
import io
import stat
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from hatlab.capture_files import is_capture
from hatlab.errors import FileError, UserError
from hatlab.util.compression import ZSTD, open_decompressed

LONGEST_LINE = 1_000_000
"""Bytes of a line; the rest of a longer one is left out."""
HEAD = 65536
"""Bytes by which a source is recognised."""
_XML_HEAD = 2000
"""Bytes of a file in XML within which it says what it is."""
_FOREIGN = {
    b"LPKSHHRH": (
        "is the journal's own file",
        "make a text of it: journalctl -o short-iso-precise --file FILE",
    ),
    ZSTD: (
        "is compressed with zstd, which needs one more package before Python 3.14",
        'install it: pip install "hatlab[zstd]"; or decompress the file first: zstd -d FILE',
    ),
    b"\x04\x22\x4d\x18": ("is compressed with lz4", "decompress it first: lz4 -d FILE"),
    b"PK\x03\x04": ("is a zip archive", "unpack it first"),
    b"7z\xbc\xaf": ("is a 7z archive", "unpack it first"),
    b"\x7fELF": ("is a program", "name logs, captures and configurations"),
}
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class SourceFile:
    """An opened source, which is read once, from its start to its end.

    Attributes:
        name: as the user named it.
        mtime: when it was last written, in seconds since the epoch.
        head: its first bytes, decompressed and in UTF-8.
        capture: true for a capture; `stream` is to be read then, else `lines`.
        stream: the file, decompressed.
        defect: why it could not be read to its end, a sentence; empty until then, or if it was.
        last_line: the number of the line read last.

    Raises:
        UserError: it cannot be read, or is nothing that is read here.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name, self._path = name, path
        self.defect = ""
        self.last_line = 0
        try:
            mode = path.stat().st_mode
            if stat.S_ISFIFO(mode):  # an import reads each source twice
                raise UserError(f"{name} is a pipe", "write what comes through it to a file first")
            self.mtime = path.stat().st_mtime
            file = open_decompressed(path)
        except FileNotFoundError:
            raise UserError(f"there is no file {name}") from None
        except OSError as error:
            raise UserError(f"cannot read {name}: {error.strerror}") from None
        head = self._read_head(file)
        self.stream: IO[bytes] = cast(IO[bytes], io.BufferedReader(_Rewound(head, file), HEAD))
        self.capture = is_capture(head)
        if not self.capture:
            try:
                self._check_kind(head)
            except UserError:
                file.close()
                raise
            encoding = _find_encoding(head)
            self.stream = _decoded(self.stream, encoding)
            if b"\r" in head and b"\n" not in head:  # as some terminals and old editors end lines
                self.stream = cast(IO[bytes], io.BufferedReader(_Replaced(self.stream, b"\r", b"\n"), HEAD))
            head = self.stream.peek(HEAD)  # type: ignore[attr-defined]
        self.head: bytes = head

    def __enter__(self) -> SourceFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number, in UTF-8 and without its end; sets `defect`."""
        number = 0
        readline = self.stream.readline
        try:
            with self.stream:
                while line := readline(LONGEST_LINE):
                    number += 1
                    self.last_line = number
                    if len(line) == LONGEST_LINE:
                        while line[-1:] != b"\n" and (rest := readline(LONGEST_LINE)) and rest[-1:] != b"\n":
                            pass
                    yield number, line.rstrip(b"\r\n")
        except OSError as error:
            self.defect = f"It was read up to here: {error.strerror}."

    def last_lines(self) -> list[bytes]:
        """Return some of its last lines, read at once."""
        lines: deque[bytes] = deque(maxlen=200)
        try:
            with open_decompressed(self._path) as file:
                if file.seekable() and isinstance(getattr(file, "raw", None), io.FileIO):
                    file.seek(max(0, self._path.stat().st_size - HEAD))
                while line := file.readline(LONGEST_LINE):
                    lines.append(line)
        except OSError:
            pass  # what is damaged is told when it is read
        return [*lines]

    def first_lines(self) -> list[bytes]:
        """Return its first lines, without reading on."""
        return [*islice(self.head.splitlines(), 400)]

    def _read_head(self, file: IO[bytes]) -> bytes:
        head = b""
        try:
            while len(head) < HEAD and (part := file.read1(HEAD - len(head))):  # type: ignore[attr-defined]
                head += part
        except OSError as error:
            if not head:
                file.close()
                raise FileError(f"it cannot be read: {error.strerror}", file=self.name) from None
        return head

    def _check_kind(self, head: bytes) -> None:
        for magic, (what, hint) in _FOREIGN.items():
            if head.startswith(magic):
                raise FileError(f"this {what}", hint, file=self.name)
        if b"<pdml " in head[:_XML_HEAD] or b"<psml " in head[:_XML_HEAD]:
            hint = "name the capture itself, or write JSON: tshark -r FILE -T json"
            raise FileError("this is XML of Wireshark's, which is not read", hint, file=self.name)
        if head[257:262] == b"ustar":
            raise FileError("this is a tar archive", "unpack it first, and name the folder", file=self.name)
        if _find_encoding(head):
            return
        unprintable = sum(head.count(byte) for byte in (*range(7), *range(14, 27)))
        if unprintable > len(head) // 50:
            hint = "name logs, captures (pcap, pcapng) and configurations"
            raise FileError("this is a binary file", hint, file=self.name)


def _find_encoding(head: bytes) -> str:
    """The encoding of a text that is not plain UTF-8; empty for any other."""
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.4 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) * 0.4 and not odd else ""


def _decoded(stream: IO[bytes], encoding: str) -> IO[bytes]:
    if encoding.startswith("utf-16"):
        text = io.TextIOWrapper(cast(Any, stream), encoding, "replace", newline="\n")
        return cast(IO[bytes], io.BufferedReader(_Utf8Reader(text), HEAD))
    if encoding:
        stream.read(len(codecs.BOM_UTF8))
    return stream


class _Rewound(io.RawIOBase):
    """A stream whose first bytes have been read."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._head[: len(buffer)]
        if part:
            self._head = self._head[len(part) :]
        else:
            part = self._rest.read1(len(buffer))  # type: ignore[attr-defined]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Replaced(io.RawIOBase):
    """A stream in which one byte stands for another."""

    def __init__(self, rest: IO[bytes], old: bytes, new: bytes) -> None:
        self._rest, self._old, self._new = rest, old, new

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._rest.read1(len(buffer)).replace(self._old, self._new)  # type: ignore[attr-defined]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Utf8Reader(io.RawIOBase):
    """A stream of text as bytes in UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self._rest = text, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._text.read(4096).encode("utf-8", "replace")
        part = self._rest[: len(buffer)]
        self._rest = self._rest[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._text.close()
        super().close()
