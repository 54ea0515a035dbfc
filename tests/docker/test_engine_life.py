"""A lab's life: what it may do, how it ends, and what it leaves behind."""

from __future__ import annotations

import contextlib
import gc
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.docker import cleanup
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.docker.lab_records import find_place
from hatlab.errors import ActionFailed, EngineUnavailable, ImageMissing, LabError
from hatlab.topology.library import load_topology
from tests.docker.watched import Watched
from tests.support.waiting import wait_until

pytestmark = pytest.mark.docker


def inside(client: Any, lab: Watched, node: str, command: str) -> tuple[int, str]:
    run = client.api.exec_create(lab.engine.containers[node], ["bash", "-c", command])["Id"]
    output = client.api.exec_start(run).decode()
    return client.api.exec_inspect(run)["ExitCode"], output


def test_nothing_can_leave_the_lab(client: Any, running: Watched) -> None:
    for node in ("db1", "client"):
        assert "default" not in inside(client, running, node, "ip route; ip -6 route")[1]
        code, said = inside(client, running, node, "ping -c1 -W1 192.0.2.1")
        assert code != 0
        assert "unreachable" in said


def test_containers_have_few_rights(client: Any, running: Watched) -> None:
    config = client.api.inspect_container(running.engine.containers["db1"])
    host = config["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert set(host["CapAdd"]) <= {"NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "KILL"}
    assert "no-new-privileges" in host["SecurityOpt"]
    assert host["PidsLimit"] > 0
    assert host["Memory"] > 0
    assert not host["Binds"]
    assert not host["Privileged"]


def test_mysql_and_service_just_work_in_a_shell(client: Any, running: Watched) -> None:
    assert "db1" in inside(client, running, "db1", "mysql -e 'SELECT @@hostname'")[1]
    assert "db" in inside(client, running, "client", "mysql -e 'SELECT @@hostname'")[1]
    assert "running" in inside(client, running, "db2", "service mysqld status")[1]
    assert inside(client, running, "db2", "service nonsense status")[0] == 2


def test_a_line_runs_in_a_node_and_says_what_it_prints(running: Watched) -> None:
    text = running.engine.run_line("db1", "hostname; ls /nonsense").splitlines()
    assert text == ["db1", "ls: cannot access '/nonsense': No such file or directory"]


def test_what_is_done_by_hand_is_seen(client: Any, running: Watched) -> None:
    running.healthy()
    began = running.now()
    inside(client, running, "db2", "killall mysqld")
    down = running.wait(e.Process, began, node="db2", service="mysqld", state="down")
    assert down.reason == "exit 0"
    inside(client, running, "db2", "service mysqld start")
    running.wait(e.Process, began, node="db2", service="mysqld", state="up")
    inside(client, running, "db2", "kill -STOP $(pidof keepalived)")
    running.wait(e.Process, began, node="db2", service="keepalived", state="frozen")
    inside(client, running, "db2", "kill -CONT $(pidof keepalived)")
    running.wait(e.Process, began, node="db2", service="keepalived", state="up")
    rule = "nft add table inet t; nft 'add chain inet t i { type filter hook input priority 0; }'; "
    inside(client, running, "db2", rule + "nft add rule inet t i ip protocol 112 drop")
    assert running.wait(e.Filter, began, node="db2", network="heartbeat", percent=100.0).rules == (
        "ip protocol 112 drop",
    )
    healed = running.now()
    running.do("heal heartbeat")
    running.wait(e.Filter, healed, node="db2", network="heartbeat", percent=0.0)
    append = "echo '# mine' >> /etc/keepalived/keepalived.conf"
    inside(client, running, "db2", f"ip addr add 198.18.9.9/32 dev lo; {append}")
    running.until(lambda: "# mine" in running.all(e.Conf, node="db2")[-1].text, "new text")
    running.do("reset")


def test_keepalived_itself_checks_a_configuration(running: Watched) -> None:
    text = running.all(e.Conf, node="db1")[-1].text
    assert running.engine.check("db1", text) == []
    assert running.engine.check("db1", text.replace("priority 150", "prioritaet 150"))


def test_refusals_are_plain_and_definite(running: Watched) -> None:
    for line, words in {
        "thaw mysqld db1": "not frozen",
        "start mysqld db1": "runs already",
        "power on db1": "already on",
        "set db1 priority 900": "priority",
        "sql db1 nonsense": "MySQL says",
        f"address delete db2 {running.vip}": "does not hold",
    }.items():
        with pytest.raises(ActionFailed, match=words) as caught:
            running.do(line)
        assert caught.value.definite, line


