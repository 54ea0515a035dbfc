"""Two machines of a swarm on this one: engines of their own, in namespaces of their own.

Everything lives in namespaces for networks, mounts and processes that `enter` makes: the machine's own engine
and network see nothing of it, and all of it ends with the process that made them, whatever ends that.

    hosts, a bridge: 10.91.0.1, on which the hub and the students are
    ├── one: 10.91.0.11, an engine that manages the swarm
    └── two: 10.91.0.12, an engine that has joined it
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HUB = "10.91.0.1"
IN_NAMESPACES = "HATLAB_IN_NAMESPACES"
ENGINE_SOCKET = "/run/engine/docker.sock"
"""Where each machine sees the socket of its own engine."""
CONTROL_GROUPS = Path("/sys/fs/cgroup")
_UP_WITHIN = 60.0


def enter(module: str, arguments: Sequence[str]) -> int:
    """Run a module in namespaces of its own; return its exit code."""
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    try:
        return subprocess.run(
            [*command, sys.executable, "-m", module, *arguments],
            env={**os.environ, IN_NAMESPACES: "1"},
            check=False,
        ).returncode
    finally:
        _remove_groups()


def _remove_groups() -> None:
    """Remove the control groups that the engines made: no namespace takes them along. One in use stays."""
    for top in CONTROL_GROUPS.glob("hatlab-*"), CONTROL_GROUPS.glob("*/hatlab-*"):
        for group in top:
            for folder in (*sorted(group.rglob("*/"), reverse=True), group):
                with suppress(OSError):
                    folder.rmdir()


def run(*words: str, **options: Any) -> str:
    """Run a command; return what it prints.

    Raises:
        RuntimeError: it failed; its own words.
    """
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    printed: str = done.stdout
    return printed


@dataclass(frozen=True)
class Machine:
    """One machine of the swarm.

    Args:
        name: which.
        address: in the network of all of them.
        folder: where its engine keeps everything.
    """

    name: str
    address: str
    folder: Path

    @property
    def sockets(self) -> Path:
        return Path("/run") / self.name

    @property
    def engine(self) -> str:
        """Where its engine answers."""
        return f"unix://{self.sockets}/docker.sock"

    def docker(self, *words: str, **options: Any) -> str:
        return run("docker", "--host", self.engine, *words, **options)

    def connect(self) -> None:
        """Give the machine a network card on the bridge of all of them."""
        link = f"to-{self.name}"
        for words in (
            f"netns add {self.name}",
            f"link add {link} type veth peer name eth0 netns {self.name}",
            f"link set {link} master hosts up",
            f"-n {self.name} address add {self.address}/24 dev eth0",
            f"-n {self.name} link set eth0 up",
            f"-n {self.name} link set lo up",
            f"-n {self.name} route add default via {HUB}",
        ):
            run("ip", *words.split())

    def start_engine(self) -> None:
        """Start its engine; `wait_for_engine` waits for it."""
        self.sockets.mkdir()
        self.folder.mkdir(parents=True, exist_ok=True)
        here = f'hostname {self.name} && mount --bind {self.sockets} /run/engine && exec "$@"'
        namespaces = [f"nsenter --net=/run/netns/{self.name}", "unshare --mount --uts"]
        words = [*" ".join(namespaces).split(), "sh", "-c", here, "sh", "dockerd"]
        words += ["--data-root", str(self.folder / "data"), "--exec-root", f"/run/exec-{self.name}"]
        words += ["--pidfile", f"/run/{self.name}.pid", "--host", f"unix://{ENGINE_SOCKET}"]
        words += ["--cgroup-parent", f"hatlab-{self.name}"]
        with (self.folder / "log").open("wb") as log:
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_for_engine(self) -> None:
        until = time.monotonic() + _UP_WITHIN
        while True:
            try:
                self.docker("version")
                return
            except RuntimeError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def containers(self, *options: str) -> list[str]:
        """The names of the containers that run on it."""
        return self.docker("ps", "--format", "{{.Names}}", *options).split()


class PrivateSwarm:
    """Two machines in one swarm, each with the images of a tar file.

    Args:
        folder: where their engines keep everything; it is made, and is gone with the namespaces.
        images: the tar files, as `docker save` writes them.
    """

    def __init__(self, folder: Path, images: Sequence[Path]) -> None:
        self._folder, self._images = folder, images
        self.one = Machine("one", "10.91.0.11", folder / "one")
        self.two = Machine("two", "10.91.0.12", folder / "two")
        self.machines = (self.one, self.two)

    def start(self) -> None:
        """Make the network and the engines, and let both machines be one swarm."""
        run("mount", "--make-rprivate", "/")
        self._folder.mkdir()
        for folder in ("/run", str(self._folder)):  # in memory: quick to fill, and gone by itself
            run("mount", "-t", "tmpfs", "tmpfs", folder)
        for words_ in ("link set lo up", "link add hosts type bridge", f"address add {HUB}/24 dev hosts"):
            run("ip", *words_.split())
        run("ip", "link", "set", "hosts", "up")
        Path(ENGINE_SOCKET).parent.mkdir()
        for machine in self.machines:
            machine.connect()
            machine.start_engine()
        for machine in self.machines:
            machine.wait_for_engine()
        one, two = self.machines
        one.docker("swarm", "init", "--advertise-addr", one.address)
        token = one.docker("swarm", "join-token", "-q", "worker").strip()
        two.docker("swarm", "join", "--advertise-addr", two.address, "--token", token, f"{one.address}:2377")
        for file in self._images:
            loading = [
                subprocess.Popen(
                    ["docker", "--host", m.engine, "load", "-q", "-i", str(file)], stdout=subprocess.DEVNULL
                )
                for m in self.machines
            ]
            if any(process.wait() for process in loading):
                raise RuntimeError(f"{file} could not be loaded")

    def nodes(self) -> dict[str, dict[str, Any]]:
        """What the swarm knows of each machine, by the machine's name."""
        ids = self.one.docker("node", "ls", "-q").split()
        nodes = json.loads(self.one.docker("node", "inspect", *ids))
        by_address = {str(node["Status"]["Addr"]): node for node in nodes}
        return {machine.name: by_address[machine.address] for machine in self.machines}

    def update(self, machine: Machine, *options: str) -> None:
        """Change what the swarm may do with a machine."""
        self.one.docker("node", "update", *options, str(self.nodes()[machine.name]["ID"]))

    def kill(self, machine: Machine) -> None:
        """Let a machine die: its network is gone, then all that runs on it."""
        run("ip", "link", "set", f"to-{machine.name}", "down")
        running = machine.containers()
        pids = machine.docker("inspect", "--format", "{{.State.Pid}}", *running).split() if running else []
        engine = Path(f"/run/{machine.name}.pid").read_text(encoding="utf-8").strip()
        for pid in (engine, *pids):
            os.kill(int(pid), signal.SIGKILL)

    def seats(self) -> dict[str, str]:
        """Which machine has whose seat, as Swarm says."""
        names = {node["ID"]: name for name, node in self.nodes().items()}
        services = self._inspect("service", self.one.docker("service", "ls", "-q").split())
        of_service = {service["ID"]: service["Spec"]["Name"].rpartition("-")[2] for service in services}
        tasks = self.one.docker("service", "ps", "-q", *of_service).split() if of_service else []
        return {
            of_service[task["ServiceID"]]: names[task["NodeID"]]
            for task in self._inspect("", tasks)
            if task["Status"]["State"] == "running"
        }

    def _inspect(self, kind: str, ids: Sequence[str]) -> list[Any]:
        return json.loads(self.one.docker(*kind.split(), "inspect", *ids)) if ids else []
