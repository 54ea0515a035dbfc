"""One node: a network, mount and host name namespace, its files, and the keepalived in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compose.agent.netlink import RTM_DELADDR, RTM_NEWADDR, attributes, netlink_messages, open_netlink

from . import linux
from .wire import run_ip

COMMAND = ("/usr/sbin/keepalived", "--dont-fork", "--log-console", "--no-syslog", "-D")
_BOUND = {"run": "/run", "tmp": "/tmp", "etc": "/etc/keepalived"}
"""Folder of a node → where it stands for the node's processes."""
_STAMP = re.compile(r"^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: ")
RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR = 0x10, 0x100
IFA_ADDRESS, IFA_LOCAL = 1, 2


class Machine:
    """A node.

    Args:
        name: of the node, and its host name.
        folder: where its files are.
        interfaces: device → `mac`, and its own `addresses` with prefix length.
        conf: its keepalived.conf.
    """

    def __init__(self, name: str, folder: Path, interfaces: dict[str, Any], conf: str) -> None:
        self.name, self.folder, self.interfaces = name, folder, interfaces
        for part in _BOUND:
            (folder / part).mkdir(parents=True)
        shutil.copytree("/etc/keepalived", folder / "etc", dirs_exist_ok=True)
        (folder / "run/hatlab").mkdir()
        self.write_file("/etc/keepalived/keepalived.conf", conf)
        os.mkfifo(folder / "run/hatlab/notify.fifo")
        self.fifo = os.open(folder / "run/hatlab/notify.fifo", os.O_RDWR | os.O_NONBLOCK)
        self.holder = linux.fork_holder(self._prepare)
        self._namespaces = [
            os.open(f"/proc/{self.holder}/ns/{kind}", os.O_RDONLY) for kind in ("net", "uts", "mnt")
        ]
        self._inode = os.fstat(self._namespaces[0]).st_ino
        self.process: subprocess.Popen[bytes] | None = None
        self.pidfd = self.log = -1
        self.frozen = False
        self._partial: dict[int, bytes] = {}

    def _prepare(self) -> None:
        linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS)
        linux.mount("none", "/", linux.MS_REC | linux.MS_PRIVATE)
        for part, target in _BOUND.items():
            linux.mount(str(self.folder / part), target, linux.MS_BIND)
        socket.sethostname(self.name)

    def _enter(self) -> None:
        linux.enter(*self._namespaces)
        os.chdir("/")

    def open(self) -> socket.socket:
        """Set its interfaces up; return a socket that tells changes of its addresses."""
        lines = ["link set lo up"]
        for device, interface in self.interfaces.items():
            if not self.speaks_ipv6:
                lines.append(f"link set {device} addrgenmode none")
            lines.append(f"link set {device} up")
            lines += [f"address add {address} dev {device}" for address in interface["addresses"]]
        run_ip(lines, self._enter)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            linux.enter(self._namespaces[0])
            return open_netlink(socket.NETLINK_ROUTE, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)
        finally:
            linux.enter(home)
            os.close(home)

    @property
    def speaks_ipv6(self) -> bool:
        """True if it has addresses of IPv6, and so link-local ones."""
        return any(":" in address for i in self.interfaces.values() for address in i["addresses"])

    # -- its keepalived

    @property
    def running(self) -> bool:
        """True if its keepalived runs, frozen or not."""
        return self.process is not None

    def start(self) -> None:
        """Start keepalived; `log` and `pidfd` are then to be read."""
        process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=self._before_keepalived,
        )
        assert process.stdout
        self.process, self.log = process, os.dup(process.stdout.fileno())
        process.stdout.close()
        os.set_blocking(self.log, False)
        self.pidfd = os.pidfd_open(process.pid)

    def _before_keepalived(self) -> None:
        self._enter()
        linux.hurry()

    def signal_all(self, number: int) -> None:
        """Send a signal to keepalived and its children."""
        if self.process:
            linux.send_signal(linux.descendants(self.process.pid), number)

    def kill_all(self) -> None:
        """SIGKILL to keepalived and its children; the first last, as its death ends them in order."""
        if self.process:
            pids = linux.descendants(self.process.pid)
            linux.send_signal(pids, signal.SIGSTOP)
            linux.send_signal(pids[::-1], signal.SIGKILL)

    def signal_parent(self, number: int) -> None:
        """Send a signal to keepalived's first process."""
        if self.process:
            linux.send_signal([self.process.pid], number)

    def signal_child(self, number: int) -> None:
        """Send a signal to keepalived's VRRP process."""
        if self.process:
            linux.send_signal(linux.descendants(self.process.pid)[1:2], number)

    def take_end(self) -> str:
        """Its first process has ended: return how."""
        assert self.process
        code = self.process.wait()
        self.process, self.frozen = None, False
        os.close(self.pidfd)
        return f"signal {-code}" if code < 0 else f"exit {code}"

    def read_lines(self, file: int, take: Callable[[str], None]) -> bool:
        """Hand on each whole line; False at the end of the file."""
        while True:
            try:
                data = os.read(file, 65536)
            except BlockingIOError:
                return True
            if not data:
                self._partial.pop(file, None)
                return False
            *lines, self._partial[file] = (self._partial.get(file, b"") + data).split(b"\n")
            for line in lines:
                take(_STAMP.sub("", line.decode(errors="replace").rstrip()))

    # -- what is done to it

    def write_file(self, path: str, text: str | None, mode: int = 0o644) -> None:
        """Write one of its files, or remove it."""
        part, target = next((p, t) for p, t in _BOUND.items() if path.startswith(t + "/"))
        file = self.folder / part / path[len(target) + 1 :]
        if text is None:
            file.unlink(missing_ok=True)
            return
        file.write_text(text)
        file.chmod(mode)

    def set_link(self, device: str, up: bool) -> None:
        """Take an interface up or down; one that comes up gets its IPv6 addresses again."""
        addresses = self.interfaces[device]["addresses"] if up else ()
        lost = [f"address replace {address} dev {device}" for address in addresses if ":" in address]
        run_ip([f"link set {device} {'up' if up else 'down'}", *lost], self._enter)

    def delete_address(self, address: str) -> None:
        """Take an address off whatever interface has it."""
        listed = subprocess.run(
            ["ip", "-o", "address"], capture_output=True, text=True, preexec_fn=self._enter, check=True
        )
        for line in listed.stdout.splitlines():
            words = line.split()
            if words[3].partition("/")[0] == address:
                run_ip([f"address delete {words[3]} dev {words[1]}"], self._enter)

    def set_deaf(self, device: str, deaf: bool) -> None:
        """Drop what arrives at an interface, or take it in again."""
        table = f"cut_{device}"
        rules = f"add table netdev {table}\ndelete table netdev {table}\n"
        if deaf:
            hook = f'type filter hook ingress device "{device}" priority 0; drop;'
            rules += f"table netdev {table} {{ chain c {{ {hook} }}; }}\n"
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, preexec_fn=self._enter, check=True)

    def close(self) -> None:
        """End everything in it."""
        linux.kill_namespace(self._inode)
        if self.process:
            self.process.wait()
        os.waitpid(self.holder, 0)
        for file in (*self._namespaces, self.fifo):
            os.close(file)


def read_addresses(data: bytes) -> list[tuple[str, bool]]:
    """Return (address, held) of each change in a netlink datagram."""
    changes = []
    for kind, payload in netlink_messages(data):
        if kind not in {RTM_NEWADDR, RTM_DELADDR}:
            continue
        (family,) = struct.unpack_from("B", payload)
        values = attributes(payload[8:])
        raw = values.get(IFA_LOCAL) or values.get(IFA_ADDRESS)
        if raw:
            changes.append((socket.inet_ntop(family, raw), kind == RTM_NEWADDR))
    return changes
