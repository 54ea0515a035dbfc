"""`hatlab uninstall`: what it finds, what it leaves alone, and that it asks first."""

from __future__ import annotations

import fcntl
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab.classroom.known_courses import known_courses, remember_course
from hatlab.commands.support.installers import own_lines, removal_command
from hatlab.control.server import ControlServer
from hatlab.engine.docker import connection
from hatlab.engine.docker.lab_records import EnginePlace, find_place, write_record
from hatlab.errors import EngineUnavailable
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.util.paths import own_folders, sockets_dir, state_dir
from tests.support.command_line import CommandLine
from tests.support.fake_docker import FakeDocker
from tests.support.scripted_engine import FakeEngine

NODE = "sha256:node"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own, with a short path: a socket's is limited."""
    with tempfile.TemporaryDirectory(prefix="hl") as folder:
        monkeypatch.setenv("HOME", folder)
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        for name in ("STATE", "CONFIG", "DATA", "CACHE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", f"{folder}/{name.lower()}")
        yield Path(folder)


@pytest.fixture
def left_over(engine: FakeDocker) -> FakeDocker:
    """What a hatlab leaves: files, images, and a lab of its own that was killed."""
    (state_dir() / "progress.json").write_text("{}")
    settings = own_folders()[1]
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text("")
    engine.add_image("hatlab-node:a", image_id=NODE)
    engine.add_image("0123456789abcdef", label="hatlab.stage", image_id="sha256:0123456789abcdef")
    engine.add_image("hatlab-base:sid", label="")
    record = write_record("mine", "two-node", find_place(engine, None))  # type: ignore[arg-type]
    engine.add_lab("mine", "exited", owner=record.token)
    record.release()
    return engine


def test_nothing_is_removed_from_under_a_class(home: Path, hatlab: CommandLine) -> None:
    course = home / "course"
    lock = course / "state" / "hub" / "hub.lock"
    lock.parent.mkdir(parents=True)
    remember_course(course)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        told = hatlab("uninstall", "--yes", code=1).err
        assert f"a class is running: {course}" in told
        assert f"hatlab class stop {course}" in told
        assert hatlab("uninstall", "--dry-run").out
    assert known_courses() == [course]
    assert f"{course} is the folder of a class" in hatlab("uninstall", "--yes").out
    assert course.is_dir()


def _answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    typed = io.StringIO(text)
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)


def test_everything_is_listed_and_nothing_removed(left_over: FakeDocker, hatlab: CommandLine) -> None:
    out = hatlab("uninstall", "--dry-run").out
    for thing in (
        "lab mine", "image hatlab-node:a", "image 0123456789ab", "image hatlab-base:sid",
        f"folder {own_folders()[0]}", f"folder {own_folders()[1]}", "progress.json", "config.toml",
    ):  # fmt: skip
        assert thing in out
    assert left_over.removed == []
    assert (state_dir() / "progress.json").exists()
    assert removal_command() in out


