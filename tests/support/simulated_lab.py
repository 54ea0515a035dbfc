"""A simulated lab whose time stands still unless a test moves it."""

from __future__ import annotations

from hatlab.actions import parse
from hatlab.engine.simulator.console.driver import Output, run_line
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.events import Event, Log, Vrrp
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology import Topology
from hatlab.topology.library import load_topology


class SimLab:
    """An engine without pace, its session, and everything that happened."""

    def __init__(self, topology: Topology | None = None, *, seed: int = 0) -> None:
        self.engine = SimulatorEngine(
            "two-node", topology or load_topology("two-node"), seed=seed, paced=False, ticks=True
        )
        self.session = Session(self.engine)
        self._reader = self.session.reader()
        self._seen: list[Event] = []
        self.session.start()

    @property
    def events(self) -> list[Event]:
        """All events so far."""
        self._seen += self._reader.drain(most=10**6).events
        return self._seen

    @property
    def state(self) -> LabState:
        return self.session.state

    @property
    def now(self) -> float:
        return self.engine.now()

    def run(self, seconds: float) -> None:
        """Lets virtual time pass."""
        self.engine.run_until(self.now + seconds)

    def do(self, line: str, text: str = "", *, wait: float = 0.0) -> str:
        """Carries an action out, as a session does; then lets some seconds of virtual time pass."""
        action = parse(line, self.engine.layout)
        effect = self.session.act(type(action)(action.verb, action.args, text))
        if wait:
            self.run(wait)
        return effect

    def edit_conf(self, node: str, old: str, new: str) -> None:
        """Changes a node's keepalived.conf and reloads it."""
        text = self.state.nodes[node].conf
        assert old in text
        self.do(f"edit {node} keepalived.conf", text.replace(old, new))
        self.do(f"reload {node}", wait=0.05)

    def shell(self, line: str, node: str = "db1", seconds: float = 30) -> Output:
        """Runs a line in a node's console, in as much virtual time as it needs."""
        return run_line(self.engine.world, node, line, seconds=seconds)

    def logs(self, node: str, since: float = 0.0) -> list[str]:
        """What a node's services logged since a moment."""
        return [o.text for o in self.events if isinstance(o, Log) and o.node == node and o.at >= since]

    def vrrp_changes(self, node: str, since: float = 0.0) -> list[tuple[float, str]]:
        """(seconds after `since`, state) of what a node's keepalived reported."""
        reports = [o for o in self.events if isinstance(o, Vrrp) and o.node == node and o.at >= since]
        return [(round(o.at - since, 3), o.state) for o in reports]

    def owners(self) -> set[str]:
        """Who holds the first virtual address."""
        return set(self.state.owners(self.engine.layout.vip_addresses[0]))

    def reported(self, node: str, instance: str = "VI_1") -> str:
        """What a node's keepalived last said."""
        return self.state.nodes[node].instances[instance].reported
