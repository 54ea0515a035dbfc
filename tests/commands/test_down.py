"""`hatlab down`: what it removes from the engine, what it leaves alone, and what it says."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab.classroom.known_courses import remember_course
from hatlab.engine.docker import cleanup, connection
from hatlab.engine.docker.cleanup import remove_own_dead_labs
from hatlab.engine.docker.lab_records import EnginePlace, HeldRecord, find_place, read_records, write_record
from hatlab.errors import EngineUnavailable
from hatlab.util.files import file_to_lock
from hatlab.util.paths import labs_dir, sockets_dir
from tests.support.command_line import CommandLine
from tests.support.fake_docker import FakeDocker

DAY = 86_400.0


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        monkeypatch.setenv("XDG_STATE_HOME", state)
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        yield


@pytest.fixture
def others(engine: FakeDocker) -> FakeDocker:
    """An engine with labs of other people, in every state."""
    engine.add_lab("t-over", "exited", "exited")
    engine.add_lab("t-runs", "running", "exited")
    engine.add_lab("t-new", "created")
    engine.add_lab("t-bare")
    engine.add_lab("t-off", "exited", "exited", exit_code=137)
    engine.add_lab("t-old", age=400)
    engine.add_lab("t-dust", "exited", exit_code=137, age=2 * DAY)
    return engine


def _record(engine: FakeDocker, lab: str) -> HeldRecord:
    """The record of a lab of one's own that runs."""
    return write_record(lab, "two-node", find_place(engine, None))  # type: ignore[arg-type]


def _dead(engine: FakeDocker, lab: str, *states: str, **words: int) -> None:
    """A lab of one's own whose hatlab was killed."""
    record = _record(engine, lab)
    engine.add_lab(lab, *states, owner=record.token, **words)
    record.release()


def _labs(engine: FakeDocker) -> set[str]:
    """The labs that something was removed of."""
    return {name.removeprefix("hatlab-").rpartition("-")[0] for name in engine.removed}


def test_only_what_nobody_can_need_is_removed_unasked(others: FakeDocker, hatlab: CommandLine) -> None:
    out = hatlab("down").out
    assert _labs(others) == {"t-over", "t-old", "t-dust"}
    assert "removed lab t-over: hatlab-t-over-db1, hatlab-t-over-db2, hatlab-t-over-net1" in out
    assert "lab t-runs is running, but is not yours. To remove it: hatlab down --lab t-runs" in out
    assert "lab t-new is being made, but is not yours." in out
    assert "lab t-bare is being made, but is not yours." in out
    assert "lab t-off has stopped, but is not yours." in out


def test_all_removes_running_labs_too(others: FakeDocker, hatlab: CommandLine) -> None:
    hatlab("down", "--all")
    assert not others.made
    assert not others.bridges


@pytest.mark.parametrize("name", ["t-runs", "runs"])
def test_a_lab_is_removed_by_its_id(others: FakeDocker, name: str, hatlab: CommandLine) -> None:
    hatlab("down", "--lab", name)
    assert _labs(others) == {"t-runs"}


def test_a_lab_whose_socket_is_dead_is_removed(others: FakeDocker, hatlab: CommandLine) -> None:
    """As a hatlab left it that wrote no records."""
    path: Path = sockets_dir() / "t-runs.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    hatlab("status")
    assert path.exists(), "only `down` forgets"
    hatlab("down")
    assert "t-runs" in _labs(others)
    assert not path.exists()


@pytest.mark.parametrize("states", [(), ("created",), ("running", "running"), ("exited",), ("paused",)])
def test_own_leftovers_are_removed_in_any_state(
    engine: FakeDocker, states: tuple[str, ...], hatlab: CommandLine
) -> None:
    _dead(engine, "t-mine", *states)
    hatlab("status")
    assert "removed lab t-mine: hatlab-t-mine-" in hatlab("down").out
    assert not engine.made
    assert not engine.bridges
    assert read_records() == []
    assert hatlab("down").out == "no lab is running, and nothing is left over\n"


