"""Every command with every argument that names a file, and every kind of bad file: a sentence, in time.

The arguments are found in the commands' own parsers, so one that is new is covered by itself.
"""

from __future__ import annotations

import os
import signal
from argparse import Action
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hatlab.classroom.new_course import make_course
from hatlab.cli import main
from hatlab.commands import COMMANDS
from hatlab.commands.support.parsers import command_parser
from hatlab.events import Action as ActionEvent
from hatlab.topology.library import load_topology
from hatlab.util import files
from tests.engine.replay.recorded_story import LINES, write_recording
from tests.support.scripted_engine import FakeEngine
from tests.support.served_lab import served_lab

SECONDS = 20
"""Of processor time that one command may take: far less than a device takes to end. One that waits for ever
is ended by the limit of every test."""
FILE_WORDS = {"FILE", "FOLDER", "PATH", "OUT", "TOPOLOGY", "LESSON", "topology", "lesson", "lessons"}
"""Metavars and names of arguments that are files, or may be."""
ONE_PLACE_FOR_CONFIG = ("start", "config")
"""`--config` is every command's, and read before any of them: two stand for all."""
OUTPUTS = {"--record", "--export", "--output", "-w", "--csv", "--html", "--pages"}
VERBS = {"--roster": ("new",), "--html": ("links",), "--csv": ("marks",), "--pages": ("marks",)}
"""Which verbs of `hatlab class` take an option; all but `setup` take a folder."""
REST = {
    "start": ["--engine", "sim", "--headless", "--for", "0"],
    "learn": ["--engine", "sim", "--auto"],
    "drill": ["--engine", "sim"],
    "verify": ["--engine", "sim"],
    "start --lesson": ["--engine", "sim"],
    "verify --topology": ["--engine", "sim", "--drills", "1"],
    "export --output": ["run.jsonl", "--force"],
    "explain --output": ["run.jsonl"],
    "import --output": ["db1=log", "--force"],
    "grade --lessons": ["run.jsonl"],
    "grade --csv": ["run.jsonl"],
    "grade --pages": ["run.jsonl"],
    "learn --exam": ["--engine", "sim", "--plain"],
    "class --roster": ["new-course"],
    "class --html": ["course"],
    "class --csv": ["course"],
    "class --pages": ["course"],
}
"""What else a command is given, so that it needs no Docker and no terminal."""
ENDINGS = {
    "topology": (".yaml",),
    "lesson": (".md",),
    "lessons": (".md",),
    "paths": (".yaml", ".md", ".conf"),
}


def _write(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _make_huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 3 * 2**30)


def _make_unreadable(path: Path) -> None:
    path.write_bytes(b"\0")
    path.chmod(0)


KINDS: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": _write(b""),
    "huge": _make_huge,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "full": lambda path: path.symlink_to("/dev/full"),
    "pipe": lambda path: os.mkfifo(path),
    "loop": lambda path: path.symlink_to(path.name),
    "unreadable": _make_unreadable,
    "binary": _write(bytes(range(256)) * 50),
    "latin-1": _write("ünï: cödé\n".encode("latin-1")),
    "deep": _write(b"[" * 100_000),
    "deep-braces": _write(b"{" * 100_000),
    "deep-indents": _write(b"".join(b" " * k + b"a:\n" for k in range(700))),
    "bomb": _write(
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + k, 98 + k, b",".join([b"*%c" % (97 + k)] * 9)) for k in range(9))
    ),
    "one-line": _write(b"x" * 20_000_000),
    "strange-kind": _write(b'{"kind":[1]}\n'),
    "wrong-types": _write(b'{"format":[],"version":{},"records":[],"kind":"lab","topology":[]}\n'),
    "nan": _write(b'{"at":NaN,"kind":"lab","version":1e999}\n'),
}
"""Kind of bad file → what makes one."""


def _is_file(action: Action) -> bool:
    return action.nargs != 0 and (
        action.type is Path or bool({action.dest, str(action.metavar)} & FILE_WORDS)
    )


