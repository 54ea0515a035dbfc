#!/usr/bin/python3
"""The program in each container of a lab: it runs the node's services, watches them, and acts on request.

One JSON object a line: facts and replies on stdout, commands on stdin. A fact is
`{"t": seconds of CLOCK_MONOTONIC, "kind": …}` with the fields of the event of that kind, except `frame`
(raw bytes in hex; hatlab decodes them). A command is `{"id": n, "do": name, …}`, its reply
`{"reply": n, "ok": true, "effect": …}` or `{"reply": n, "ok": false, "error": …, "definite": …}`.

What it is comes as JSON in the environment variable HATLAB_NODE:

    role        "node" or "client"
    name        of the node
    networks    {network: CIDR}; interfaces are found by their address, as their names follow no order
    conf        text of keepalived.conf; `@NETWORK@` stands for that network's interface
    mysql       {server_id, increment, offset, source}: `source` is the address to replicate from, or null
    target, rate, writes    a client's virtual address, tries a second, rows a second
    hold        true: keepalived waits for the command `go`, so that an election begins everywhere at once
    lease       seconds without a line on stdin after which the container ends; 0: never

Nothing here polls what the kernel can announce: frames, addresses, links, the packet filter, ends of
processes and keepalived's states arrive through sockets. /proc is read ten times a second for what it
cannot announce: a process that somebody else started, or froze.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import ipaddress
import json
import os
import re
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

CONF = "/etc/keepalived/keepalived.conf"
FIFO = "/run/hatlab/notify.fifo"
SOCKET = "/run/hatlab/agent.sock"
MYSQL_SOCKET = "/run/mysqld/mysqld.sock"
DATA, TEMPLATE = "/var/lib/mysql", "/usr/share/hatlab/mysql"
SERVICES = ("mysqld", "keepalived")
SCAN = 0.1
"""Seconds between two looks at /proc."""
TRY_TIMEOUT = 0.5
"""Seconds a client waits for an answer."""

Fact = dict[str, Any]


class Refused(Exception):
    """A command that cannot be carried out; the sentence is for the user."""

    def __init__(self, message: str, definite: bool = True) -> None:
        super().__init__(message)
        self.definite = definite


def run(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a helper program; never raises on its exit code."""
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=10, check=False)


def must(*words: str, text: str | None = None) -> str:
    """Runs a helper program and returns its output; a failure is refused in its own words."""
    done = run(*words, text=text)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        raise Refused(f"{words[0]}: {lines[0]}")
    return done.stdout


# --- frames -----------------------------------------------------------------------------------------

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 0x0003, 0x0800, 0x0806, 0x86DD
PACKET_OUTGOING = 4
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35
_LOAD_TYPE = 0xFFFFF000 + 4  # SKF_AD_OFF + SKF_AD_PKTTYPE


def capture_filter(sent: bool) -> list[tuple[int, int, int, int]]:
    """Classic BPF: ARP, IPv4 protocol 112 and IPv6 next header 112; only outgoing ones if `sent`.

    The jumps count instructions to skip: `accept` is the last but one, `reject` the last.
    """
    head = [(0x20, 0, 0, _LOAD_TYPE), (0x15, 0, 9, PACKET_OUTGOING)] if sent else []
    return [
        *head,
        (0x28, 0, 0, 12),  # EtherType
        (0x15, 6, 0, ETH_P_ARP),
        (0x15, 0, 2, ETH_P_IP),
        (0x30, 0, 0, 23),
        (0x15, 3, 4, 112),
        (0x15, 0, 3, ETH_P_IPV6),
        (0x30, 0, 0, 20),
        (0x15, 0, 1, 112),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    ]


def run_filter(program: list[tuple[int, int, int, int]], frame: bytes, kind: int = 0) -> bool:
    """What the kernel would answer: whether the filter lets a frame of packet type `kind` pass."""
    at = value = 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        match code:
            case 0x20:
                value = kind
            case 0x28:
                value = int.from_bytes(frame[k : k + 2])
            case 0x30:
                value = frame[k]
            case 0x15:
                at += yes if value == k else no
            case _:
                return k > 0


def open_capture(protocol: int) -> socket.socket:
    """A packet socket on all interfaces.

    ETH_P_ALL sees frames before the ingress hook of nftables, a socket of one protocol after it; only
    the former sees outgoing frames. So `sent` is taken from the one and `received` from the others, and
    a frame that a cut drops was never received.
    """
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    program = capture_filter(sent=protocol == ETH_P_ALL)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    sock.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code))
    )
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setblocking(False)
    return sock


def kernel_time(ancillary: list[tuple[int, int, bytes]]) -> float:
    """The kernel's time stamp of a frame, as CLOCK_MONOTONIC; now, if it gave none."""
    now = time.monotonic()
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("ll", data)
            age = time.time() - seconds - nanoseconds / 1e9
            return now - max(0.0, float(age))
    return now


# --- netlink ----------------------------------------------------------------------------------------

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
IFF_UP, IFF_LOWER_UP = 0x1, 0x10000


def netlink_messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, payload) of each message in a datagram."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("IH", data, at)
        if length < 16:
            return
        yield kind, data[at + 16 : at + length]
        at += (length + 3) & ~3


