"""A Docker engine that only remembers: containers and networks with their labels, and who holds what."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from docker.errors import APIError, NotFound

from hatlab.engine.docker.labels import LAB, OWNER, TOPOLOGY


class FakeDocker:
    """What `hatlab down` and a start ask of an engine. It is its own `api`."""

    def __init__(self, name: str = "engine-1") -> None:
        self.name = name
        self.now = time.time()
        self.made: list[dict[str, Any]] = []
        """Containers, as the engine lists them."""
        self.bridges: list[dict[str, Any]] = []
        """Networks, with their endpoints."""
        self.removed: list[str] = []
        """Names, in the order of their removal."""
        self.built: list[dict[str, Any]] = []
        """Images that hatlab built, as the engine lists them."""
        self.late: list[dict[str, Any]] = []
        """Containers that a request still under way makes once the lab's networks are removed."""
        self.api = self

    def add_lab(
        self,
        lab: str,
        *states: str,
        networks: int = 1,
        owner: str = "",
        age: float = 10,
        exit_code: int = 0,
    ) -> None:
        """Put a lab on the engine, with a container for each state."""
        for k, state in enumerate(states):
            self.made.append(self.container(lab, f"db{k + 1}", state, owner, age, exit_code))
        for k in range(networks):
            stamp = datetime.fromtimestamp(self.now - age, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f123Z")
            name = f"hatlab-{lab}-net{k + 1}"
            labels = {LAB: lab, TOPOLOGY: "two-node", OWNER: owner}
            self.bridges.append(
                {"Id": name, "Name": name, "Labels": labels, "Created": stamp, "Containers": {}}
            )

    def container(
        self, lab: str, node: str, state: str, owner: str = "", age: float = 10, exit_code: int = 0
    ) -> dict[str, Any]:
        name = f"hatlab-{lab}-{node}"
        return {
            "Id": name,
            "Names": [f"/{name}"],
            "Labels": {LAB: lab, TOPOLOGY: "two-node", OWNER: owner},
            "State": state,
            "Status": f"Exited ({exit_code}) 5 seconds ago" if state == "exited" else state,
            "Created": self.now - age,
            "ImageID": "sha256:node",
        }

    def add_image(self, name: str, label: str = "hatlab.image", image_id: str = "") -> None:
        """Put an image on the engine that hatlab built under this name; it goes by it."""
        names = [name] if ":" in name else []
        image = {
            "Id": image_id or name,
            "Labels": {label: name},
            "RepoTags": names,
            "Created": 1,
            "Size": 5_000_000,
        }
        self.built.append(image)

    def hold(self, network: str, container: str) -> None:
        """Let a container of somebody else be attached to a network."""
        next(n for n in self.bridges if n["Name"] == network)["Containers"][container] = {"Name": container}

    # -- the API

    def containers(self, *, all: bool, filters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        return [c for c in self.made if filters is None or _matches(c, filters)]

    def images(self, name: str = "", filters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        if filters is None:
            return [i for i in self.built if name in i["RepoTags"]]
        nameless = bool(filters["dangling"])
        return [
            i for i in self.built if filters["label"] in i["Labels"] and nameless is not bool(i["RepoTags"])
        ]

    def remove_image(self, name: str) -> None:
        image = next(i for i in self.built if name in i["RepoTags"] or i["Id"].startswith(f"sha256:{name}"))
        self.built.remove(image)
        self.removed.append(name)

    def networks(self, *, filters: dict[str, Any]) -> list[dict[str, Any]]:
        return [n for n in self.bridges if _matches(n, filters)]

    def inspect_network(self, network: str) -> dict[str, Any]:
        return next(n for n in self.bridges if n["Id"] == network)

    def remove_container(self, container: str, *, force: bool, v: bool) -> None:
        self._remove(self.made, container)

    def remove_network(self, network: str) -> None:
        if self.inspect_network(network)["Containers"]:
            raise APIError(f"error while removing network: {network} has active endpoints")
        self._remove(self.bridges, network)
        if not self.bridges:
            self.made += self.late
            self.late = []

    def _remove(self, items: list[dict[str, Any]], key: str) -> None:
        found = [item for item in items if item["Id"] == key]
        if not found:
            raise NotFound(f"No such object: {key}")
        items.remove(found[0])
        self.removed.append(key)

    def info(self) -> dict[str, Any]:
        return {"ID": self.name, "SystemTime": datetime.fromtimestamp(self.now, UTC).isoformat()}

    def close(self) -> None:
        pass


def _matches(item: dict[str, Any], filters: dict[str, Any]) -> bool:
    wanted = filters["label"]
    pairs = [label.partition("=") for label in ([wanted] if isinstance(wanted, str) else wanted)]
    return all(key in item["Labels"] and value in ("", item["Labels"][key]) for key, _, value in pairs)
