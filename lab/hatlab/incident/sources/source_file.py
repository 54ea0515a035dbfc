"""Opens what an operator has: compressed or not, in any of the usual encodings, within limits.

A file that is none (a folder, a device, a pipe), a binary that nothing here reads, and an archive end in a
sentence that says what to do. A damaged or endless one is read as far as it goes.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from hatlab.errors import FileError, UserError
from hatlab.util.files import open_input

LONGEST_LINE = 1_000_000
"""Bytes of a line; the rest of a longer one is left out."""
MOST_BYTES = 4_000_000_000
"""Bytes of a source, once it is decompressed."""
HEAD = 65536
"""Bytes by which a source is recognised."""
_CAPTURES = {
    bytes.fromhex(magic): kind
    for magic, kind in {
        "a1b2c3d4": "pcap",
        "d4c3b2a1": "pcap",
        "a1b23c4d": "pcap",
        "4d3cb2a1": "pcap",
        "0a0d0d0a": "pcapng",
    }.items()
}
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2"}
_FOREIGN = {
    b"LPKSHHRH": (
        "is the journal's own file",
        "write it as a text: journalctl -o short-iso-precise --file FILE",
    ),
    b"\x28\xb5\x2f\xfd": ("is compressed with zstd", "decompress it first: zstd -d FILE"),
    b"\x04\x22\x4d\x18": ("is compressed with lz4", "decompress it first: lz4 -d FILE"),
    b"PK\x03\x04": ("is a zip archive", "unpack it first"),
    b"7z\xbc\xaf": ("is a 7z archive", "unpack it first"),
    b"\x7fELF": ("is a program", ""),
}
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)


class SourceFile:
    """An opened source.

    Attributes:
        name: as the user named it.
        mtime: when it was last written, in seconds since the epoch.
        capture: `pcap` or `pcapng`; empty for a text.
        defect: a sentence on why it could not be read to its end; empty until then, or if it was.

    Raises:
        UserError: it cannot be read, or is nothing that is read here.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name, self._path = name, path
        self.defect = ""
        try:
            self.mtime = path.stat().st_mtime
            with self._open() as stream:
                head = self._read_head(stream)
        except OSError as error:
            raise UserError(f"cannot read {name}: {error.strerror}") from None
        self.capture = _CAPTURES.get(head[:4], "")
        self._encoding = "" if self.capture else self._find_encoding(head)
        self.head = head

    def open(self) -> IO[bytes]:
        """Open it, decompressed; what is read from it may raise what a damaged file does."""
        return self._open()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number, in UTF-8 and without its end; sets `defect`."""
        number, size = 0, 0
        try:
            with self._open() as raw:
                stream = self._decoded(raw)
                while line := stream.readline(LONGEST_LINE):
                    number += 1
                    size += len(line)
                    if size > MOST_BYTES:
                        self.defect = f"Only the first {MOST_BYTES // 10**9} GB were read."
                        return
                    while line[-1:] != b"\n" and (rest := stream.readline(LONGEST_LINE)):
                        size += len(rest)
                        if size > MOST_BYTES or rest[-1:] == b"\n":
                            break
                    yield number, line.rstrip(b"\r\n")
        except _DAMAGE:
            self.defect = "The file is damaged or cut off; what stands before this place was read."

    def _open(self) -> IO[bytes]:
        file = open_input(self._path)
        start = file.peek(8)[:8] if isinstance(file, io.BufferedReader) else b""
        kind = next((kind for magic, kind in _COMPRESSED.items() if start.startswith(magic)), "")
        match kind:
            case "gzip":
                return cast(IO[bytes], io.BufferedReader(gzip.GzipFile(fileobj=file), HEAD))
            case "xz":
                return cast(IO[bytes], io.BufferedReader(lzma.LZMAFile(file), HEAD))
            case "bzip2":
                return cast(IO[bytes], io.BufferedReader(bz2.BZ2File(file), HEAD))
        return file

    def _decoded(self, stream: IO[bytes]) -> IO[bytes]:
        if self._encoding.startswith("utf-16"):
            text = io.TextIOWrapper(stream, self._encoding, "replace", newline="\n")
            return cast(IO[bytes], io.BufferedReader(_Utf8Reader(text), HEAD))
        if self._encoding == "utf-8-sig":
            stream.read(len(codecs.BOM_UTF8))
        return stream

    def _read_head(self, stream: IO[bytes]) -> bytes:
        head = b""
        try:
            while len(head) < HEAD and (part := stream.read1(HEAD - len(head))):  # type: ignore[attr-defined]
                head += part
        except _DAMAGE as error:
            if not head:
                raise FileError("the file is damaged", "get it once more", file=self.name) from error
        return head

    def _find_encoding(self, head: bytes) -> str:
        for magic, (what, hint) in _FOREIGN.items():
            if head.startswith(magic):
                raise FileError(f"this {what}", hint, file=self.name)
        if head[257:262] == b"ustar":
            raise FileError("this is a tar archive", "unpack it first, and name the folder", file=self.name)
        for bom, encoding in _BOMS.items():
            if head.startswith(bom):
                return encoding
        zeros = head.count(0)
        if zeros and zeros > len(head) // 4:
            for parity, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
                if not any(head[1 - parity :: 2][:2000].count(0) for _ in (0,)) and zeros > len(head) * 0.4:
                    return encoding
        if zeros > len(head) // 100 or sum(head.count(byte) for byte in range(1, 9)) > len(head) // 20:
            raise FileError(
                "this is a binary file",
                "name logs, captures (pcap, pcapng) and configurations",
                file=self.name,
            )
        return ""


class _Utf8Reader(io.RawIOBase):
    """A stream of text as bytes in UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self._rest = text, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = self._text.read(4096).encode("utf-8", "replace")
        part = self._rest[: len(buffer)]
        self._rest = self._rest[len(part) :]
        buffer[: len(part)] = part
        return len(part)