def attributes(data: bytes) -> dict[int, bytes]:
    """Route attributes: type → value."""
    out, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        if length < 4:
            break
        out[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return out


def open_netlink(protocol: int, groups: int = 0, member: int = 0) -> socket.socket:
    """A netlink socket listening to multicast groups."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    sock.bind((0, groups))
    if member:
        sock.setsockopt(270, 1, member)  # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
    sock.setblocking(False)
    return sock


def dump_request(kind: int) -> bytes:
    """Asks for everything of a kind."""
    return struct.pack("IHHIIB3x", 20, kind, 0x301, 1, 0, 0)


# --- what programs print ----------------------------------------------------------------------------

_STAMP = re.compile(r"^(?:\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: |\d{4}-\d\d-\d\dT[\d:.]+Z )")
_NOTIFY = re.compile(r'^(INSTANCE|GROUP) "([^"]*)" (\S+)(?: (\d+))?')
_STATES = {"MASTER": "MASTER", "BACKUP": "BACKUP", "FAULT": "FAULT", "STOP": "STOPPED"}


def without_stamp(line: str) -> str:
    """A daemon's log line without its own time stamp: the fact has a better one."""
    return _STAMP.sub("", line.rstrip())


def read_notify(line: str) -> Fact | None:
    """A line of keepalived's notify FIFO as a `vrrp` fact; None for what is no state or priority."""
    found = _NOTIFY.match(line)
    if not found or found[1] != "INSTANCE":
        return None
    word = found[3].removesuffix("_PRIORITY")
    if word not in _STATES:
        return None
    return {"instance": found[2], "state": _STATES[word], "priority": int(found[4]) if found[4] else None}


_ENTERING = re.compile(r"^\((.+)\) Entering (MASTER|BACKUP|FAULT) STATE")


def read_state(text: str) -> Fact | None:
    """A `vrrp` fact from keepalived's log, for a configuration that names no notify FIFO."""
    found = _ENTERING.match(text)
    return {"instance": found[1], "state": found[2], "priority": None} if found else None


def read_filters(ruleset: str, devices: dict[str, str]) -> dict[str, tuple[float, list[str]]]:
    """What `nft list ruleset` drops on arrival: network → (per cent of other servers' frames, rules).

    A rule that looks at ports or TCP flags is listed but counts for nothing: it does not stop adverts.

    Args:
        devices: interface → network.
    """
    found: dict[str, tuple[float, list[str]]] = {network: (0.0, []) for network in devices.values()}
    hook: str | None = None
    bound: set[str] = set()
    for raw in ruleset.splitlines():
        line = raw.strip()
        if line.startswith("chain "):
            hook, bound = None, set()
        elif line.startswith("type "):
            hook = (re.search(r"hook (\w+)", line) or [None, None])[1]
            bound = set(re.findall(r'"([^"]+)"', line)) if "device" in line else set()
            if "policy drop" in line and hook in ("input", "ingress"):
                _note(found, devices, bound, 100.0, line)
        elif hook in ("input", "ingress") and re.search(r"\b(drop|reject)\b", line):
            named = set(re.findall(r'\biif(?:name)? "([^"]+)"', line))
            share = re.search(r"numgen random mod (\d+) < (\d+)", line)
            percent = 100.0 * int(share[2]) / int(share[1]) if share else 100.0
            narrow = re.search(r"\b(dport|sport|tcp|udp|icmp|ct)\b", line)
            _note(found, devices, named or bound, 0.0 if narrow else percent, line)
    return found


def _note(
    found: dict[str, tuple[float, list[str]]],
    devices: dict[str, str],
    bound: set[str],
    percent: float,
    line: str,
) -> None:
    for device, network in devices.items():
        if not bound or device in bound:
            before, rules = found[network]
            found[network] = (100 - (100 - before) * (100 - percent) / 100, [*rules, line])


def read_delay(qdiscs: str) -> float:
    """Milliseconds of delay that `tc qdisc show` tells."""
    found = re.search(r"netem .*?delay ([\d.]+)(us|ms|s)", qdiscs)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]] if found else 0.0


def read_stat(text: str) -> tuple[int, str, str, int]:
    """(pid, name, state letter, parent) of a /proc/PID/stat."""
    head, _, tail = text.rpartition(")")
    pid, _, name = head.partition(" (")
    state, parent = tail.split()[:2]
    return int(pid), name, state, int(parent)


def error_word(error: BaseException) -> str:
    """A short word for why a try failed: timeout, refused, unreachable, reset, or `mysql NUMBER`."""
    cause: BaseException | None = getattr(error, "original_exception", None) or error.__cause__ or error
    if isinstance(cause, TimeoutError) or "timed out" in str(error):
        return "timeout"
    if isinstance(cause, ConnectionRefusedError):
        return "refused"
    if isinstance(cause, (ConnectionResetError, BrokenPipeError)):
        return "reset"
    if isinstance(cause, OSError) and cause.errno in (101, 113):
        return "unreachable"
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number == 2013:
        return "reset"
    return f"mysql {number}" if number else type(error).__name__


# --- the node ---------------------------------------------------------------------------------------


class Output:
    """Facts on their way to stdout: any thread puts, the main loop writes them sorted by their time."""

    def __init__(self, wake: int) -> None:
        self._wake = wake
        self._queue: deque[Fact] = deque()

    def put(self, kind: str, t: float | None = None, **fields: Any) -> None:
        self.raw({"t": time.monotonic() if t is None else t, "kind": kind, **fields})

    def raw(self, fact: Fact) -> None:
        self._queue.append(fact)
        self.wake()

    def wake(self) -> None:
        """Ends the main loop's wait."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake, b".")

    def flush(self) -> None:
        facts = [self._queue.popleft() for _ in range(len(self._queue))]
        if facts:
            facts.sort(key=lambda fact: float(fact.get("t", 0.0)))
            lines = "".join(json.dumps(fact, separators=(",", ":")) + "\n" for fact in facts)
            data = memoryview(lines.encode())
            while data:
                data = data[os.write(1, data) :]


class Service:
    """A service as the node's processes show it: the top process of its name, and its descendants."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pid: int | None = None
        self.pidfd = -1
        self.state = "down"
        self.reason = "not started"
        self.tree: list[int] = []

    def __str__(self) -> str:
        if self.state == "down":
            return f"down ({self.reason})" if self.reason else "down"
        return f"pid {self.pid} {'frozen' if self.state == 'frozen' else 'running'}"


