"""`hatlab start` without a screen, as a process of its own: log, JSON, script, signals, pipes."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from hatlab.cli import main
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


class Hatlab:
    """Runs `hatlab` with the fake engine and a state folder of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environ = {**os.environ, "XDG_STATE_HOME": str(state), "PYTHONWARNINGS": "error"}
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *argv: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.scripted_engine", *argv],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self.running.append(process)
        return process

    def start_lab(self) -> subprocess.Popen[str]:
        """A lab without a screen, once it is ready."""
        process = self.start("start", "--headless")
        self.wait_until_ready()
        return process

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*argv)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    def ask(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """A short command, in this process."""
        with pytest.MonkeyPatch.context() as patched, redirect_stdout(io.StringIO()) as out:
            patched.setenv("XDG_STATE_HOME", str(self.state))
            with redirect_stderr(io.StringIO()) as err:
                code = main(argv)
        return subprocess.CompletedProcess(argv, code, out.getvalue(), err.getvalue())

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            found = self.ask("status", "--json").stdout
            return bool(found) and bool(json.loads(found.splitlines()[0])["ready"])

        wait_until(ready, 20, "lab that is ready")

    def sockets(self) -> list[Path]:
        return list(self.state.rglob("*.sock"))


@pytest.fixture
def hatlab() -> Iterator[Hatlab]:
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        found = Hatlab(Path(state))
        yield found
        for process in found.running:
            if process.poll() is None:
                process.kill()
            process.communicate()


def test_headless_prints_a_log_and_ends_in_time(hatlab: Hatlab) -> None:
    done = hatlab.run("start", "--headless", "--for", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"★ db1 +VI_1 is MASTER, priority 150", done.stdout)
    assert hatlab.sockets() == []


def test_json_begins_with_the_version_and_the_run_is_recorded(hatlab: Hatlab) -> None:
    done = hatlab.run("start", "--json", "--for", "3")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert (events[0]["kind"], events[0]["version"]) == ("lab", 1)
    assert {"why", "probe", "tick"} <= {event["kind"] for event in events}
    (recording,) = hatlab.state.rglob("*.jsonl")
    assert recording.read_text().splitlines()[: len(events)] == done.stdout.splitlines()
    replayed = hatlab.ask("replay", "--json")
    assert replayed.stdout == recording.read_text()


def write_script(folder: Path, text: str) -> str:
    path = folder / "s.txt"
    path.write_text(text)
    return str(path)


def test_a_script_breaks_and_mends_and_ends(hatlab: Hatlab, tmp_path: Path) -> None:
    script = write_script(tmp_path, "1 kill mysqld db1\n12 start mysqld db1\n26 end\n")
    done = hatlab.run("start", "--headless", "--script", script, "--record", str(tmp_path / "r.jsonl"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "db2     VI_1 is MASTER" in done.stdout
    assert "outage is over" in done.stdout
    assert (tmp_path / "r.jsonl").read_text().count('"kind":"why"') > 5


def test_a_failed_line_is_reported_at_the_end_and_the_rest_is_played(hatlab: Hatlab, tmp_path: Path) -> None:
    script = write_script(tmp_path, "1 delay lan 100\n2 reset\n3 end\n")
    done = hatlab.run("start", "--headless", "--script", script)
    assert done.returncode == 1
    assert "line 1, delay lan 100: this kernel has no netem" in done.stderr
    assert "reset done" in done.stdout


def test_a_script_without_end_leaves_the_lab_running(hatlab: Hatlab, tmp_path: Path) -> None:
    script = write_script(tmp_path, "0 reset\n")
    process = hatlab.start("start", "--headless", "--script", script)
    assert process.stderr is not None
    assert "the lab keeps running" in process.stderr.readline()
    assert hatlab.ask("down", "--lab", _id(hatlab)).returncode == 0
    assert process.wait(10) == 0


def _id(hatlab: Hatlab) -> str:
    (path,) = hatlab.sockets()
    return path.stem


def test_a_faulty_script_is_refused_before_anything_starts(hatlab: Hatlab, tmp_path: Path) -> None:
    script = write_script(tmp_path, "1 kill mysqld db9\nx end\n")
    done = hatlab.run("start", "--headless", "--script", script)
    assert done.returncode == 2
    assert f"{script}:1: there is no node 'db9'" in done.stderr
    assert f"{script}:2: 'x' is not a time" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=lambda v: str(v),
)
def test_a_signal_ends_the_lab_in_order(hatlab: Hatlab, number: signal.Signals, code: int) -> None:
    process = hatlab.start_lab()
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, "")
    assert hatlab.sockets() == []


def test_a_reader_that_goes_away_ends_the_lab_quietly(hatlab: Hatlab) -> None:
    process = hatlab.start("start", "--headless")
    assert process.stdout is not None
    process.stdout.readline()
    hatlab.wait_until_ready()
    process.stdout.close()
    assert process.wait(20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert hatlab.sockets() == []


def test_do_and_status_work_from_another_terminal(hatlab: Hatlab, tmp_path: Path) -> None:
    process = hatlab.start_lab()
    assert hatlab.ask("do", "kill", "mysqld", "db1").stdout == "kill mysqld db1: up → down\n"
    event = json.loads(hatlab.ask("do", "--json", "heal", "lan").stdout)
    assert (event["kind"], event["phase"]) == ("action", "done")
    conf = tmp_path / "x.conf"
    conf.write_text("global_defs {\n}\n")
    assert "16 bytes written" in hatlab.ask("do", "edit", "db1", str(conf)).stdout
    failed = hatlab.ask("do", "delay", "lan", "5")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "hatlab: this kernel has no netem\n        use loss\n"
    assert hatlab.ask("do", "pause", "db9").returncode == 2
    status = hatlab.ask("status").stdout
    assert "hatlab do start mysqld db1" in status
    ended = hatlab.ask("do", "end")
    assert "the lab is gone" in ended.stdout
    assert process.wait(10) == 0


def test_after_a_sigkill_the_socket_is_forgotten_and_a_new_lab_starts(hatlab: Hatlab) -> None:
    process = hatlab.start_lab()
    process.kill()
    process.wait(10)
    assert len(hatlab.sockets()) == 1
    assert "no lab is running" in hatlab.ask("status").stdout
    assert hatlab.sockets() == []
    assert hatlab.run("start", "--headless", "--for", "0").returncode == 0


def test_without_a_terminal_the_demonstration_is_played(hatlab: Hatlab) -> None:
    done = hatlab.run("start")
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout
    assert said.startswith("This is not a terminal")
    steps = ["elect a Master", "is killed", "is started again", "What happened", "client had no answer for"]
    assert sorted(steps, key=said.index) == steps
    assert "did not just go silent: it said it was leaving" in said.partition("What happened")[2]


def test_an_engine_that_is_not_there_is_an_error_with_a_cure(hatlab: Hatlab) -> None:
    done = hatlab.run("start", "--headless", "--context", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hatlab: no Docker engine answers\n        start one: hatlab doctor\n"


def test_an_engine_that_dies_in_the_middle_is_an_error(hatlab: Hatlab) -> None:
    process = hatlab.start_lab()
    hatlab.ask("do", "sql", "db1", "SHUTDOWN")
    out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "ended: the Docker engine does not answer any more" in out
    assert err.startswith("hatlab: the lab ended by itself: the Docker engine does not answer any more\n")
    assert hatlab.sockets() == []


def test_down_names_what_is_gone_and_is_no_failure_of_the_lab(hatlab: Hatlab) -> None:
    process = hatlab.start_lab()
    lab = _id(hatlab)
    assert hatlab.ask("down", "--lab", lab).stdout == f"ended lab {lab}: db1, db2, client, lan, heartbeat\n"
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert "■ lab     ended" in out


def test_a_recording_with_a_cut_end_is_replayed_with_a_note(hatlab: Hatlab, tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    assert hatlab.run("start", "--headless", "--for", "0", "--record", str(whole)).returncode == 0
    cut = tmp_path / "cut.jsonl"
    cut.write_text(whole.read_text()[:-9])
    done = hatlab.ask("replay", str(cut), "--headless")
    assert done.returncode == 0
    assert "the file ends in the middle of it; the rest is shown" in done.stderr
    assert "VI_1 is MASTER" in done.stdout


def test_a_home_that_cannot_be_written_costs_the_recording_not_the_lab(hatlab: Hatlab) -> None:
    (hatlab.state / "hatlab").write_text("a file where a folder should be")
    done = hatlab.run("start", "--headless", "--for", "0")
    assert done.returncode == 0
    assert "VI_1 is MASTER" in done.stdout
    assert "this run is not recorded" in done.stderr
    assert "without a control socket" in done.stderr


def test_a_recording_that_was_asked_for_must_be_possible(hatlab: Hatlab, tmp_path: Path) -> None:
    done = hatlab.run("start", "--headless", "--record", str(tmp_path / "no" / "run.jsonl"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot record to" in done.stderr
