"""Builds a lab on a Docker engine: all at once, and what needs another part waits for that part alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hatlab.engine.docker import cleanup
from hatlab.engine.docker.connection import plain_errors
from hatlab.engine.docker.container_config import AgentSettings, all_settings
from hatlab.engine.docker.containers import Containers
from hatlab.engine.docker.networks import NetworkPlan, NetworksInWork, SubnetTaken, plan_networks
from hatlab.engine.docker.parallel import await_end, in_parallel, on_daemon_thread
from hatlab.errors import EngineError
from hatlab.topology import Layout, Topology

if TYPE_CHECKING:
    from docker import DockerClient


@dataclass(frozen=True, slots=True)
class Construction:
    """A lab that is to be built."""

    client: DockerClient
    lab: str
    """The lab's id."""
    name: str
    """The topology's short name."""
    topology: Topology
    image: str
    """What nodes are made from."""
    containers: Containers
    on_networks: Callable[[Layout], None]
    """Called once the networks are there, with the layout that has their subnets; no node has started."""

    def build(self, obstacle: str = "") -> None:
        """Make the networks and start every container.

        Args:
            obstacle: why a wall, and not a switch of its own, must keep the machine off the networks (see
                `switch`, `wall`); empty if a switch can.

        Raises:
            EngineError: no subnet is free, or Docker refuses; what was made is still there.
        """
        for plan in plan_networks(self.client, self.name, self.topology, isolated=not obstacle):
            try:
                with plain_errors("cannot make the lab's networks and containers"):
                    self._build(plan, obstacle)
                return
            except SubnetTaken:
                self.containers.forget_created()
                removal = cleanup.remove_lab(self.client, self.lab)
                if removal.left:
                    raise EngineError(removal.problem, removal.hint) from None

    def _build(self, plan: NetworkPlan, obstacle: str) -> None:
        """Do what the plan says.

        Raises:
            SubnetTaken: another lab was quicker; no node was started.
        """
        networks = NetworksInWork(self.client, self.lab, plan, self.containers.owner)
        place = self.lab, plan.layout, self.image
        groups = [list(group) for group in all_settings(plan.layout)]

        def begin() -> None:
            networks.await_networks()
            self.on_networks(plan.layout)
            if obstacle:
                self.containers.put_up_wall(*place, obstacle)

        def make_switch() -> None:
            if plan.isolated:
                self.containers.start_switch(*place, networks.await_bridges)

        def make_node(settings: AgentSettings) -> None:
            if not plan.isolated:  # as on Podman, which makes no container for a network that comes later
                networks.await_networks()
            self.containers.create(*place, settings, networks.await_networks)

        work: list[Callable[[], None]] = [partial(networks.make, name) for name in plan.layout.network_names]
        work += [begin, *(partial(make_node, settings) for group in groups for settings in group)]
        switch = on_daemon_thread(make_switch, "switch")
        try:
            in_parallel(lambda do: do(), work)  # networks first: the others wait for them
            for group in groups:
                self.containers.startup.check_not_stopping()
                in_parallel(self.containers.start, [settings["name"] for settings in group])
        finally:
            await_end(switch)  # only what is made can be removed
        switch.result()
