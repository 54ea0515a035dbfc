"""Services of a node as processes, with real ones."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from compose.agent import services
from compose.agent.errors import Refused
from compose.agent.event_loop import EventLoop
from compose.agent.processes import list_processes


def alive(pid: int) -> bool:
    return any(pid == listed and state not in "ZX" for listed, _, state, _ in list_processes())


def test_processes_that_a_daemon_left_behind_are_ended(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(services, "ORPHAN_GRACE", 0.1)
    loop = EventLoop()
    node = services.Services("db1", loop, ["keepalived"])
    daemon = services.Service("a-daemon", ("/bin/sh", "-c", "sleep 60 & echo $!; exit 3"))
    node.by_name = {daemon.name: daemon}  # the machine's own mysqld is none of this test's
    output: list[str] = []
    daemon.on_log_line = output.append
    deadline = time.monotonic() + 10

    def scan(now: float) -> float:
        node.scan()
        return now + 0.05

    node.spawn(daemon)
    loop.run(lambda now: now < deadline and not (output and not alive(int(output[0]))), [scan])
    assert output
    assert not alive(int(output[0]))
    assert daemon.reason == "exit 3"
    assert '"reason":"exit 3"' in capfd.readouterr().out


def test_a_child_that_dies_with_its_parent_is_no_new_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed daemon's child may be in /proc a moment longer; one that stays is the service, though."""
    node = services.Services("db1", EventLoop(), ["keepalived"])
    daemon = node.by_name["keepalived"]
    daemon.tree = [100_010, 100_011]
    started: list[int] = []
    monkeypatch.setattr(node, "_on_start", lambda _, pid: started.append(pid))
    child = (100_011, "keepalived", "S", 1)

    def scan(*listed: tuple[int, str, str, int]) -> list[int]:
        monkeypatch.setattr(services, "list_processes", lambda: iter(listed))
        node.scan()
        return started

    assert scan(child) == []
    assert scan() == []
    assert scan(child) == []
    assert scan(child) == [100_011]
    started.clear()
    assert scan((100_020, "keepalived", "S", 1)) == [100_020]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Sun Nov  2 18:00:00 2026: (VI_1) Entering BACKUP STATE\n", "(VI_1) Entering BACKUP STATE"),
        ("2026-11-22T18:00:00.000000Z 0 [System] ready", "0 [System] ready"),
        ("no stamp: at all", "no stamp: at all"),
    ],
)
def test_log_lines_lose_only_their_stamp(line: str, text: str) -> None:
    assert services.without_stamp(line) == text


def test_a_node_has_only_the_services_it_is_given() -> None:
    router = services.Services("r1", EventLoop(), ["keepalived"])
    assert str(router.get("keepalived")) == "down (not started)"
    with pytest.raises(Refused, match="r1 runs no mysqld"):
        router.get("mysqld")


def test_the_lock_of_a_killed_server_does_not_keep_the_next_one_from_starting(tmp_path: Path) -> None:
    lock = tmp_path / "mysqld.sock.lock"
    lock.write_text(str(os.getpid()))  # after a restart of the container its pid is another process's
    loop = EventLoop()
    node = services.Services("db1", loop, ["keepalived"])
    server = services.Service("a-server", ("/bin/sh", "-c", f"test ! -e {lock}"), lock=str(lock))
    node.by_name = {server.name: server}
    deadline = time.monotonic() + 10

    def scan(now: float) -> float:
        node.scan()
        return now + 0.05

    node.spawn(server)
    loop.run(lambda now: now < deadline and server.reason in {"not started", ""}, [scan])
    assert server.reason == "exit 0"
