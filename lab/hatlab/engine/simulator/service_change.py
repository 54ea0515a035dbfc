"""A service that is started, stopped or reloaded: what has to be waited for, and words for the outcome."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.engine import action_outcomes as outcomes
from hatlab.engine.simulator.node import Node
from hatlab.errors import ActionFailed

STOP_TIMEOUT = 20.0
"""Seconds that a process may take to end in order."""
START_TIMEOUT = 30.0
"""Seconds until mysqld must answer."""
QUICK_END = 0.4
"""Seconds within which a keepalived that refuses its configuration has ended."""


class ServiceChange:
    """One change of one service: `begin` it, wait until it `is_done` or `patience` is over, `finish` it.

    Args:
        name: `mysqld` or `keepalived`.
        verb: `start`, `stop` or `reload`.
    """

    def __init__(self, node: Node, name: str, verb: str) -> None:
        self.node, self.name, self.verb = node, name, verb
        self._before = ""
        self._pid: int | None = None

    @property
    def patience(self) -> float:
        """Seconds to wait for its end."""
        if self.verb == "start":
            return START_TIMEOUT if self.name == "mysqld" else QUICK_END
        return STOP_TIMEOUT

    def begin(self) -> str:
        """Do it.

        Raises:
            ActionFailed: that is not possible.
        """
        if self.name not in self.node.services:
            raise outcomes.service_missing(self.name, self.node.name)
        service = self.node.services[self.name]
        self._before = str(service)
        if self.verb == "start":
            if service.running:
                raise outcomes.service_running(self.name, self.node.name, service)
            service.spawn()
            self._pid = service.pid
            return ""
        if not service.running:
            raise outcomes.service_not_running(self.name, self.node.name, service)
        if self.verb == "reload":
            self.node.keepalived.reload()
            return ""
        if service.frozen:
            raise outcomes.frozen_cannot_stop(self.name)
        service.stop()
        return ""

    def is_done(self) -> bool:
        """True if nothing has to be waited for any longer."""
        service = self.node.services[self.name]
        match self.verb:
            case "stop":
                return not service.running
            case "start" if self.name == "mysqld":
                return self.node.mysqld.answering
            case "start":
                return service.pid != self._pid
        return True

    def finish(self) -> str:
        """Return its effect.

        Raises:
            ActionFailed: it did not come about.
        """
        service = self.node.services[self.name]
        if self.verb == "reload":
            return outcomes.reload_effect(self.name, service)
        if self.verb == "stop":
            if service.running:
                raise outcomes.still_running(self.name, STOP_TIMEOUT)
            return outcomes.service_effect(self.name, self._before, f"gone ({service.reason})")
        if self.name == "mysqld" and not self.node.mysqld.answering:
            raise outcomes.mysqld_silent()
        if self.name == "keepalived" and service.pid != self._pid:
            raise outcomes.ended_at_once("keepalived", service.last_end)
        return outcomes.service_effect(self.name, self._before, service)


def outcome_of(call: Callable[[], str]) -> tuple[str, bool]:
    """Return (the result of a step of a change, True), or (why not, False)."""
    try:
        return call(), True
    except ActionFailed as error:
        return error.message, False
