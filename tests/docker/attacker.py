"""Tries, from inside a node and as its root, to reach what is outside the lab; run by `python3 -c`.

Its argument is JSON: `token` (text in every payload), `port`, `macs`, `ipv4`, `ipv6` (targets), `sources`
(addresses to forge) and `gateways`. It prints a JSON list of what answered.
"""

import contextlib
import itertools
import json
import select
import socket
import struct
import subprocess
import sys
import time

ATTACK = json.loads(sys.argv[1])
BROADCAST = "ff:ff:ff:ff:ff:ff"
MULTICAST = ("01:00:5e:00:00:01", "33:33:00:00:00:01", "33:33:00:00:00:02")


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data)) if len(data) % 2 == 0 else checksum(data + b"\0")
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def packets(family: int, source: str, target: str) -> list[bytes]:
    """A UDP datagram, a TCP SYN and a ping, each whole from its IP header on."""
    token, port = ATTACK["token"].encode(), ATTACK["port"]
    token += b"\0" * (len(token) % 2)
    ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
    ping = 128 if family == socket.AF_INET6 else 8
    icmp = 58 if family == socket.AF_INET6 else 1
    bodies = {
        17: struct.pack("!HHHH", 4444, port, 8 + len(token), 0) + token,
        6: struct.pack("!HHIIBBHHH", 4444, port, 1, 0, 0x50, 2, 8192, 0, 0) + token,
        icmp: struct.pack("!BBHHH", ping, 0, 0, 7, 7) + token,
    }
    places = {17: 6, 6: 16, icmp: 2}
    made = []
    for protocol, body in bodies.items():
        pseudo = ends + struct.pack("!II", len(body), protocol) if protocol != 1 else b""
        check = (~checksum(pseudo + body) & 0xFFFF) or 0xFFFF
        k = places[protocol]
        body = body[:k] + struct.pack("!H", check) + body[k + 2 :]
        if family == socket.AF_INET6:
            made.append(struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + ends + body)
            continue
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0) + ends
        made.append(head[:10] + struct.pack("!H", ~checksum(head) & 0xFFFF) + head[12:] + body)
    return made


def forge(device: str) -> None:
    """Send every packet, in frames to every MAC, broadcast and multicast, with own and forged sources."""
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((device, 0))
    own = link.getsockname()[4]
    for family, kind in ((socket.AF_INET, "ipv4"), (socket.AF_INET6, "ipv6")):
        sources = [each for each in ATTACK["sources"] if (":" in each) == (kind == "ipv6")]
        for source, target in itertools.product(sources, ATTACK[kind]):
            for packet in packets(family, source, target):
                for mac in (*ATTACK["macs"], BROADCAST, *MULTICAST):
                    ether = struct.pack("!H", 0x0800 if kind == "ipv4" else 0x86DD)
                    with contextlib.suppress(OSError):
                        link.send(bytes.fromhex(mac.replace(":", "")) + own + ether + packet)


def ask(device: str) -> list[str]:
    """Ask, by ARP, neighbour and router solicitation, for whom the machine has; return what answered."""
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((device, 0))
    own = link.getsockname()[4]
    for target in (*ATTACK["ipv4"], *ATTACK["gateways"]):
        for source in ("0.0.0.0", *(each for each in ATTACK["sources"] if ":" not in each)):
            arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + socket.inet_aton(source)
            arp += b"\0" * 6 + socket.inet_aton(target)
            link.send(b"\xff" * 6 + own + b"\x08\x06" + arp)
    answers = []
    macs = {bytes.fromhex(mac.replace(":", "")) for mac in ATTACK["macs"]}
    end = time.monotonic() + 0.5
    while (left := end - time.monotonic()) > 0 and select.select([link], [], [], left)[0]:
        frame = link.recv(2048)
        if frame[6:12] in macs:
            answers.append(f"a frame from {frame[6:12].hex(':')} on {device}: {frame[12:50].hex()}")
    return answers


def connect() -> list[str]:
    """Connect in the ordinary way, with routes and neighbours by hand; return what answered."""
    waiting: dict[socket.socket, str] = {}
    devices = [name for _, name in socket.if_nameindex() if name.startswith("eth")]
    for device, gateway, mac in itertools.product(devices, ATTACK["gateways"], ATTACK["macs"]):
        for line in (
            f"ip neigh replace {gateway} lladdr {mac} dev {device}",
            f"ip route replace default via {gateway} dev {device} onlink",
        ):
            subprocess.run(line.split(), capture_output=True, check=False)
        for target in (*ATTACK["ipv4"], gateway):
            if target.startswith("127."):
                continue  # the node's own; frames to the machine's are forged above
            sock = socket.socket()
            sock.setblocking(False)
            try:
                sock.connect((target, ATTACK["port"]))
            except BlockingIOError:
                waiting[sock] = f"{target} by {gateway} at {mac}"
            except OSError:
                sock.close()
            with contextlib.suppress(OSError):
                socket.socket(type=socket.SOCK_DGRAM).sendto(
                    ATTACK["token"].encode(), (target, ATTACK["port"])
                )
    subprocess.run(["ip", "route", "del", "default"], capture_output=True, check=False)
    ready = select.select([], list(waiting), [], 1.0)[1]
    answered = [sock for sock in ready if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, 111)]
    return [f"TCP to {waiting[sock]}" for sock in answered]


def resolve() -> list[str]:
    """Ask Docker's own resolver for a name outside; return the answer, if there is one."""
    query = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + b"\x0b" + ATTACK["token"].encode()[:11] + b"\3net\0\0\1\0\1"
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.settimeout(1)
    with contextlib.suppress(OSError):
        sock.sendto(query, ("127.0.0.11", 53))
        answer = sock.recv(512)
        if answer[3] & 15 == 0 and answer[6:8] != b"\0\0":
            return ["DNS"]
    return []


def open_vsock() -> list[str]:
    """Open a socket to the hypervisor; return it, if that can be had."""
    with contextlib.suppress(OSError):
        socket.socket(40, socket.SOCK_STREAM)
        return ["a socket of AF_VSOCK"]
    return []


def main() -> None:
    reached = [*resolve(), *open_vsock()]
    for _, device in socket.if_nameindex():
        if device.startswith("eth"):
            reached += ask(device)
            forge(device)
    sys.stdout.write(json.dumps([*reached, *connect()]))


if __name__ == "__main__":
    main()
