"""One case from its beginning to its end: sets the namespaces up, does what is to be done, notes the rest."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import linux
from .machine import Machine, read_addresses
from .wire import Wire

FOLDER = Path("/labs")
SETTLE = 0.3
"""Seconds between the last interface that comes up and the beginning: bridges learn, and noise ends."""
SETTLE_IPV6 = 2.5
"""The same where link-local addresses are made: duplicates are looked for first."""


class Lab:
    """One case.

    Args:
        case: `nodes` (name → `interfaces`, `conf`, `files`), `steps` ([seconds, verb, node, …]), `length`.
    """

    def __init__(self, case: dict[str, Any]) -> None:
        self._case = case
        self._began = 0.0
        self._selector = selectors.DefaultSelector()
        self._facts: dict[str, list[list[Any]]] = {
            key: [] for key in ("notified", "frames", "addresses", "logs", "processes", "done")
        }

    def run(self) -> dict[str, Any]:
        """Run it, and return what was seen: kind of fact → [seconds, …] of each."""
        linux.unshare(linux.CLONE_NEWNET)
        folder = FOLDER / str(os.getpid())
        folder.mkdir(parents=True)
        machines: dict[str, Machine] = {}
        nodes = self._case["nodes"]
        try:
            devices = dict.fromkeys(device for node in nodes.values() for device in node["interfaces"])
            wire = Wire(devices)
            for name, node in nodes.items():
                machine = Machine(name, folder / name, node["interfaces"], node["conf"])
                machines[name] = machine
                for path, text in node.get("files", {}).items():
                    machine.write_file(path, text, 0o755)
                macs = {device: interface["mac"] for device, interface in node["interfaces"].items()}
                wire.connect(name, machine.holder, macs)
                self._watch_machine(machine)
            self._watch(wire.socket, lambda: wire.read(self._on_frame))
            speaks_ipv6 = any(machine.speaks_ipv6 for machine in machines.values())
            self._run_until(time.monotonic() + (SETTLE_IPV6 if speaks_ipv6 else SETTLE))
            self._play(machines)
        finally:
            for machine in machines.values():
                machine.close()
            shutil.rmtree(folder, ignore_errors=True)
        return self._facts

    def _play(self, machines: dict[str, Machine]) -> None:
        linux.hurry()
        self._began = time.monotonic()
        for facts in self._facts.values():
            facts.clear()
        for at, verb, node, *words in self._case["steps"]:
            self._run_until(self._began + at)
            self._do(machines[node], verb, words)
            self._note("done", time.monotonic())
        self._run_until(self._began + self._case["length"])

    def _run_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data()

    # -- what is done

    def _do(self, machine: Machine, verb: str, words: list[Any]) -> None:
        match verb:
            case "start" if not machine.running:
                machine.start()
                log, pidfd = machine.log, machine.pidfd
                self._watch(log, lambda: self._read_log(machine, log))
                self._watch(pidfd, lambda: self._take_end(machine, pidfd))
            case "stop" if not machine.frozen:
                machine.signal_parent(signal.SIGTERM)
            case "kill":
                machine.kill_all()
            case "kill-child" if not machine.frozen:
                machine.signal_child(signal.SIGKILL)
            case "freeze":
                machine.signal_all(signal.SIGSTOP)
                machine.frozen = machine.running
            case "thaw":
                machine.signal_all(signal.SIGCONT)
                machine.frozen = False
            case "edit":
                machine.write_file("/etc/keepalived/keepalived.conf", words[0])
                machine.signal_parent(signal.SIGHUP)
            case "write":
                machine.write_file(words[0], words[1], 0o755)
            case "link":
                machine.set_link(words[0], words[1])
            case "deaf":
                machine.set_deaf(words[0], words[1])
            case "delete":
                machine.delete_address(words[0])

    # -- what happens

    def _note(self, kind: str, at: float, *words: Any) -> None:
        self._facts[kind].append([round(at - self._began, 6), *words])

    def _watch(self, file: Any, call: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_READ, call)

    def _watch_machine(self, machine: Machine) -> None:
        fifo = machine.fifo
        self._watch(fifo, lambda: self._read_fifo(machine))
        netlink = machine.open()
        self._watch(netlink, lambda: self._read_netlink(machine, netlink))

    def _read_fifo(self, machine: Machine) -> None:
        now = time.monotonic()
        machine.read_lines(machine.fifo, lambda line: self._note("notified", now, machine.name, line))

    def _read_log(self, machine: Machine, log: int) -> None:
        now = time.monotonic()
        if not machine.read_lines(log, lambda line: self._note("logs", now, machine.name, line)):
            self._selector.unregister(log)
            os.close(log)

    def _take_end(self, machine: Machine, pidfd: int) -> None:
        self._selector.unregister(pidfd)
        self._note("processes", time.monotonic(), machine.name, machine.take_end())

    def _read_netlink(self, machine: Machine, netlink: socket.socket) -> None:
        now = time.monotonic()
        with contextlib.suppress(BlockingIOError):
            while True:
                for address, held in read_addresses(netlink.recv(65536)):
                    self._note("addresses", now, machine.name, address, held)

    def _on_frame(self, at: float, node: str, device: str, frame: bytes) -> None:
        if _is_interesting(frame):
            self._note("frames", at, node, device, frame.hex())


def _is_interesting(frame: bytes) -> bool:
    """True for an advert (protocol 112, or 51 around it) and for ARP."""
    kind = frame[12:14]
    if kind == b"\x08\x06":
        return True
    if kind == b"\x08\x00":
        return frame[23] in {112, 51}
    return kind == b"\x86\xdd" and (frame[20] in {112, 51} or (frame[20] == 58 and frame[54:55] == b"\x88"))
