"""What a line of keepalived's log reports, one class a kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigurationRead:
    """keepalived has opened its configuration: at its start and at each reload."""

    path: str


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """A vrrp_script's new exit code, or its verdict."""

    script: str
    ok: bool
    verdict: bool
    """False for one run's new exit code, True if `fall` or `rise` was reached."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckRemoved:
    """A vrrp_script, or an instance's tracking of it, that keepalived leaves out: nothing is checked."""

    script: str
    reason: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class ScriptDisabled:
    """A program that keepalived will not run: a vrrp_script's, which is left out then, or a notify line's."""

    path: str
    reason: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class StartupDelayed:
    """The daemon waits (vrrp_startup_delay) before its instances take part."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    """Somebody took a virtual address off an interface while this daemon was Master of it."""

    address: str
    interface: str


@dataclass(frozen=True, slots=True)
class AddressAdded:
    """An interface has an address: at the daemon's start, or from now on."""

    address: str
    interface: str
    """Empty where keepalived does not say it: before 2.0."""


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """The master-down timer ran out; Master is next."""

    instance: str


@dataclass(frozen=True, slots=True)
class MasterChanged:
    """A Backup heard a Master that it had not been following."""

    instance: str
    address: str


@dataclass(frozen=True, slots=True)
class LowerPriorityHeard:
    """An advert of lower priority: discarded by a Backup, or answered by a Master."""

    instance: str
    address: str
    """Empty where keepalived does not say it: before 2.0."""
    priority: int | None
    """None where keepalived does not say it: before 1.2.20, and where it may be 0 (2.0)."""
    ours: int | None = None
    """The Master's own priority; None for a Backup, which does not say it."""


@dataclass(frozen=True, slots=True)
class HigherPriorityHeard:
    """A Master heard a higher priority, or its own from a higher address."""

    instance: str
    address: str
    """Empty where keepalived does not say it: before 2.0."""
    priority: int | None
    """None where keepalived does not say it: before 1.2.20."""
    ours: int | None = None
    """The Master's own priority, where keepalived says it."""


@dataclass(frozen=True, slots=True)
class PriorityZero:
    """A Master gives up: priority 0 was `sent` or `received`."""

    instance: str
    direction: str


@dataclass(frozen=True, slots=True)
class AdvertRefused:
    """An advert was not accepted."""

    instance: str
    """Empty where keepalived does not say it: in some lines before 2.0."""
    address: str
    """Empty where keepalived does not say it: before 2.3 in most lines."""
    reason: str
    """password, replay, auth_type, ttl, version, interval, checksum, length, type, destination, vrid or
    addresses; unsound where another line has the reason."""
    detail: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class StateEntered:
    """The instance is in another state: BACKUP, MASTER or FAULT."""

    instance: str
    state: str
    reason: str = ""
    """keepalived's words for why, where it has any: `interface eth0 down`."""


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """A check's weight changed the effective priority."""

    instance: str
    before: int | None
    """None where keepalived does not say it: before 1.3."""
    after: int


@dataclass(frozen=True, slots=True)
class GarpSent:
    """Gratuitous ARPs, or unsolicited neighbour advertisements, go out for a virtual address."""

    instance: str
    """Empty for one of them, which keepalived tells without its instance."""
    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class AdvertSendFailed:
    """The kernel refused to send an advert."""

    instance: str
    error: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The kernel says that an interface went up or down."""

    interface: str
    up: bool


@dataclass(frozen=True, slots=True)
class DaemonStarted:
    """keepalived's first line."""

    version: str


@dataclass(frozen=True, slots=True)
class DaemonStopping:
    """keepalived was told to stop."""


@dataclass(frozen=True, slots=True)
class DaemonStopped:
    """A process of keepalived's has stopped cleanly: the last is the parent, which says its `version`."""

    version: str = ""


@dataclass(frozen=True, slots=True)
class ChildStarted:
    """The parent has started the process that does VRRP, or another."""

    child: str
    """VRRP, Healthcheck or BFD."""
    pid: int


@dataclass(frozen=True, slots=True)
class ChildDied:
    """A child has ended by itself, or was killed."""

    child: str
    """`VRRP`, or the child's own name: `Keepalived_vrrp`; empty where keepalived has only its number."""
    reason: str
    """keepalived's own words."""
    respawned: bool
    """The parent starts another; false if it does not, or does not say so in this line."""


