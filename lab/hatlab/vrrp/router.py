"""What the VRRP state machine knows, hears and says: one virtual router on one node."""

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
    """What the configuration says of one virtual router on one node.

    Attributes:
        address: the node's own address on the adverts' network.
        interval: seconds between its adverts when it is Master.
        master: `state MASTER`.
        answer_lower: a Master answers adverts of lower priority (off: `vrrp_lower_prio_no_advert`).
        peers: unicast peers; empty for multicast.
        known_peers_only: an advert from somebody else is refused (`check_unicast_src`).
    """

    name: str
    version: int
    vrid: int
    priority: int
    interval: float
    address: str
    addresses: tuple[str, ...] = ()
    master: bool = False
    nopreempt: bool = False
    preempt_delay: float = 0.0
    auth_pass: str | None = None
    answer_lower: bool = True
    peers: tuple[str, ...] = ()
    known_peers_only: bool = False


@dataclass(frozen=True, slots=True)
class Router:
    """Where a virtual router stands.

    Attributes:
        priority: the effective one, after the weights of checks.
        until: when its timer ends: the next advert (Master), taking over (Backup), `inf` otherwise.
        wait: seconds from the last setting of a Backup's timer to its end.
        heard_interval: version 3: Active_Adver_Interval, learnt from adverts (§6.1).
        master: the address last heard as Master, empty if none was.
        preempt_from: end of a running preempt_delay, None if none runs.
        complained: a Master's log has named the sender of rejected adverts already.
    """

    state: State
    priority: int
    until: float = inf
    wait: float = 0.0
    heard_interval: float = 1.0
    master: str = ""
    preempt_from: float | None = None
    complained: bool = False


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
    """What the machine needs of an advertisement that passed `hatlab.vrrp.acceptance`."""

    source: str
    priority: int
    interval: float
