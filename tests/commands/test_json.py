"""`--json` of every command: one envelope, errors and notes in it too, and nothing else beside it."""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hatlab import events as e
from hatlab.api import run_lab
from hatlab.cli import main
from hatlab.commands import COMMANDS
from hatlab.commands.support.engine_choice import make_engine
from hatlab.control.server import ControlServer
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.topology.library import load_topology
from hatlab.util.paths import sockets_dir
from tests.support.command_line import CommandLine
from tests.support.simulated_lab import SimLab
from tests.support.story import story, write_recording

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
LESSON = "kill-mysqld"
CONF = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n}\n"
LOG = "Nov 29 03:12:21 node-a Keepalived_vrrp[71]: (VI_1) Entering MASTER STATE\n"
NEW_CLASS = "class new course --roster people.csv"
RUNS: dict[str, list[str]] = {
    "capture": ["capture -w out.pcapng --duration 0.05"],
    "check": ["check a.conf", "check --explain KA106", "check a.conf --quiet"],
    "compare": ["compare run.jsonl run.jsonl"],
    "class": [
        "class new course --roster people.csv && class links course && class links course --html l.html"
    ],
    "completion": ["completion fish"],
    "compose": ["compose two-node", "compose two-node --to containerlab"],
    "conf": ["conf two-node db1"],
    "config": ["config", "config check", "config init --config new.toml"],
    "doctor": ["doctor"],
    "extensions": ["extensions"],
    "down": ["down --lab abc123"],
    "drill": [
        "drill --list",
        "drill --table",
        "drill --next",
        "drill --export out.json",
        "drill --reset all",
    ],
    "explain": ["explain run.jsonl"],
    "export": ["export run.jsonl --to json", "export run.jsonl --to cast"],
    "glossary": ["glossary", "glossary skew"],
    "grade": ["grade run.jsonl"],
    "help": ["help", "help events", "help status"],
    "image": ["image tag"],
    "import": ["import node-a=a.conf node-a=a.log --tz UTC"],
    "learn": ["learn", f"learn {LESSON}"],
    "lessons": [
        "lessons",
        "lessons --export out.json",
        "lessons --class mine.json",
        "lessons --import mine.json",
        "lessons --reset all",
    ],
    "man": ["man"],
    "new": ["new topology mine", "new lesson -", "new incident night"],
    "reproduce": ["reproduce run.jsonl"],
    "schema": ["schema topology", "schema lesson", "schema config"],
    "shell": [],
    "status": ["status"],
    "topologies": ["topologies", "topologies two-node"],
    "topology-from": ["topology-from a.conf"],
    "uninstall": ["uninstall --dry-run"],
    "verify": [f"verify {LESSON} --engine sim"],
}
"""Command → runs of it that tell something. A shell's is told on Docker alone (tests/docker)."""
EVENTS = {"start": "start --engine sim --for 0", "replay": "replay run.jsonl", "do": "do kill mysqld db1"}
"""Those whose lines are events, as docs/events.md has them."""


@pytest.fixture(autouse=True)
def _files(_own_state: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with what the commands read, a lab, and no Docker engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    write_recording(tmp_path / "run.jsonl", story(12))
    (tmp_path / "a.conf").write_text(CONF)
    (tmp_path / "people.csv").write_text("s01,Ada Example\n")
    (tmp_path / "a.log").write_text(
        "Nov 29 03:12:21 node-a Keepalived_vrrp[71]: (VI_1) Entering MASTER STATE\n"
    )
    (tmp_path / "mine.json").write_text('{"format": "hatlab progress", "version": 1, "lessons": {"x": {}}}')
    with tempfile.TemporaryDirectory(prefix="hl") as state:  # a socket's path is limited to 100 bytes
        monkeypatch.setenv("XDG_STATE_HOME", state)
        yield


@pytest.fixture
def lab() -> Iterator[SimLab]:
    sim = SimLab()
    server = ControlServer(sim.session, sockets_dir(), "abc123")
    yield sim
    server.close()
    sim.session.stop()


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


def read_lines(text: str) -> list[dict[str, Any]]:
    """Every line as an object; whatever is none, or would steer a terminal, fails."""
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) is None, repr(text)
    objects = [json.loads(line, parse_constant=_refuse) for line in text.splitlines()]
    assert all(isinstance(each, dict) for each in objects)
    return objects


def check_answers(answers: list[dict[str, Any]], command: str) -> None:
    for each in answers:
        assert list(each)[:2] == ["format", "version"]
        assert each["version"] == 1
        assert each["format"] == f"hatlab {command}"


