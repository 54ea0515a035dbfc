"""Services of a node as processes, with real ones."""

from __future__ import annotations

import time

import pytest

from compose.agent import services
from compose.agent.loop import Loop
from compose.agent.processes import processes


def alive(pid: int) -> bool:
    return any(pid == each and state not in "ZX" for each, _, state, _ in processes())


def test_what_a_daemon_left_behind_is_ended(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(services, "ORPHAN", 0.1)
    loop = Loop()
    node = services.Services("db1", loop, ["keepalived"])
    daemon = services.Service("a-daemon", ("/bin/sh", "-c", "sleep 60 & echo $!; exit 3"))
    node.by_name = {daemon.name: daemon}  # the machine's own mysqld is none of this test's
    said: list[str] = []
    daemon.on_text = said.append
    deadline = time.monotonic() + 10

    def scan(now: float) -> float:
        node.scan()
        return now + 0.05

    node.spawn(daemon)
    loop.run(lambda now: now < deadline and not (said and not alive(int(said[0]))), [scan])
    assert said
    assert not alive(int(said[0]))
    assert daemon.reason == "exit 3"
    assert '"reason":"exit 3"' in capfd.readouterr().out


def test_a_child_that_dies_with_its_parent_is_no_new_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed daemon's child may be in /proc a moment longer; one that stays is the service, though."""
    node = services.Services("db1", Loop(), ["keepalived"])
    daemon = node.by_name["keepalived"]
    daemon.tree = [100_010, 100_011]
    begun: list[int] = []
    monkeypatch.setattr(node, "_on_begin", lambda _, pid: begun.append(pid))
    child = (100_011, "keepalived", "S", 1)

    def scan(*found: tuple[int, str, str, int]) -> list[int]:
        monkeypatch.setattr(services, "processes", lambda: iter(found))
        node.scan()
        return begun

    assert scan(child) == []
    assert scan() == []
    assert scan(child) == []
    assert scan(child) == [100_011]
    begun.clear()
    assert scan((100_020, "keepalived", "S", 1)) == [100_020]
