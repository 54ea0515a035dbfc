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
