"""A conversation on a terminal."""

from __future__ import annotations

from hatlab.engine.simulator.console.terminal import run_console
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
