"""Tries which kernel features a Docker engine has, for real, in a short-lived container without a network."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hatlab.engine.docker.connection import plain_errors
from hatlab.engine.docker.container_config import CAPABILITIES
from hatlab.engine.docker.labels import LAB, TOPOLOGY

if TYPE_CHECKING:
    from docker import DockerClient

_MAX_MESSAGE = 120
"""Characters kept of a failed try's output."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a kernel has or lacks."""

    name: str
    needed_for: str
    """What cannot be done without it."""
    essential: bool
    """True if no lab can run without it."""
    command: str
    """Succeeds where the kernel has it."""
    works: bool = False
    """True if the try succeeded."""
    message: str = ""
    """Output of the failed try."""


_FEATURES = (
    Feature(
        "macvlan",
        "networks that keep a lab's nodes off this machine",
        True,
        "ip link add v0 type veth peer name v1 && ip link add m0 link v0 type macvlan mode bridge",
    ),
    Feature(
        "nftables at ingress",
        "cutting a network between servers",
        True,
        "nft 'table netdev t { chain c { type filter hook ingress device \"lo\" priority 0; }; }'",
    ),
    Feature(
        "nftables numgen",
        "losing a share of frames (loss)",
        False,
        "nft 'table inet t { chain c { numgen random mod 1000 < 500 drop; }; }'",
    ),
    Feature("netem", "delaying frames (delay)", False, "tc qdisc add dev lo root netem delay 1ms"),
    Feature(
        "packet capture",
        "seeing adverts",
        True,
        "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))'",
    ),
    Feature("IPv6", "VRRP over IPv6", False, "ip -6 addr add fd00::1/128 dev lo"),
    Feature(
        "ip_vs",
        "keepalived's virtual_server (one lesson)",
        False,
        "test -e /proc/net/ip_vs || { echo 'the kernel has no ip_vs, or it is not loaded'; false; }",
    ),
)


def probe_kernel(client: DockerClient, image: str) -> list[Feature]:
    """Try each feature on the engine's kernel.

    Args:
        client: the engine.
        image: the node image; only its tools are run.

    Raises:
        EngineError: the container could not be run.
    """
    script = "\n".join(
        f"if output=$({{ {feature.command}; }} 2>&1); then echo '{k} ok'; else echo '{k} no' $output; fi"
        for k, feature in enumerate(_FEATURES)
    )
    name = f"hatlab-doctor-{secrets.token_hex(2)}"
    with plain_errors("cannot run a container to try the kernel"), _removed_if_it_fails(client, name):
        output = client.containers.run(
            image,
            ["-c", script],
            name=name,
            entrypoint="/bin/sh",
            network_mode="none",
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            security_opt=["no-new-privileges"],
            sysctls={"net.ipv6.conf.all.disable_ipv6": "0"},
            labels={LAB: name.removeprefix("hatlab-"), TOPOLOGY: "doctor"},
            remove=True,
            stdout=True,
            stderr=True,
        )
    return _parse_answers(output.decode("utf-8", "replace"))


@contextmanager
def _removed_if_it_fails(client: DockerClient, name: str) -> Iterator[None]:
    """Leave no container that was made and could not be started: `run` removes only what has ended."""
    try:
        yield
    except BaseException:
        with suppress(Exception):
            client.api.remove_container(name, force=True)
        raise


def _parse_answers(text: str) -> list[Feature]:
    """Read the lines `NUMBER ok` and `NUMBER no OUTPUT`."""
    lines = re.findall(r"^(\d+) (ok|no)(?: (.*))?$", text, re.MULTILINE)
    answers = {int(number): (verdict, output.strip()[:_MAX_MESSAGE]) for number, verdict, output in lines}
    no_answer = ("no", "it did not answer")
    verdicts = [(feature, *answers.get(number, no_answer)) for number, feature in enumerate(_FEATURES)]
    return [replace(feature, works=word == "ok", message=text) for feature, word, text in verdicts]
