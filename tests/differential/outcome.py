"""What was seen of a case, on either side, in the same form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from hatlab.vrrp import arp, codec, ndisc

_NOTIFY = re.compile(r'^INSTANCE "([^"]*)" (\w+) (\d+)$')
_STATES = {"STOP": "STOPPED"}


class Fact(NamedTuple):
    """Something that happened.

    Attributes:
        at: seconds since the beginning of the case.
        who: the node, and what of it: an instance, a device, an address.
        what: what was seen, in words; two facts are alike if these are equal.
    """

    at: float
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was seen, each kind in order of time."""

    states: tuple[Fact, ...] = ()
    """Who: node and instance; what: state and priority, as the notify FIFO has them."""
    adverts: tuple[Fact, ...] = ()
    """Who: node, device and VRID; what: all fields of an advert."""
    announcements: tuple[Fact, ...] = ()
    """Who: node, device and address; gratuitous ARPs and their like of IPv6."""
    addresses: tuple[Fact, ...] = ()
    """Who: node and address; what: `held` or `gone`."""
    logs: tuple[Fact, ...] = ()
    """Who: node; what: a line of its keepalived."""
    done: tuple[float, ...] = ()
    """When each step was done."""

    def to_data(self) -> dict[str, Any]:
        """Return plain data."""
        data = asdict(self)
        return {key: [list(v) if isinstance(v, tuple) else v for v in values] for key, values in data.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_data` wrote."""
        facts = {key: tuple(Fact(*v) for v in data[key]) for key in data if key != "done"}
        return cls(**facts, done=tuple(data.get("done", ())))


def read_notify(
    lines: Iterable[tuple[float, str, str]], starts: Iterable[tuple[float, str]] = ()
) -> Iterator[Fact]:
    """Read lines of keepalived's notify FIFO: seconds, node, text. A changed priority leaves the state as it
    was: keepalived writes BACKUP_PRIORITY in FAULT, too, and before there is any state.

    Args:
        starts: (seconds, node) of each VRRP process's beginning: none has told a state then.
    """
    states: dict[str, str] = {}
    begun = [(at, node, "") for at, node in starts]
    for at, node, line in sorted([*lines, *begun], key=lambda one: one[0]):
        if not line:
            states = {who: state for who, state in states.items() if who.split(" ", 1)[0] != node}
            continue
        match = _NOTIFY.match(line)
        if match is None or match[2].startswith("MASTER_RX"):
            continue
        who = f"{node} {match[1]}"
        if match[2].endswith("_PRIORITY"):
            if states.get(who, "STOPPED") != "STOPPED":
                yield Fact(at, who, f"{states[who]} {match[3]}")
            continue
        states[who] = _STATES.get(match[2], match[2])
        yield Fact(at, who, f"{states[who]} {match[3]}")


def read_frame(node: str, device: str, at: float, frame: bytes) -> tuple[str, Fact] | None:
    """Read a frame that a node sent: (`adverts` or `announcements`, the fact); None if it is neither.

    The kernel of a second holder answers a gratuitous ARP with a reply that names the address twice, too: on
    an interface that takes packets from own addresses (a virtual MAC), or by a prefix on lo. That one goes to
    the sender alone: it announces nothing.
    """
    advert = codec.decode(frame)
    if advert is not None:
        fields = (
            f"priority {advert.priority} version {advert.version} interval {advert.interval:g} "
            f"{advert.source} > {advert.destination} ttl {advert.ttl} {' '.join(advert.addresses)}"
        )
        auth = f" auth {advert.auth_type} {advert.auth}" if advert.auth_type else ""
        defects = f" unsound: {' '.join(advert.defects)}" if advert.defects else ""
        return "adverts", Fact(at, f"{node} {device} {advert.vrid}", fields + auth + defects)
    packet = arp.decode(frame) or ndisc.decode(frame)
    to_everyone = bool(frame[0] & 1)
    if packet is not None and packet.gratuitous and to_everyone:
        return "announcements", Fact(at, f"{node} {device} {packet.sender}", "announced")
    return None
