"""What was seen of a case, on either side, in the same form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from hatlab.vrrp import arp, codec, ndisc

_NOTIFY = re.compile(r'^INSTANCE "([^"]*)" (\w+?)(?:_PRIORITY)? (\d+)$')
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


def read_notify(node: str, at: float, line: str) -> Fact | None:
    """Read a line of keepalived's notify FIFO; None if it tells no state."""
    match = _NOTIFY.match(line)
    if match is None or match[2].startswith("MASTER_RX"):
        return None
    return Fact(at, f"{node} {match[1]}", f"{_STATES.get(match[2], match[2])} {match[3]}")


def read_frame(node: str, device: str, at: float, frame: bytes) -> tuple[str, Fact] | None:
    """Read a frame that a node sent: (`adverts` or `announcements`, the fact); None if it is neither."""
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
    if packet is not None and packet.gratuitous:
        return "announcements", Fact(at, f"{node} {device} {packet.sender}", "announced")
    return None