@pytest.mark.parametrize("argv", [run for runs in RUNS.values() for run in runs])
def test_what_a_command_tells_is_json_in_the_envelope(argv: str, lab: SimLab, hatlab: CommandLine) -> None:
    for each in argv.split(" && "):
        told = hatlab(*each.split(), "--json", code=None)
        answers = read_lines(told.out)
        check_answers(answers, each.split()[0])
        assert all(note.keys() == {"format", "version", "note"} for note in read_lines(told.err))
        assert answers or "--table" in argv or argv == "extensions"  # no drill was played, none is installed


@pytest.mark.parametrize("command", EVENTS)
def test_events_are_lines_of_their_own_documented_form(
    command: str, lab: SimLab, hatlab: CommandLine
) -> None:
    told = hatlab(*EVENTS[command].split(), "--json")
    lines = read_lines(told.out)
    assert [json.loads(e.to_json(e.from_dict(line))) for line in lines] == lines
    if command != "do":
        assert (lines[0]["kind"], lines[0]["version"]) == ("lab", e.FORMAT)
    assert all("note" in each for each in read_lines(told.err))


def test_no_command_is_left_out() -> None:
    assert {*RUNS, *EVENTS} == {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_mistake_is_json_with_its_exit_code(command: str, hatlab: CommandLine) -> None:
    told = hatlab(command, "--json", "--no-such-option", code=2)
    assert told.out == ""
    (answer,) = read_lines(told.err)
    check_answers([answer], command)
    assert answer["error"]["exit_code"] == 2
    assert answer["error"]["message"]
    assert answer["error"].keys() >= {"message", "hint", "exit_code"}


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        ("nothing-like-it", 2, "there is no command"),
        ("status --lab no", 2, "no lab"),
        ("image build", 1, "no Docker engine answers"),
        ("shell db1", 2, "no lab is running"),
        ("capture", 2, "stdout is the capture itself"),
        ("export run.jsonl --to html -o -", 2, "stdout is the export itself"),
        ("lessons --export -", 2, "stdout is the export itself"),
        ("explain run.jsonl -o t.md", 2, "--output has no meaning together with --json"),
        ("compare run.jsonl run.jsonl --screen", 2, "--screen has no meaning together with --json"),
        ("learn --auto", 2, "--auto has no meaning together with --json"),
        ("drill --seed 3", 2, "--json has no meaning here"),
        ("replay nowhere.jsonl", 2, "there is no file"),
        ("check --explain KA999", 2, "there is no code"),
        ("start --seed 3 --engine docker", 2, "real servers follow no seed"),
    ],
)
def test_an_error_is_one_object_on_stderr(argv: str, code: int, says: str, hatlab: CommandLine) -> None:
    told = hatlab(*argv.split(), "--json", code=code)
    assert told.out == ""
    *notes, answer = read_lines(told.err)
    assert all("note" in each for each in notes)
    assert says in answer["error"]["message"]
    assert answer["error"]["exit_code"] == code


def test_an_error_in_a_file_has_its_place(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "bad.yaml").write_text("name: [\n")
    (answer,) = read_lines(hatlab("start", "bad.yaml", "--json", code=2).err)
    assert answer["error"].keys() >= {"file", "line", "column"}


def test_explain_as_json_has_all_of_the_rule(hatlab: CommandLine) -> None:
    (rule,) = read_lines(hatlab("check", "--explain", "ka106", "--json").out)
    assert rule["code"] == "KA106"
    assert rule["cure"]


def test_a_word_behind_two_dashes_is_no_option(hatlab: CommandLine) -> None:
    assert hatlab("do", "--", "--json", code=2).err.startswith("hatlab: ")


@pytest.mark.parametrize(("encoding", "ascii_only"), [("ascii", "0"), ("cp1252", "0"), ("utf-8", "1")])
def test_where_a_stream_takes_no_glyphs_the_text_is_the_same(
    encoding: str, ascii_only: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotation marks and arrows in a text are escaped, and never those of JSON itself."""

    def ask(encoding: str) -> list[dict[str, Any]]:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        assert main(["glossary", "--json"]) == 0
        return read_lines(raw.getvalue().decode(encoding))

    expected = ask("utf-8")
    monkeypatch.setenv("HATLAB_ASCII", ascii_only)
    assert ask(encoding) == expected


def test_a_seed_asks_for_the_simulator_and_its_run() -> None:
    def adverts(seed: int) -> list[str]:
        engine = make_engine("auto", "two-node", load_topology("two-node"), seed=seed)
        assert isinstance(engine, SimulatorEngine)
        with run_lab("two-node", engine=engine) as lab:
            return [e.to_json(event) for event in lab.events() if isinstance(event, e.Advert)]

    assert adverts(7) == adverts(7)
    assert adverts(7) != adverts(8)


def test_every_command_is_described_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"| `{name}" not in text] == []
