"""Makes a node's container on all its networks, not started."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker import disk_watch
from hatlab.engine.docker.container_config import AgentSettings, endpoint_addresses, environment, host_config
from hatlab.engine.docker.labels import NODE, lab_labels
from hatlab.errors import EngineError
from hatlab.topology import Layout

if TYPE_CHECKING:
    from docker import DockerClient

_KILLED_FIRST = 500
"""Where memory ends, Linux ends a node of a lab rather than what else runs on the machine."""
_TAKES_MAC = "1.44"
"""The version of the API from which an endpoint's MAC can be given; engines before make it of the address."""
_LARGEST_VARIABLE = 131_072
"""Bytes (Linux: MAX_ARG_STRLEN)."""


def create_container(
    client: DockerClient,
    lab: str,
    layout: Layout,
    image: str,
    settings: AgentSettings,
    owner: str = "",
    security: Iterable[str] = (),
    await_networks: Callable[[], None] = lambda: None,
    storage: Mapping[str, str] | None = None,
) -> str:
    """Make one container on all its networks, not started; return its id.

    Args:
        client: the engine.
        lab: the lab's id.
        layout: of the lab.
        image: what it is made from.
        settings: what its agent is told.
        owner: the token of the lab's record.
        security: security options besides the node's own.
        await_networks: returns once the networks are there. Docker makes a container for a network that comes
            later; Podman does not.
        storage: how the engine itself limits its disk; left out where the engine refuses that after all.
    """
    from docker.errors import APIError

    api: Any = client.api
    name = settings["name"]
    first, *others = layout.networks_of(name)

    def full_name(network: str) -> str:
        return f"hatlab-{lab}-{network}"

    host = host_config(layout, name)
    endpoint = dict(api.create_endpoint_config(**endpoint_settings(api, layout, name, first)))
    config = {
        "Image": image,
        "Hostname": name,
        "Env": _variables(settings),
        "OpenStdin": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Labels": {**lab_labels(lab, layout.name, owner), NODE: name},
        "HostConfig": {
            **host,
            "OomScoreAdj": _KILLED_FIRST,
            "SecurityOpt": [*host["SecurityOpt"], *security],
            "NetworkMode": full_name(first),
            **({"StorageOpt": dict(storage)} if storage else {}),
        },
        "NetworkingConfig": {"EndpointsConfig": {full_name(first): endpoint}},
    }
    try:
        container = api.create_container_from_config(config, name=f"hatlab-{lab}-{name}")["Id"]
    except APIError as error:
        if not storage or not disk_watch.has_no_quotas(error):
            raise
        return create_container(client, lab, layout, image, settings, owner, security, await_networks)
    await_networks()
    for network in others:
        api.connect_container_to_network(
            container, full_name(network), **endpoint_settings(api, layout, name, network)
        )
    return str(container)


def endpoint_settings(api: Any, layout: Layout, name: str, network: str) -> dict[str, str]:
    """Return a container's addresses on a network, as the Docker SDK names them.

    A link-local address comes from the MAC; engines that no longer make this of the IPv4 address are told it.
    """
    from docker.utils import version_gte

    settings = endpoint_addresses(layout, name, network)
    if network in layout.ipv6_subnets and version_gte(api.api_version, _TAKES_MAC):
        settings["mac_address"] = layout.mac(name, network)
    return settings


def _variables(settings: AgentSettings) -> list[str]:
    """The environment of a container.

    Raises:
        EngineError: a variable is larger than the kernel takes.
    """
    variables = [
        f"{key}={json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for key, value in environment(settings).items()
    ]
    if any(len(variable.encode()) >= _LARGEST_VARIABLE for variable in variables):
        what = f"the configuration or the files of {settings['name']} are too large for a container"
        raise EngineError(what, "make them shorter, or use --engine sim")
    return variables
