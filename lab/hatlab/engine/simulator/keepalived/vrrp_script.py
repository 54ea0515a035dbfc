"""A vrrp_script of a running daemon: when it runs, what counts as failed, and the lines it logs."""

from __future__ import annotations

from hatlab.engine.simulator.environment import Daemon, ScriptProcess
from hatlab.keepalived import VrrpScript

SIGKILL, SIGTERM = 9, 15
SEEN = (0.0, 0.001)
"""Seconds from a script's end until it is seen: of two that run at once either may be the first."""
REAP = 0.001
"""Seconds from a script's end by a signal until keepalived knows of it."""
KILL_AFTER = 2.0
"""Seconds from SIGTERM to SIGKILL."""
_CANCELLED = -1


class Check:
    """Runs a script on a fixed beat (keepalived: vrrp_script_thread) and counts its results.

    The first result counts at once, either way; later ones need `fall` failures or `rise` successes in a row.

    Args:
        begun_by_reload: no instance waits for its first result.
        before: the same check before a reload: its verdict and counts go on.
    """

    def __init__(
        self,
        daemon: Daemon,
        script: VrrpScript,
        *,
        begun_by_reload: bool = False,
        before: Check | None = None,
    ) -> None:
        self.daemon, self.script = daemon, script
        self.begun_by_reload = begun_by_reload
        self._is_new = True
        """It has no first result yet."""
        self._result = script.rise - 1
        """Below `rise` it has failed, and counts successes; from there on it counts the failures left to it
        down from `rise + fall - 1` (keepalived: vrrp_script_t.result)."""
        self._status = 0
        """The exit status of the last run that was not killed."""
        self._run_number = 0
        self._running = False
        self._process: ScriptProcess | None = None
        self._signal = 0
        """The last signal that was sent to the run that is under way."""
        if before is not None:
            self._go_on(before)

    def _go_on(self, before: Check) -> None:
        """Take the counts over; `rise` and `fall` may be others now (keepalived: clear_diff_script)."""
        before.cancel()
        self.begun_by_reload, self._is_new = before.begun_by_reload, before._is_new
        if before._is_new:
            return
        old, new = before.script, self.script
        self._status = before._status
        if before._result < old.rise:
            self._result = max(0, new.rise - (old.rise - before._result)) if before._result else 0
        else:
            most = new.rise + new.fall - 1
            self._result = min(most, new.rise + before._result - old.rise)
            if before._result == old.rise + old.fall - 1:
                self._result = most
        told = "successful" if self.ok else "unsuccessful"
        self.daemon.log(f"VRRP_Script({new.name}) considered {told} on reload")

    @property
    def ok(self) -> bool | None:
        """The verdict, None before the first result."""
        return None if self._is_new else self._result >= self.script.rise

    def cancel(self) -> None:
        """A reload or an end ended it: what still runs is killed, and counts no more."""
        self._run_number = _CANCELLED
        process, self._process = self._process, None
        if process is not None:
            process.signal(SIGTERM)

    def run(self) -> None:
        """Start the script, unless its last run has not ended, and set the next beat."""
        if self._run_number == _CANCELLED:
            return
        daemon, script = self.daemon, self.script
        daemon.call_after(script.interval, self.run)
        if self._running:
            state = "being timed out" if self._signal else "already running"
            daemon.log(f"Track script {script.name} is {state}, expect idle - skipping run")
            return
        self._running, self._signal = True, 0
        self._run_number += 1
        daemon.call_after(script.timeout, self._time_out, self._run_number)
        self._process = daemon.run_check(script.name, self._on_exit, daemon.generation, self._run_number)

    def _on_exit(self, status: int, generation: int, run_number: int) -> None:
        if generation == self.daemon.generation:
            self._process = None
            seen = self.daemon.node.environment.random.uniform(*SEEN) if status >= 0 else REAP
            self.daemon.call_after(seen, self._finish_run, run_number, status)

    def _time_out(self, run_number: int) -> None:
        """End a script that takes too long: SIGTERM, and SIGKILL if that does not help."""
        if not self._running or run_number != self._run_number:
            return
        self._signal = SIGKILL if self._signal else SIGTERM
        if self._signal == SIGTERM:
            self.daemon.call_after(KILL_AFTER, self._time_out, run_number)
        if self._process is not None:
            self._process.signal(self._signal)

    def _finish_run(self, run_number: int, status: int) -> None:
        if not self._running or run_number != self._run_number:
            return
        self._running = False
        name = self.script.name
        if status >= 0 and status != self._status:
            self._status = status
            self.daemon.log(f"Script `{name}` now returning {status}")
        if self._changes_verdict(status == 0):
            self.daemon.log(f"VRRP_Script({name}) {self._describe(status)}")
            first, self._is_new = self._is_new, False
            self.daemon.on_check_changed(name, first=first)
        self._is_new = False

    def _describe(self, status: int) -> str:
        """Return how a run ended, in the daemon's words."""
        if status >= 0:
            return f"failed (exited with status {status})" if status else "succeeded"
        timed_out = self._signal and -status in {self._signal, SIGTERM}
        return "timed_out" if timed_out else f"failed (due to signal {-status})"

    def _changes_verdict(self, succeeded: bool) -> bool:
        """Count a result; True if it is the one that counts (keepalived: vrrp_script_child_thread)."""
        rise, most = self.script.rise, self.script.rise + self.script.fall - 1
        before = self._result
        if succeeded:
            self._result = before + 1 if before < rise - 1 else most
            return before == rise - 1
        if before > rise:
            self._result = before - 1
            return False
        self._result = 0
        return before == rise or self._is_new
