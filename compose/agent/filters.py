"""The packet filter and delays: cut, loss and delay, by the lab or by hand."""

from __future__ import annotations

import contextlib
import math
import socket
import time
from typing import NamedTuple

from .helpers import Refused, must, run
from .interfaces import Interfaces
from .loop import Loop, Seen
from .netlink import open_netlink
from .rules import filter_script, read_delay, read_filters

NETLINK_NETFILTER, NFNLGRP_NFTABLES = 12, 7
SETTLE = 0.01
"""Seconds between the kernel's notice of a change and our look: one change is several notices."""


class Filter(NamedTuple):
    """What befalls frames on one network: per cent dropped on arrival, the rules, delay on leaving."""

    percent: float
    rules: list[str]
    delay_ms: float


_NOTHING = Filter(0.0, [], 0.0)


class Filters:
    """Watches the packet filter, tells `filter` facts, and sets what is dropped or delayed.

    Args:
        node: the node's name, for sentences.
        interfaces: of the node.
        loop: of the main thread.
    """

    def __init__(self, node: str, interfaces: Interfaces, loop: Loop) -> None:
        self._node, self._interfaces, self._loop = node, interfaces, loop
        self._filters: dict[str, Filter] = {}
        self._seen = Seen()
        self._due = math.inf

    def open(self) -> None:
        """Watches for changes of the packet filter."""
        tables = open_netlink(NETLINK_NETFILTER, member=NFNLGRP_NFTABLES)
        self._loop.watch(tables, lambda: self._on_change(tables))

    def job(self, now: float) -> float:
        """Looks if a change was told; returns when to look next."""
        if now >= self._due:
            self._look()
        return self._due

    def _on_change(self, sock: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            while sock.recv(65536):
                pass
        self._due = time.monotonic() + SETTLE

    def _look(self) -> None:
        """Lists the packet filter and tells each network's share of dropped frames, if it changed."""
        self._due = math.inf
        devices = self._interfaces.devices
        found = read_filters(run("nft", "-n", "-s", "list", "ruleset").stdout, devices)
        for device, network in devices.items():
            percent, rules = found[network]
            delay = read_delay(run("tc", "qdisc", "show", "dev", device).stdout)
            now = Filter(percent, rules, delay)
            if self._on(network) != now:
                self._filters[network] = now
                self._loop.out.put("filter", network=network, percent=percent, rules=rules, delay_ms=delay)
        self._seen.tell()

    def _on(self, network: str) -> Filter:
        return self._filters.get(network, _NOTHING)

    # -- commands

    def set_drop(self, network: str, percent: float, macs: list[str]) -> str:
        """Drops what the given senders send here, before the node's network stack sees it; 0: nothing."""
        device, before = self._interfaces.device(network), self._on(network).percent
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
            self._delete_by_hand(network)
        self._seen.until(lambda: abs(self._on(network).percent - percent) < 0.01, 1)
        after = self._on(network).percent
        if abs(after - percent) >= 0.01:
            raise Refused(f"{self._node} drops {after:g} % on {network}, not {percent:g} %", definite=False)
        return f"{self._node} drops {before:g} % → {after:g} % of what servers send it on {network}"

    def _delete_by_hand(self, network: str) -> None:
        """Takes away rules that somebody made by hand and that drop what arrives on this network."""
        device, place = self._interfaces.device(network), ""
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

    def set_delay(self, network: str, milliseconds: float) -> str:
        """Delays what leaves on a network; 0: not at all."""
        device, before = self._interfaces.device(network), self._on(network).delay_ms
        if milliseconds:
            words = ["tc", "qdisc", "replace", "dev", device, "root", "netem", "delay", f"{milliseconds:g}ms"]
            done = run(*words)
            if done.returncode:
                raise Refused("this machine's kernel has no netem, so frames cannot be delayed")
        elif before:
            run("tc", "qdisc", "del", "dev", device, "root")
        self._loop.on_main(self._look)
        return f"{self._node} delays {before:g} ms → {milliseconds:g} ms on {network}"

    def reset(self) -> None:
        """Nothing is dropped or delayed."""
        must("nft", "flush", "ruleset")
        for device in self._interfaces.devices:
            run("tc", "qdisc", "del", "dev", device, "root")
