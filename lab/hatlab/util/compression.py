"""Opens files that may be compressed by gzip, xz, bzip2 or zstd; a small file cannot become an endless one.

zstd is read by Python 3.14 and later, else by the package backports.zstd, if it is installed.
"""

from __future__ import annotations

import bz2
import errno
import importlib
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol, cast

from hatlab.util.files import open_input

MOST_DECOMPRESSED = 8 * 2**30
"""Bytes that a compressed file may become."""
_MOST_XZ_MEMORY = 256 * 2**20
"""Bytes that xz may need to read a file; what `xz -9` wrote needs 65 MB."""
_CHUNK = 2**18


class _Decompressor(Protocol):
    """Decompresses one stream of a file, some bytes at a time."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _GzipDecompressor:
    """zlib's decompressor, which keeps what it has not read yet, as lzma's does."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


_DECOMPRESSORS: dict[bytes, tuple[str, Callable[[], _Decompressor]]] = {
    b"\x1f\x8b": ("gzip", _GzipDecompressor),
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\xfd7zXZ\x00": ("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_XZ_MEMORY)),
}
"""First bytes of a file → what compressed it, and what reads it."""


ZSTD = b"\x28\xb5\x2f\xfd"
"""First bytes of a file that zstd has compressed."""
_ZSTD_MODULES = ("compression.zstd", "backports.zstd")


def _find_zstd() -> Callable[[], _Decompressor] | None:
    """Return what reads zstd's files; None if nothing here does."""
    for name in _ZSTD_MODULES:
        try:
            found: Callable[[], _Decompressor] = importlib.import_module(name).ZstdDecompressor
        except ImportError:
            continue
        return found
    return None


def open_decompressed(path: Path, limit: int = MOST_DECOMPRESSED) -> IO[bytes]:
    """Open a file or a pipe to read; it is decompressed if its first bytes say that it is compressed.

    Reading raises an OSError, whose `strerror` says what is wrong, where the compressed data is damaged, is
    cut off, or becomes more than `limit` bytes. What stands before can be read.

    Raises:
        UserError: there is none, or it is no ordinary file.
        OSError: it may not be read.
    """
    file = cast(io.BufferedReader, open_input(path, pipe=True))
    try:
        start = file.peek(1)
    except OSError:
        file.close()
        raise
    for magic, (name, make) in _DECOMPRESSORS.items():
        if start.startswith(magic):
            return io.BufferedReader(_DecompressedFile(file, name, make, limit), _CHUNK)
    if start.startswith(ZSTD) and (zstd := _find_zstd()) is not None:
        return io.BufferedReader(_DecompressedFile(file, "zstd", zstd, limit), _CHUNK)
    return file


class _DecompressedFile(io.RawIOBase):
    """What a compressed file contains: its streams, one behind the other."""

    def __init__(
        self, file: io.BufferedReader, name: str, make: Callable[[], _Decompressor], limit: int
    ) -> None:
        self._file = file
        self._name = name
        self._make = make
        self._left = limit
        self._stream = make()
        self._input = b""
        """Read from the file, and not by the stream yet."""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._read(len(buffer))
        except (zlib.error, lzma.LZMAError) as error:
            what = "needs too much memory" if "limit" in str(error) else "is damaged"
            raise OSError(errno.EIO, f"what {self._name} compressed {what}") from None
        except OSError as error:
            if error.errno is not None:
                raise
            raise OSError(errno.EIO, f"what {self._name} compressed is damaged") from None  # bz2's own error
        except Exception as error:
            if type(error).__name__ != "ZstdError":  # of a package that may not be there
                raise
            what = "needs too much memory" if "memory" in str(error) else "is damaged"
            raise OSError(errno.EIO, f"what {self._name} compressed {what}") from None
        self._left -= len(data)
        if self._left < 0:
            raise OSError(errno.EFBIG, f"what {self._name} compressed is too large")
        buffer[: len(data)] = data
        return len(data)

    def _read(self, most: int) -> bytes:
        while not self._stream.eof or self._begin_next_stream():
            needs_input = self._stream.needs_input
            chunk = self._take_input() if needs_input else b""
            if data := self._stream.decompress(chunk, most):
                return data
            if needs_input and not chunk and not self._stream.eof:
                raise OSError(errno.EIO, f"what {self._name} compressed is cut off")
        return b""

    def _take_input(self) -> bytes:
        chunk, self._input = self._input or self._file.read1(_CHUNK), b""
        return chunk

    def _begin_next_stream(self) -> bool:
        """Go on behind the end of a stream and the zeros that may follow it; False at the file's end."""
        rest = self._stream.unused_data.lstrip(b"\0")
        while not rest:
            chunk = self._file.read1(_CHUNK)
            if not chunk:
                return False
            rest = chunk.lstrip(b"\0")
        self._stream, self._input = self._make(), rest
        return True