class Agent:
    """The main loop, the watchers it feeds, and the commands."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.name: str = spec["name"]
        self.networks = {n: ipaddress.ip_network(c) for n, c in spec["networks"].items()}
        self.devices: dict[str, str] = {}
        self.addresses: set[tuple[str, str]] = set()
        self.links: dict[str, bool] = {}
        self.macs: dict[str, str] = {}
        self.filters: dict[str, tuple[float, list[str], float]] = {}
        self.services = {name: Service(name) for name in SERVICES}
        self.answers = threading.Event()
        self.selector = selectors.DefaultSelector()
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.out = Output(wake_write)
        self.selector.register(wake_read, selectors.EVENT_READ, lambda: os.read(wake_read, 4096))
        self.changed = threading.Condition()
        self.spawning = threading.Lock()
        self.heard = time.monotonic()
        self.conf_seen: tuple[int, int, int] | None = None
        self.notifies = True
        self.refilter_at: float | None = None
        self.buffers: dict[int, bytes] = {}
        self.zombies: set[int] = set()
        self.client: Client | None = None
        self.go = threading.Event()
        self.turn = 0
        self.tasks: deque[Callable[[], None]] = deque()

    # -- watching

    def watch(self, fd: Any, handler: Callable[[], Any]) -> None:
        self.selector.register(fd, selectors.EVENT_READ, handler)

    def lines(self, fd: int, take: Callable[[str], Any], *, size: int = 65536) -> bool:
        """Reads what is there and hands over whole lines; False at the end of the stream."""
        try:
            data = os.read(fd, size)
        except BlockingIOError:
            return True
        *whole, rest = (self.buffers.pop(fd, b"") + data).split(b"\n")
        if rest:
            self.buffers[fd] = rest
        for line in whole:
            take(line.decode("utf-8", "replace"))
        return bool(data)

    def open_all(self) -> None:
        """Opens every source of facts. Frames first, so that nothing is missed."""
        os.makedirs("/run/hatlab", exist_ok=True)
        if self.spec["role"] == "node":
            for protocol in (ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6):
                sock = open_capture(protocol)
                self.watch(sock, lambda s=sock: self.on_frames(s))  # type: ignore[misc]
            with contextlib.suppress(FileExistsError):
                os.mkfifo(FIFO)
            fifo = os.open(FIFO, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            self.watch(fifo, lambda: self.lines(fifo, self.on_notify))
            tables = open_netlink(12, member=7)  # NETLINK_NETFILTER, NFNLGRP_NFTABLES
            self.watch(tables, lambda: self.on_tables(tables))
        self.route = open_netlink(0, groups=0x1 | 0x10 | 0x100)  # links, IPv4 and IPv6 addresses
        for kind in (RTM_GETLINK, RTM_GETADDR):
            self.route.setblocking(True)
            self.route.send(dump_request(kind))
            while not self.on_route(once=True):
                pass
        self.route.setblocking(False)
        self.watch(self.route, self.on_route)
        os.set_blocking(0, False)
        self.watch(0, lambda: self.lines(0, self.on_line) or self.selector.unregister(0))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        server = socket.socket(socket.AF_UNIX)
        server.bind(SOCKET)
        server.listen()
        self.watch(server, lambda: self.on_local(server))

    def on_frames(self, sock: socket.socket) -> None:
        while True:
            try:
                frame, ancillary, _, address = sock.recvmsg(2048, 128)
            except BlockingIOError:
                return
            except OSError:
                continue  # the interface went down
            network = self.devices.get(address[0])
            if network:
                direction = "sent" if address[2] == PACKET_OUTGOING else "received"
                self.out.put(
                    "frame", kernel_time(ancillary), direction=direction, network=network, frame=frame.hex()
                )

    def on_notify(self, line: str) -> None:
        fact = read_notify(line)
        if fact:
            self.out.put("vrrp", **fact)

    def on_route(self, once: bool = False) -> bool:
        """Reads link and address messages; True at the end of a dump."""
        done = False
        while True:
            try:
                data = self.route.recv(65536)
            except BlockingIOError:
                return done
            except OSError:
                continue
            for kind, payload in netlink_messages(data):
                if kind in (RTM_NEWLINK, RTM_DELLINK):
                    self.on_link(payload, gone=kind == RTM_DELLINK)
                elif kind in (RTM_NEWADDR, RTM_DELADDR):
                    self.on_address(payload, held=kind == RTM_NEWADDR)
                done = done or kind == 3
            if once:
                return done

    def on_link(self, payload: bytes, gone: bool) -> None:
        flags = struct.unpack_from("I", payload, 8)[0]
        found = attributes(payload[16:])
        device = found[3].rstrip(b"\0").decode()
        self.macs[device] = found.get(1, b"").hex(":")
        up = bool(flags & IFF_UP and flags & IFF_LOWER_UP) and not gone
        if gone and device in self.devices:
            self.out.put("link", network=self.devices.pop(device), up=False)
            self.links.pop(device, None)
            return
        if self.links.get(device) != up:
            self.links[device] = up
            if device in self.devices:
                self.out.put("link", network=self.devices[device], up=up)

    def on_address(self, payload: bytes, held: bool) -> None:
        family, _, _, _, index = struct.unpack_from("BBBBI", payload)
        found = attributes(payload[8:])
        raw = found.get(2, found.get(1, b""))
        if family not in (socket.AF_INET, socket.AF_INET6) or not raw:
            return
        address = ipaddress.ip_address(raw)
        try:
            device = socket.if_indextoname(index)
        except OSError:
            device = next((d for d, a in self.addresses if a == str(address)), "")
        network = next((n for n, net in self.networks.items() if address in net), self.devices.get(device))
        if network is None or address.is_link_local:
            return
        if device not in self.devices:
            self.devices[device] = network
            self.out.put("link", network=network, up=self.links.get(device, True))
        if held != ((device, str(address)) in self.addresses):
            (self.addresses.add if held else self.addresses.discard)((device, str(address)))
            self.out.put("address", network=self.devices[device], address=str(address), held=held)

    def on_tables(self, sock: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            while sock.recv(65536):
                pass
        self.refilter_at = time.monotonic() + 0.01

    def refilter(self) -> None:
        """Lists the packet filter and tells each network's share of dropped frames, if it changed."""
        self.refilter_at = None
        found = read_filters(run("nft", "-n", "-s", "list", "ruleset").stdout, self.devices)
        for device, network in self.devices.items():
            percent, rules = found[network]
            delay = read_delay(run("tc", "qdisc", "show", "dev", device).stdout)
            now = (percent, rules, delay)
            if self.filters.get(network, (0.0, [], 0.0)) != now:
                self.filters[network] = now
                self.out.put("filter", network=network, percent=percent, rules=rules, delay_ms=delay)
        with self.changed:
            self.changed.notify_all()

    def on_log(self, service: str, line: str) -> None:
        text = without_stamp(line)
        if text:
            self.out.put("log", service=service, text=text)
        if service == "keepalived" and not self.notifies:
            fact = read_state(text)
            if fact:
                self.out.put("vrrp", **fact)

    # -- processes

    def processes(self) -> Iterator[tuple[int, str, str, int]]:
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError, ValueError), open(f"/proc/{entry}/stat") as file:
                    yield read_stat(file.read())

    def scan(self) -> None:
        """Looks at /proc: services that began or froze, orphans to reap, and the configuration's text."""
        now = list(self.processes())
        zombies = {pid for pid, _, state, parent in now if state == "Z" and parent == os.getpid()}
        for pid in zombies & self.zombies:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self.zombies = zombies
        for service in self.services.values():
            alive = [p for p in now if p[1] == service.name and p[2] not in "ZX"]
            own = {pid: (state, parent) for pid, _, state, parent in alive}
            tops = [p for p, (_, parent) in own.items() if parent not in own]
            if not tops:
                continue
            if service.pid is None:
                self.on_begin(service, tops[0])
            elif service.pid not in tops:
                continue  # its end is about to be told
            service.tree = sorted(own)
            frozen = any(state == "T" for state, _ in own.values())
            state = "frozen" if frozen else "up"
            if service.pid is not None and state != service.state:
                self.tell(service, state, "SIGSTOP" if frozen else "")
        self.look_at_conf()

    def on_begin(self, service: Service, pid: int) -> None:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return
        service.pid, service.pidfd, service.tree = pid, pidfd, [pid]
        self.watch(pidfd, lambda: self.on_exit(service, pid, pidfd))
        self.tell(service, "up", "")

    def on_exit(self, service: Service, pid: int, pidfd: int) -> None:
        """A top process ended: how, if it was our child (or an orphan that became ours)."""
        self.selector.unregister(pidfd)
        os.close(pidfd)
        reason = "ended"
        with contextlib.suppress(ChildProcessError, OSError):
            status = os.waitpid(pid, os.WNOHANG)[1]
            code = os.waitstatus_to_exitcode(status)
            reason = f"signal {-code}" if code < 0 else f"exit {code}"
        if service.pid != pid:
            return  # another one has taken its place
        service.pid = None
        if service.name == "mysqld":
            self.answers.clear()
        self.tell(service, "down", reason, pid)

    def tell(self, service: Service, state: str, reason: str, pid: int | None = None) -> None:
        service.state, service.reason = state, reason
        self.out.put("process", service=service.name, state=state, reason=reason, pid=pid or service.pid)
        with self.changed:
            self.changed.notify_all()

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(true, seconds)

    def spawn(self, name: str) -> None:
        """Starts a service as a child and streams what it prints; nothing, if it runs already."""
        if self.services[name].pid is not None:
            return
        if name == "mysqld":
            words, who = ["/usr/sbin/mysqld"], "mysql"
        else:
            words, who = ["/usr/sbin/keepalived", "--dont-fork", "--log-console", "--no-syslog", "-D"], None
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=who,
            group=who,
            extra_groups=[] if who else None,
            start_new_session=True,
        )
        assert process.stdout
        fd = os.dup(process.stdout.fileno())
        process.stdout.close()
        process.returncode = 0  # the main loop waits for it, not Popen
        os.set_blocking(fd, False)

        def read() -> None:
            if not self.lines(fd, lambda line: self.on_log(name, line)):
                self.selector.unregister(fd)
                os.close(fd)

        self.watch(fd, read)
        self.on_begin(self.services[name], process.pid)

    def look_at_conf(self) -> None:
        try:
            stat = os.stat(CONF)
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self.conf_seen:
                self.conf_seen = seen
                text = str(self.do_read()["text"])
                self.notifies = f"vrrp_notify_fifo {FIFO}" in text
                self.out.put("conf", text=text)
        except OSError:
            pass

    # -- boot

    def boot(self) -> None:
        """From nothing to a running node: mysqld, then keepalived as soon as it answers, then replication."""
        run("ip", "route", "del", "default")
        mysql = self.spec.get("mysql") or {}
        if self.spec["role"] == "node":
            os.makedirs("/etc/keepalived", exist_ok=True)
            if mysql:
                write_file("/etc/mysql/node.cnf", node_cnf(self.name, mysql))
                write_file("/root/.my.cnf", "[client]\nuser = root\n")
                restore_data(int(mysql["server_id"]), only_if_empty=True)
                self.spawn("mysqld")
            self.open_all()
            if not os.path.exists(CONF):
                self.write_conf(self.original_conf())
        else:
            write_file("/root/.my.cnf", f"[client]\nuser = client\nhost = {self.spec['target']}\n")
            self.open_all()
            self.client = Client(self.spec, self.out)
        self.out.put("hello", interfaces=self.interfaces(), role=self.spec["role"])
        if self.spec["role"] == "node":
            threading.Thread(target=self.bring_up, daemon=True).start()
            if mysql:
                threading.Thread(target=self.watch_replication, daemon=True).start()

    def interfaces(self) -> dict[str, dict[str, str]]:
        return {n: {"device": d, "mac": self.macs.get(d, "")} for d, n in self.devices.items()}

    def original_conf(self) -> str:
        text: str = self.spec.get("conf", "")
        for device, network in self.devices.items():
            text = text.replace(f"@{network}@", device)
        return text

    def bring_up(self) -> None:
        """keepalived and replication, as soon as mysqld answers; a reset in between begins anew."""
        turn = self.turn
        if self.spec.get("mysql"):
            self.wait_for_answer(60, lambda: self.turn == turn)
            if self.turn != turn:
                return
            threading.Thread(target=self.replicate, daemon=True).start()
        if self.spec.get("hold"):
            self.go.wait()
        if self.turn == turn:
            self.on_main(lambda: self.spawn("keepalived"))

    def on_main(self, task: Callable[[], None]) -> None:
        """Runs a task on the main loop and waits for it: the selector belongs to that thread."""
        if threading.current_thread() is threading.main_thread():
            task()
            return
        done, failed = threading.Event(), []  # type: tuple[threading.Event, list[BaseException]]

        def call() -> None:
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
                failed.append(error)
            done.set()

        self.tasks.append(call)
        self.out.wake()
        done.wait(10)
        if failed:
            raise failed[0]

    def wait_for_answer(self, seconds: float, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Waits until mysqld lets us in: asks it every 20 ms, as it announces itself only in its log."""
        importlib.import_module("pymysql")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and wanted():
            try:
                connect(unix_socket=MYSQL_SOCKET, user="root", timeout=1).close()
            except Exception:  # noqa: BLE001 - not yet
                time.sleep(0.02)
            else:
                self.answers.set()
                self.out.put("mysql")
                return True
        return False

    def replicate(self) -> None:
        source = (self.spec.get("mysql") or {}).get("source")
        if not source:
            return
        for _ in range(100):  # a first try that fails would cost SOURCE_CONNECT_RETRY
            with contextlib.suppress(OSError):
                socket.create_connection((source, 3306), 0.05).close()
                break
            time.sleep(0.05)
        with contextlib.closing(connect(unix_socket=MYSQL_SOCKET, user="root")) as db, db.cursor() as cursor:
            cursor.execute("SHOW REPLICA STATUS")
            if cursor.fetchone():
                return
            cursor.execute(
                "CHANGE REPLICATION SOURCE TO SOURCE_HOST=%s, SOURCE_USER='replica', SOURCE_AUTO_POSITION=1, "
                "SOURCE_SSL=0, SOURCE_CONNECT_RETRY=2, SOURCE_RETRY_COUNT=86400, SOURCE_HEARTBEAT_PERIOD=2",
                (source,),
            )
            cursor.execute("START REPLICA")

    def watch_replication(self) -> None:
        """Asks mysqld for its replica's state twice a second and tells what changed."""
        last: Fact = {}
        db: Any = None
        while True:
            time.sleep(0.5 if last.get("receiver") else 0.1)
            if not self.answers.is_set():
                last, db = {}, None
                self.answers.wait()
            try:
                if db is None:
                    db = connect(unix_socket=MYSQL_SOCKET, user="root", timeout=2)
                fact = replica_status(db)
            except Exception:  # noqa: BLE001 - mysqld is gone, frozen or starting: asked again
                db = None
                continue
            if fact and fact != last:
                last = fact
                self.out.put("replication", **fact)

    # -- commands

    def on_line(self, line: str) -> None:
        self.heard = time.monotonic()
        if line.strip():
            try:
                command = json.loads(line)
            except ValueError:
                return
            if command.get("do") == "lease":
                return
            if command.get("do") == "go":
                self.go.set()
                return
            if command.get("do") == "ping":
                self.out.raw({"reply": command.get("id"), "ok": True, "t": time.monotonic()})
            else:
                threading.Thread(target=self.obey, args=(command, self.out.raw), daemon=True).start()

    def on_local(self, server: socket.socket) -> None:
        """A command from inside the node (`service …`)."""
        peer, _ = server.accept()
        peer.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            command = json.loads(peer.makefile().readline())

            def answer(reply: Fact) -> None:
                with peer:
                    peer.sendall(json.dumps(reply).encode() + b"\n")

            threading.Thread(target=self.obey, args=(command, answer), daemon=True).start()

    def obey(self, command: dict[str, Any], answer: Callable[[Fact], None]) -> None:
        reply: Fact = {"reply": command.pop("id", None)}
        try:
            handler = getattr(self, "do_" + str(command.pop("do", "")), None)
            if handler is None:
                raise Refused("the agent does not know this command")
            result = handler(**command)
            answer({**reply, "ok": True, **(result if isinstance(result, dict) else {"effect": result})})
        except Refused as error:
            answer({**reply, "ok": False, "error": str(error), "definite": error.definite})
        except Exception as error:  # noqa: BLE001 - whatever went wrong is the reply
            answer({**reply, "ok": False, "error": f"{type(error).__name__}: {error}", "definite": False})

    def running(self, name: str) -> Service:
        service = self.services[name]
        if service.pid is None:
            raise Refused(f"{name} is not running on {self.name}: {service}")
        return service

    def do_status(self, service: str) -> str:
        return f"{service}: {self.services[service]}"

    def do_kill(self, service: str) -> str:
        return self.end_service(service, signal.SIGKILL, 5)

    def do_stop(self, service: str) -> str:
        if self.services[service].state == "frozen":
            raise Refused(f"{service} is frozen and cannot stop in order: thaw or kill it")
        return self.end_service(service, signal.SIGTERM, 20)

    def end_service(self, name: str, number: int, seconds: float) -> str:
        service = self.running(name)
        before, pid = str(service), service.pid
        for each in service.tree if number == signal.SIGKILL else [pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each or 0, number)
        if not self.until(lambda: service.pid != pid, seconds):
            raise Refused(f"{name} still runs {seconds:g} s after signal {number}", definite=False)
        return f"{name} {before} → gone ({service.reason})"

    def do_start(self, service: str) -> str:
        with self.spawning:
            found = self.services[service]
            if found.pid is not None:
                raise Refused(f"{service} runs already on {self.name}: {found}")
            before = str(found)
            self.on_main(lambda: self.spawn(service))
            if service == "mysqld":
                self.answers.clear()
                deadline = time.monotonic() + 30
                while not self.wait_for_answer(0.2):
                    if found.pid is None:
                        raise Refused(f"mysqld ended at once ({found.reason}); see its log")
                    if time.monotonic() > deadline:
                        raise Refused("mysqld does not answer after 30 s; see its log", definite=False)
            elif self.until(lambda: found.pid is None, 0.4):
                raise Refused(f"keepalived ended at once ({found.reason}); see its log")
            return f"{service} {before} → {found}"

    def do_freeze(self, service: str) -> str:
        return self.signal_tree(service, signal.SIGSTOP, "frozen")

    def do_thaw(self, service: str) -> str:
        return self.signal_tree(service, signal.SIGCONT, "up")

    def signal_tree(self, name: str, number: int, state: str) -> str:
        service = self.running(name)
        before = str(service)
        if service.state == state:
            raise Refused(f"{name} is {'frozen' if state == 'frozen' else 'not frozen'} on {self.name}")
        for pid in service.tree:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if not self.until(lambda: service.state == state, 3):
            raise Refused(f"{name} did not change state within 3 s", definite=False)
        return f"{name} {before} → {service}"

    def do_reload(self, service: str = "keepalived") -> str:
        found = self.running(service)
        os.kill(found.pid or 0, signal.SIGHUP)
        return f"{service} {found}: told to read its configuration again (SIGHUP)"

    def others(self) -> list[int]:
        """Every process but the init and this one."""
        own = (1, os.getpid())
        return [pid for pid, _, state, _ in self.processes() if pid not in own and state not in "ZX"]

    def do_pause(self) -> str:
        stopped = self.others()
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        return f"{len(stopped)} processes of {self.name} running → stopped (SIGSTOP)"

    def do_resume(self) -> str:
        going = self.others()
        for pid in going:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return f"{len(going)} processes of {self.name} stopped → running (SIGCONT)"

    def device(self, network: str) -> str:
        for device, name in self.devices.items():
            if name == network:
                return device
        raise Refused(f"{self.name} has no interface on {network}")

    def do_filter(self, network: str, percent: float, macs: list[str]) -> str:
        """Drops what the given senders send here, before the node's network stack sees it; 0: nothing."""
        device, before = self.device(network), self.filters.get(network, (0.0, [], 0.0))[0]
        chain = f"from_servers_{network}"
        share = f"numgen random mod 1000 < {round(percent * 10)} " if percent < 100 else ""
        rule = f"ether saddr {{ {', '.join(macs)} }} {share}drop" if percent and macs else ""
        ways = (
            ("netdev", f'type filter hook ingress device "{device}" priority 0;', rule),
            ("inet", "type filter hook input priority 0;", f'iifname "{device}" {rule}' if rule else ""),
        )
        for way in ways:  # the second for kernels without a hook before the network stack
            if run("nft", "-f", "-", text=filter_script(chain, *way)).returncode == 0:
                break
        else:
            raise Refused("nft: this kernel has neither an ingress nor an input hook")
        if not percent:
            self.drop_by_hand(network)
        self.until(lambda: abs(self.filters.get(network, (0.0, [], 0.0))[0] - percent) < 0.01, 1)
        after = self.filters.get(network, (0.0, [], 0.0))[0]
        if abs(after - percent) >= 0.01:
            raise Refused(f"{self.name} drops {after:g} % on {network}, not {percent:g} %", definite=False)
        return f"{self.name} drops {before:g} % → {after:g} % of what servers send it on {network}"

    def drop_by_hand(self, network: str) -> None:
        """Takes away rules that somebody made by hand and that drop what arrives on this network."""
        device, place = self.device(network), ""
        for raw in run("nft", "-a", "-n", "-s", "list", "ruleset").stdout.splitlines():
            line = raw.strip()
            words = line.split()
            if line.startswith("table "):
                table = " ".join(words[1:3])
            elif line.startswith("chain "):
                place, text = f"{table} {words[1]}", ""
            elif line.startswith("type "):
                text = line
            elif place and "# handle" in line:
                rule, _, handle = line.partition(" # handle ")
                if read_filters(f"chain x\n{text}\n{rule}", {device: network})[network][0]:
                    run("nft", "delete", "rule", *place.split(), "handle", handle)

    def do_link(self, network: str, up: bool) -> str:
        device = self.device(network)
        before = self.links.get(device, True)
        must("ip", "link", "set", device, "up" if up else "down")
        end = time.monotonic() + 2
        while self.links.get(device) != up and time.monotonic() < end:
            time.sleep(0.005)
        words = {True: "up", False: "down"}
        return f"{self.name}'s interface {device} on {network} {words[before]} → {words[self.links[device]]}"

    def do_delay(self, network: str, milliseconds: float) -> str:
        device, before = self.device(network), self.filters.get(network, (0.0, [], 0.0))[2]
        if milliseconds:
            words = ["tc", "qdisc", "replace", "dev", device, "root", "netem", "delay", f"{milliseconds:g}ms"]
            done = run(*words)
            if done.returncode:
                raise Refused("this machine's kernel has no netem, so frames cannot be delayed")
        elif before:
            run("tc", "qdisc", "del", "dev", device, "root")
        self.on_main(self.refilter)
        return f"{self.name} delays {before:g} ms → {milliseconds:g} ms on {network}"

    def write_conf(self, text: str) -> None:
        write_file(CONF, text)

    def do_conf(self, text: str) -> str:
        before = self.do_read()["text"]
        self.write_conf(text)
        self.on_main(self.look_at_conf)
        return f"{CONF} on {self.name}: {len(before.splitlines())} lines → {len(text.splitlines())} lines"

    def do_read(self) -> dict[str, Any]:
        with open(CONF, encoding="utf-8", errors="replace") as file:
            return {"text": file.read()}

    def do_check(self, text: str) -> dict[str, Any]:
        path = f"/tmp/check-{threading.get_ident()}.conf"
        write_file(path, text)
        done = run("keepalived", "-t", "-f", path, "--log-console")
        os.unlink(path)
        said = [without_stamp(line) for line in (done.stdout + done.stderr).splitlines()]
        return {"effect": "", "lines": [s.replace(path, CONF) for s in said if s] if done.returncode else []}

    def do_address(self, address: str) -> str:
        held = [device for device, each in self.addresses if each == address]
        if not held:
            raise Refused(f"{self.name} does not hold {address}")
        prefix = json.loads(must("ip", "-j", "addr", "show", "dev", held[0]))[0]["addr_info"]
        length = next(a["prefixlen"] for a in prefix if a["local"] == address)
        must("ip", "addr", "del", f"{address}/{length}", "dev", held[0])
        return f"{address} on {self.name}: held by {held[0]} → deleted"

    def do_sql(self, statement: str) -> str:
        where: dict[str, Any] = {"unix_socket": MYSQL_SOCKET, "user": "root"}
        if self.client:
            where = {"host": self.spec["target"], "user": "client"}
        try:
            with contextlib.closing(connect(**where, timeout=5)) as db, db.cursor() as cursor:
                changed = cursor.execute(statement)
                if not cursor.description:
                    return f"{changed} row{'s' * (changed != 1)} changed"
                rows = [[d[0] for d in cursor.description], *cursor.fetchmany(20)]
                return "\n".join(" | ".join(map(str, row)) for row in rows)
        except Exception as error:  # noqa: BLE001 - MySQL's own words are the answer
            number = error.args[0] if error.args else 0
            raise Refused(f"MySQL says: {error}", definite=number != 2013) from None

    def do_reset(self) -> str:
        """Back to the beginning: no fault, the original data and configuration; keepalived waits for `go`."""
        if self.client:
            self.client.begin_again()
            return f"{self.name}: numbering of rows begins again"
        self.turn += 1
        self.go.set()  # ends the wait of an earlier start
        for _ in range(3):  # a process may fork while we look
            self.do_resume()
            for service in self.services.values():
                for pid in service.tree if service.pid else ():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            if self.until(lambda: all(s.pid is None for s in self.services.values()), 1):
                break
        must("nft", "flush", "ruleset")
        for device in self.devices:
            run("tc", "qdisc", "del", "dev", device, "root")
            must("ip", "link", "set", device, "up")
        own = set(self.spec.get("own", ()))
        for device, address in sorted(self.addresses):
            if own and address not in own:
                run("ip", "addr", "del", f"{address}/32", "dev", device)
                run("ip", "addr", "del", f"{address}/24", "dev", device)
        self.write_conf(self.original_conf())
        if self.spec.get("mysql"):
            restore_data(int(self.spec["mysql"]["server_id"]))
            self.on_main(lambda: self.spawn("mysqld"))
        self.go.clear()
        threading.Thread(target=self.bring_up, daemon=True).start()
        return f"{self.name}: processes, data, configuration, addresses and filters as at the beginning"

    # -- the loop

    def loop(self) -> None:
        self.boot()
        lease = float(self.spec.get("lease", 60))
        next_scan = 0.0
        while True:
            now = time.monotonic()
            if lease and now - self.heard > lease:
                return
            if self.refilter_at is not None and now >= self.refilter_at:
                self.refilter()
            if now >= next_scan:
                next_scan = now + SCAN
                if not self.client:
                    self.scan()
            while self.tasks:
                self.tasks.popleft()()
            self.out.flush()
            wait = min(next_scan, self.refilter_at or next_scan) - time.monotonic()
            for key, _ in self.selector.select(max(0.0, wait)):
                key.data()


def filter_script(chain: str, family: str, hook: str, rule: str) -> str:
    """For `nft -f`: a chain of the table hatlab with this one rule; no chain without one."""
    end = f"add rule {family} hatlab {chain} {rule}" if rule else f"delete chain {family} hatlab {chain}"
    return (
        f"add table {family} hatlab\nadd chain {family} hatlab {chain} {{ {hook} }}\n"
        f"flush chain {family} hatlab {chain}\n{end}\n"
    )


def write_file(path: str, text: str) -> None:
    """Puts a text in place at once: nobody reads half of it."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path + ".new", 0o644)
    os.replace(path + ".new", path)


def node_cnf(name: str, mysql: dict[str, Any]) -> str:
    """What differs from node to node in my.cnf."""
    lines = {
        "server-id": mysql["server_id"],
        "report-host": name,
        "auto-increment-increment": mysql.get("increment", 1),
        "auto-increment-offset": mysql.get("offset", 1),
    }
    return "[mysqld]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def restore_data(server_id: int, only_if_empty: bool = False) -> None:
    """Puts the image's data directory in place, as the user mysql: root may not give files away here.

    The server's UUID comes from its id, so that sets of GTIDs can be read and compared between runs.
    """
    if only_if_empty and os.listdir(DATA):
        return
    uuid = f"{server_id:08d}-0000-4000-8000-{server_id:012d}"
    words = (
        f"rm -rf {DATA}/* {DATA}/.[!.]* && cp -r --sparse=auto {TEMPLATE}/. {DATA}/ && "
        f"printf '[auto]\\nserver-uuid=%s\\n' {uuid} > {DATA}/auto.cnf"
    )
    subprocess.run(["/bin/sh", "-c", words], user="mysql", group="mysql", extra_groups=[], check=True)


# --- MySQL ------------------------------------------------------------------------------------------


def connect(timeout: float = 10, **where: Any) -> Any:
    """A connection of PyMySQL, which is imported when first needed."""
    pymysql: Any = importlib.import_module("pymysql")
    return pymysql.connect(
        connect_timeout=timeout, read_timeout=timeout, write_timeout=timeout, autocommit=True, **where
    )


def replica_status(db: Any) -> Fact | None:
    """The fields of a `replication` fact; None if no source is set."""
    with db.cursor() as cursor:
        cursor.execute("SHOW REPLICA STATUS")
        row = cursor.fetchone()
        if row is None:
            return None
        status = dict(zip([d[0] for d in cursor.description], row, strict=True))
    number = int(status["Last_SQL_Errno"] or status["Last_IO_Errno"] or 0)
    return {
        "receiver": status["Replica_IO_Running"] == "Yes",
        "applier": status["Replica_SQL_Running"] == "Yes",
        "errno": number,
        "error": str(status["Last_SQL_Error"] or status["Last_IO_Error"] or ""),
        "gtid_executed": str(status["Executed_Gtid_Set"]).replace("\n", ""),
    }


class Client:
    """Tries the virtual address on new connections at a fixed rate, and writes numbered rows."""

    def __init__(self, spec: dict[str, Any], out: Output) -> None:
        self.spec, self.out = spec, out
        self.sequence, self.good = 0, False
        self.pool = importlib.import_module("concurrent.futures").ThreadPoolExecutor(32)
        importlib.import_module("pymysql")
        for rate, attempt in ((spec["rate"], self.probe), (spec["writes"], self.write)):
            if rate:
                threading.Thread(target=self.pace, args=(1 / rate, attempt), daemon=True).start()

    def begin_again(self) -> None:
        """Rows are numbered from 1 again, and the next good answer is told at once."""
        self.sequence, self.good = 0, False

    def pace(self, every: float, attempt: Callable[[], Fact]) -> None:
        """Begins an attempt every so many seconds, whatever became of the one before; tells them in order."""
        pending: deque[Future[Fact]] = deque()
        due = time.monotonic()
        while True:
            pending.append(self.pool.submit(attempt))
            due = max(due + every, time.monotonic())
            while (left := due - time.monotonic()) > 0:
                if not pending:
                    time.sleep(left)
                    break
                with contextlib.suppress(TimeoutError):
                    self.out.raw(pending[0].result(left))
                    pending.popleft()

    def attempt(self, kind: str, work: Callable[[Any], str], **fields: Any) -> Fact:
        began = time.monotonic()
        fact: Fact = {"t": began, "kind": kind, **fields, "ok": False}
        try:
            db = connect(host=self.spec["target"], user="client", timeout=TRY_TIMEOUT)
            with contextlib.closing(db), db.cursor() as cursor:
                fact["server"] = work(cursor)
            fact["ok"] = True
        except Exception as error:  # noqa: BLE001 - any failure is an answer
            fact["error"] = error_word(error)
        if fact["ok"] and not self.good:
            self.good = True
            self.out.put("good")  # in order it may have to wait for tries that still hang
        fact["latency_ms"] = round((time.monotonic() - began) * 1000, 3)
        return fact

    def probe(self) -> Fact:
        def ask(cursor: Any) -> str:
            cursor.execute("SELECT @@hostname")
            return str(cursor.fetchone()[0])

        return self.attempt("probe", ask)

    def write(self) -> Fact:
        self.sequence += 1
        sequence = self.sequence

        def insert(cursor: Any) -> str:
            cursor.execute("SELECT @@hostname")
            server = str(cursor.fetchone()[0])
            cursor.execute(
                "INSERT INTO lab.writes (client, sequence, server) VALUES (%s, %s, %s)",
                (self.spec["name"], sequence, server),
            )
            return server

        fact = self.attempt("write", insert, sequence=sequence)
        fact["t"] += fact.pop("latency_ms") / 1000  # a write is told when it was acknowledged
        return fact


def main() -> None:
    spec = json.loads(os.environ["HATLAB_NODE"])
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    Agent(spec).loop()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
