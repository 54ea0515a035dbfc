"""What Tab offers: by hatlab itself, and in real shells on a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import argcomplete.io
import pytest
from argcomplete.finders import CompletionFinder

from hatlab.commands import COMMANDS
from hatlab.commands.completion import completion_script
from hatlab.commands.support.completion import answer_shell
from hatlab.commands.support.completion_words import completer_of
from hatlab.commands.support.parsers import command_parser
from hatlab.topology.library import load_topology
from tests.support.scripted_engine import FakeEngine
from tests.support.served_lab import served_lab
from tests.texts.hostile import ATTACKS, unsafe_in

FREE_TEXT = """
    start: assume seconds seed language keys tutor_width
    lessons: language
    learn: seed language keys tutor_width
    drill: seed minutes language keys tutor_width
    capture: filter count duration
    import: begin end tz clock
    explain: at begin end
    replay: speed begin keys tutor_width
    compare: align map within keys
    verify: jobs drills
    check: config_id
    topology-from: config_id
    new: name
    class: address base title renew
    image: base
"""
"""Command → its arguments whose values nothing can propose, a line each."""


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running lab of two nodes; its id."""
    with served_lab(FakeEngine("two-node", load_topology("two-node")), monkeypatch):
        yield "abc123"


@pytest.fixture
def completed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """What the last word of a line may become, as hatlab tells a shell."""
    monkeypatch.setattr(CompletionFinder, "_init_debug_stream", lambda self: None)
    monkeypatch.setattr(argcomplete.io, "debug_stream", sys.stderr)

    def complete(line: str) -> list[str]:
        for name, value in {
            "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "COMP_LINE": line, "COMP_POINT": str(len(line))
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        out = io.StringIO()
        with pytest.raises(SystemExit) as ended:
            answer_shell(out)
        assert not ended.value.code
        return [word.rstrip() for word in out.getvalue().split("\n") if word]

    return complete


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hatlab sta", ["start", "status"]),
        ("hatlab --conf", ["--config"]),
        ("hatlab --config my.toml sta", ["start", "status"]),
        ("hatlab start --e", ["--engine"]),
        ("hatlab start --engine ", ["auto", "docker", "sim"]),
        ("hatlab start --engine=s", ["--engine=sim"]),
        ("hatlab start one", ["one-network"]),
        ("hatlab learn kill", ["kill-mysqld"]),
        ("hatlab start --lesson kill", ["kill-mysqld"]),
        ("hatlab drill two-s", ["two-shops"]),
        ("hatlab conf two-node ", ["db1", "db2"]),
        ("hatlab check --explain KA106", ["KA106"]),
        ("hatlab glossary Mas", ["Master"]),
        ("hatlab do ki", ["kill"]),
        ("hatlab do kill ", ["mysqld", "keepalived"]),
        ("hatlab do power ", ["off", "on"]),
        ("hatlab do kill mysqld ", []),  # no lab is running
    ],
)
def test_tab_offers_what_may_stand_there(
    completed: Callable[[str], list[str]], line: str, words: list[str]
) -> None:
    assert completed(line) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hatlab do kill mysqld ", ["db1", "db2"]),
        ("hatlab do cut ", ["lan", "heartbeat"]),
        ("hatlab do cut heartbeat d", ["db1", "db2"]),
        ("hatlab do cut heartbeat db1 ", []),
        ("hatlab do set db1 pr", ["priority", "preempt_delay"]),
        ("hatlab do sql ", ["db1", "db2", "client"]),
        ("hatlab do --lab abc kill mysqld ", ["db1", "db2"]),
        ("hatlab do --lab ", ["abc123"]),
        ("hatlab shell d", ["db1", "db2"]),
        ("hatlab capture db1 d", ["db1", "db2"]),
    ],
)
def test_tab_asks_the_running_lab_for_its_names(
    completed: Callable[[str], list[str]], lab: str, line: str, words: list[str]
) -> None:
    assert sorted(completed(line)) == sorted(words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hatlab replay ", ["folder/", "run.jsonl"]),
        ("hatlab start ./", ["./a b.yaml", "./folder/"]),
        ("hatlab start --script ", ["folder/", "split.txt"]),
        ("hatlab topology-from folder/", ["folder/k.conf"]),
        ("hatlab do edit db1 ", ["folder/"]),
        ("hatlab reproduce run.jsonl -o ", ["folder/"]),
        ("hatlab import .h", [".hidden"]),
        ("hatlab learn fo", ["folder/"]),  # no lesson is called so
        ("hatlab learn f", ["frozen-not-dead"]),
    ],
)
def test_tab_offers_files_of_the_right_kind(
    completed: Callable[[str], list[str]],
    line: str,
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("run.jsonl", "a b.yaml", "split.txt", "folder/k.conf", ".hidden"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert sorted(word.replace("\\", "") for word in completed(line)) == words


def test_tab_prints_nothing_that_steers_a_terminal(
    completed: Callable[[str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the name of a file, nor by the id or title of a stranger's lesson."""
    for number, attack in enumerate(ATTACKS):
        name = attack.replace("/", "_").replace("\0", "_").encode("utf-8", "replace").decode()[:60]
        (tmp_path / f"{name}{number}.jsonl").touch()
        (tmp_path / f"{number}.md").write_text(
            f"---\nid: i{number}{attack}\ntitle: t{attack}\n---\n", errors="replace"
        )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HATLAB_LESSONS", str(tmp_path))
    monkeypatch.setenv("_ARGCOMPLETE_DFS", ":")  # as zsh asks, with what each word is
    for line in ("hatlab replay ", "hatlab learn i", "hatlab check ", "hatlab learn "):
        words = completed(line)
        assert words
        assert unsafe_in("".join(words), "") == [], line


def test_each_value_is_completed_or_free_text() -> None:
    values = {
        f"{command} {action.dest}": completer_of(command, action)
        for command in COMMANDS
        for action in command_parser(command)._actions
        if action.nargs != 0 and action.choices is None
    }
    free = {name for name, completer in values.items() if completer is None}
    expected = {
        f"{line.split()[0][:-1]} {name}" for line in FREE_TEXT.split("\n")[1:-1] for name in line.split()[1:]
    }
    assert free == expected, "say in completion_words what it may be, or here that nothing can tell"


def test_options_are_known_without_any_library() -> None:
    """Whoever presses Tab does not wait for one, and whoever builds a wheel has none."""
    code = (
        "import sys\n"
        "before = {*sys.modules}\n"
        "from hatlab.commands import COMMANDS\n"
        "from hatlab.commands.support.completion import _add_completers, command_parser\n"
        "import hatlab.control, hatlab.actions, hatlab.commands.support.man_page\n"
        "for command in COMMANDS: _add_completers(command, command_parser(command))\n"
        "new = (module for name, module in sys.modules.items() if name not in before)\n"
        "print(*{m.__name__ for m in new if 'site-packages' in (getattr(m, '__file__', None) or '')})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, argv: list[str]) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            bin_folder = Path(sys.executable).parent
            environ = os.environ | {"PATH": f"{bin_folder}:{os.environ['PATH']}", "TERM": "dumb", "PS1": "$ "}
            os.execvpe(argv[0], argv, environ)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def read_until(self, pattern: str) -> str:
        """Return what it has written up to something; fails if that does not come."""
        said, deadline = "", time.monotonic() + 60
        while not (found := re.search(pattern, said)):
            assert time.monotonic() < deadline, said
            if select.select([self._terminal], [], [], 0.2)[0]:
                said += os.read(self._terminal, 4096).decode(errors="replace")
        return said[: found.end()]

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self.pid, 0)


SHELLS = {
    "bash": (["bash", "--norc", "-i"], 'eval "$(hatlab completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -D -u; eval "$(hatlab completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "hatlab completion fish | source"),
}
"""Shell → how it is started without anybody's settings, and what makes it complete hatlab."""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_an_action_and_its_node(lab: str, shell: str) -> None:
    argv, prepare = SHELLS[shell]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{shell} is not installed")
    terminal = Terminal(argv)
    try:
        terminal.type(f"{prepare}; echo it is re''ady\n")
        terminal.read_until("it is ready")
        terminal.type("hatlab do ki\tmys\tdb1\n")
        terminal.read_until("kill mysqld db1: up ")
    finally:
        terminal.close()


def test_each_shell_gets_a_script() -> None:
    for shell in SHELLS:
        assert "hatlab" in completion_script(shell)
