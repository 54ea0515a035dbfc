"""Interfaces, their links and addresses: watched over netlink, changed with `ip`."""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
import time

from .helpers import Refused, must, run
from .loop import Loop
from .netlink import (
    IFF_LOWER_UP,
    IFF_UP,
    NLMSG_DONE,
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_NEWADDR,
    RTM_NEWLINK,
    attributes,
    dump_request,
    netlink_messages,
    open_netlink,
)

NETLINK_ROUTE = 0
GROUPS = 0x1 | 0x10 | 0x100
"""Multicast groups: links, IPv4 addresses, IPv6 addresses."""
IFLA_ADDRESS, IFLA_IFNAME = 1, 3
IFA_ADDRESS, IFA_LOCAL = 1, 2


class Interfaces:
    """What a node knows of its interfaces; tells `link` and `address` facts.

    Args:
        node: the node's name, for sentences.
        networks: network → CIDR; an interface belongs to the network of its first address.
        routes: CIDR → gateway of networks that the node is not on.
        loop: of the main thread.

    Attributes:
        devices: interface → network.
        addresses: (interface, address) of each address held.
    """

    def __init__(self, node: str, networks: dict[str, str], routes: dict[str, str], loop: Loop) -> None:
        self._node, self._loop, self._out = node, loop, loop.out
        self._networks = {name: ipaddress.ip_network(cidr) for name, cidr in networks.items()}
        self._routes = routes
        self.devices: dict[str, str] = {}
        self.addresses: set[tuple[str, str]] = set()
        self._links: dict[str, bool] = {}
        self._macs: dict[str, str] = {}

    def open(self) -> None:
        """Asks for what there is, then watches what changes."""
        self._route = open_netlink(NETLINK_ROUTE, groups=GROUPS)
        for kind in (RTM_GETLINK, RTM_GETADDR):
            self._route.setblocking(True)
            self._route.send(dump_request(kind))
            while not self._read(once=True):
                pass
        self._route.setblocking(False)
        self._loop.watch(self._route, self._read)

    def described(self) -> dict[str, dict[str, str]]:
        """Network → its interface's name and MAC."""
        return {n: {"device": d, "mac": self._macs.get(d, "")} for d, n in self.devices.items()}

    def device(self, network: str) -> str:
        """The interface on a network.

        Raises:
            Refused: there is none.
        """
        for device, name in self.devices.items():
            if name == network:
                return device
        raise Refused(f"{self._node} has no interface on {network}")

    def route(self) -> None:
        """Makes the routes anew: the kernel forgets them when an interface goes down."""
        for cidr, gateway in self._routes.items():
            run("ip", "route", "replace", cidr, "via", gateway)

    # -- watching

    def _read(self, once: bool = False) -> bool:
        """Reads link and address messages; True at the end of a dump."""
        done = False
        while True:
            try:
                data = self._route.recv(65536)
            except BlockingIOError:
                return done
            except OSError:
                continue
            for kind, payload in netlink_messages(data):
                if kind in (RTM_NEWLINK, RTM_DELLINK):
                    self._on_link(payload, gone=kind == RTM_DELLINK)
                elif kind in (RTM_NEWADDR, RTM_DELADDR):
                    self._on_address(payload, held=kind == RTM_NEWADDR)
                done = done or kind == NLMSG_DONE
            if once:
                return done

    def _on_link(self, payload: bytes, gone: bool) -> None:
        flags = struct.unpack_from("I", payload, 8)[0]
        found = attributes(payload[16:])
        device = found[IFLA_IFNAME].rstrip(b"\0").decode()
        self._macs[device] = found.get(IFLA_ADDRESS, b"").hex(":")
        up = bool(flags & IFF_UP and flags & IFF_LOWER_UP) and not gone
        if gone and device in self.devices:
            self._out.put("link", network=self.devices.pop(device), up=False)
            self._links.pop(device, None)
            return
        if self._links.get(device) != up:
            self._links[device] = up
            if device in self.devices:
                self._out.put("link", network=self.devices[device], up=up)

    def _on_address(self, payload: bytes, held: bool) -> None:
        family, _, _, _, index = struct.unpack_from("BBBBI", payload)
        found = attributes(payload[8:])
        raw = found.get(IFA_LOCAL, found.get(IFA_ADDRESS, b""))
        if family not in (socket.AF_INET, socket.AF_INET6) or not raw:
            return
        address = ipaddress.ip_address(raw)
        try:
            device = socket.if_indextoname(index)
        except OSError:
            device = next((d for d, a in self.addresses if a == str(address)), "")
        network = next((n for n, net in self._networks.items() if address in net), self.devices.get(device))
        if network is None or address.is_link_local:
            return
        if device not in self.devices:
            self.devices[device] = network
            self._out.put("link", network=network, up=self._links.get(device, True))
        if held != ((device, str(address)) in self.addresses):
            (self.addresses.add if held else self.addresses.discard)((device, str(address)))
            self._out.put("address", network=self.devices[device], address=str(address), held=held)

    # -- commands

    def set_link(self, network: str, up: bool) -> str:
        device = self.device(network)
        before = self._links.get(device, True)
        must("ip", "link", "set", device, "up" if up else "down")
        end = time.monotonic() + 2
        while self._links.get(device) != up and time.monotonic() < end:
            time.sleep(0.005)
        self.route()
        words = {True: "up", False: "down"}
        return (
            f"{self._node}'s interface {device} on {network} {words[before]} → {words[self._links[device]]}"
        )

    def delete_address(self, address: str) -> str:
        held = [device for device, each in self.addresses if each == address]
        if not held:
            raise Refused(f"{self._node} does not hold {address}")
        prefix = json.loads(must("ip", "-j", "addr", "show", "dev", held[0]))[0]["addr_info"]
        length = next(a["prefixlen"] for a in prefix if a["local"] == address)
        must("ip", "addr", "del", f"{address}/{length}", "dev", held[0])
        return f"{address} on {self._node}: held by {held[0]} → deleted"

    def reset(self, own: set[str]) -> None:
        """Every interface up, no addresses but the node's own; all stay, if `own` is empty."""
        for device in self.devices:
            must("ip", "link", "set", device, "up")
        self.route()
        for device, address in sorted(self.addresses):
            if own and address not in own:
                run("ip", "addr", "del", f"{address}/32", "dev", device)
                run("ip", "addr", "del", f"{address}/24", "dev", device)
