"""The `lab` event of an incident: a topology from the configurations, and from who was seen besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import yaml

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.incident.brought_includes import find_included
from hatlab.incident.own_addresses import OwnAddresses, find_own_addresses
from hatlab.incident.survey import RouterKey, Survey
from hatlab.keepalived import read_settings
from hatlab.keepalived.flatten import flatten_config
from hatlab.keepalived.to_topology.addresses import is_link_local
from hatlab.keepalived.to_topology.convert import Conversion, NodeInput, topology_from
from hatlab.keepalived.to_topology.names import free_name
from hatlab.state.model import IMPORTED, layout_of

_NETWORK = "lan"
_FIRST_OCTET = 11
_FIRST_ADDRESS = 100
_MOST_SENDERS = 8


@dataclass
class IncidentLab:
    """The lab of an incident, and how its sources' names become the lab's."""

    event: e.Lab
    texts: dict[str, str]
    """Node → its configuration, with the lab's names of its instances."""
    instances: dict[str, dict[str, str]]
    """Node → what its log calls an instance → what the lab does."""
    own: OwnAddresses
    notes: list[str] = field(default_factory=list)


def make_lab(found: Survey, name: str, started: str) -> IncidentLab:
    """Make the lab.

    Raises:
        UserError: nothing that was brought names an instance or shows an advert.
    """
    notes: list[str] = []
    texts = {node.name: whole_text(node.confs, notes) for node in found.nodes.values() if node.confs}
    texts = {node: text for node, text in texts.items() if read_settings(text)}
    own = find_own_addresses(found, texts)
    own |= _name_other_sources(found, own, texts)
    made = topology_from([NodeInput(node, text) for node, text in texts.items()]) if texts else None
    builder = _Builder(found, own, made)
    builder.add_what_was_seen(texts)
    data = builder.data
    if not data["instances"]:
        raise UserError(
            "nothing here names a vrrp_instance or shows an advert", "give keepalived's log, or a capture"
        )
    notes += builder.notes
    lab = e.Lab(
        at=0.0,
        name=name,
        engine=IMPORTED,
        reason="",
        started=started,
        topology=data,
        subnets={network: f"0.0.{number}.0/24" for number, network in enumerate(data["networks"])},
        sources={node.name: sorted(node.kinds) for node in found.nodes.values()},
        real_addresses=builder.real_addresses(),
    )
    try:
        layout_of(lab)
    except ValueError as error:
        raise UserError(f"no lab can be made of this: {str(error).splitlines()[0]}") from None
    return IncidentLab(lab, builder.rename_instances(texts), builder.instances, own, notes)


def _name_other_sources(
    found: Survey, own: OwnAddresses, texts: Mapping[str, str]
) -> dict[tuple[str, RouterKey], str]:
    """Senders of adverts of which nothing says who they are become nodes, called after their address.

    Where configurations say how many members there are, one more is a stranger, and stays one.
    """
    if texts:
        return {}
    named: dict[tuple[str, RouterKey], str] = {}
    senders = {(key, source) for node in found.nodes.values() for key, source in node.adverts}
    for router, source in sorted(senders):
        if (router, source) not in {(r, a) for (_, r), a in own.items()} and len(named) < _MOST_SENDERS:
            name = free_name(f"at-{source}".replace(".", "-").replace(":", "-"), (), "node")
            named[name, router] = source
            found.node(name)
    return named


def whole_text(confs: list[Any], notes: list[str]) -> str:
    """A node's configuration with what it includes, from the files that were brought of it."""
    main = next((c for c in confs if c.path.endswith("keepalived.conf")), None)
    main = main or next((c for c in confs if "vrrp_instance" in c.text), confs[0])
    files = {conf.path: conf.text for conf in confs if conf is not main}

    def include(pattern: str, origin: str) -> list[tuple[str, str]]:
        return find_included(files, pattern, origin or main.path)

    flat = flatten_config(main.text, "", include)
    notes += [f"{main.place.file}, line {problem.line}: {problem.text}." for problem in flat.problems]
    return flat.text


