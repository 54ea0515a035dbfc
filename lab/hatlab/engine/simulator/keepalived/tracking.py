"""What the tracks of one instance come to: its reasons for FAULT, and what they add to its priority
(keepalived: vrrp_track.c, flags_if_fault and num_track_fault)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.config import Config
from hatlab.engine.simulator.keepalived.vrrp_script import Check
from hatlab.keepalived.tracks import Track

INTERFACES = "interfaces"
"""The reason for FAULT that all tracked interfaces share: each that comes up takes it away."""
NO_SOURCE = "no address to send from"
WRONG_CONFIGURATION = "its configuration"


class Trackers:
    """What a daemon watches for its instances."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.checks: dict[str, Check] = {}

    def configure(self, config: Config, before: Trackers | None = None) -> None:
        """Take the checks of a configuration; one whose script was there `before` a reload goes on."""
        for name in dict.fromkeys(n for i in config.instances for n in i.settings.track_scripts):
            script = config.scripts[name]
            old = before.checks.get(name) if before else None
            same = old if old and old.script.command == script.command else None
            self.checks[name] = Check(self.daemon, script, begun_by_reload=before is not None, before=same)
        for check in before.checks.values() if before else ():
            check.cancel()

    def run(self) -> None:
        """Run every check, now and on its beat."""
        for check in list(self.checks.values()):
            check.run()

    def is_up(self, device: str) -> bool:
        """True if an interface is up."""
        port = self.daemon.node.find_port(device)
        return port is None or port.up


class Tracked(Protocol):
    """An instance, as its tracking sees it."""

    daemon: Daemon

    @property
    def name(self) -> str:
        """As the configuration names it."""

    def set_fault(self, reason: str) -> None:
        """A reason for FAULT came."""

    def clear_fault(self, reason: str) -> None:
        """A reason for FAULT went."""

    def leave_init(self) -> None:
        """All checks have a first result now, and none of them is a reason for FAULT."""

    def update_priority(self) -> None:
        """What the tracks add has changed."""


class Tracking:
    """The state of an instance's tracks."""

    def __init__(self, instance: Tracked, tracks: Sequence[Track], trackers: Trackers) -> None:
        self.instance, self.tracks, self.trackers = instance, tracks, trackers
        self.faults: set[str] = set()
        """Reasons of its own for FAULT."""
        self.undecided: set[str] = set()
        """Checks of weight 0 without a first result, by name."""
        self._added: dict[Track, int] = {}

    @property
    def added(self) -> int:
        """All that the tracks add to the base priority."""
        return sum(self._added.values())

    def of(self, kind: str, name: str) -> Track | None:
        """Return the track of a thing, None if the instance does not depend on it."""
        return next((track for track in self.tracks if (track.kind, track.name) == (kind, name)), None)

    def begin(self) -> None:
        """Take everything as it stands at a start or a reload, and log each reason for FAULT."""
        name = self.instance.name
        for track in self.tracks:
            match track.kind:
                case "interface":
                    up = self.trackers.is_up(track.name)
                    self.add(track, track.adds(up))
                    if track.means_fault(up):
                        self.faults.add(INTERFACES)
                        self._log(f"({name}): entering FAULT state (interface {track.name} down)")
                case "script" if track.name in self.trackers.checks:
                    self._begin_script(track, self.trackers.checks[track.name])

    def _begin_script(self, track: Track, check: Check) -> None:
        if check.ok is not None:
            self.add(track, track.adds(check.ok))
            if not track.weight and not check.ok:
                self.faults.add(fault_of(track))
                told = f"entering FAULT state due to script {track.name}"
                self._log(f"({self.instance.name}): {told}")
        elif not track.weight and not check.begun_by_reload:
            self.undecided.add(track.name)

    def add(self, track: Track, amount: int) -> None:
        """Note what a track adds to the priority."""
        self._added[track] = amount

    def take(self, track: Track, ok: bool) -> None:
        """A thing that the instance depends on is well, or is not, from now on."""
        if track.weight:
            self.add(track, track.adds(ok))
            self.instance.update_priority()
        elif track.means_fault(ok):
            self.instance.set_fault(fault_of(track))
        else:
            self.instance.clear_fault(fault_of(track))

    def take_first_run(self, track: Track, ok: bool, after_reload: bool) -> None:
        """A check has its first result (process_script_update_priority).

        One that a reload brought has kept nobody waiting: its success changes no state.
        """
        if track.weight:
            self.take(track, ok)
            return
        self.undecided.discard(track.name)
        if track.means_fault(ok):
            self.instance.set_fault(fault_of(track))
        elif not self.undecided and not after_reload:
            self.instance.leave_init()

    def _log(self, text: str) -> None:
        self.instance.daemon.log(text)


def fault_of(track: Track) -> str:
    """Return the reason for FAULT that a track can be."""
    return INTERFACES if track.kind == "interface" else f"{track.kind} {track.name}"