def test_it_asks_and_a_no_removes_nothing(
    left_over: FakeDocker, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer(monkeypatch, "\n")
    out = hatlab("uninstall").out
    assert "Remove all of this? [y/N]" in out
    assert "hatlab lessons --export" in out
    assert "Nothing was removed." in out
    assert left_over.removed == []


def test_a_yes_removes_it_all(
    left_over: FakeDocker, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer(monkeypatch, "y\n")
    out = hatlab("uninstall").out
    assert not any(folder.exists() for folder in own_folders())
    assert {*left_over.removed} == {
        "hatlab-mine-db1", "hatlab-mine-net1", "hatlab-node:a", "0123456789ab", "hatlab-base:sid"
    }  # fmt: skip
    assert "removed lab mine" in out
    assert "hatlab has left nothing here." in hatlab("uninstall", "--yes").out


def test_with_nobody_to_ask_nothing_is_removed(left_over: FakeDocker, hatlab: CommandLine) -> None:
    assert "there is nobody to ask" in hatlab("uninstall", code=2).err
    assert left_over.removed == []


def test_json_says_what_came_of_each_thing(left_over: FakeDocker, hatlab: CommandLine) -> None:
    hatlab("uninstall", "--json", code=2)
    listed = [json.loads(line) for line in hatlab("uninstall", "--json", "--dry-run").out.splitlines()]
    removed = [json.loads(line) for line in hatlab("uninstall", "--json", "--yes").out.splitlines()]
    assert [(o["kind"], o["name"]) for o in listed] == [(o["kind"], o["name"]) for o in removed]
    assert {o["outcome"] for o in listed} == {"listed"}
    assert {o["outcome"] for o in removed} == {"removed"}


def test_nothing_is_removed_while_a_lab_runs(left_over: FakeDocker, hatlab: CommandLine) -> None:
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    session.start()
    server = ControlServer(session, sockets_dir(), "abc123")
    try:
        assert "a lab is running: abc123" in hatlab("uninstall", "--yes", code=1).err
    finally:
        server.close()
        session.stop()
    assert left_over.removed == []
    assert (state_dir() / "progress.json").exists()


def test_nothing_is_removed_while_a_lab_is_made_that_has_no_socket_yet(
    engine: FakeDocker, hatlab: CommandLine
) -> None:
    record = write_record("new", "two-node", find_place(engine, None))  # type: ignore[arg-type]
    assert "a lab is running: new" in hatlab("uninstall", "--yes", code=1).err
    record.end()


def test_what_others_use_stays(left_over: FakeDocker, hatlab: CommandLine) -> None:
    left_over.add_lab("theirs", "running")
    out = hatlab("uninstall", "--yes").out
    assert "stays: lab theirs is running, and may need it" in out
    assert {*left_over.removed} == {"hatlab-mine-db1", "hatlab-mine-net1"}
    assert len(left_over.built) == 3


def test_an_image_stays_that_a_container_of_somebody_uses(left_over: FakeDocker, hatlab: CommandLine) -> None:
    left_over.add_lab("theirs", "exited", exit_code=137)
    out = hatlab("uninstall", "--yes").out
    assert "stays: the container hatlab-theirs-db1 uses it" in out
    assert "hatlab-node:a" not in left_over.removed
    assert "hatlab-base:sid" in left_over.removed


def test_the_record_of_a_lab_on_another_engine_stays(left_over: FakeDocker, hatlab: CommandLine) -> None:
    write_record("far", "two-node", EnginePlace("engine-2", "ssh://far")).release()
    out = hatlab("uninstall", "--yes").out
    assert "nothing else knows where to look for what is left of far" in out
    assert (state_dir() / "labs" / "far.json").exists()
    assert not own_folders()[1].exists()


def test_without_an_engine_files_are_removed_and_the_rest_is_told(
    home: Path, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(context: object = None, **_: object) -> None:
        raise EngineUnavailable("no Docker engine answers", "start Docker")

    monkeypatch.setattr(connection, "connect", fail)
    (state_dir() / "progress.json").write_text("{}")
    output = hatlab("uninstall", "--yes")
    assert "is unknown: no Docker engine answers" in output.err
    assert not own_folders()[0].exists()


def test_looking_makes_no_folder(engine: FakeDocker, hatlab: CommandLine, home: Path) -> None:
    assert "hatlab has left nothing here." in hatlab("uninstall", "--dry-run").out
    assert [*home.iterdir()] == []


def test_a_folder_that_cannot_be_removed_is_told(
    engine: FakeDocker, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = state_dir()
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", _refuse)
        out = hatlab("uninstall", "--yes", code=1).out
    assert f"folder {folder} is still there: Operation not permitted" in out


def _refuse(path: Path) -> None:
    raise PermissionError(1, "Operation not permitted", str(path))


def test_a_link_is_not_followed(engine: FakeDocker, hatlab: CommandLine, home: Path) -> None:
    elsewhere = home / "documents"
    elsewhere.mkdir()
    (elsewhere / "thesis.tex").write_text("x")
    (state_dir() / "recordings").symlink_to(elsewhere)
    own_folders()[1].parent.mkdir()
    own_folders()[1].symlink_to(elsewhere)
    hatlab("uninstall", "--yes")
    assert (elsewhere / "thesis.tex").exists()
    assert own_folders()[1].is_symlink()


@pytest.mark.parametrize(
    ("prefix", "command"),
    [
        ("/home/me/.local/share/pipx/venvs/hatlab", "pipx uninstall hatlab"),
        ("/home/me/.local/share/uv/tools/hatlab", "uv tool uninstall hatlab"),
        ("/home/me/.cache/uv/archive-v0/abc", "uv cache clean hatlab"),
        ("/home/me/venv", f"{sys.executable} -m pip uninstall hatlab"),
    ],
)
def test_the_program_goes_as_it_came(
    prefix: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("hatlab.commands.support.installers.__file__", str(tmp_path / "a/b/c/d/e.py"))
    monkeypatch.setattr(sys, "prefix", prefix)
    assert removal_command() == command


def test_lines_in_files_of_a_shell_are_named(home: Path) -> None:
    (home / ".bashrc").write_text('eval "$(hatlab completion bash)"\n')
    (home / ".zshrc").write_text("autoload compinit\n")
    (home / ".config/fish/completions").mkdir(parents=True)
    (home / ".config/fish/completions/hatlab.fish").touch()
    assert [*own_lines()] == ["~/.config/fish/completions/hatlab.fish", "~/.bashrc"]
