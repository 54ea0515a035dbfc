"""Who is who in a topology: which server should answer, who stands in for it, where their adverts travel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hatlab.topology import Instance, Member, Topology


@dataclass(frozen=True)
class Roles:
    """The parts of a topology that a drill is played with: its first instance and that one's members."""

    topology: Topology

    @cached_property
    def instance(self) -> str:
        """The name of the virtual router."""
        return next(iter(self.topology.instances))

    @property
    def router(self) -> Instance:
        """The virtual router."""
        return self.topology.instances[self.instance]

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Its members, the best one first."""
        members = self.router.members
        return tuple(sorted(members, key=lambda node: -members[node].priority))

    @property
    def best(self) -> str:
        """The server that should hold the address."""
        return self.members[0]

    @property
    def next(self) -> str:
        """The server that comes after it."""
        return self.members[1]

    def member(self, node: str) -> Member:
        """A node's part in the virtual router."""
        return self.router.members[node]

    def priority(self, node: str) -> int:
        """A node's priority in the virtual router."""
        return self.member(node).priority

    @property
    def network(self) -> str:
        """The network of the adverts."""
        return self.router.network

    @property
    def service_network(self) -> str:
        """The network of the virtual address."""
        return next(iter(self.router.addresses))

    @property
    def vip(self) -> str:
        """The virtual address as conditions and actions write it: `.100` or `::100`."""
        return self.router.ending(self.octet)

    @property
    def octet(self) -> int:
        """The last octet of the virtual address."""
        return next(iter(self.router.addresses.values()))[0]

    @property
    def client(self) -> str:
        """The client that asks for the address."""
        name = self.find_client()
        assert name is not None, "a drill has a client"
        return name

    def find_client(self) -> str | None:
        """The client that asks for the address, None if there is none."""
        clients = self.topology.clients.items()
        return next((name for name, spec in clients if spec.target == self.instance), None)

    @property
    def is_alone(self) -> bool:
        """True if it is the only virtual router: a word in a file means it and no other."""
        return len(self.topology.instances) == 1

    @property
    def pings(self) -> bool:
        """True if a check asks other machines: what the network does not carry fails it."""
        return any(self.topology.checks[name].targets for name in self.router.checks)

    @property
    def is_pair(self) -> bool:
        """True if there are two members and this one virtual router."""
        return len(self.members) == 2 and self.is_alone

    @property
    def has_password(self) -> bool:
        """True if adverts carry a password."""
        return self.router.version == 2 and bool(self.router.auth_pass)

    @property
    def is_multicast(self) -> bool:
        """True if adverts go to the group."""
        return not any(map(self.router.is_unicast, self.members))

    @property
    def runs_mysqld(self) -> bool:
        """True if the members are MySQL servers."""
        return all("mysqld" in self.topology.services(node) for node in self.members)

    @property
    def check(self) -> str | None:
        """The name of the only check, if it asks mysqld a question; None otherwise."""
        names = self.router.checks
        if len(names) != 1 or len(self.topology.checks) != 1 or not self.runs_mysqld:
            return None
        return None if set(self.topology.checks[names[0]].kinds) - {"ask"} else names[0]

    @property
    def check_command(self) -> str:
        """The command line of that check, as the lab's files have it."""
        ask = self.topology.checks[self.check or ""].ask or "SELECT 1"
        return f"/usr/bin/mysql --user=root --silent --execute '{ask}'"

    @property
    def replicates(self) -> bool:
        """True if both servers of a pair replicate from each other."""
        return self.is_pair and self.topology.replication.kind == "two-sources"