def test_a_shell_on_a_terminal(running: Watched) -> None:
    pid, terminal = pty.fork()
    if pid == 0:  # the child has a terminal of its own
        try:
            sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115 - not pytest's
            os._exit(running.engine.shell("db1") & 0x7F)
        except BaseException:  # noqa: BLE001 - a forked child must never return
            os._exit(99)
    said = b""

    def wait_for(words: bytes) -> None:
        nonlocal said
        end = time.monotonic() + 15
        while words not in said:
            assert time.monotonic() < end, said
            if select.select([terminal], [], [], 0.2)[0]:
                said += os.read(terminal, 4096)

    wait_for(b"[root@db1 ")
    os.write(terminal, b"tty && exit 7\r")
    wait_for(b"/dev/pts/")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    os.close(terminal)


def test_a_node_removed_from_under_it(client: Any) -> None:
    lab = Watched()
    try:
        lab.start()
        client.api.remove_container(lab.engine.containers["db1"], force=True)
        gone = lab.wait(e.Node, node="db1", state="off")
        assert "removed" in gone.reason or "ended" in gone.reason
        lab.wait(e.Vrrp, node="db2", state="MASTER")
        with pytest.raises(ActionFailed):
            lab.do("kill mysqld db1")
    finally:
        lab.engine.stop()
    assert not [found for found in cleanup.find_labs(client) if found.lab == lab.engine.lab]


def test_two_labs_at_once_and_stopping_leaves_nothing(client: Any, running: Watched) -> None:
    other = Watched()
    try:
        other.start()
        assert not set(other.engine.layout.subnets.values()) & set(running.engine.layout.subnets.values())
        began = other.now()
        other.do("kill mysqld db1")
        other.wait(e.Vrrp, began, node="db2", state="MASTER")
        assert running.states()["db1"] == "MASTER"
        both = {found.lab for found in cleanup.find_labs(client) if found.running}
        assert both >= {other.engine.lab, running.engine.lab}
    finally:
        before = time.monotonic()
        other.engine.stop()
    assert time.monotonic() - before < 10, "before Docker would kill them itself"
    assert other.engine.lab not in {found.lab for found in cleanup.find_labs(client)}
    other.engine.stop()


def test_stopping_in_the_middle_of_a_start_leaves_nothing(client: Any) -> None:
    lab = Watched()
    failed: list[BaseException] = []

    def start() -> None:
        try:
            lab.start()
        except LabError as error:
            failed.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    lab.wait(e.Phase, name="network", done=True)
    lab.engine.stop()
    thread.join(20)
    assert "stopped while it was starting" in str(failed[0])
    assert lab.engine.lab not in {found.lab for found in cleanup.find_labs(client)}


CHILD = """
import sys
from hatlab.engine.docker import container_config
from hatlab.engine.docker.engine import DockerEngine
from hatlab.topology.library import load_topology
container_config.LEASE = 12
engine = DockerEngine("two-node", load_topology("two-node"))
engine.start(lambda events: None)
print(engine.lab, flush=True)
sys.stdin.read()
"""


def test_the_containers_of_a_killed_hatlab_end_by_themselves(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # or the start of another test removes it first
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout
        lab = child.stdout.readline().strip()
        child.send_signal(signal.SIGKILL)

    def state() -> cleanup.LabRemains:
        return next(found for found in cleanup.find_labs(client) if found.lab == lab)

    assert state().running
    wait_until(lambda: not state().running, 110, "end of the lease")
    cleanup.remove_own_dead_labs(client, find_place(client, None))
    assert lab not in {found.lab for found in cleanup.find_labs(client)}


class Relay:
    """A way to the Docker engine that can be broken, as when the engine dies."""

    def __init__(self, path: Path, target: str = "/var/run/docker.sock") -> None:
        self._target = target
        self._open: list[socket.socket] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._target)
            self._open += [near, far]
            for one, two in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(one, two), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def break_off(self, path: Path) -> None:
        path.unlink()
        self._server.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the SDK leaves a socket that cannot connect
@pytest.mark.skipif(not os.path.exists("/var/run/docker.sock"), reason="the engine is not on this machine")
def test_an_engine_that_dies_is_told(client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "docker.sock"
    relay = Relay(path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    lab = Watched()
    try:
        lab.start()
        relay.break_off(path)
        ending = lab.wait(e.Phase, name="stopping")
        assert "Docker engine" in ending.detail
        with pytest.raises(ActionFailed):
            lab.do("kill mysqld db1")
        lab.engine.stop()
    finally:
        cleanup.remove_lab(client, lab.engine.lab)
    del lab
    gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the SDK leaves a socket that cannot connect
def test_no_engine_and_no_image_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    topology = load_topology("two-node")
    with monkeypatch.context() as patched:
        patched.setenv("HATLAB_IMAGE", "hatlab-node:nowhere")
        with pytest.raises(ImageMissing):
            DockerEngine("two-node", topology).start(lambda events: None)
    with monkeypatch.context() as patched:
        patched.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        with pytest.raises(EngineUnavailable, match="no Docker engine answers"):
            DockerEngine("two-node", topology).start(lambda events: None)
    with pytest.raises(EngineUnavailable, match="no Docker context"):
        DockerEngine("two-node", topology, context="nowhere").start(lambda events: None)
    gc.collect()
