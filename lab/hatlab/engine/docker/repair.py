"""Checks a node against its layout and repairs what was done to it behind hatlab's back.

With Docker's own commands a container can be stopped, paused, removed, or taken off a network; inside it an
interface or its own address can be deleted. `reset`, `power on`, `link up` and `heal` look here first, so
they work on a whole node or fail before they have touched another one.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.connection import one_line
from hatlab.engine.docker.container_config import AgentSettings, all_settings
from hatlab.engine.docker.container_creation import create_container, endpoint_settings
from hatlab.engine.docker.containers import Containers
from hatlab.engine.docker.networks import bridge_options, make_network
from hatlab.engine.docker.node_shell import run_line
from hatlab.engine.docker.switch import find_bridge
from hatlab.errors import ActionFailed
from hatlab.topology import Layout

if TYPE_CHECKING:
    from docker import DockerClient

_ENDS_WITHIN = 10.0
"""Seconds within which a killed container has ended."""
_LOOK_EVERY = 0.05


class Repair:
    """Repairs the nodes of one lab.

    Args:
        client: the engine.
        lab: the lab's id.
        layout: what should be.
        image: what its containers are made from.
        containers: the lab's.
    """

    def __init__(
        self, client: DockerClient, lab: str, layout: Layout, image: str, containers: Containers
    ) -> None:
        self._api: Any = client.api
        self._client, self._lab, self._layout, self._image = client, lab, layout, image
        self._containers = containers
        self._attached_running: set[str] = set()
        """Nodes with an interface that their agent did not boot with."""

    def restore_container(self, node: str) -> list[str]:
        """Make a node's container and its place on every network as they should be; return what was done.

        Whatever needs the node to boot afresh leaves it killed and off, to be powered on.

        Raises:
            ActionFailed: what cannot be repaired, and what to do.
        """
        try:
            return self._restore_container(node)
        except ActionFailed:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the engine says is the answer
            problem = f"{node} cannot be repaired: {one_line(error)}"
            hint = "start a new lab: hatlab down, then hatlab start"
            raise ActionFailed(problem, hint, definite=False) from None

    def _restore_container(self, node: str) -> list[str]:
        done = self._restore_networks(node)
        state = self._state(node)
        if state is None:
            self._containers.ids[node] = create_container(
                self._client,
                self._lab,
                self._layout,
                self._image,
                self._settings(node),
                self._containers.owner,
                self._containers.security,
            )
            self._containers.note_off(node, "its container was removed")
            return [*done, "its container was made again"]
        if self.unpause(node):
            done.append("its container was resumed")
        attached = self._attach(node, [n for n in self._layout.networks_of(node) if self._is_off(node, n)])
        done += [f"it was attached to {network} again" for network in attached]
        if not state["Running"]:
            self._containers.note_off(node, "its container has ended")
        elif attached or node in self._attached_running or self._was_restarted(node, state):
            self._kill(node)
        else:
            missing = [n for n in self._layout.networks_of(node) if n not in self.interfaces(node)]
            if missing:
                self._kill(node)
                done.append(f"its interface on {', '.join(missing)} was missing")
        return done

    def attach_again(self, node: str, network: str) -> bool:
        """Attach a running node to a network that it was taken off, with the same addresses.

        Return True if that was needed. Its keepalived knows the new interface only after a restart.
        """
        self._restore_networks(node)
        if self._state(node) is None or not self._containers.is_heard(node):
            return False
        if not self._is_off(node, network) and network in self.interfaces(node):
            return False
        self._attach(node, [network])
        self._attached_running.add(node)
        self._run(node, "ip -4 route del default; ip -6 route del default")
        end = time.monotonic() + _ENDS_WITHIN
        while network not in (found := self.interfaces(node)) and time.monotonic() < end:
            time.sleep(_LOOK_EVERY)
        self._containers.startup.interfaces[node] = found
        return True

    def unpause(self, node: str) -> bool:
        """Resume a container that Docker paused; True if it was."""
        state = self._state(node)
        if state is None or not state["Paused"]:
            return False
        self._api.unpause(self._containers.ids[node])
        return True

    def interfaces(self, node: str) -> dict[str, dict[str, str]]:
        """Return network → `device` and `mac` of the interface with the node's own address there."""
        own = {self._layout.own_addresses(node, n)[0]: n for n in self._layout.networks_of(node)}
        found = {}
        for entry in json.loads(self._run(node, "ip -j addr") or "[]"):
            for held in entry["addr_info"]:
                if network := own.get(held.get("local")):
                    found[network] = {"device": entry["ifname"], "mac": entry.get("address", "")}
        return found

    # -- the engine's side

    def _was_restarted(self, node: str, state: dict[str, Any]) -> bool:
        """True if a running container is not the one that hatlab started and hears."""
        return not self._containers.is_heard(node) or state["StartedAt"] != self._containers.started_at[node]

    def _state(self, node: str) -> dict[str, Any] | None:
        """A container's state; None if it was removed."""
        from docker.errors import NotFound

        try:
            return dict(self._api.inspect_container(self._containers.ids[node])["State"])
        except NotFound:
            return None

    def _restore_networks(self, node: str) -> list[str]:
        """Make a network of the node again that was removed, on the same subnet."""
        made = []
        isolated = self._containers.is_isolated
        if self._containers.restore_switch_or_wall(self._lab, self._layout, self._image):
            made.append("what carries the networks was started again")
        known = {n["Name"] for n in self._api.networks(filters={"name": f"hatlab-{self._lab}-"})}
        for network in self._layout.networks_of(node):
            if self._full_name(network) in known:
                continue
            options = bridge_options(self._layout.topology, str(self._client.version()["Version"]))
            owner, device = self._containers.owner, ""
            if isolated:
                device = find_bridge(self._client, self._lab, network)
            make_network(self._client, self._lab, self._layout, options, network, owner, device)
            made.append(f"the network {network} was made again")
        return made

    def _is_off(self, node: str, network: str) -> bool:
        """True if Docker has not attached the node to a network, or not with its own address.

        Podman tells a network's name where Docker has its id, and no address of a container that is stopped.
        """
        found = self._api.inspect_container(self._containers.ids[node])
        name = self._full_name(network)
        endpoint = found["NetworkSettings"]["Networks"].get(name)
        if endpoint is None:
            return True
        asked = (endpoint.get("IPAMConfig") or {}).get("IPv4Address") or endpoint.get("IPAddress")
        told = endpoint.get("NetworkID")
        if told == name and not asked:
            return False
        known = {name, *(n["Id"] for n in self._api.networks(names=[name]))}
        return bool(asked != self._layout.own_addresses(node, network)[0] or (told and told not in known))

    def _attach(self, node: str, networks: list[str]) -> list[str]:
        from docker.errors import APIError

        container = self._containers.ids[node]
        for network in networks:
            name = self._full_name(network)
            with contextlib.suppress(APIError):  # it is off already
                self._api.disconnect_container_from_network(container, name, force=True)
            settings = endpoint_settings(self._api, self._layout, node, network)
            self._api.connect_container_to_network(container, name, **settings)
        self._containers.close_off(node)
        return networks

    def _kill(self, node: str) -> None:
        """End a node's container, as it must boot afresh."""
        self._attached_running.discard(node)
        self._containers.note_off(node, "it is started again")
        self._containers.kill(node)
        end = time.monotonic() + _ENDS_WITHIN
        while (state := self._state(node)) and state["Running"] and time.monotonic() < end:
            time.sleep(_LOOK_EVERY)

    def _settings(self, node: str) -> AgentSettings:
        nodes, clients = all_settings(self._layout)
        found = next(settings for settings in (*nodes, *clients) if settings["name"] == node)
        return {**found, "token": True}

    def _run(self, node: str, line: str) -> str:
        return run_line(self._client, self._containers.ids[node], line)

    def _full_name(self, network: str) -> str:
        return f"hatlab-{self._lab}-{network}"