def _command_lines() -> Iterator[tuple[str, list[str], bool, str]]:
    """Yield (command, arguments with FILE for the file, whether it is written, an ending) of each case."""
    for command in COMMANDS:
        actions = command_parser(command)._actions
        for action in filter(_is_file, actions):
            if "--config" in action.option_strings and command not in ONE_PLACE_FOR_CONFIG:
                continue
            writes = bool(OUTPUTS & {*action.option_strings})
            others = [
                list(map(str, other.choices))
                if other.choices
                else ["run.jsonl" if _is_file(other) else "db1"]
                for other in actions
                if not other.option_strings and other.nargs is None and other is not action
            ]
            required = [
                word
                for other in actions
                if other.option_strings and other.required
                for word in (other.option_strings[0], str(next(iter(other.choices or ["x"]))))
            ]
            named = [*action.option_strings[-1:], "FILE"]
            before = [words for words in others if command != "conf"]
            if command == "class":
                before = [list(VERBS.get(named[0], ("start", "links", "marks", "stop")))]
            for first in before[0] if before else [""]:
                after = ["db1"] if command == "conf" else []
                line = [
                    *filter(None, [first]),
                    *named,
                    *after,
                    *required,
                    *REST.get(" ".join([command, *named[:-1]]), REST.get(command, [])),
                ]
                for ending in ENDINGS.get(action.dest, (".jsonl",)):
                    yield command, line, writes, ending


CASES = [
    pytest.param(command, line, writes, ending, kind, id=" ".join([command, *line[:2], ending, kind]))
    for command, line, writes, ending in _command_lines()
    for kind in KINDS
    # an empty place is where to write; a lab that records runs until it ends
    if not ("--script" in line and kind == "empty")  # which is a script, and its lab runs
    and not (writes and kind in {"missing", "empty", "full", "unreadable", "endless"})
    and not (command == "capture" and kind == "pipe")  # which a lab's frames may go through
    and not (command == "image" and line[0] in {"build", "tag", "save"})
]


def _make_course() -> None:
    Path("people.csv").write_text("s01,Ada Example\n")
    make_course(Path("course"), Path("people.csv"))


@pytest.fixture(autouse=True)
def bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A deadline, a short patience with pipes, and a folder of one's own."""

    def on_alarm(*_: Any) -> None:
        pytest.fail(f"this took longer than {SECONDS} s of work")

    monkeypatch.setattr(files, "PATIENCE", 0.05)
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGPROF, on_alarm)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize(("command", "line", "writes", "ending", "kind"), CASES)
def test_a_bad_file_gets_a_sentence(
    command: str, line: list[str], writes: bool, ending: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(f"bad{ending}")
    write_recording(Path(), LINES)
    _make_course()
    Path("log").write_text("Nov 30 03:12:01 db1 Keepalived_vrrp[7]: (VI_1) Entering MASTER STATE\n")
    KINDS[kind](path)
    try:
        code = main([command, *(str(path) if word == "FILE" else word for word in line)])
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    assert code in {0, 1, 2}
    assert "unexpected" not in told.err
    assert "Traceback" not in told.out + told.err
    if code:
        assert "bad" in told.err + told.out, "the message names the file"
        assert len(told.err) < 5000


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_file_reaches_no_node(
    kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`do edit` hands a file's text to the running lab."""
    engine = FakeEngine("two-node", load_topology("two-node"))
    with served_lab(engine, monkeypatch) as (session, _):
        KINDS[kind](Path("bad.conf"))
        code = main(["do", "edit", "db1", "bad.conf"])
        done = [event for event in session.reader().drain().events if isinstance(event, ActionEvent)]
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert "unexpected" not in told.err
    assert code in {0, 1, 2}
    if code:
        assert "bad.conf" in told.err
        assert len(told.err) < 5000
        assert not done, "what cannot be read is not begun"
