"""Gives real addresses their place in a lab, and translates them in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

FIRST_OCTET = 2
LAST_OCTET = 254
_FIRST_FREE = 100
"""Of addresses whose own last octet is taken, or none."""
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", re.A)
_IPV6 = re.compile(r"(?<![\w.:])(?=[0-9A-Fa-f]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39}(?![\w.:])", re.A)
_TOUCHING = re.compile(r"[\w.:@-]", re.A)
"""What an address must not touch to be told apart from a name without `@` around it."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the lab."""

    network: str
    octet: int
    family: int = 4

    def __str__(self) -> str:
        return f"{self.network}{'::' if self.family == 6 else '.'}{self.octet}"


def last_octet(address: str) -> int:
    """The last octet of an address, of IPv6 its last digits as written, if a lab can have it; else 0."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return 0
    last = str(parsed).rpartition(":" if parsed.version == 6 else ".")[2]
    return int(last) if last.isdecimal() and FIRST_OCTET <= int(last) <= LAST_OCTET else 0


def subnet_of(address: str) -> str:
    """What an address has in common with its neighbours: the /24, of IPv6 the /64."""
    parsed = ip_address(address)
    return parsed.exploded[:19] if parsed.version == 6 else address.rpartition(".")[0]


def is_link_local(address: str) -> bool:
    """True for an IPv6 address that every network has: it can stay as it is."""
    return ":" in address and ip_address(address).is_link_local


class AddressBook:
    """Which place of the lab each real address has; those of one subnet are on one network.

    Args:
        octets: node → the last octet of its addresses, on every network.
        reserved: octets that nothing else may get.
    """

    def __init__(self, octets: Mapping[str, int], reserved: Iterable[int]) -> None:
        self.places: dict[str, Place] = {}
        """Real address → its place."""
        self._octets = {*octets.values(), *reserved}
        self._taken: dict[tuple[str, int], set[int]] = {}
        self.first_hops: dict[str, int] = {}
        """Network → the octet of the lab's own router there, if it has one: the files' have .1."""
        self._routes: set[str] = set()
        """Addresses of subnets and of their routers."""
        self._networks: dict[str, str] = {}
        """A subnet → the network that it became."""

    def place(self, address: str, network: str, octet: int = 0) -> Place:
        """Give an address a place on a network: with this octet, else with its own if that is free."""
        if address not in self.places:
            family = ip_address(address).version
            taken = self._taken.setdefault((network, family), set())
            wanted = (last_octet(address), *range(_FIRST_FREE, 255), *range(FIRST_OCTET, _FIRST_FREE))
            free = (o for o in wanted if o and o not in taken and o not in self._octets)
            octet = octet or next(free, LAST_OCTET)
            taken.add(octet)
            self.places[address] = Place(network, octet, family)
            self._networks.setdefault(subnet_of(address), network)
        return self.places[address]

    def network_beside(self, address: str) -> str:
        """The network of an address's neighbours; empty if none is known."""
        return self._networks.get(subnet_of(address), "")

    def stand_in(self, network: str, family: int) -> int:
        """A free octet for an address that no file has."""
        taken = self._taken.setdefault((network, family), set())
        octet = next(o for o in range(_FIRST_FREE, 255) if o not in taken and o not in self._octets)
        taken.add(octet)
        return octet

    def find(self, address: str) -> Place | None:
        """An address's place; it gets one if it is a neighbour of one that has one. None for any other."""
        if address in self.places:
            return self.places[address]
        network = None if is_link_local(address) else self._networks.get(subnet_of(address))
        last = address.rpartition(".")[2]
        if network is None or last == "255":
            return None
        if last in {"0", "1"}:  # a subnet as a whole, and the router that a lab's network has there, too
            octet = self.first_hops.get(network, 1) if last == "1" else 0
            self.places[address] = Place(network, octet)
            self._routes.add(address)
            return self.places[address]
        return self.place(address, network)

    def translate(self, text: str) -> str:
        """The text with `NETWORK.OCTET` (of IPv6 `NETWORK::OCTET`) for every address that has a place."""

        def replace(match: re.Match[str]) -> str:
            try:
                place = self.find(str(ip_address(match[0])))
            except ValueError:
                return match[0]
            if place is None:
                return match[0]
            around = match.string[match.start() - 1 : match.start()] + match.string[match.end() :][:1]
            return f"@{place}@" if _TOUCHING.search(around.removesuffix(":")) else str(place)

        return _IPV6.sub(replace, _IPV4.sub(replace, text))

    def changed(self) -> dict[str, Place]:
        """The addresses that do not keep their last octet."""
        return {
            address: place
            for address, place in self.places.items()
            if place.octet != last_octet(address) and address not in self._routes
        }
