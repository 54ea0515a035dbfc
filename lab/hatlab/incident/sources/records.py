"""What a source says, one record a fact, each with the place where it stands.

Of frames, stamps and places there are millions: these are tuples, which are made three times as fast.

Times are by the clock of the node that wrote them. What a source does not say is None or empty, never
invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.codec import Advertisement


class Place(NamedTuple):
    """Evidence: where a record stands."""

    file: str
    """As the user named it."""
    number: int
    """Of the line or, if `frame`, of the frame; both count from 1."""
    frame: bool = False

    def __str__(self) -> str:
        return f"{self.file} frame {self.number}" if self.frame else f"{self.file}:{self.number}"


class Stamp(NamedTuple):
    """A moment: it lies in [unix, unix + precision)."""

    unix: float
    """Seconds since the epoch; since an unknown start if `assumed` is `start`."""
    precision: float
    """Seconds: 1.0 for a stamp in whole seconds, 1e-6 for microseconds."""
    assumed: str = ""
    """What the source does not say: `year`, `date` (the stamp is a time of day) or `start` (seconds since an
    unknown moment). Empty if it says all but perhaps the zone."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A line of a program's log."""

    stamp: Stamp | None
    host: str
    program: str
    """As the log names it: `Keepalived_vrrp`, `systemd`, `kernel`, `mysqld`; empty if it does not."""
    pid: int | None
    text: str
    place: Place


class FrameRecord(NamedTuple):
    """A frame that a capture shows."""

    stamp: Stamp | None
    interface: str
    data: bytes
    """An Ethernet frame, without VLAN tags; hardware addresses that are not known are zeros. Empty if the
    source is a text that has no bytes."""
    place: Place
    packet: Advertisement | ArpPacket | None = None
    """What it carries, as the text says it or its bytes do; what the text leaves out has its type's default,
    `ttl` 255. A MAC address that is not known is empty."""
    direction: str = ""
    """`sent` or `received`, if the source says so."""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """An interface got an address, lost it, or (without a stamp) has it at an unknown time."""

    stamp: Stamp | None
    interface: str
    address: str
    """Without the length of its prefix."""
    held: bool
    place: Place


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """An interface went up or down, or (without a stamp) is so at an unknown time."""

    stamp: Stamp | None
    interface: str
    up: bool
    place: Place


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The clock that wrote the stamps was set: those before and after are by two clocks."""

    stamp: Stamp
    """The first after it, by the new clock."""
    seconds: float
    """How far it was set, forward if positive; with `exact` false at least so far back."""
    exact: bool
    place: Place


@dataclass(frozen=True, slots=True)
class ConfRecord:
    """A configuration file of keepalived's, or one that it includes or runs."""

    text: str
    path: str
    """Its path on the node, if that is known; else as the user named it."""
    place: Place


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A whole sentence on what could not be read, or was assumed."""

    text: str
    place: Place


Record = LogRecord | FrameRecord | AddressRecord | LinkRecord | ClockStep | ConfRecord | SourceNote
