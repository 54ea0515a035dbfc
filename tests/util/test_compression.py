"""Compressed files: read like others, told where they end too early, and never without end."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab.util.compression import open_decompressed

Compress = Callable[[bytes], bytes]


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


both = pytest.mark.parametrize("compress", [gzip.compress, _xz], ids=["gzip", "xz"])
each = pytest.mark.parametrize("compress", [gzip.compress, _xz, bz2.compress], ids=["gzip", "xz", "bzip2"])


def _write(folder: Path, data: bytes) -> Path:
    path = folder / "a file"
    path.write_bytes(data)
    return path


def test_a_file_that_is_not_compressed_is_read_as_it_is(tmp_path: Path) -> None:
    with open_decompressed(_write(tmp_path, b"Nov 30 a log\n")) as file:
        assert file.read() == b"Nov 30 a log\n"


@each
def test_streams_one_behind_the_other_are_one_file(compress: Compress, tmp_path: Path) -> None:
    data = os.urandom(1000) * 500
    packed = compress(data) + compress(b"") + bytes(8) + compress(b"the end") + bytes(4)
    with open_decompressed(_write(tmp_path, packed)) as file:
        assert file.read() == data + b"the end"


@both
def test_what_stands_before_the_cut_is_read(compress: Compress, tmp_path: Path) -> None:
    data = os.urandom(600_000)
    with open_decompressed(_write(tmp_path, compress(data)[:-1000])) as file:
        assert file.read(300_000) == data[:300_000]
        with pytest.raises(OSError, match="is cut off"):
            file.read()


@both
def test_damage_is_said(compress: Compress, tmp_path: Path) -> None:
    packed = bytearray(compress(os.urandom(5000)))
    packed[-20:-10] = bytes(10)
    with open_decompressed(_write(tmp_path, bytes(packed))) as file, pytest.raises(OSError, match="damaged"):
        file.read()


@each
def test_a_bomb_ends_at_a_limit(compress: Compress, tmp_path: Path) -> None:
    path = _write(tmp_path, compress(bytes(20_000_000)))
    with open_decompressed(path, 1_000_000) as file:
        assert len(file.read(600_000)) == 600_000
        with pytest.raises(OSError, match="too large"):
            file.read()


def test_damage_of_a_bzip2_file_is_said(tmp_path: Path) -> None:
    path = _write(tmp_path, b"BZh9" + bytes(100))
    with open_decompressed(path) as file, pytest.raises(OSError, match="damaged"):
        file.read()


def test_an_xz_file_that_needs_a_gigabyte_of_memory_is_refused(tmp_path: Path) -> None:
    packed = bytearray(lzma.compress(b"a log"))
    length = (packed[12] + 1) * 4
    packed[packed.index(b"\x21\x01", 12) + 2] = 36  # the dictionary's size (xz file format, 5.3.1)
    packed[12 + length - 4 : 12 + length] = struct.pack("<I", zlib.crc32(packed[12 : 12 + length - 4]))
    path = _write(tmp_path, bytes(packed))
    with open_decompressed(path) as file, pytest.raises(OSError, match="too much memory"):
        file.read()


def test_a_pipe_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY)
    os.write(writer, gzip.compress(b"a log"))
    with open_decompressed(path) as file:
        os.close(writer)
        assert file.read() == b"a log"
    os.close(reader)
