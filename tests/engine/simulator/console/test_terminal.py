"""A conversation on a terminal."""

from __future__ import annotations

import signal
import sys

import pytest

from hatlab.engine.simulator.console.terminal import NOT_RUN, paint_output, repaint_typed, run_console
from hatlab.util.terminal import TerminalText
from tests.support.simulated_lab import SimLab


def test_a_conversation_on_a_terminal(lab: SimLab) -> None:
    said = iter(["hostname", "foo", "echo $?", "exit 3"])
    out: list[str] = []

    def read(prompt: str) -> str:
        out.append(prompt)
        return next(said)

    status = run_console("db2", lab.engine.call_in_world, read, out.append)
    assert status == 3
    assert out.count("[root@db2 ~]# ") == 4
    assert out[2] == "db2"
    assert "127" in out


def test_the_console_ends_with_the_machine(lab: SimLab) -> None:
    lab.do("power off db2")
    out: list[str] = []
    assert run_console("db2", lab.engine.call_in_world, lambda _: "hostname", out.append) == 255


def test_what_is_typed_is_heard(lab: SimLab) -> None:
    said, heard = iter(["hostname", "", "  ip a ", "exit"]), list[str]()
    run_console("db2", lab.engine.call_in_world, lambda _: next(said), lambda _: None, heard.append)
    assert heard == ["hostname", "ip a", "exit"]


def test_while_lines_are_held_none_is_run_and_what_an_editor_saved_waits(lab: SimLab) -> None:
    said = iter(["touch /tmp/one", "", "touch /tmp/two", "nano /tmp/three", "ls /tmp", "exit"])
    heard, out, held = (
        list[str](),
        list[str](),
        iter([True, True, False, False, True, True, False, False, False]),
    )

    def edit(_name: str, _text: str) -> str:
        return "later\n"

    run_console(
        "db2",
        lab.engine.call_in_world,
        lambda _: next(said),
        out.append,
        heard.append,
        edit,
        lambda: next(held),
    )
    assert heard == ["touch /tmp/two", "nano /tmp/three", "ls /tmp", "exit"]
    assert [line for line in out if "not run" in line] == [NOT_RUN]
    assert "one" not in out[-1]
    assert next(held, None) is None, "it was asked again and again while what was saved waited"


def test_an_editor_gets_the_file_and_what_it_saves_is_the_nodes(lab: SimLab) -> None:
    said, asked = iter(["nano /tmp/note", "cat /tmp/note", "exit"]), list[tuple[str, str]]()
    out: list[str] = []

    def edit(name: str, text: str) -> str:
        asked.append((name, text))
        return "written here\n"

    run_console("db2", lab.engine.call_in_world, lambda _: next(said), out.append, open_editor=edit)
    assert asked == [("/tmp/note", "")]
    assert "written here" in out


@pytest.mark.parametrize("program", ["nano", "vi"])
def test_no_editor_or_program_of_the_machine_is_ever_started(
    lab: SimLab, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    def refuse(event: str, arguments: object) -> None:
        if watching and event in {
            "subprocess.Popen",
            "os.exec",
            "os.posix_spawn",
            "os.system",
            "os.fork",
            "pty.spawn",
        }:
            raise AssertionError(f"{event}: {arguments}")

    watching = True
    sys.addaudithook(refuse)
    monkeypatch.setenv("EDITOR", "touch")
    monkeypatch.setenv("VISUAL", "touch")
    said, out = iter([f"{program} /etc/keepalived/keepalived.conf", "sh -c 'echo in'", "exit"]), list[str]()
    try:
        run_console("db1", lab.engine.call_in_world, lambda _: next(said), out.append)
    finally:
        watching = False
    assert any("needs a terminal of its own" in line for line in out)


def test_the_keys_of_job_control_lead_nowhere(lab: SimLab) -> None:
    handlers = []

    def read(_: str) -> str:
        handlers.append([signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGQUIT)])
        return "exit"

    before = signal.getsignal(signal.SIGTSTP)
    run_console("db1", lab.engine.call_in_world, read, lambda _: None)
    assert handlers == [[signal.SIG_IGN, signal.SIG_IGN]]
    assert signal.getsignal(signal.SIGTSTP) == before


def test_a_configuration_that_is_shown_has_its_colours() -> None:
    line = "    priority 100"
    shown = paint_output("cat /etc/keepalived/keepalived.conf", line)
    assert isinstance(shown, TerminalText)
    assert shown == "    \x1b[36mpriority\x1b[0m \x1b[35m100\x1b[0m"
    for typed in ("cat /etc/hosts", "cat keepalived.conf | wc -l", "mysql -e 'SELECT 1'"):
        assert paint_output(typed, line) == line


def test_sql_that_was_typed_is_painted_where_it_stands() -> None:
    painted = repaint_typed("[root@db1 ~]# ", 'mysql -e "SELECT 1"', 80)
    assert isinstance(painted, TerminalText)
    assert painted.startswith('\x1b[A\r\x1b[K[root@db1 ~]# mysql -e "\x1b[36mSELECT\x1b[0m ')
    assert repaint_typed("# ", 'mysql -e "SELECT 1"', 20) is None, "it may fill two rows"
    assert repaint_typed("# ", "ip address", 80) is None
