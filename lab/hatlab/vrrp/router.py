"""The values of the VRRP state machine: its configuration, its state, its inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import NamedTuple

from hatlab.vrrp.timers import ADVERTS_MISSED, master_down_interval

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
    auth_header: bool = False
    """The password makes an authentication header (`auth_type AH`) instead of standing in each advert."""
    down_adverts: int = ADVERTS_MISSED
    """Adverts that a Backup misses before it takes over (`down_timer_adverts`)."""
    answer_lower: bool = True
    """A Master answers adverts of lower priority (off: `lower_prio_no_advert`)."""
    answer_higher: bool = False
    """A Master advertises once more before it yields (`higher_prio_send_advert`)."""
    expected_priority: int = 0
    """A Master that could not run for so long that a peer of this priority took over steps back by itself
    (`timer_expired_backup`); 0: it does not."""
    ignore_adverts: bool = False
    """An owner of the addresses takes no advert at all (`owner_ignore_adverts`)."""
    group: str = "224.0.0.18"
    """The multicast group of its adverts; of no use with peers."""
    peers: tuple[str, ...] = ()
    """Unicast peers; empty for multicast."""
    known_peers_only: bool = False
    """An advert from anybody but a peer is refused (`check_unicast_src`)."""
    peer_ttls: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Peer → the least and the highest TTL of its adverts, if senders are checked."""
    ttl: int = 255
    """Of its own adverts."""
    compares_addresses: bool = True
    """A Backup looks at the addresses in each advert, not only in a new Master's (`skip_check_adv_addr`)."""
    checksum_kind: str = "right"
    """What version 3 counts into its checksums (`hatlab.vrrp.codec.Advertisement.checksum_kind`)."""


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
    complaints: frozenset[str] = frozenset()
    """Kinds of complaints that its log has named already (keepalived: rlflags)."""
    rogue_adverts: int = 0
    """Own adverts until a second owner of the addresses must have stopped (keepalived: rogue_counter)."""
    rogue_until: float | None = None
    """Until when a second owner of the addresses must have stopped."""
    holds: bool = False
    """It has set its addresses and not taken them off (keepalived: vipset)."""

    def set_timer(self, seconds: float, now: float) -> Router:
        """The same with a Backup's timer set."""
        return Router(
            self.state,
            self.priority,
            now + seconds,
            seconds,
            self.heard_interval,
            self.master,
            self.preempt_from,
            self.complaints,
            0,
            None,
            self.holds,
        )

    def wait_for_master(self, rules: Rules, now: float) -> Router:
        """The same with a master-down interval before it, which version 3 counts in what it heard (§6.1)."""
        interval = self.heard_interval if rules.version == 3 else rules.interval
        priority = OWNER if rules.priority == OWNER else self.priority
        seconds = master_down_interval(rules.version, priority, interval, rules.down_adverts)
        return self.set_timer(seconds, now)

    def set_advert_timer(self, rules: Rules, now: float) -> Router:
        """The same with a Master's next advert an interval away."""
        return Router(
            self.state,
            self.priority,
            now + rules.interval,
            self.wait,
            self.heard_interval,
            self.master,
            self.preempt_from,
            self.complaints,
            self.rogue_adverts,
            self.rogue_until,
            self.holds,
        )


ADDRESSES = "addresses"
"""The kind of complaint about other addresses in an advert than its own."""


class Complaint(NamedTuple):
    """What the daemon says of an advert, once of each kind until its state or its Master changes
    (keepalived: log_rate_limited_error)."""

    kind: str
    """Empty for what it says each time."""
    text: str


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
    remarks: tuple[Complaint, ...] = ()
    """What is said of it although it is accepted."""