@dataclass(frozen=True, slots=True)
class ConfigurationOpened:
    """keepalived opens a file of its configuration. Before 2.1 no line says more of a reload's end."""

    path: str


@dataclass(frozen=True, slots=True)
class ReloadStarted:
    """keepalived was told to read its configuration again."""


@dataclass(frozen=True, slots=True)
class TakeoverBegun:
    """Before 2.0: it sends its first advert, and is Master an interval later."""

    instance: str


@dataclass(frozen=True, slots=True)
class ElectionForced:
    """Before 2.0: a Backup answers an advert of lower priority with its own."""

    instance: str


@dataclass(frozen=True, slots=True)
class PreemptDelayed:
    """A Backup of higher priority waits before it takes over, or no longer waits."""

    instance: str
    seconds: float | None
    """None: the wait is over, or does not count any more."""


@dataclass(frozen=True, slots=True)
class AddressesChanged:
    """An instance puts its virtual addresses on the interface, or takes them off."""

    instance: str
    held: bool


@dataclass(frozen=True, slots=True)
class AddressListDiffers:
    """An advert names other virtual addresses than the configuration does. 1.2 to 2.2 reject it."""

    instance: str
    """Empty where keepalived does not say it: before 1.2.14."""
    detail: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class StrangeRouterHeard:
    """An advert of a virtual router that no instance on this interface has."""

    interface: str
    vrid: int
    address: str
    """Empty where keepalived does not say it."""


@dataclass(frozen=True, slots=True)
class GroupSynced:
    """A sync group takes all its instances to one state."""

    group: str
    state: str


@dataclass(frozen=True, slots=True)
class TimerLate:
    """The daemon did not run when it should have: its machine, or the daemon, stood still."""

    seconds: float


@dataclass(frozen=True, slots=True)
class CheckOverran:
    """A check is due while its last run has not ended: the run is left out."""

    script: str
    killed: bool
    """The last run had its timeout and is being killed."""


@dataclass(frozen=True, slots=True)
class ProcessQuorum:
    """A tracked process is there often enough, or is not."""

    process: str
    gained: bool


@dataclass(frozen=True, slots=True)
class BfdChanged:
    """A tracked BFD session went up or down."""

    instance: str
    session: str
    up: bool


@dataclass(frozen=True, slots=True)
class InterfaceChanged:
    """An interface was added to the system, or deleted."""

    interface: str
    added: bool


@dataclass(frozen=True, slots=True)
class InterfaceMissing:
    """An instance's interface does not exist."""

    instance: str
    interface: str
    """Empty where keepalived does not say it."""


@dataclass(frozen=True, slots=True)
class KernelRefused:
    """The kernel refused to set an address, a route or a rule."""

    error: str
    request: str
    """Its name, such as `RTM_NEWADDR`; before 2.0 its number: 20 for an address."""


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """A program that keepalived ran, such as a check's, ended with this status (before 2.0)."""

    command: str
    status: int


@dataclass(frozen=True, slots=True)
class OwnAddressHeard:
    """An advert is from the instance's own address: another machine has it, or two are address owner."""

    instance: str
    detail: str
    """keepalived's own words."""


LogLine = (
    ConfigurationRead
    | ScriptResult
    | CheckRemoved
    | ScriptDisabled
    | StartupDelayed
    | AddressRemoved
    | AddressAdded
    | TimerExpired
    | MasterChanged
    | LowerPriorityHeard
    | HigherPriorityHeard
    | PriorityZero
    | AdvertRefused
    | StateEntered
    | PriorityChanged
    | GarpSent
    | AdvertSendFailed
    | LinkChanged
    | DaemonStarted
    | DaemonStopping
    | DaemonStopped
    | ChildStarted
    | ChildDied
    | ConfigurationOpened
    | ReloadStarted
    | TakeoverBegun
    | ElectionForced
    | PreemptDelayed
    | AddressesChanged
    | AddressListDiffers
    | StrangeRouterHeard
    | GroupSynced
    | TimerLate
    | CheckOverran
    | ProcessQuorum
    | BfdChanged
    | CommandEnded
    | OwnAddressHeard
    | InterfaceChanged
    | InterfaceMissing
    | KernelRefused
)
