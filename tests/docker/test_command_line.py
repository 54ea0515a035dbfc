"""The whole thing as a person has it: `hatlab start` in one terminal, other commands in a second one."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hatlab.capture_files import read_frames
from hatlab.errors import CaptureError

pytestmark = pytest.mark.docker
Event = dict[str, Any]
HATLAB = [sys.executable, "-m", "hatlab.cli"]


class Terminal:
    """A lab that was started with --json, and commands beside it."""

    def __init__(self, state: Path) -> None:
        self.environ = {**os.environ, "XDG_STATE_HOME": str(state)}
        self.recording = state / "run.jsonl"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = [*HATLAB, "start", "two-node", "--json", "--record", str(self.recording)]
        self.process = subprocess.Popen(
            argv, env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.until(lambda: bool(self.events("phase", name="ready", done=True)), 60)

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*HATLAB, *argv], env=self.environ, capture_output=True, text=True, timeout=90)

    def do(self, *words: str) -> float:
        """Does an action that must succeed; returns when it began, on the lab's clock."""
        done = self.run("do", "--json", *words)
        assert done.returncode == 0, done.stderr
        return float(self.events("action", name=json.loads(done.stdout)["name"], phase="started")[-1]["at"])

    def events(self, kind: str, since: float = -1.0, **fields: object) -> list[Event]:
        if not self.recording.exists():
            return []
        lines = self.recording.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [json.loads(line) for line in lines if f'"kind":"{kind}"' in line and line.endswith("\n")]
        wanted = [f for f in found if f["at"] > since and all(f[k] == v for k, v in fields.items())]
        return sorted(wanted, key=lambda event: float(event["at"]))

    def wait(self, kind: str, since: float, seconds: float = 40, **fields: object) -> Event:
        self.until(lambda: bool(self.events(kind, since, **fields)), seconds)
        return self.events(kind, since, **fields)[0]

    def until(self, true: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(
                    self.process.stderr.read().decode() if self.process.stderr else "it ended"
                )
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)

    def id(self) -> str:
        return str(json.loads(self.run("status", "--json").stdout)["lab"])

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        if self.process is not None and self.process.stderr:
            self.process.stderr.close()


@pytest.fixture(scope="module")
def terminal(docker_ready: None) -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        found = Terminal(Path(state))
        try:
            found.start()
            yield found
        finally:
            found.close()


def _containers(lab: str) -> list[str]:
    from hatlab.engine.docker.connection import connect

    client = connect()
    try:
        found = client.api.containers(filters={"label": f"hatlab.lab={lab}"})
        return [name for each in found for name in each["Names"]]
    finally:
        client.close()


def test_mysqld_killed_is_a_failover_that_explains_itself(terminal: Terminal) -> None:
    began = terminal.do("kill", "mysqld", "db1")
    outage = terminal.wait("outage", began)
    terminal.wait("vrrp", began, node="db2", state="MASTER")
    last_words = terminal.events("advert", began, node="db1", direction="sent", priority=0)
    takeover = terminal.wait("advert", began, node="db2", direction="sent", priority=100)
    assert terminal.events("vrrp", began, node="db1")[0]["state"] == "FAULT"
    assert len(last_words) == 2
    assert takeover["at"] - last_words[-1]["at"] == pytest.approx(0.609, abs=0.3)
    assert terminal.wait("address", began, node="db1", vip=True)["held"] is False
    assert terminal.wait("address", began, node="db2", vip=True)["held"] is True
    assert (outage["before"], outage["after"]) == ("db1", "db2")
    assert "sent priority 0" in terminal.wait("why", began, node="db2", to="MASTER")["cause"]
    assert terminal.wait("why", began, node="client")["arithmetic"].endswith(f"= {outage['seconds']:.2f} s")


def test_status_names_what_is_broken_and_its_cure(terminal: Terminal) -> None:
    found = json.loads(terminal.run("status", "--json").stdout)
    assert found["faults"] == [{"what": "mysqld is down on db1", "mend": "start mysqld db1"}]
    assert [entry["owners"] for entry in found["addresses"].values()] == [["db2"]]


def test_mysqld_started_again_and_db1_preempts(terminal: Terminal) -> None:
    began = terminal.do("start", "mysqld", "db1")
    assert terminal.wait("vrrp", began, node="db1", state="MASTER")
    terminal.wait("vrrp", began, node="db2", state="BACKUP")


