"""The packet filter and delays: cut, loss and delay, made by the lab or by hand."""

from __future__ import annotations

import contextlib
import math
import socket
import time
from typing import NamedTuple

from .errors import Refused
from .event_loop import ChangeSignal, EventLoop
from .filter_rules import filter_script, read_delay, read_filters, read_refused
from .interfaces import Interfaces
from .netlink import open_netlink
from .system import run, run_or_refuse

NETLINK_NETFILTER, NFNLGRP_NFTABLES = 12, 7
SEEN = 5
"""Seconds within which a rule that was set must be seen; a busy machine takes its time to list the rules."""
SETTLE = 0.01
"""Seconds from the kernel's notice of a change to our look: one change sends several notices."""


class Filter(NamedTuple):
    """What happens to frames on one network."""

    percent: float
    """Dropped on arrival, of what other servers send."""
    rules: list[str]
    """The rules that drop, as `nft` lists them."""
    delay_ms: float
    """Delay of what leaves."""
    refused: tuple[str, ...] = ()
    """Virtual addresses to which keepalived's own rule drops every packet."""


_NOTHING = Filter(0.0, [], 0.0)


class Filters:
    """Watches the packet filter, reports `filter` facts, and sets what is dropped or delayed.

    Args:
        node: the node's name, for sentences.
        interfaces: of the node.
        loop: of the main thread.
    """

    def __init__(self, node: str, interfaces: Interfaces, loop: EventLoop) -> None:
        self._node, self._interfaces, self._loop = node, interfaces, loop
        self._filters: dict[str, Filter] = {}
        self._changed = ChangeSignal()
        self._due = math.inf

    def open(self) -> None:
        """Watch for changes of the packet filter."""
        tables = open_netlink(NETLINK_NETFILTER, member=NFNLGRP_NFTABLES)
        self._loop.watch(tables, lambda: self._on_change(tables))

    def check_if_due(self, now: float) -> float:
        """Report changes if the kernel announced some; return when to look next."""
        if now >= self._due:
            self._report_changes()
        return self._due

    def _on_change(self, sock: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            while sock.recv(65536):
                pass
        self._due = time.monotonic() + SETTLE

    def _report_changes(self) -> None:
        """List the packet filter and report what changed on each network."""
        self._due = math.inf
        devices = self._interfaces.devices
        ruleset = run("nft", "-n", "-s", "list", "ruleset").stdout
        filters, refused = read_filters(ruleset, devices), read_refused(ruleset)
        for device, network in devices.items():
            percent, rules = filters[network]
            delay = read_delay(run("tc", "qdisc", "show", "dev", device).stdout)
            here = tuple(address for address in refused if self._interfaces.holds(device, address))
            current = Filter(percent, rules, delay, here)
            if self._filter_on(network) != current:
                self._filters[network] = current
                fields = current._asdict()
                self._loop.out.put("filter", network=network, **fields)
        self._changed.notify()

    def _filter_on(self, network: str) -> Filter:
        return self._filters.get(network, _NOTHING)

    # -- requests

    def set_drop(self, network: str, percent: float, macs: list[str]) -> str:
        """Drop a share of what some senders send here, before the node's network stack sees it."""
        device, before = self._interfaces.device(network), self._filter_on(network).percent
        chain = f"from_servers_{network}"
        share = f"numgen random mod 1000 < {round(percent * 10)} " if percent < 100 else ""
        rule = f"ether saddr {{ {', '.join(macs)} }} {share}drop" if percent and macs else ""
        attempts = (
            ("netdev", f'type filter hook ingress device "{device}" priority 0;', rule),
            ("inet", "type filter hook input priority 0;", f'iifname "{device}" {rule}' if rule else ""),
        )
        for attempt in attempts:  # the second for kernels without a hook before the network stack
            if run("nft", "-f", "-", text=filter_script(chain, *attempt)).returncode == 0:
                break
        else:
            raise Refused("nft: this kernel has neither an ingress nor an input hook")
        if not percent:
            self._delete_manual_rules(network)
        self._changed.wait_until(lambda: abs(self._filter_on(network).percent - percent) < 0.01, SEEN)
        after = self._filter_on(network).percent
        if abs(after - percent) >= 0.01:
            raise Refused(f"{self._node} drops {after:g} % on {network}, not {percent:g} %", definite=False)
        return f"{self._node} drops {before:g} % → {after:g} % of what servers send it on {network}"

    def _delete_manual_rules(self, network: str) -> None:
        """Delete rules that somebody made by hand and that drop what arrives on this network."""
        device, chain = self._interfaces.device(network), ""
        for raw in run("nft", "-a", "-n", "-s", "list", "ruleset").stdout.splitlines():
            line = raw.strip()
            words = line.split()
            if line.startswith("table "):
                table = " ".join(words[1:3])
            elif line.startswith("chain "):
                chain, hook = f"{table} {words[1]}", ""
            elif line.startswith("type "):
                hook = line
            elif chain and "# handle" in line:
                rule, _, handle = line.partition(" # handle ")
                alone = f"table {table} {{\n chain x {{\n {hook}\n {rule}\n }}\n}}"
                if read_filters(alone, {device: network})[network][0]:
                    run("nft", "delete", "rule", *chain.split(), "handle", handle)

    def set_delay(self, network: str, milliseconds: float) -> str:
        """Delay what leaves on a network; 0: not at all."""
        device, before = self._interfaces.device(network), self._filter_on(network).delay_ms
        if milliseconds:
            delay = f"{milliseconds:g}ms"
            if run("tc", "qdisc", "replace", "dev", device, "root", "netem", "delay", delay).returncode:
                raise Refused("this machine's kernel has no netem, so frames cannot be delayed")
        elif before:
            run("tc", "qdisc", "del", "dev", device, "root")
        self._loop.run_on_main(self._report_changes)
        return f"{self._node} delays {before:g} ms → {milliseconds:g} ms on {network}"

    def reset(self) -> None:
        """Drop and delay nothing any more."""
        run_or_refuse("nft", "flush", "ruleset")
        for device in self._interfaces.devices:
            run("tc", "qdisc", "del", "dev", device, "root")
