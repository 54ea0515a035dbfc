"""Interfaces with their links and addresses: watched over netlink, changed with `ip`."""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
import sys
import time
from typing import NamedTuple

from .errors import Refused
from .event_loop import EventLoop
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
from .system import run, run_or_refuse

NETLINK_ROUTE = 0
GROUPS = 0x1 | 0x10 | 0x100
"""Multicast groups: links, IPv4 addresses, IPv6 addresses."""
IFLA_ADDRESS, IFLA_IFNAME, IFLA_LINK, IFLA_LINK_NETNSID = 1, 3, 5, 37
IFA_ADDRESS, IFA_LOCAL = 1, 2


class Vmac(NamedTuple):
    """An interface with a virtual MAC that keepalived made on top of another (`use_vmac`)."""

    device: str
    """The one beneath it."""
    mac: str


class Interfaces:
    """Knows the node's interfaces and reports `link` and `address` facts.

    Args:
        node: the node's name, for sentences.
        networks: network → CIDR; an interface belongs to the network of its first address.
        routes: CIDR → gateway of networks that the node is not on.
        ipv6: network → the node's own IPv6 address there, with its length.
        loop: of the main thread.
    """

    def __init__(
        self,
        node: str,
        networks: dict[str, str],
        routes: dict[str, str],
        ipv6: dict[str, str],
        loop: EventLoop,
    ) -> None:
        self._node, self._loop, self._out = node, loop, loop.out
        self._ipv6 = ipv6
        self._networks = {name: ipaddress.ip_network(cidr) for name, cidr in networks.items()}
        self._routes = routes
        self.devices: dict[str, str] = {}
        """Interface → network."""
        self.vmacs: dict[str, Vmac] = {}
        """Interfaces on top of these; they are on the same network, and no link of it."""
        self.addresses: set[tuple[str, str]] = set()
        """(interface, address) of each address held."""
        self._links: dict[str, bool] = {}
        self._macs: dict[str, str] = {}
        self._names: dict[int, str] = {}
        """Index → interface."""

    def open(self) -> None:
        """Ask for all links and addresses, then watch for changes."""
        self._settle_link_local()
        self._netlink = open_netlink(NETLINK_ROUTE, groups=GROUPS)
        for kind in (RTM_GETLINK, RTM_GETADDR):
            self._netlink.setblocking(True)
            self._netlink.send(dump_request(kind))
            while not self._read_messages(once=True):
                pass
        self._netlink.setblocking(False)
        self._loop.watch(self._netlink, self._read_messages)

    def _settle_link_local(self) -> None:
        """Set each link-local address anew and at once: the kernel first waits for up to two seconds whether
        another machine has it, and keepalived could send nothing."""
        if not self._ipv6:
            return
        for entry in json.loads(run("ip", "-6", "-j", "addr", "show").stdout or "[]"):
            for held in entry["addr_info"]:
                if held.get("scope") == "link":
                    words = (f"{held['local']}/{held['prefixlen']}", "dev", entry["ifname"])
                    run("ip", "addr", "del", *words)
                    run("ip", "addr", "add", *words, "nodad")

    def describe(self) -> dict[str, dict[str, str]]:
        """Return network → its interface's `device` and `mac`."""
        return {n: {"device": d, "mac": self._macs.get(d, "")} for d, n in self.devices.items()}

    def device(self, network: str) -> str:
        """Return the interface on a network.

        Raises:
            Refused: there is none.
        """
        for device, name in self.devices.items():
            if name == network:
                return device
        raise Refused(f"{self._node} has no interface on {network}")

    def restore_routes(self) -> None:
        """Set the routes again: the kernel forgets them when an interface goes down."""
        for cidr, gateway in self._routes.items():
            run("ip", "route", "replace", cidr, "via", gateway)

    def _restore_ipv6(self, device: str) -> None:
        """Set the own address of an interface again: the kernel takes those of IPv6 away with the link."""
        if address := self._ipv6.get(self.devices.get(device, "")):
            run("ip", "addr", "replace", address, "dev", device, "nodad")

    # -- watching

    def _read_messages(self, once: bool = False) -> bool:
        """Read link and address messages; True at the end of a dump."""
        done = False
        while True:
            try:
                data = self._netlink.recv(65536)
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
        index, flags = struct.unpack_from("iI", payload, 4)
        values = attributes(payload[16:])
        device = values[IFLA_IFNAME].rstrip(b"\0").decode()
        self._macs[device] = values.get(IFLA_ADDRESS, b"").hex(":")
        self._names[index] = device
        lower = int.from_bytes(values.get(IFLA_LINK, b""), sys.byteorder)
        if lower and lower != index and IFLA_LINK_NETNSID not in values:
            self._on_vmac(device, self._names.get(lower, ""), gone)
            return
        up = bool(flags & IFF_UP and flags & IFF_LOWER_UP) and not gone
        if gone and device in self.devices:
            self._out.put("link", network=self.devices.pop(device), up=False)
            self._links.pop(device, None)
            return
        if self._links.get(device) != up:
            if up:
                self._restore_ipv6(device)
            self._links[device] = up
            if device in self.devices:
                self._out.put("link", network=self.devices[device], up=up)

    def _on_vmac(self, device: str, beneath: str, gone: bool) -> None:
        """An interface on top of another came or went; its addresses go with it."""
        if not gone:
            self.vmacs[device] = Vmac(beneath, self._macs[device])
            return
        self.vmacs.pop(device, None)
        for held in [held for held in self.addresses if held[0] == device]:
            self._report_address(device, held[1], self.devices.get(beneath, ""), held=False)

    def holds(self, device: str, address: str) -> bool:
        """True if an interface, or one on top of it, holds an address."""
        return any(
            held == address and device in {name, self.vmacs[name].device if name in self.vmacs else ""}
            for name, held in self.addresses
        )

    def _on_address(self, payload: bytes, held: bool) -> None:
        family, _, _, _, index = struct.unpack_from("BBBBI", payload)
        values = attributes(payload[8:])
        raw = values.get(IFA_LOCAL, values.get(IFA_ADDRESS, b""))
        if family not in (socket.AF_INET, socket.AF_INET6) or not raw:
            return
        address = ipaddress.ip_address(raw)
        try:
            device = socket.if_indextoname(index)
        except OSError:
            device = next((d for d, a in self.addresses if a == str(address)), "")
        vmac = self.vmacs.get(device)
        on = self.devices.get(vmac.device if vmac else device)
        network = on if vmac else next((n for n, net in self._networks.items() if address in net), on)
        if network is None or str(address) == link_local(self._macs.get(device, "")):
            return  # every interface has such a one
        if device not in self.devices and vmac is None and device != "lo":
            self.devices[device] = network
            self._out.put("link", network=network, up=self._links.get(device, True))
        self._report_address(device, str(address), self.devices.get(device, network), held=held)

    def _report_address(self, device: str, address: str, network: str, *, held: bool) -> None:
        if held != ((device, address) in self.addresses):
            (self.addresses.add if held else self.addresses.discard)((device, address))
            self._out.put("address", network=network, address=address, held=held)

    # -- requests

    def set_link(self, network: str, up: bool) -> str:
        """Take the interface on a network up or down."""
        device = self.device(network)
        before = self._links.get(device, True)
        run_or_refuse("ip", "link", "set", device, "up" if up else "down")
        end = time.monotonic() + 2
        while self._links.get(device) != up and time.monotonic() < end:
            time.sleep(0.005)
        self.restore_routes()
        words = {True: "up", False: "down"}
        return (
            f"{self._node}'s interface {device} on {network} {words[before]} → {words[self._links[device]]}"
        )

    def delete_address(self, address: str) -> str:
        """Delete an address from the interface that holds it."""
        device = next((device for device, held in self.addresses if held == address), None)
        if device is None:
            raise Refused(f"{self._node} does not hold {address}")
        run_or_refuse("ip", "addr", "del", f"{address}/{_prefix_length(device, address)}", "dev", device)
        return f"{address} on {self._node}: held by {device} → deleted"

    def reset(self, own: set[str]) -> None:
        """Take every interface up and delete all addresses but the node's own; none, if `own` is empty."""
        for device in self.devices:
            run_or_refuse("ip", "link", "set", device, "up")
        self._settle_link_local()
        self.restore_routes()
        for device, address in sorted(self.addresses):
            if own and address not in own:
                run("ip", "addr", "del", f"{address}/{_prefix_length(device, address)}", "dev", device)


def link_local(mac: str) -> str:
    """Return the link-local IPv6 address that the kernel makes of a MAC (RFC 4291); empty without one."""
    raw = bytes.fromhex(mac.replace(":", ""))
    if len(raw) != 6:
        return ""
    eui = bytes((raw[0] ^ 2, *raw[1:3], 0xFF, 0xFE, *raw[3:]))
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + eui))


def _prefix_length(device: str, address: str) -> int:
    """Return the length with which an interface holds an address; that of a single one if it does not."""
    entries = json.loads(run_or_refuse("ip", "-j", "addr", "show", "dev", device))[0]["addr_info"]
    lengths = (int(entry["prefixlen"]) for entry in entries if entry["local"] == address)
    return next(lengths, 128 if ":" in address else 32)
