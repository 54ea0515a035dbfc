"""A simulated lab that stands still unless a test moves its time."""

from __future__ import annotations

from hatlab.actions import parse
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.events import Event
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
        while batch := self._reader.drain().events:
            self._seen += batch
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

    def do(self, line: str, text: str = "") -> str:
        """Carries an action out, as a session does."""
        action = parse(line, self.engine.layout)
        return self.session.act(type(action)(action.verb, action.args, text))

    def owners(self) -> set[str]:
        """Who holds the first virtual address."""
        return set(self.state.owners(self.engine.layout.vip_addresses[0]))

    def reported(self, node: str, instance: str = "VI_1") -> str:
        """What a node's keepalived last said."""
        return self.state.nodes[node].instances[instance].reported
