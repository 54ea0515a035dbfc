"""A lab's bridges, in a namespace of their own, and a capture of what each node sends over them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping

ETH_P_ALL = 3
SO_TIMESTAMPNS = 35
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
ROOM = 8 << 20
"""Bytes that a capture may wait: a Master that thaws sends a hundred frames at once."""
Captured = Callable[[float, str, str, bytes], None]
"""Takes (seconds of the monotonic clock, node, device, frame)."""


def run_ip(lines: Iterable[str], before: Callable[[], None] | None = None) -> None:
    """Run commands of `ip`, one a line; `before` is called in its process first."""
    text = "".join(line + "\n" for line in lines)
    done = subprocess.run(
        ["ip", "-batch", "-"], input=text, text=True, capture_output=True, preexec_fn=before, check=False
    )
    if done.returncode:
        raise OSError(f"ip -batch: {done.stderr.strip()}")


class Wire:
    """The bridges of the networks; this process must be in their namespace."""

    def __init__(self, devices: Iterable[str]) -> None:
        run_ip(
            line
            for device in devices
            for line in (
                f"link add br{device} type bridge mcast_snooping 0 forward_delay 0",
                f"link set br{device} up",
            )
        )
        self._ports: dict[str, tuple[str, str]] = {}
        """Interface on a bridge → (node, the node's device)."""
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
        self._offset = time.monotonic() - time.time()

    def connect(self, node: str, pid: int, macs: Mapping[str, str]) -> None:
        """Give a node, whose namespace a process keeps, a device with each of these MACs on its bridge."""
        lines = []
        for device, mac in macs.items():
            port = f"p{len(self._ports)}"
            self._ports[port] = (node, device)
            lines += [
                f"link add {port} type veth peer name {device} address {mac} netns {pid}",
                f"link set {port} master br{device} up",
            ]
        run_ip(lines)

    def read(self, captured: Captured) -> None:
        """Hand on each frame that a node has sent."""
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, control, _, sender = self.socket.recvmsg(2048, 128)
                port = self._ports.get(sender[0])
                if port is None or sender[2] == PACKET_OUTGOING:
                    continue
                at = time.monotonic()
                for level, kind, data in control:
                    if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                        seconds, nanoseconds = (int.from_bytes(data[k : k + 8], "little") for k in (0, 8))
                        at = seconds + nanoseconds / 1e9 + self._offset
                captured(at, *port, frame)