class _Builder:
    """A topology's data, with the places of real addresses."""

    def __init__(self, found: Survey, own: OwnAddresses, made: Conversion | None) -> None:
        self.found, self.own = found, own
        self.notes = list(made.notes) if made else []
        self.instances = {node: dict(made.instances.get(node, {})) if made else {} for node in found.nodes}
        self.data: dict[str, Any] = (
            yaml.safe_load(made.text)
            if made
            else {
                "version": 1,
                "title": f"From {', '.join(found.nodes)}"[:120],
                "networks": [_NETWORK],
                "nodes": {},
                "instances": {},
            }
        )
        self.data["clients"] = {}
        self.data["replication"] = {"kind": "none"}
        self._texts: dict[str, str] = {}
        self._places: dict[str, str] = dict(made.places) if made else {}
        self._used = {int(place.rpartition(".")[2].rpartition(":")[2]) for place in self._places.values()}

    def add_what_was_seen(self, texts: Mapping[str, str]) -> None:
        """Add nodes without a configuration, and routers that only captures or logs show."""
        self._texts = dict(texts)
        for name in self.found.nodes:
            if name not in self.data["nodes"]:
                self.data["nodes"][name] = {"octet": self._free_octet(_FIRST_OCTET)}
        for name, node in self.found.nodes.items():
            if name in texts:
                continue
            routers = {router for n, router in self.own if n == name}
            for router in sorted(routers):
                self._join(name, self._instance_of(router), router)
            names = [""] if "log" in node.kinds and not self.data["instances"] else []
            for called in node.states or names:
                self.instances[name].setdefault(called, self._match(name, called))

    def _match(self, node: str, called: str) -> str:
        """The lab's instance that a node's log calls so: of that name, or the only one, or a new one."""
        instances = self.data["instances"]
        joined = [name for name, spec in instances.items() if node in spec["members"]]
        if called in instances:
            name = called
        elif len(joined) == 1 and len(self.found.nodes[node].states) == 1:
            name = joined[0]
        else:
            name = free_name(called, instances, "VI")
            instances[name] = {
                "network": self._first_network(),
                "vrid": self._free_vrid(),
                "members": {},
                "addresses": {self._first_network(): [self._free_octet(_FIRST_ADDRESS)]},
            }
            self.notes.append(
                f"{called} has no configuration and no capture, so its VRID and addresses are not known."
            )
        self._join(node, name, None)
        return name

    def _known_instance(self, node: str, router: RouterKey) -> str:
        """The lab's instance with which a node takes part in a virtual router, which by mistake may have
        another VRID in another node's configuration."""
        for called, settings in read_settings(self._texts.get(node, "")).items():
            if (settings.vrid, settings.family == 6) == router:
                return self.instances[node].get(called, "")
        instances = self.data["instances"].items()
        same = (name for name, spec in instances if (spec["vrid"], spec.get("family") == "ipv6") == router)
        return str(next(same, ""))

    def _instance_of(self, router: RouterKey) -> str:
        """The lab's instance with a VRID; a new one if no configuration has it."""
        vrid, is_six = router
        if found := self._known_instance("", router):
            return found
        seen = [s for n in self.found.nodes.values() for (r, _), s in n.adverts.items() if r == router]
        addresses = [a for s in seen[:1] for a in s.addresses]
        network = self._first_network()
        octets = [self._place(address, network) for address in addresses if not is_link_local(address)]
        called = {c for n in self.found.nodes.values() for c in n.states}
        name = next(iter(called)) if len(called) == 1 else f"VRID-{vrid}"
        name = free_name(name, self.data["instances"], "VI")
        spec: dict[str, Any] = {
            "network": network,
            "vrid": vrid,
            "members": {},
            "addresses": {network: octets or [self._free_octet(_FIRST_ADDRESS)]},
        }
        spec |= {"family": "ipv6"} if is_six else {"version": 3} if seen and seen[0].version == 3 else {}
        first = seen[0].first_interval if seen else 0.0
        spec |= {"interval": first} if first and first != 1 else {}
        self.data["instances"][name] = spec
        return name

    def _join(self, node: str, name: str, router: RouterKey | None) -> None:
        members = self.data["instances"][name]["members"]
        if node in members:
            return
        address = self.own.get((node, router)) if router else None
        seen = [
            one
            for n in self.found.nodes.values()
            for key, one in n.adverts.items()
            if key == (router, address) and one.first_priority
        ]
        first = min(seen, key=lambda one: one.streaks[0][0] if one.streaks else 0.0, default=None)
        told = self._told_priority(node, name)
        members[node] = {"priority": first.first_priority if first else told or 100}
        if first is None and told is None:
            self.notes.append(f"The priority of {node} in {name} is not known; 100, the default, is shown.")

    def _told_priority(self, node: str, name: str) -> int | None:
        """The first priority of its own that a node's log tells."""
        told = self.found.nodes[node].priorities if node in self.found.nodes else {}
        called = [c for c, known in self.instances.get(node, {}).items() if known == name]
        found = [told[c] for c in (name, *called) if c in told]
        return min(max(found[0], 1), 255) if found else None

    def _first_network(self) -> str:
        return str(next(iter(self.data["networks"])))

    def _free_octet(self, first: int) -> int:
        octets = {node["octet"] if isinstance(node, dict) else node for node in self.data["nodes"].values()}
        octet = next(o for o in range(first, 255) if o not in octets | self._used)
        self._used.add(octet)
        return octet

    def _free_vrid(self) -> int:
        used = {spec["vrid"] for spec in self.data["instances"].values()}
        return next(vrid for vrid in range(51, 256) if vrid not in used)

    def _place(self, address: str, network: str) -> int:
        """An address's octet on a network; its own if that is free."""
        if address not in self._places:
            last = int(ip_address(address)) & 0xFF
            taken = last in self._used or not 2 <= last <= 254
            octet = self._free_octet(_FIRST_ADDRESS) if taken else last
            self._used.add(octet)
            self._places[address] = f"{network}{'::' if ':' in address else '.'}{octet}"
        return int(self._places[address].rpartition(".")[2].rpartition(":")[2])

    def real_addresses(self) -> dict[str, str]:
        """Real address → its place, or the node that has it."""
        real = dict(self._places)
        for (node, router), address in self.own.items():
            spec = self.data["instances"].get(self._known_instance(node, router), {})
            octet = self.data["nodes"][node]
            octet = octet["octet"] if isinstance(octet, dict) else octet
            member = spec.get("members", {}).get(node)
            home = member.get("network") if isinstance(member, dict) else None
            home = home or spec.get("network", self._first_network())
            place = f"{home}{'::' if ':' in address else '.'}{octet}"
            if is_link_local(address) or place in real.values():
                real.setdefault(address, node)
            else:
                real[address] = place
        return real

    def rename_instances(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The configurations, with the lab's names of their instances."""
        out = dict(texts)
        for node, names in self.instances.items():
            for called, name in names.items():
                if called != name and node in out:
                    out[node] = out[node].replace(f"vrrp_instance {called}", f"vrrp_instance {name}")
        return out
