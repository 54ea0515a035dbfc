"""What the tracks of one instance come to: its reasons for FAULT, and what they add to its priority
(keepalived: vrrp_track.c, flags_if_fault and num_track_fault)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.config import Config
from hatlab.engine.simulator.keepalived.vrrp_script import Check
from hatlab.engine.simulator.keepalived.watched_things import WatchedFile, WatchedProcesses
from hatlab.keepalived.tracks import FAULT_STATUS, Track
from hatlab.vrrp.router import Router

INTERFACES = "interfaces"
"""The reason for FAULT that all tracked interfaces share: each that comes up takes it away."""
NO_SOURCE = "no address to send from"
WRONG_CONFIGURATION = "its configuration"
"""A reason of which its sync group knows nothing."""


class Trackers:
    """What a daemon watches for its instances."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.checks: dict[str, Check] = {}
        self.files: dict[str, WatchedFile] = {}
        self.processes: dict[str, WatchedProcesses] = {}

    def configure(self, config: Config, before: Trackers | None = None) -> None:
        """Take what a configuration tracks; a check whose script was there `before` a reload goes on."""
        daemon = self.daemon
        for name in _tracked(config, "file") & config.files.keys():
            self.files[name] = WatchedFile(daemon, config.files[name])
            if before is None:
                self.files[name].initialise()
            self.files[name].read()
        for name in _tracked(config, "process") & config.processes.keys():
            self.processes[name] = WatchedProcesses(daemon, config.processes[name])
        tracked = _tracked(config, "script")
        for name, script in config.scripts.items():
            old = before.checks.get(name) if before else None
            same = old if old and old.script.command == script.command else None
            if name in tracked or same:
                check = Check(self.daemon, script, begun_by_reload=before is not None, before=same)
                if name in tracked:
                    self.checks[name] = check
        for check in before.checks.values() if before else ():
            check.cancel()

    def run(self) -> None:
        """Run every check, now and on its beat."""
        for check in list(self.checks.values()):
            check.run()

    def end(self) -> None:
        """The daemon is gone, and with it what its checks run."""
        for check in self.checks.values():
            check.cancel()

    def is_up(self, device: str) -> bool:
        """True if an interface is up."""
        port = self.daemon.node.find_port(device)
        return port is None or port.up


def _tracked(config: Config, kind: str) -> set[str]:
    """Return the names of the things of a kind that any instance depends on."""
    return {t.name for i in config.instances for t in i.settings.tracks if t.kind == kind}


class Tracked(Protocol):
    """An instance, as its tracking sees it."""

    daemon: Daemon
    router: Router

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

    def set_priority(self) -> None:
        """The same, in silence."""


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
    def told_faults(self) -> set[str]:
        """The reasons for FAULT that its sync group shares."""
        return self.faults - {WRONG_CONFIGURATION}

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
                case "file" if track.name in self.trackers.files:
                    self._begin_file(track, self.trackers.files[track.name].value)
                case "process" if track.name in self.trackers.processes:
                    ok = self.trackers.processes[track.name].has_quorum
                    self.add(track, track.adds(ok))
                    if track.means_fault(ok):
                        self.faults.add(fault_of(track))
                        told = f"entering FAULT state (tracked process {track.name} quorum not achieved)"
                        self._log(f"({name}) {told}")
                case "script" if track.name in self.trackers.checks:
                    self._begin_script(track, self.trackers.checks[track.name])

    def _begin_file(self, track: Track, value: int) -> None:
        status = track.file_status(value)
        if status == FAULT_STATUS:
            self.faults.add(fault_of(track))
            # it says the product as it is, beyond the range
            product = status if not track.weight else value * track.weight * (-1 if track.reverse else 1)
            told = f"entering FAULT state (tracked file {track.name} has status {product})"
            self._log(f"({self.instance.name}): {told}")
        else:
            self.add(track, status)

    def _begin_script(self, track: Track, check: Check) -> None:
        lines = track.unweighted_lines
        if check.ok is not None:
            self.add(track, track.adds_after_reload(check.ok))
            told = f"({self.instance.name}): entering FAULT state due to script {track.name}"
            for line in range(0 if check.ok else lines):
                # of two lines one never goes: nobody takes it away
                self.faults.add(fault_of(track) + (f" of line {line}" if line or track.weight else ""))
                self._log(told)
        elif lines and not check.begun_by_reload:
            self.undecided.add(track.name)

    def add(self, track: Track, amount: int) -> None:
        """Note what a track adds to the priority."""
        self._added[track] = amount

    def take(self, track: Track, ok: bool) -> None:
        """A thing that the instance depends on is well, or is not, from now on."""
        if track.weight:
            self.add(track, self._added.get(track, 0) + track.adds(ok) - track.adds(not ok))
            self.instance.update_priority()
        elif track.means_fault(ok):
            self.instance.set_fault(fault_of(track))
        else:
            self.instance.clear_fault(fault_of(track))

    def take_value(self, track: Track, before: int, value: int) -> None:
        """A tracked file has another number (process_update_vrrp_track_file_status)."""
        name, status = self.instance.name, track.file_status(value)
        if status == track.file_status(before):
            return
        self.add(track, 0 if status == FAULT_STATUS else status)
        if status == FAULT_STATUS:
            self._log(f"({name}): tracked file {track.name} now FAULT state")
            self.instance.set_fault(fault_of(track))
        elif track.file_status(before) == FAULT_STATUS:
            self._log(f"({name}): tracked file {track.name} leaving FAULT state")
            if track.weight:
                self.instance.set_priority()
            if status:
                self._log(f"({name}) Setting effective priority to {self.instance.router.priority}")
            self.instance.clear_fault(fault_of(track))
        else:
            self.instance.update_priority()

    def take_first_run(self, track: Track, ok: bool, after_reload: bool) -> None:
        """A check has its first result (process_script_update_priority).

        One that a reload brought has kept nobody waiting: its success changes no state.
        """
        if track.weight:
            self.add(track, track.adds(ok))
            self.instance.update_priority()
            return
        if track.unweighted_lines == 1:
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