def test_what_a_request_under_way_still_makes_is_removed(
    engine: FakeDocker, monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine
) -> None:
    _dead(engine, "t-mine")
    monkeypatch.setattr(cleanup, "LOOK_AGAIN_FOR", 0.5)
    engine.late = [engine.container("t-mine", "db1", "created", owner=read_records()[0].token)]
    assert "hatlab-t-mine-db1" in hatlab("down").out
    assert not engine.made


def test_a_network_that_a_stranger_holds_is_named(engine: FakeDocker, hatlab: CommandLine) -> None:
    _dead(engine, "t-mine", "exited", networks=2)
    engine.hold("hatlab-t-mine-net1", "jenkins")
    for _ in range(2):
        out = hatlab("down", code=1).out
        assert "hatlab-t-mine-net1 is still there: the container jenkins, which is not this lab's" in out
        assert "docker network disconnect -f hatlab-t-mine-net1 jenkins; then: hatlab down" in out
    assert engine.removed == ["hatlab-t-mine-db1", "hatlab-t-mine-net2"]
    told = json.loads(hatlab("down", "--json", code=1).out)
    assert (told["lab"], told["outcome"], told["removed"]) == ("t-mine", "left", [])
    assert told["left"][0]["name"] == "hatlab-t-mine-net1"
    engine.bridges[0]["Containers"].clear()
    assert "removed lab t-mine: hatlab-t-mine-net1" in hatlab("down").out


def test_json_says_what_was_removed(others: FakeDocker, hatlab: CommandLine) -> None:
    told = [json.loads(line) for line in hatlab("down", "--json").out.splitlines()]
    assert {lab["lab"]: lab["outcome"] for lab in told} == {
        "t-over": "removed", "t-runs": "kept", "t-new": "kept", "t-bare": "kept", "t-off": "kept",
        "t-old": "removed", "t-dust": "removed",
    }  # fmt: skip
    assert hatlab("down", "--json", "--lab", "t-runs").out.count("\n") == 1


def test_a_lab_that_a_process_holds_stays(engine: FakeDocker, hatlab: CommandLine) -> None:
    """Its process does not answer: stopped, or busy; nor is it dead, whatever its containers do."""
    record = _record(engine, "t-mine")
    engine.add_lab("t-mine", "exited", owner=record.token)
    remove_own_dead_labs(engine, find_place(engine, None))  # type: ignore[arg-type]
    assert (
        "does not answer. To remove it all the same: hatlab down --lab t-mine" in hatlab("down", code=1).out
    )
    assert engine.removed == []
    hatlab("down", "--lab", "t-mine")
    assert _labs(engine) == {"t-mine"}
    record.end()


def test_a_start_removes_only_ones_own_dead_labs(others: FakeDocker) -> None:
    _dead(others, "t-mine", "running")
    remove_own_dead_labs(others, find_place(others, None))  # type: ignore[arg-type]
    assert _labs(others) == {"t-mine"}
    assert read_records() == []


def test_a_lab_of_somebody_else_with_the_same_id_is_not_ones_own(engine: FakeDocker) -> None:
    _record(engine, "t-same").release()
    engine.add_lab("t-same", "running", owner="another")
    remove_own_dead_labs(engine, find_place(engine, None))  # type: ignore[arg-type]
    assert engine.removed == []


HOLDER = """
import sys
from hatlab.engine.docker.lab_records import EnginePlace, write_record
record = write_record("t-mine", "two-node", EnginePlace("engine-1", "here"))
print(record.token, flush=True)
sys.stdin.read()
"""


