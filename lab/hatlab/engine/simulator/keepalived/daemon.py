"""A simulated keepalived 2.3 as a process: its start, its signals and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hatlab.engine.simulator.environment import Machine, Pace, ScriptProcess
from hatlab.engine.simulator.keepalived.commands import read_commands
from hatlab.engine.simulator.keepalived.config import Config, read_config
from hatlab.engine.simulator.keepalived.config_check import (
    NO_INTERFACE,
    fatal_lines,
    instance_lines,
    parent_lines,
    reading_lines,
)
from hatlab.engine.simulator.keepalived.held_addresses import HeldAddresses
from hatlab.engine.simulator.keepalived.instance import RECEIVED_LOWER, STOPPED
from hatlab.engine.simulator.keepalived.pacing import Pacing
from hatlab.engine.simulator.keepalived.reload import apply_new_config
from hatlab.engine.simulator.keepalived.scripts import run_command
from hatlab.engine.simulator.keepalived.vrrp_child import VrrpChild
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.service import Service
from hatlab.keepalived import select_lines
from hatlab.keepalived.diagnose.effects import unmodelled_settings
from hatlab.keepalived.garp_settings import GarpPaces
from hatlab.keepalived.lab_programs import missing_in_lab
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import State

START = 0.017
"""Seconds from exec to the first state, measured."""
UNREADY = 0.001
"""Seconds from exec in which it has no handlers of signals yet: SIGHUP ends it."""
STOPPING = 1.0
"""Seconds from SIGTERM to the end, measured."""
RELOAD = 0.001
"""Seconds from SIGHUP to the new configuration."""
RESPAWN = 0.011
"""Seconds from the end of the VRRP child to its successor's first state, measured."""
LONG_LIFE, LONGEST_DELAY = 60, 60
"""Seconds after which a VRRP child that dies has a successor at once; for which that is put off at most."""
IPVS = 0.009
"""Seconds that the checker process takes to find that the kernel has no ip_vs, measured."""
REFUSAL = 0.012
"""Seconds from a fatal line to the end, measured."""
ORPHAN = (0.07, 0.95)
"""Seconds from its parent's end until the VRRP child is seen to run alone, and for which it still does."""
VERSION = "Keepalived v2.3.4 (06/10,2025)"


def _ignore_status(_: int) -> None:
    """keepalived does not look at a notify script's exit status."""


