"""The files and processes that a running daemon watches (keepalived: track_file.c, track_process.c)."""

from __future__ import annotations

from hatlab.engine.simulator.environment import Daemon
from hatlab.keepalived.tracked_things import TrackFile, TrackProcess, read_status


class WatchedFile:
    """A track_file: the number in a file, 0 while there is none."""

    def __init__(self, daemon: Daemon, file: TrackFile) -> None:
        self.daemon, self.file = daemon, file
        self.path = daemon.node.disk.resolve(file.path)
        self.value = 0

    def initialise(self) -> None:
        """Write the first value, if there is one to write (only at a start)."""
        disk, initial = self.daemon.node.disk, self.file.initial
        if initial is not None and (self.file.overwrite or disk.read(self.path) is None):
            disk.write(self.path, f"{initial}\n")

    def read(self) -> int:
        """Read the value, and return the one before."""
        before = self.value
        text = self.daemon.node.disk.read(self.path) or ""
        value = read_status(text)
        if value is None:
            self.daemon.log(f"Invalid number read from {self.path} - ignoring")
        else:
            self.value = value
        return before


class WatchedProcesses:
    """A vrrp_track_process: whether as many of its processes run as shall."""

    def __init__(self, daemon: Daemon, process: TrackProcess) -> None:
        self.daemon, self.process = daemon, process
        self.has_quorum = process.has_quorum(self._count())
        self._plans = 0
        """Counts the delays that began or were given up."""

    def _count(self) -> int:
        names = self.daemon.node.list_process_names()
        return sum(self.process.matches(name, command) for name, command in names)

    def look(self) -> None:
        """A process began or ended. Too few count after a delay only, as many as shall be at once."""
        self._plans += 1
        now_up, delay = self.process.has_quorum(self._count()), self.process.terminate_delay
        if now_up or not delay:
            self._settle(self._plans)
        else:
            self.daemon.call_after(delay, self._settle, self._plans)

    def _settle(self, plan: int) -> None:
        now_up = self.process.has_quorum(self._count())
        if plan != self._plans or now_up == self.has_quorum:
            return
        self.has_quorum = now_up
        self.daemon.log(f"Quorum {'gained' if now_up else 'lost'} for tracked process {self.process.name}")
        self.daemon.on_processes_changed(self.process.name, now_up)
