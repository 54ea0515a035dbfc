"""A vrrp_script of a running daemon: when it runs, what counts as failed, and the lines it logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.engine.simulator.keepalived import scripts
from hatlab.keepalived import VrrpScript

if TYPE_CHECKING:
    from hatlab.engine.simulator.keepalived.daemon import Keepalived


class Check:
    """Runs a script on a fixed beat (keepalived: vrrp_script_thread) and counts its results.

    The first result counts at once, either way; later ones need `fall` failures or `rise` successes in a row.

    Attributes:
        ok: the verdict, None before the first result.
        before: the same check before a reload: its verdict and counts go on, and so does its beat.
    """

    def __init__(self, daemon: Keepalived, script: VrrpScript, before: Check | None = None) -> None:
        self.daemon, self.script = daemon, script
        self.ok: bool | None = before.ok if before else None
        self._streak: int = before._streak if before else 0
        self._status: int = before._status if before else 0
        self._run = 0
        self._running = False
        if before is not None:
            before.forget()
            daemon.after(script.interval, self.run)

    @property
    def _name(self) -> str:
        return self.script.name

    def forget(self) -> None:
        """A reload ended it: what still runs counts no more."""
        self._run = -1

    def run(self) -> None:
        """Starts the script, unless its last run has not ended, and sets the next beat."""
        if self._run < 0:
            return
        daemon = self.daemon
        daemon.after(self.script.interval, self.run)
        if self._running:
            daemon.say(f"Track script {self._name} is already running, expect idle - skipping run")
            return
        self._running = True
        self._run += 1
        daemon.after(self.script.timeout, self._timed_out, self._run)
        scripts.run(daemon.node, self.script.command, self._exited, daemon.life, self._run)

    def _exited(self, status: int, life: int, run: int) -> None:
        if life == self.daemon.life:
            self.daemon.after(0.0, self._ended, run, status, "")

    def _timed_out(self, run: int) -> None:
        """Killed (SIGTERM); it is reaped a moment later, so a beat at this very time finds it running."""
        if self._running and run == self._run:
            self.daemon.after(0.001, self._ended, run, 15, "timed out")

    def _ended(self, run: int, status: int, how: str) -> None:
        if not self._running or run != self._run:
            return
        self._running = False
        good = status == 0
        if status != self._status and not how:  # a run that was killed leaves the last exit code as it was
            self._status = status
            self.daemon.say(f"Script `{self._name}` now returning {status}")
        if self.ok is not None and good == self.ok:
            self._streak = 0
            return
        self._streak += 1
        wanted = 1 if self.ok is None else self.script.rise if good else self.script.fall
        if self._streak < wanted:
            return
        self._streak = 0
        self.ok = good
        self.daemon.say(f"VRRP_Script({self._name}) {self._verdict(good, status, how)}")
        self.daemon.on_check(self._name)

    @staticmethod
    def _verdict(good: bool, status: int, how: str) -> str:
        if good:
            return "succeeded"
        return "timed_out" if how else f"failed (exited with status {status})"
