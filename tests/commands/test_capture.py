"""`hatlab capture`: all frames of a running lab, named, commented and in order, and how it ends."""

from __future__ import annotations

import fcntl
import io
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest

from hatlab import events as e
from hatlab.capture_files import CapturedFrame, read_capture, read_frames
from hatlab.cli import main
from hatlab.commands.support.live_capture import MOST_WAITING, FrameFeed, LiveCapture
from hatlab.control.server import ControlServer
from hatlab.errors import CaptureError
from hatlab.topology.library import load_topology
from hatlab.util import files
from hatlab.util.paths import sockets_dir
from tests.support.command_line import CommandLine
from tests.support.simulated_lab import SimLab
from tests.support.story import story
from tests.support.waiting import wait_until

DEADLINE = 30.0
F_SETPIPE_SZ = 1031


@pytest.fixture(autouse=True)
def _short_state(_own_state: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A socket's path is limited to about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="hl") as name:
        monkeypatch.setenv("XDG_STATE_HOME", name)
        yield


class RunningLab:
    """A simulated lab, whose time the test moves, with its control socket."""

    def __init__(self, topology: str = "two-node") -> None:
        self.sim = SimLab(load_topology(topology))
        self._server = ControlServer(self.sim.session, sockets_dir(), "abc123")

    def end(self) -> None:
        """As `hatlab down` does it."""
        self.sim.session.stop()
        self._server.close()

    def cut_connections(self) -> None:
        """Let everybody who asked something hear no more, as if the process had been killed."""
        for connection in list(self._server._connections):
            connection.shutdown(socket.SHUT_RDWR)

    def frames(self) -> list[e.Advert | e.Arp]:
        """All frames so far."""
        return [event for event in self.sim.events if isinstance(event, e.Advert | e.Arp)]


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    lab = RunningLab()
    yield lab
    lab.end()


class Capturing:
    """`hatlab capture …` on a thread."""

    def __init__(self, *argv: object) -> None:
        self.code: int | None = None
        self._argv = ["capture", *map(str, argv)]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.code = main(self._argv)

    def wait(self) -> int | None:
        """Wait for the end; return the exit code."""
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()
        return self.code


def _read(path: Path) -> list[CapturedFrame]:
    notes: list[CaptureError] = []
    frames = list(read_capture(path, notes))
    assert notes == []
    return frames


def _has_header(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


# -- what is captured


def test_every_frame_of_a_lab_that_was_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.pcapng"
    capturing = Capturing("--wait", "-w", path)
    said = ""

    def is_waiting() -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return "waiting for a lab to start" in said

    wait_until(is_waiting, DEADLINE, "capture")
    lab = RunningLab()
    wait_until(lambda: _has_header(path), DEADLINE, "capture")
    lab.sim.do("kill mysqld db1", wait=8)
    lab.sim.do("cut heartbeat", wait=5)
    expected = sorted(lab.frames(), key=lambda frame: frame.at)
    lab.end()
    assert capturing.wait() == 0
    frames = _read(path)
    assert sorted(f.data.hex() for f in frames) == sorted(x.frame for x in expected)
    assert {(f.interface, f.direction) for f in frames} == {
        (f"{x.node} {x.network}", x.direction) for x in expected
    }
    times = [f.at_ns or 0 for f in frames]
    assert times == sorted(times)
    for time_ns, frame in zip(times, expected, strict=True):
        assert time_ns - times[0] == pytest.approx((frame.at - expected[0].at) * 1e9, abs=2000)
    comments = "\n".join(f.comment for f in frames)
    for text in (
        "db2 VI_1 is MASTER",
        "kill mysqld db1 done",
        "no owner",
        "3 × 1 s + skew",
        "the outage is over",
    ):
        assert text in comments
    said += capsys.readouterr().err
    assert "capturing on db1 and db2 of two-node on sim, lab abc123" in said
    assert f"{len(expected)} frames captured" in said


def test_a_lab_that_is_faster_than_the_capture_that_waits_for_it_is_captured_from_its_start(
    lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.process_time_ns", lambda: 3600 * 10**9)  # this process is older than the lab
    lab.sim.run(5)
    before = len(lab.frames())
    assert before
    path = tmp_path / "run.pcapng"
    capturing = Capturing("--wait", "-w", path, "--count", before)
    assert capturing.wait() == 0
    assert [frame.data.hex() for frame in _read(path)] == [
        frame.frame for frame in sorted(lab.frames()[:before], key=lambda frame: frame.at)
    ]


def test_a_comment_is_on_the_first_frame_behind_it(lab: RunningLab, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    capturing = Capturing("-w", path, "--count", 40, "--filter", "vrrp and src host db1", "db2")
    wait_until(lambda: _has_header(path), DEADLINE, "capture")
    lab.sim.do("stop keepalived db1", wait=3)
    lab.sim.do("start keepalived db1", wait=50)
    assert capturing.wait() == 0
    frames = _read(path)
    assert len(frames) == 40
    assert {f.interface for f in frames} == {"db2 heartbeat"}
    assert "stop keepalived db1" in frames[0].comment
    first_after = next(f for f in frames if "db1 VI_1 is MASTER" in f.comment)
    assert first_after.data[14 + 20 + 2] == 150


def test_adverts_over_ipv6(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab, path = RunningLab("ipv6"), tmp_path / "x.pcapng"
    capturing = Capturing("-w", path, "--count", 6, "--filter", "ip6 proto \\vrrp")
    wait_until(lambda: _has_header(path), DEADLINE, "capture")
    lab.sim.run(20)
    assert capturing.wait() == 0
    lab.end()
    assert {f.data[12:14] for f in _read(path)} == {b"\x86\xdd"}
    assert "proto 112 is that over IPv6, too" in capsys.readouterr().err


def test_a_lab_that_goes_back_in_time_goes_on_in_the_capture(lab: RunningLab, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    capturing = Capturing("-w", path, "--filter", "vrrp")
    wait_until(lambda: _has_header(path), DEADLINE, "capture")
    before = lab.sim.now
    lab.sim.run(20)
    wait_until(lambda: len(_read_so_far(path)) >= 40, DEADLINE, "frames")
    lab.sim.session.seek(before + 10)
    lab.sim.run(5)
    lab.end()
    assert capturing.wait() == 0
    frames = _read(path)
    assert sum("went back in time" in f.comment for f in frames) == 1
    times = [f.at_ns or 0 for f in frames]
    assert len([1 for a, b in pairwise(times) if b < a]) == 1
    assert len(frames) == 40 + 10


def _read_so_far(path: Path) -> list[CapturedFrame]:
    return list(read_capture(path, []))


# -- how it ends


def _start(*argv: object, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hatlab.cli", "capture", *map(str, argv)],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_it_ends_with_whoever_reads_it_also_while_nothing_happens(lab: RunningLab) -> None:
    capturing = _start()
    assert capturing.stdout is not None
    assert capturing.stdout.read(4) == b"\x0a\x0d\x0d\x0a"
    capturing.stdout.close()
    assert capturing.wait(DEADLINE) == 0
    assert capturing.stderr is not None
    said = capturing.stderr.read().decode()
    capturing.stderr.close()
    assert "0 frames captured" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)], ids=str
)
def test_a_signal_ends_it_in_order(
    lab: RunningLab, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    path = tmp_path / "x.pcapng"
    capturing = _start("-w", path)
    wait_until(lambda: _has_header(path), DEADLINE, "capture")
    lab.sim.run(3)
    wait_until(lambda: len(_read_so_far(path)) >= 6, DEADLINE, "frames")
    lab.sim.do("cut heartbeat")
    capturing.send_signal(number)
    _, said = capturing.communicate(timeout=DEADLINE)
    assert capturing.returncode == code
    assert b"frames captured" in said
    assert _read(path)
    assert set(_statistics(path.read_bytes()).values()) == {0}


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe's size can be set on Linux alone")
def test_a_reader_that_does_not_read_keeps_nobody_from_ending(lab: RunningLab) -> None:
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, F_SETPIPE_SZ, 4096)
    capturing = _start(stdout=write_end)
    os.close(write_end)
    wait_until(lambda: select.select([read_end], [], [], 0)[0], DEADLINE, "capture")
    lab.sim.run(60)
    began = lab.sim.now
    lab.sim.run(60)
    assert lab.sim.now == pytest.approx(began + 60)
    lab.end()
    _, said = capturing.communicate(timeout=DEADLINE)
    os.close(read_end)
    assert capturing.returncode == 0
    assert b"Traceback" not in said


def test_a_lab_whose_process_dies_ends_it_with_a_sentence(
    lab: RunningLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.pcapng"
    capturing = Capturing("-w", path)
    wait_until(lambda: _has_header(path), DEADLINE, "capture")
    lab.sim.run(3)
    wait_until(lambda: len(_read_so_far(path)) >= 6, DEADLINE, "frames")
    lab.cut_connections()
    assert capturing.wait() == 1
    assert len(_read(path)) == 6
    assert "the lab says nothing more, so the capture ends here" in capsys.readouterr().err


# -- mistakes


def test_mistakes_are_said_before_anything_is_written(
    lab: RunningLab, tmp_path: Path, hatlab: CommandLine
) -> None:
    path = tmp_path / "x.pcapng"
    for argv, message in (
        (["db9"], "the lab has no node 'db9'"),
        (["client"], "use one of: db1, db2"),
        (["--filter", "tcp port 3306"], "the filter, character 1: a filter does not know the word 'tcp'"),
        (["--filter", "vrrp and host db7"], "character 15: 'db7' is neither an address nor a node"),
        (["--lab", "xyz"], "no lab 'xyz' is running"),
        (["--count", "0"], "'0' is not a number of frames"),
        (["--duration", "nan"], "'nan' is not a number of seconds"),
    ):
        assert message in hatlab("capture", "-w", path, *argv, code=2).err
    assert not path.exists()
    path.write_text("mine")
    assert "exists" in hatlab("capture", "-w", path, code=2).err
    assert path.read_text() == "mine"
    assert "cannot write" in hatlab("capture", "-w", tmp_path / "no" / "x.pcapng", code=1).err


def test_a_pipe_that_nobody_reads_is_given_up(
    lab: RunningLab, tmp_path: Path, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    os.mkfifo(tmp_path / "pipe")
    assert "pipe: nobody reads it" in hatlab("capture", "-w", tmp_path / "pipe", code=1).err


def test_a_terminal_gets_no_bytes(hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "hatlab capture | wireshark -k -i -" in hatlab("capture", code=2).err


def test_without_a_lab_it_says_so(hatlab: CommandLine, tmp_path: Path) -> None:
    assert "no lab is running" in hatlab("capture", "-w", tmp_path / "x.pcapng", code=2).err


# -- a reader that is too slow


def test_what_is_too_much_is_dropped_counted_and_told() -> None:
    facts = [fact for fact in story(44.0) if isinstance(fact, e.Lab | e.Advert | e.Vrrp)]
    lab, *facts = facts
    assert isinstance(lab, e.Lab)
    frames = [fact for fact in facts if isinstance(fact, e.Advert)]
    feed = FrameFeed(_replies(facts * 200), lambda _: True)
    wait_until(lambda: feed.ended, DEADLINE)
    out = io.BytesIO()
    capture = LiveCapture(out, lab, 0, feed)
    capture.run(inf, lambda: None)
    capture.finish()
    dropped = sum(feed.dropped.values())
    assert dropped > 0
    assert capture.count + dropped == sum(feed.seen.values()) == 200 * len(frames)
    notes: list[CaptureError] = []
    assert len(list(read_frames(io.BytesIO(out.getvalue()), "x", notes))) == capture.count <= MOST_WAITING
    statistics = _statistics(out.getvalue())
    assert sum(statistics.values()) == dropped


def test_frames_that_are_missing_are_told_where_they_are_missing() -> None:
    facts = [fact for fact in story(44.0) if isinstance(fact, e.Lab | e.Advert)]
    lab, *frames = facts
    assert isinstance(lab, e.Lab)
    more = threading.Event()

    def replies() -> Iterator[dict[str, Any]]:
        yield from _replies((frames * 200)[: MOST_WAITING + 7])
        more.wait(DEADLINE)
        yield from _replies([replace(frames[-1], at=frames[-1].at + 1)])

    feed = FrameFeed(replies(), lambda _: True)
    wait_until(lambda: sum(feed.seen.values()) == MOST_WAITING + 7, DEADLINE)
    assert len(feed.take(1)) == MOST_WAITING
    more.set()
    wait_until(lambda: feed.ended, DEADLINE)
    (_, comment), (_, frame) = feed.take(1)
    assert comment == "7 frames are missing here: the reader of this capture was too slow"
    assert not isinstance(frame, str)


def test_events_that_the_lab_forgot_are_counted() -> None:
    feed = FrameFeed(_replies([e.Dropped(at=1.0, count=12, where="reader")]), lambda _: True)
    wait_until(lambda: feed.ended, DEADLINE)
    assert feed.missed == 12
    assert feed.error is None


def _replies(facts: Iterable[e.Event]) -> Iterator[dict[str, Any]]:
    return ({"event": e.to_dict(fact)} for fact in facts)


def _statistics(data: bytes) -> dict[int, int]:
    """Return the number of each interface, and how many frames were dropped there, as the file says."""
    found, at = {}, 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 5:
            (interface,) = struct.unpack_from("<I", data, at + 8)
            value = data[at : at + length].index(struct.pack("<HH", 5, 8)) + 4
            (found[interface],) = struct.unpack_from("<Q", data, at + value)
        at += length
    return found


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it_live(lab: RunningLab) -> None:
    fields = ["-T", "fields", "-e", "frame.interface_name", "-e", "vrrp.prio", "-e", "frame.comment"]
    with _start("--filter", "vrrp", "--count", 4) as capturing:
        tshark = subprocess.Popen(
            ["tshark", "-l", "-r", "-", *fields], stdin=capturing.stdout, stdout=subprocess.PIPE
        )
        assert capturing.stdout is not None
        capturing.stdout.close()
        assert capturing.stderr is not None
        assert b"capturing on" in capturing.stderr.readline()
        lab.sim.do("stop keepalived db1", wait=10)
        assert capturing.wait(DEADLINE) == 0
        out, _ = tshark.communicate(timeout=DEADLINE)
    lines = out.decode().splitlines()
    assert [line.split("\t")[0] for line in lines] == [
        "db1 heartbeat",
        "db2 heartbeat",
        "db2 heartbeat",
        "db1 heartbeat",
    ]
    assert "stop keepalived db1" in lines[0]