class Keepalived(Service):
    """The daemon: a parent and its VRRP child."""

    name = "keepalived"

    def __init__(self, node: Machine) -> None:
        super().__init__(node)
        self.child = VrrpChild(self)
        self.is_stopping = False
        """True from SIGTERM to the end."""
        self.has_begun = False
        """True while its VRRP process runs."""
        self.is_idle = False
        """True if its configuration names nothing to do: it runs without any child, until a reload."""
        self._began = self._child_began = 0.0
        self._restart_delay = 0
        """Seconds for which the next VRRP process will be waited with, if it dies."""
        self.reload_waits = False
        """True if a SIGHUP came while it was frozen."""
        self.orphaned = False
        """True if only the VRRP child is left, and about to end."""
        self.reloads = 0
        self.pacing: Pace = Pacing(self, GarpPaces())
        self.has_table = False
        self.told: set[str] = set()
        """What it has said that it does not model."""
        self._read_config()

    @property
    def has_notify_fifo(self) -> bool:
        """True if its configuration names a notify FIFO."""
        return self.config.has_notify_fifo

    @property
    def uses_firewall(self) -> bool:
        """True if its configuration needs rules; without, it touches none, not even its own."""
        return any(not i.settings.accept or i.settings.vmac for i in self.config.instances)

    def log(self, text: str) -> None:
        """Add a line to its log."""
        self.node.log(self.name, text)

    # -- start

    def spawn(self) -> None:
        """Start the parent, which reads the configuration and starts its child."""
        self.mark_started()
        self._began = self.node.now
        self.orphaned = self.is_stopping = self.reload_waits = self.has_begun = False
        self._restart_delay = 0
        self.log(f"Starting {VERSION}")
        self._log_file()
        self._read_config()
        self._log_lines(parent_lines(self.text))
        self.call_after(START, self._start_child)

    def _read_config(self) -> None:
        self.text = select_lines(self.node.conf, self.node.name)
        """The configuration that the parent read last; a child takes it from there."""
        self.commands = read_commands(self.text, self.node.disk)
        """The programs that it names, as far as they may run."""
        self.config: Config = read_config(self.commands.text)

    def _log_file(self) -> None:
        self.log("Opening file '/etc/keepalived/keepalived.conf'.")
        self.log("Configuration file /etc/keepalived/keepalived.conf")

    def _log_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.log(line)

    def _log_configuration(self, *, reload: bool) -> None:
        """Say what the child has to say of the file, in its order."""
        self._log_lines(reading_lines(self.text, reload=reload))
        self._log_lines(self.commands.lines)
        self._log_lines(instance_lines(self.commands.text, self._devices))

    @property
    def _devices(self) -> tuple[str, ...]:
        return tuple(port.device for port in self.node.ports.values())

    def _start_child(self) -> None:
        self.is_idle = not (self.config.instances or self.config.has_virtual_server)
        if self.is_idle:
            self.log("Warning - keepalived has no configuration to run")
            return
        self.has_begun, self._child_began = True, self.node.now
        self.has_table = False
        self._start_checker()
        self.child.pid = self.node.new_pid()
        self.log(f"Starting VRRP child process, pid={self.child.pid}")
        self._log_configuration(reload=False)
        self._tell_unmodelled()
        if not self._ends_on_fatal_line():
            self.child.start(self.config)

    def _tell_unmodelled(self) -> None:
        """Say what of the configuration this simulator does not model, once."""
        files = {path: file.text for path, file in self.node.disk.files.items()}
        missing = missing_in_lab(self.text, files, simulated=True)
        for text in (*unmodelled_settings(self.text), *missing):
            if text not in self.told:
                self.told.add(text)
                self.node.log("hatlab", text)

    def _ends_on_fatal_line(self, previous: Config | None = None) -> bool:
        """True if the configuration names what is not there: all of it ends then, and held addresses stay.
        Only a missing interface is found before its checks and its startup delay."""
        lines = fatal_lines(self.text, self._devices)
        if lines and lines[-1] != NO_INTERFACE:
            self.child.take_checks(self.config, previous)
        for line in lines:
            self.log(line)
        if lines:
            self.child.clear()
            self.generation += 1
            why = f"pid {self.child.pid} exited with permanent error CONFIG"
            self.call_after(REFUSAL, self._terminate, why, "exit 2")
        return bool(lines)

    def _start_checker(self) -> None:
        """A virtual_server needs IPVS, which this kernel lacks: the checker ends, and its parent with it."""
        if self.config.has_virtual_server:
            checker = self.node.new_pid()
            self.log(f"Starting Healthcheck child process, pid={checker}")
            self.log("Initializing ipvs")
            self.call_after(IPVS, self._end_without_ipvs, checker)

    def _end_without_ipvs(self, checker: int) -> None:
        self.log("IPVS: Can't initialize ipvs: No such file or directory")
        for real, virtual in self.config.servers:
            self.log(f"Shutting down service {real} from VS {virtual}")
        self.child.stop()
        self._terminate(f"pid {checker} exited with permanent error FATAL", "exit 1")
        self.call_after(ORPHAN[0], self._orphan_child)

    def _orphan_child(self) -> None:
        """The VRRP child goes on for the second that an orderly end takes."""
        self.orphaned = True
        self.pid = self.child.pid
        self.set_state("up")
        self.call_after(ORPHAN[1], self.mark_ended, "exit 0")

    # -- signals and the end

    def _terminate(self, why: str, reason: str) -> None:
        self.log(f"{why}. Terminating")
        self._log_end(reason)

    def _log_end(self, reason: str) -> None:
        if self.has_table and self.uses_firewall:
            self.node.set_refused(None)
        self.log(f"Stopped {VERSION}")
        self.mark_ended(reason)

    def kill(self) -> None:
        """SIGKILL to parent and child: the addresses stay."""
        self.child.clear()
        self.mark_ended("signal 9")

    def lose_power(self) -> None:
        """The node lost its power: the process is gone without a word."""
        self.child.clear()
        super().lose_power()

    def kill_child(self) -> None:
        """SIGKILL to the VRRP child: its parent starts another; at once if it is the first to die or has run
        for a minute (calc_restart_delay)."""
        if not self.has_begun:
            return
        pid, self.has_begun = self.child.pid, False
        self.child.clear()
        self.generation += 1
        self.pending.clear()
        self.log(f"pid {pid} exited due to signal 9 (Killed) - has rlimit_rttime been exceeded?")
        self.log(f"VRRP child process({pid}) died: Respawning")
        delay = 0
        if self.node.now - self._child_began >= LONG_LIFE:
            self._restart_delay = 0
        else:
            delay = self._restart_delay
            self._restart_delay = min(2 * delay or 1, LONGEST_DELAY)
            self.log(f"Restart of VRRP process delayed {delay} seconds to limit respawn rate")
        self.call_after(RESPAWN + delay, self._start_child)

    def stop(self) -> None:
        """SIGTERM: a Master says priority 0; the process ends a second later."""
        if self.is_stopping:
            return
        self.log("Stopping")
        vmacs = [i.held for i in self.child.instances.values() if i.config.settings.vmac]
        self.child.stop()
        self.generation += 1
        self.is_stopping = True
        self.call_after(STOPPING, self._end_in_order, vmacs)

    def _end_in_order(self, vmacs: list[HeldAddresses]) -> None:
        for held in vmacs:
            held.remove_vmac()
        self._log_end("exit 0")

    def thaw(self) -> None:
        """SIGCONT: what waited in the socket comes before what the clock had for it."""
        self.set_state("up")
        self.child.wake_up(self.reload_waits)
        self.run_pending()
        if self.reload_waits:
            self.reload_waits = False
            self.reload()

    def reload(self) -> None:
        """SIGHUP: reads the configuration again. A Master stays, and advertises at once, before it reads
        (sigreload_vrrp) and after; others begin anew."""
        if self.running and self.node.now - self._began < UNREADY:
            self.mark_ended("signal 1")
        if self.orphaned or self.is_stopping or not (self.has_begun or self.is_idle):
            return
        if self.frozen:
            self.reload_waits = True
            return
        self.log("Reloading ...")
        self._log_file()
        self._log_lines(parent_lines(select_lines(self.node.conf, self.node.name)))
        for instance in self.child.instances.values():
            if instance.router.state is State.MASTER:
                instance.sender.send(instance.router.priority)
        if self.is_idle:
            self._read_config()
            self._start_child()
            return
        self.log("Reloading")
        self.call_after(RELOAD, self._reread_config)

    def _reread_config(self) -> None:
        self.reloads += 1
        previous = self.config
        self._read_config()
        self._tell_unmodelled()
        self._log_configuration(reload=True)
        if not self._ends_on_fatal_line(previous):
            self._start_checker()
            apply_new_config(self.child, self.config, previous)

    # -- its programs

    def run_check(self, name: str, on_end: Callable[..., None], *args: Any) -> ScriptProcess | None:
        """Run the program of a vrrp_script: `on_end(exit status, *args)` when it ends, which may be never."""
        return run_command(self.node, self.commands.checks[name], (), on_end, *args)

    def run_notify(self, kind: str, name: str, state: str, priority: int) -> None:
        """Run what an INSTANCE or GROUP has for a state that it entered: `notify_STATE`, then `notify`."""
        block = "vrrp_instance" if kind == "INSTANCE" else "vrrp_sync_group"
        shown = "STOP" if state == STOPPED else state
        if command := self.commands.notify.get((block, name, f"notify_{shown.lower()}")):
            run_command(self.node, command, (), _ignore_status)
        if state != RECEIVED_LOWER and (command := self.commands.notify.get((block, name, "notify"))):
            run_command(self.node, command, (kind, name, shown, str(priority)), _ignore_status)

    # -- what happens to it

    def receive(self, port: Port, advert: Advertisement) -> None:
        """A VRRP packet arrived at an interface."""
        if self.state == "up":
            self.child.dispatch(port, advert)
        elif self.frozen:
            self.child.backlog.add_advert(port, advert, self.child.dispatch)

    def _hear_from_kernel(self, call: Callable[..., None], *args: Any) -> None:
        """Netlink has a message; a frozen daemon reads it when it is thawed."""
        if self.frozen:
            self.child.backlog.add_kernel_message(call, *args)
        elif self.running:
            self.call_after(0.0, call, *args)

    def on_link_changed(self, device: str, up: bool) -> None:
        """An interface went up or down."""
        self._hear_from_kernel(self.child.on_link_changed, device, up)

    def on_link_local_changed(self, port: Port) -> None:
        """An interface lost its link-local address, or has it again."""
        self._hear_from_kernel(self.child.on_link_local_changed, port)

    def on_address_deleted(self, address: str, device: str) -> None:
        """Somebody took an address away."""
        self._hear_from_kernel(self.child.on_address_deleted, address, device)

    def on_check_changed(self, name: str, *, first: bool) -> None:
        """A check's verdict changed; its first one counts as a change."""
        self.child.on_check_changed(name, first=first)

    def on_file_changed(self, path: str) -> None:
        """Somebody wrote or removed a file."""
        self._hear_from_kernel(self.child.on_file_changed, path)

    def on_process_changed(self) -> None:
        """A process of the machine began or ended."""
        self._hear_from_kernel(self.child.look_at_processes)

    def on_processes_changed(self, name: str, has_quorum: bool) -> None:
        """As many of a tracked program's processes run as shall, or no longer."""
        self.child.on_processes_changed(name, has_quorum)
