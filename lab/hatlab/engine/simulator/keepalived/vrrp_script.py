"""A vrrp_script of a running daemon: when it runs, what counts as failed, and the lines it logs."""

from __future__ import annotations

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.scripts import run_script
from hatlab.keepalived import VrrpScript

SIGTERM = 15
REAP = 0.001
"""Seconds from SIGTERM to a script to its end."""
_CANCELLED = -1


class Check:
    """Runs a script on a fixed beat (keepalived: vrrp_script_thread) and counts its results.

    The first result counts at once, either way; later ones need `fall` failures or `rise` successes in a row.

    Args:
        before: the same check before a reload: its verdict and counts go on, and so does its beat.
    """

    def __init__(self, daemon: Daemon, script: VrrpScript, before: Check | None = None) -> None:
        self.daemon, self.script = daemon, script
        self.ok: bool | None = before.ok if before else None
        """The verdict, None before the first result."""
        self._streak: int = before._streak if before else 0
        """Results in a row that speak against the verdict."""
        self._status: int = before._status if before else 0
        """The exit status of the last run that was not killed."""
        self._run_number = 0
        self._running = False
        if before is not None:
            before.cancel()
            daemon.call_after(script.interval, self.run)

    def cancel(self) -> None:
        """A reload ended it: what still runs counts no more."""
        self._run_number = _CANCELLED

    def run(self) -> None:
        """Start the script, unless its last run has not ended, and set the next beat."""
        if self._run_number == _CANCELLED:
            return
        daemon, script = self.daemon, self.script
        daemon.call_after(script.interval, self.run)
        if self._running:
            daemon.log(f"Track script {script.name} is already running, expect idle - skipping run")
            return
        self._running = True
        self._run_number += 1
        daemon.call_after(script.timeout, self._time_out, self._run_number)
        run_script(daemon.node, script.command, self._on_exit, daemon.generation, self._run_number)

    def _on_exit(self, status: int, generation: int, run_number: int) -> None:
        if generation == self.daemon.generation:
            self.daemon.call_after(0.0, self._finish_run, run_number, status, False)

    def _time_out(self, run_number: int) -> None:
        """Kill the script; it is reaped a moment later, so a beat at this very time finds it running."""
        if self._running and run_number == self._run_number:
            self.daemon.call_after(REAP, self._finish_run, run_number, SIGTERM, True)

    def _finish_run(self, run_number: int, status: int, timed_out: bool) -> None:
        if not self._running or run_number != self._run_number:
            return
        self._running = False
        succeeded = status == 0
        name = self.script.name
        if status != self._status and not timed_out:
            self._status = status
            self.daemon.log(f"Script `{name}` now returning {status}")
        if self.ok is not None and succeeded == self.ok:
            self._streak = 0
            return
        self._streak += 1
        needed = 1 if self.ok is None else self.script.rise if succeeded else self.script.fall
        if self._streak < needed:
            return
        self._streak = 0
        self.ok = succeeded
        failure = "timed_out" if timed_out else f"failed (exited with status {status})"
        self.daemon.log(f"VRRP_Script({name}) {'succeeded' if succeeded else failure}")
        self.daemon.on_check_changed(name)
