"""What is opened, and what is not."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatlab.errors import UserError
from hatlab.incident.sources import FrameRecord, read_source
from hatlab.util import compression
from hatlab.vrrp import codec
from tests.incident.sources.test_log_lines import CONTAINERS, FORMS, TEXT
from tests.incident.sources.test_text_kinds import ARPS, CONF, FIRST_LINES, MYSQLD
from tests.incident.sources.texts import AT, facts, logs, notes, read

LINE = "2026-11-30T02:12:44Z db1 Keepalived_vrrp[812]: (VI_1) Entering MASTER STATE\n"
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "gzip": lambda text: gzip.compress(text.encode()),
    "xz": lambda text: lzma.compress(text.encode()),
    "bzip2": lambda text: bz2.compress(text.encode()),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, no mark": lambda text: text.encode("utf-16-le"),
    "Latin-1": lambda text: f"Grüße\n{text}".encode("latin-1"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_log_is_read_however_it_is_encoded(tmp_path: Path, encoding: str) -> None:
    (record,) = logs(read(tmp_path, ENCODINGS[encoding](LINE)))
    assert record.text == "(VI_1) Entering MASTER STATE"


REFUSED = [
    (b"\x7fELF" + bytes(100), "this is a program"),
    (b"LPKSHHRH" + bytes(100), "this is the journal's own file"),
    (b"PK\x03\x04abc", "this is a zip archive"),
    (b'<?xml version="1.0"?>\n<pdml version="0" creator="wireshark/4.0.17">\n', "this is XML of Wireshark's"),
    (os.urandom(8).replace(b"\x1f", b"") + bytes(range(256)) * 40, "this is a binary file"),
    (b"name" + bytes(253) + b"ustar" + bytes(200), "this is a tar archive"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=rf"db1/source:1:1: {message}"):
        read(tmp_path, content)


try:
    zstd: Any = importlib.import_module("compression.zstd")
except ImportError:
    zstd = pytest.importorskip("backports.zstd")


def test_what_zstd_compressed_is_read(tmp_path: Path) -> None:
    text = "".join(LINE.replace("812", str(pid)) for pid in range(6000)).encode()
    assert len(logs(read(tmp_path, zstd.compress(text)))) == 6000
    cut = read(tmp_path, zstd.compress(text)[:-2000])
    assert notes(cut)[-1].endswith(": It was read up to here: what zstd compressed is cut off.")
    with pytest.raises(UserError, match=r"db1/source: ?.*cannot be read: what zstd compressed is damaged"):
        read(tmp_path, compression.ZSTD + b"\xff" * 50)


def test_without_zstd_a_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_ZSTD_MODULES", ())
    with pytest.raises(UserError, match=r"db1/source:1:1: this is compressed with zstd") as error:
        read(tmp_path, zstd.compress(LINE.encode()))
    assert "zstd -d FILE" in str(error.value.hint)


@pytest.mark.parametrize("path", ["/dev/zero", "/", "/nowhere"])
def test_what_is_no_file_is_refused(path: str) -> None:
    with pytest.raises(UserError):
        [*read_source(Path(path), "db1/x")]


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="db1/pipe is a pipe"):
        read_source(tmp_path / "pipe", "db1/pipe")


def test_what_stands_before_a_cut_is_read(tmp_path: Path) -> None:
    data = gzip.compress("".join(LINE.replace("812", str(pid)) for pid in range(6000)).encode())
    records = read(tmp_path, data[:-2000])
    assert len(logs(records)) > 500
    assert notes(records)[-1].endswith(": It was read up to here: what gzip compressed is cut off.")


def test_a_line_without_end_takes_no_memory(tmp_path: Path) -> None:
    records = read(tmp_path, LINE + "x" * 3_000_000 + "\n" + LINE)
    assert [record.place.number for record in logs(records)] == [1, 3]


STRETCHED = [
    "12:00:00.1 IP6 {0} > ff02::1: ICMP6, neighbor advertisement",
    "12:00:00.1 IP {0} VRRP",
    "12:00:00.1 ARP, Request {0} who-has",
    "-- Logs begin at {0}",
    "Nov 30 03:12:44 db1 systemd[1]: {0}",
    "Nov 30 03:12:44 db1 sudo: COMMAND={0}",
    "Nov 30 03:12:44 db1 Keepalived_vrrp[812]: VRRP_Script({0}",
    "Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ({0}",
    "<30>1 2026-11-30T03:12:44Z db1 Keepalived_vrrp 1 - [{0}",
    "root@{0}",
    "vrrp_instance {0}",
    '{{"MESSAGE": "{0}"}}',
    "{0}",
]
PIECES = [
    "a",
    "> ",
    " ",
    ">",
    "\x1b]",
    "[",
    '"',
    "\\",
    "Reached target ",
    "-- Logs begin at ",
    "COMMAND=",
    ") (",
    "1:",
]


@pytest.mark.parametrize("line", STRETCHED)
def test_no_line_is_looked_at_for_long(tmp_path: Path, line: str) -> None:
    text = "\n".join(line.format(piece * (200_000 // len(piece))) for piece in PIECES)
    read(tmp_path, f"{text}\n{LINE}")


def test_a_file_with_nothing_in_it_says_so(tmp_path: Path) -> None:
    assert notes(read(tmp_path, "")) == ["db1/source:1: Nothing in it bears on an incident."]


def test_a_capture_yields_the_frames_that_matter(tmp_path: Path) -> None:
    advert = codec.encode(version=2, vrid=51, priority=150, addresses=("198.18.0.100",), source="198.18.0.11")
    other = bytes(12) + b"\x08\x00" + bytes(40)
    capture = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, frame in enumerate((other, advert, advert[:30])):
        capture += struct.pack("<IIII", int(AT) + number, 500_000, len(frame), len(frame)) + frame
    records = read(tmp_path, capture[:-4])
    (record,) = facts(records)
    assert isinstance(record, FrameRecord)
    assert record.stamp is not None
    assert (record.stamp.unix, str(record.place)) == (AT + 1.5, "db1/source frame 2")
    assert (record.data, record.packet) == (advert, codec.decode(advert))
    assert len(notes(records)) == 1


LINES = [
    *(f"{form[1]}{TEXT}" for form in FORMS),
    *(f"{form[1]}{TEXT}" for form in CONTAINERS),
    *FIRST_LINES,
    *(text for text, _ in ARPS),
    *(line for line, _ in MYSQLD),
    *CONF.splitlines(),
    "[2026-11-30T03:12:44.123456] 3: eth0    inet 198.18.0.100/24 scope global secondary eth0",
    '{"__REALTIME_TIMESTAMP": "1796004764123456", "MESSAGE": [1, 2]}',
    "\t0x0000:  4500 1234",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(LINES), st.integers(0, 90), st.binary(max_size=12)), max_size=6))
def test_no_damage_of_a_text_raises_but_a_sentence(
    tmp_path: Path, lines: list[tuple[str, int, bytes]]
) -> None:
    content = b"\n".join(line.encode()[:at] + noise + line.encode()[at:] for line, at, noise in lines)
    try:
        read(tmp_path, content)
    except UserError as error:
        assert error.message.startswith("db1/source:1:1: ")  # noqa: PT017 (it may raise, or not)


STARTS = [b"", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"\xd4\xc3\xb2\xa1", b"\n\r\r\n", b"{", b"\xff\xfe"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"\xd4\xc3\xb2\xa1", b"{"]),
)
def test_no_bytes_raise_but_a_sentence(tmp_path: Path, noise: bytes, start: bytes) -> None:
    try:
        read(tmp_path, start + noise)
    except UserError as error:
        assert "db1/source" in error.message  # noqa: PT017 (it may raise, or not)
