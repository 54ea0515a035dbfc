"""One transition and what an explanation of it consists of.

Rules are cited by VRRP version: RFC 3768 for 2, RFC 9568 for 3 (its *Active* is keepalived's *Master*; the
section numbers of the state machine are the same in both).
"""

from __future__ import annotations

from dataclasses import dataclass

from hatlab import events as e
from hatlab.keepalived import InstanceSettings
from hatlab.state.model import JUST_NOW, InstanceState, LabState, NodeState

TOLERANCE = 0.2
"""Seconds by which a sum and what was measured may differ. A sum that differs by more is not why."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition: the lab just before it, the event, the node after it, the instance before and after."""

    lab: LabState
    event: e.Event
    node: NodeState
    name: str
    old: InstanceState
    new: InstanceState

    @property
    def rfc(self) -> str:
        return "RFC 9568" if self.version == 3 else "RFC 3768"

    @property
    def settings(self) -> InstanceSettings:
        """The instance's settings, keepalived's defaults if it has none."""
        return self.new.settings or InstanceSettings(self.name)

    @property
    def version(self) -> int:
        return self.settings.version

    @property
    def interval(self) -> float:
        """The configured advert interval, seconds."""
        return self.settings.interval

    @property
    def network(self) -> str:
        """The network its adverts travel on, empty if the topology does not know the instance."""
        spec = self.lab.layout.topology.instances.get(self.name) if self.lab.layout else None
        return spec.network_of(self.node.name) if spec else ""

    @property
    def about(self) -> float:
        """How exactly the moment of an imported event is known, seconds; 0 in a lab."""
        return self.event.about

    @property
    def waited(self) -> float:
        """Seconds that the instance waited since its timer was set; at least, of an imported event."""
        return 0.0 if self.old.armed is None else self.event.at - self.old.armed - self.old.armed_about

    @property
    def waited_about(self) -> float:
        """Seconds by which it may have waited longer."""
        return self.event.about + self.old.armed_about

    def timer_terms(self, timeout: float, interval: float | None = None) -> str:
        """The terms of a master-down timer of `timeout` s: `3 × 1 s + skew 0.414 s`.

        `interval` is the one that counts, s: its own if left out.
        """
        adverts, each = self.settings.down_adverts, self.interval if interval is None else interval
        return f"{adverts} × {each:g} s + skew {timeout - adverts * each:.3f} s"

    def skew_terms(self) -> str:
        """The terms of the skew time of the priority that it had: `skew = (256 − 100)/256`."""
        unit = "" if self.version == 2 else f" × {self.interval:g}"
        return f"skew = (256 − {self.old.priority})/256{unit}"

    def moment(self, at: float) -> str:
        """A moment as it is written: `1:02.41`, of an incident `03:12:07.41`."""
        return self.lab.clock.format(at, 2)

    def just_now(self, moment: float | None) -> bool:
        """True if something happened so shortly before that it may be the cause."""
        return moment is not None and self.event.at - moment <= JUST_NOW + self.about

    @property
    def was_reloaded(self) -> bool:
        """True if keepalived has just read its configuration again, and ran before."""
        loaded, began = self.node.loaded_at, self.node.service("keepalived").since
        return loaded is not None and self.just_now(loaded) and loaded - began > JUST_NOW


@dataclass(frozen=True, slots=True)
class Cause:
    """The parts of an explanation. `key` is the conf setting whose line is shown, of `script` if given."""

    cause: str
    rule: str
    text: str
    arithmetic: str = ""
    key: str = ""
    script: str = ""


def compare(terms: str, expected: float, measured: float, about: float = 0.0) -> str:
    """`3 × 1 s + skew 0.414 s = 3.414 s; measured 3.415 s`; empty if the two differ by too much.

    What was measured may be longer by `about` seconds, as the times of a log in whole seconds are.
    """
    if not measured - TOLERANCE <= expected <= measured + about + TOLERANCE:
        return ""
    if about:
        return (
            f"{terms} = {expected:.3f} s; about that by the log, whose times are known to {about:g} s: "
            f"{max(0.0, measured):.1f} to {measured + about:.1f} s"
        )
    return f"{terms} = {expected:.3f} s; measured {measured:.3f} s"


def took_over_after_goodbye(m: Transition, name: str, skew: float, sums: str) -> Cause:
    """That a Backup became Master a skew after another node said that it leaves."""
    return Cause(
        f"{name} sent priority 0",
        f"{m.rfc} §6.4.2: after an advert of priority 0 a Backup waits only one skew",
        f"{name} did not just go silent: it said it was leaving (priority 0). So {m.node.name} waited only "
        f"one skew, {skew:.3f} s, and became Master.",
        sums,
        "priority",
    )
