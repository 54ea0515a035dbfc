"""The virtual addresses of one instance on their interfaces, and the firewall rule that keepalived makes for
them: in strict mode or with `no_accept` packets to them are dropped (vrrp_handle_accept_mode)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.config import InstanceConfig
from hatlab.engine.simulator.network.network import HeldAs, Port
from hatlab.keepalived import InstanceSettings
from hatlab.keepalived.virtual_addresses import VirtualAddress
from hatlab.keepalived.virtual_mac import VirtualMac
from hatlab.util.addresses import is_ipv6


class Holder(Protocol):
    """An instance, as its addresses see it."""

    daemon: Daemon
    config: InstanceConfig
    port: Port


class HeldAddresses:
    """Sets and removes the addresses of an instance. Of two instances with the same address the first to give
    it up takes it from the other, which stays Master and does not notice."""

    def __init__(self, instance: Holder) -> None:
        self.instance, self.daemon = instance, instance.daemon
        self._set: set[tuple[str, str]] = set()
        """(address, device) of those that it has set."""

    def make_vmac(self) -> bool:
        """Make the interface with a virtual MAC; True if there was none yet, so that nothing can be on it."""
        settings, port = self.instance.config.settings, self.instance.port
        if settings.vmac is None:
            return False
        if settings.vmac in port.vmacs:
            self.daemon.log(f"({settings.instance}) Found matching interface {settings.vmac.device}")
            return False
        port.vmacs.append(settings.vmac)
        self.daemon.log(f"({settings.instance}): Success creating VMAC interface {settings.vmac.device}")
        return True

    def remove_vmac(self) -> None:
        """The process ends in order: so does the interface."""
        settings, port = self.instance.config.settings, self.instance.port
        if settings.vmac in port.vmacs:
            port.vmacs.remove(settings.vmac)
            self.daemon.log(f"({settings.instance}) Success removing VMAC interface {settings.vmac.device}")

    def hold(self) -> None:
        """Set the addresses; the rule comes first."""
        config = self.instance.config
        if not config.settings.accept:
            self.daemon.log(f"({config.settings.instance}) setting firewall drop rule")
            self._refuse(config)
        for label, excluded in _LISTS:
            if vips := [vip for vip in config.vips if vip.excluded is excluded]:
                self.daemon.log(f"({config.settings.instance}) setting {label}.")
                for vip in vips:
                    self._set_address(vip)
                    self._set.add((vip.address, vip.device))

    def _set_address(self, vip: VirtualAddress) -> None:
        """Set an address, unless the kernel refuses it."""
        settings, node = self.instance.config.settings, self.daemon.node
        port = node.find_port(vip.device)
        if port is not None and (why := _refusal(vip.address, port)):
            self.daemon.log(f"Netlink: error: {why}, type=RTM_NEWADDR(20), seq=1, pid=0")
            return
        if port is not None and vip.address not in port.addresses:
            port.held_as[vip.address] = HeldAs(vip.prefix_length, vip.label, _vmac_of(vip, settings))
        node.set_address(vip.address, vip.device, True)

    def release(self, *, force: bool = False) -> None:
        """Remove the addresses; the rule goes last.

        Args:
            force: those too that it has not set: an earlier process may have left them.
        """
        config = self.instance.config
        for label, excluded in _LISTS:
            if vips := [vip for vip in config.vips if vip.excluded is excluded]:
                self.daemon.log(f"({config.settings.instance}) removing {label}.")
                for vip in vips:
                    if force or (vip.address, vip.device) in self._set:
                        self.daemon.node.set_address(vip.address, vip.device, False)
        self._set.clear()
        if not config.settings.accept:
            self.daemon.log(f"({config.settings.instance}) removing firewall drop rule")
            self._accept(config)

    def take_over(self, before: HeldAddresses) -> None:
        """Take what this instance held before a reload, and remove what its configuration no longer has. A
        Master's rule comes or goes silently, if that has changed (clear_diff_vrrp_vip)."""
        config, previous = self.instance.config, before.instance.config
        self._set = before._set
        kept = {(vip.address, vip.device) for vip in config.vips}
        for vip in previous.vips:
            if (vip.address, vip.device) in self._set - kept:
                vmac = _vmac_of(vip, previous.settings)
                where = f"{vip.address}/{vip.prefix_length} dev {vmac.device if vmac else vip.device}"
                self.daemon.log(f"({config.settings.instance}) ip address {where}, no longer exist")
                self.daemon.node.set_address(vip.address, vip.device, False)
        self._set &= kept
        if config.settings.accept and not previous.settings.accept:
            self._accept(previous)
        elif previous.settings.accept and not config.settings.accept and self._set:
            self._refuse(config)

    def _refuse(self, config: InstanceConfig) -> None:
        """Drop every packet to the addresses. A table that an earlier process left is deleted first; one that
        somebody deleted since is not made anew."""
        node = self.daemon.node
        if not self.daemon.has_table:
            if node.firewall.refused is not None:
                family = "ip6" if config.settings.family == 6 else "ip"
                self.daemon.log(f"Deleting old {family} keepalived table")
            node.set_refused([])
            self.daemon.has_table = True
        if node.firewall.refused is not None:
            more = [vip.address for vip in config.vips if not node.firewall.refuses(vip.address)]
            node.set_refused([*node.firewall.refused, *more])

    def _accept(self, config: InstanceConfig) -> None:
        """Drop nothing of what goes to the addresses; the table stays. Once no instance needs rules any more,
        keepalived takes none away: after such a reload the address goes on being refused (measured)."""
        refused = self.daemon.node.firewall.refused
        if refused is not None and self.daemon.has_table and self.daemon.uses_firewall:
            gone = {vip.address for vip in config.vips}
            self.daemon.node.set_refused([address for address in refused if address not in gone])


def _vmac_of(vip: VirtualAddress, settings: InstanceSettings) -> VirtualMac | None:
    """Return the interface with a virtual MAC that an address is set on; None if it is another one."""
    on_vmac = vip.device == settings.interface and vip.family == settings.family
    return settings.vmac if on_vmac else None


def _refusal(address: str, port: Port) -> str:
    """Return why the kernel does not take an address of IPv6; empty if it does (inet6_addr_add)."""
    if not is_ipv6(address):
        return ""
    if not port.ipv6:
        return "Permission denied(13)"
    if address == "::":
        return "Cannot assign requested address(99)"
    return "Invalid argument(22)" if ip_address(address).is_multicast else ""


_LISTS = (("VIPs", False), ("E-VIPs", True))
"""How the log calls each list of addresses, and whether it is that of the excluded ones."""