def test_the_process_counts_and_not_its_number(engine: FakeDocker, hatlab: CommandLine) -> None:
    """A pid that another process got is no owner; a living owner is one, whatever the number says."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        engine.add_lab("t-mine", "running", owner=child.stdout.readline().strip())
        path = labs_dir() / "t-mine.json"
        assert read_records()[0].owner_runs() is True
        child.kill()
        child.wait()
    path.write_text(path.read_text().replace(str(child.pid), "1"))
    assert read_records()[0].owner_runs() is False
    hatlab("down")
    assert _labs(engine) == {"t-mine"}


DAMAGE = {
    "empty": "",
    "cut": "{",
    "list": "[]",
    "types": '{"lab": 7}',
    "large": "\0" * 20_000,
    "deep": "[" * 9_000,
    "fields": "{}",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_record_still_names_the_lab(engine: FakeDocker, damage: str, hatlab: CommandLine) -> None:
    _dead(engine, "t-mine", "running")
    (labs_dir() / "t-mine.json").write_text(damage)
    (labs_dir() / "t-nothing.json").write_text(damage)
    (labs_dir() / "NOT a lab.json").write_text(damage)
    assert "removed lab t-mine" in hatlab("down").out
    assert read_records() == []


def test_a_record_that_is_no_file_hurts_nobody(engine: FakeDocker, hatlab: CommandLine) -> None:
    (labs_dir() / "t-folder.json").mkdir()
    (labs_dir() / "t-loop.json").symlink_to("t-loop.json")
    os.mkfifo(labs_dir() / "t-pipe.json")
    _dead(engine, "t-mine", "running")
    assert "removed lab t-mine" in hatlab("down").out


def test_a_lab_on_another_engine_is_named(engine: FakeDocker, hatlab: CommandLine) -> None:
    elsewhere = EnginePlace("engine-2", "tcp://192.0.2.7:2375")
    write_record("t-there", "two-node", elsewhere).release()
    out = hatlab("down", code=1).out
    assert "lab t-there was made on another Docker engine (tcp://192.0.2.7:2375)" in out
    assert "DOCKER_HOST=tcp://192.0.2.7:2375 hatlab down" in out
    remove_own_dead_labs(engine, find_place(engine, None))  # type: ignore[arg-type]
    assert [record.lab for record in read_records()] == ["t-there"]
    engine.name = "engine-2"  # the same engine by another way
    assert hatlab("down").out == "no lab is running, and nothing is left over\n"
    assert read_records() == []


def test_an_unknown_id_is_an_error(others: FakeDocker, hatlab: CommandLine) -> None:
    assert "there is no lab 'nope'" in hatlab("down", "--lab", "nope", code=1).err
    assert others.removed == []


def test_with_nothing_to_do_it_says_so(engine: FakeDocker, hatlab: CommandLine) -> None:
    assert hatlab("down").out == "no lab is running, and nothing is left over\n"
    assert hatlab("down", "--json").out == ""


def test_without_docker_it_says_what_is_unseen(monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine) -> None:
    def refuse(context: str | None = None, **_: object) -> None:
        raise EngineUnavailable("no Docker engine answers", "start it")

    monkeypatch.setattr(connection, "connect", refuse)
    assert "no lab is running; whether others left anything is unknown" in hatlab("down").out
    hatlab("down", "--all", code=1)
    write_record("t-mine", "two-node", EnginePlace("engine-1", "here")).release()
    assert "what is left of t-mine cannot be removed: no Docker engine answers" in hatlab("down", code=1).err
    assert [record.lab for record in read_records()] == ["t-mine"]


def test_a_class_that_runs_keeps_its_labs(others: FakeDocker, hatlab: CommandLine, tmp_path: Path) -> None:
    course = tmp_path / "course"
    (course / "state" / "hub").mkdir(parents=True)
    labs = course / "state" / "seats" / "s07" / "hatlab" / "labs"
    labs.mkdir(parents=True)
    (labs / "t-runs.json").write_text("{}")
    remember_course(course)
    lock = file_to_lock(course / "state" / "hub" / "hub.lock", make=True)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        out = hatlab("down").out
        assert (
            f"lab t-runs is running: it is that of s07 in the class {course}, whose board can end it" in out
        )
        others.removed.clear()
        said = hatlab("down", "--all", code=1).err
        assert "a class is running, and --all would remove its students' labs" in said
        assert f"end it first: hatlab class stop {course}" in said
        assert others.removed == []
    finally:
        os.close(lock)
    hatlab("down", "--all")
    assert "t-runs" in _labs(others)
