"""The values of the VRRP state machine: its configuration, its state, its inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

OWNER = 255
"""The priority of the router that owns the addresses (§5.3.4 in RFC 3768, §5.2.4 in RFC 9568)."""


class State(StrEnum):
    """The states of §6.3 in the daemon's words, and its FAULT, which no RFC has."""

    INIT = "INIT"
    BACKUP = "BACKUP"
    MASTER = "MASTER"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Rules:
    """The configuration of one virtual router on one node."""

    name: str
    version: int
    """2 or 3."""
    vrid: int
    priority: int
    """As configured; `Router.priority` is the effective one."""
    interval: float
    """Seconds between its adverts when it is Master."""
    address: str
    """The node's own address on the adverts' network."""
    addresses: tuple[str, ...] = ()
    """The virtual addresses, in the order of the configuration."""
    master: bool = False
    """`state MASTER`."""
    nopreempt: bool = False
    preempt_delay: float = 0.0
    """Seconds that a Backup lets a Master of lower priority go on."""
    auth_pass: str | None = None
    answer_lower: bool = True
    """A Master answers adverts of lower priority (off: `vrrp_lower_prio_no_advert`)."""
    peers: tuple[str, ...] = ()
    """Unicast peers; empty for multicast."""
    known_peers_only: bool = False
    """An advert from anybody but a peer is refused (`check_unicast_src`)."""


@dataclass(frozen=True, slots=True)
class Router:
    """The state of one virtual router."""

    state: State
    priority: int
    """The effective one, after the weights of checks."""
    until: float = inf
    """When its timer expires: the next advert (Master), taking over (Backup), `inf` otherwise."""
    wait: float = 0.0
    """Seconds from the last setting of a Backup's timer to its end."""
    heard_interval: float = 1.0
    """Version 3: Active_Adver_Interval, learnt from adverts (§6.1)."""
    master: str = ""
    """The address last heard as Master, empty if none was."""
    preempt_from: float | None = None
    """The end of a running preempt_delay, None if none runs."""
    complained: bool = False
    """A Master's log has named the sender of rejected adverts already."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send an advertisement with this priority."""

    priority: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the virtual addresses on their interfaces (`held`), or take them off."""

    held: bool


@dataclass(frozen=True, slots=True)
class Announce:
    """Send gratuitous ARPs for each address, and again some seconds later.

    `lower`: a Master answers an advert of lower priority (garp_lower_prio); else a new Master (garp_master).
    """

    lower: bool = False


@dataclass(frozen=True, slots=True)
class Enter:
    """The state changed: tell the notify FIFO."""

    state: State


@dataclass(frozen=True, slots=True)
class Say:
    """A line in the daemon's log."""

    text: str


Output = Send | Hold | Announce | Enter | Say
Step = tuple[Router, tuple[Output, ...]]
ANNOUNCE, ANNOUNCE_AGAIN, HOLD, RELEASE = Announce(), Announce(lower=True), Hold(True), Hold(False)


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertisement that passed `hatlab.vrrp.acceptance`, as far as the machine needs it."""

    source: str
    priority: int
    interval: float