def test_a_cut_heartbeat_is_two_owners_and_healing_is_one(terminal: Terminal) -> None:
    began = terminal.do("cut", "heartbeat")
    split = terminal.wait("condition", began, name="split_brain", present=True)
    assert "db1 and db2" in split["detail"]
    healed = terminal.do("heal", "heartbeat")
    terminal.wait("condition", healed, name="split_brain", present=False)
    assert terminal.wait("vrrp", split["at"], node="db2", state="BACKUP")  # it may be quicker than the action
    assert terminal.events("vrrp", healed, node="db1") == []


def test_sql_and_what_cannot_be_done(terminal: Terminal) -> None:
    assert "2" in terminal.run("do", "sql", "db1", "SELECT 1 + 1").stdout
    wide = terminal.run("do", "sql", "db1", "SHOW REPLICA STATUS").stdout.splitlines()
    assert wide[1].startswith("Replica_IO_State: ")
    assert "Last_Errno: 0" in wide
    refused = terminal.run("do", "sql", "client", "SELEKT")
    assert refused.returncode == 1
    assert refused.stderr.startswith("hatlab: ")
    assert terminal.run("do", "kill", "mysqld", "db9").returncode == 2


def test_a_capture_has_the_frames_in_order_with_times_of_this_machines_clock(terminal: Terminal) -> None:
    began_ns = time.time_ns()
    captured = subprocess.run(
        [*HATLAB, "capture", "--count", "6", "--filter", "vrrp"],
        env=terminal.environ,
        capture_output=True,
        timeout=60,
    )
    ended_ns = time.time_ns()
    assert captured.returncode == 0, captured.stderr
    notes: list[CaptureError] = []
    frames = list(read_frames(io.BytesIO(captured.stdout), "stdout", notes))
    assert notes == []
    adverts = terminal.events("advert", direction="sent")
    assert {frame.data.hex() for frame in frames} <= {advert["frame"] for advert in adverts}
    assert {frame.interface for frame in frames} == {"db1 heartbeat", "db2 heartbeat"}
    times = [frame.at_ns or 0 for frame in frames]
    assert times == sorted(times)
    clock_error_ns = 100_000_000
    assert began_ns - clock_error_ns < times[0] < times[-1] < ended_ns + clock_error_ns


def test_a_shell_in_a_node(terminal: Terminal) -> None:
    child, screen = pty.fork()
    if child == 0:
        os.execve(HATLAB[0], [*HATLAB, "shell", "db1"], terminal.environ)
    said = b""
    typed = False
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not select.select([screen], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(screen, 4096)
        except OSError:  # Linux: the other side of the terminal is closed
            chunk = b""
        if not chunk:
            break
        said += chunk
        if not typed and b"db1" in said:  # the prompt
            typed = True
            os.write(screen, b"echo here is $(hostname); exit 7\n")
    else:
        os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    os.close(screen)
    assert b"here is db1" in said


def test_where_a_shell_would_be_is_told_to_programs(terminal: Terminal) -> None:
    told = json.loads(terminal.run("shell", "db1", "--json").stdout)
    assert (told["format"], told["lab"], told["node"]) == ("hatlab shell", terminal.id(), "db1")
    command = ["docker", "exec", told["container"], "hostname"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "db1"


def test_the_doctor_finds_the_lab_and_no_obstacle(terminal: Terminal) -> None:
    done = terminal.run("doctor", "--json")
    found = {finding["name"]: finding for finding in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0
    assert terminal.id() in found["running labs"]["text"]
    assert found["nftables at ingress"]["level"] == "ok"
    assert all(finding["cure"] for finding in found.values() if finding["level"] != "ok")


def test_down_removes_everything_and_names_it(terminal: Terminal) -> None:
    lab = terminal.id()
    began = time.monotonic()
    done = terminal.run("down", "--lab", lab)
    assert done.stdout == f"ended lab {lab}: db1, db2, client, lan, heartbeat\n"
    assert time.monotonic() - began < 10, "before Docker would kill them itself"
    assert terminal.process is not None
    assert terminal.process.wait(30) == 0
    assert _containers(lab) == []


@pytest.mark.timeout(240)
def test_after_a_kill_nine_containers_end_by_themselves_and_the_next_start_works(docker_ready: None) -> None:
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        terminal = Terminal(Path(state))
        try:
            terminal.start()
            lab = terminal.id()
            assert terminal.process is not None
            terminal.process.kill()
            terminal.process.wait(10)
            killed = time.monotonic()
            assert _containers(lab)
            assert terminal.run("start", "--headless", "--for", "0").returncode == 0
            while _containers(lab):
                assert time.monotonic() - killed < 150
                time.sleep(1)
            terminal.run("down", "--lab", lab)
        finally:
            terminal.close()
