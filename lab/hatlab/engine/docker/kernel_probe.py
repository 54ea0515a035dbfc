"""Tries what a lab needs of the engine's kernel, for real, in a short-lived container without a network."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hatlab.engine.docker.build import LAB, TOPOLOGY
from hatlab.engine.docker.connection import told_plainly
from hatlab.engine.docker.container_spec import CAPABILITIES

if TYPE_CHECKING:
    from docker import DockerClient


_SAID = 120
"""Characters kept of what a failed try said."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a kernel has or lacks.

    Attributes:
        name: what it is called.
        needed_for: what cannot be done without it.
        essential: whether a lab cannot run without it.
        works: whether the try succeeded.
        said: what the failed try said.
    """

    name: str
    needed_for: str
    essential: bool
    works: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Try:
    name: str
    needed_for: str
    essential: bool
    command: str


_TRIES = (
    _Try(
        "nftables at ingress",
        "cutting a network between servers",
        True,
        "nft 'table netdev t { chain c { type filter hook ingress device \"lo\" priority 0; }; }'",
    ),
    _Try(
        "nftables numgen",
        "losing a share of frames (loss)",
        False,
        "nft 'table inet t { chain c { numgen random mod 1000 < 500 drop; }; }'",
    ),
    _Try("netem", "delaying frames (delay)", False, "tc qdisc add dev lo root netem delay 1ms"),
    _Try(
        "packet capture",
        "seeing adverts",
        True,
        "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))'",
    ),
    _Try("IPv6", "VRRP over IPv6", False, "ip -6 addr add fd00::1/128 dev lo"),
    _Try(
        "ip_vs",
        "keepalived's virtual_server (one lesson)",
        False,
        "test -e /proc/net/ip_vs || { echo 'the kernel has no ip_vs, or it is not loaded'; false; }",
    ),
)


def features(client: DockerClient, image: str) -> list[Feature]:
    """What the engine's kernel can do.

    Args:
        client: the engine.
        image: the node image; nothing but its tools is run.

    Raises:
        EngineError: the container could not be run.
    """
    script = "\n".join(
        f"if said=$({{ {one.command}; }} 2>&1); then echo '{k} ok'; else echo '{k} no' $said; fi"
        for k, one in enumerate(_TRIES)
    )
    with told_plainly("cannot run a container to try the kernel"):
        output = client.containers.run(
            image,
            ["-c", script],
            entrypoint="/bin/sh",
            network_mode="none",
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            security_opt=["no-new-privileges"],
            sysctls={"net.ipv6.conf.all.disable_ipv6": "0"},
            labels={LAB: f"doctor-{secrets.token_hex(2)}", TOPOLOGY: "doctor"},
            remove=True,
            stdout=True,
            stderr=True,
        )
    return _read(output.decode("utf-8", "replace"))


def _read(text: str) -> list[Feature]:
    """Features from the lines `NUMBER ok` and `NUMBER no WHAT IT SAID`."""
    answers: dict[int, tuple[str, str]] = {}
    for line in text.splitlines():
        number, _, rest = line.partition(" ")
        verdict, _, said = rest.partition(" ")
        if number.isdigit() and verdict in ("ok", "no"):
            answers[int(number)] = (verdict, said.strip()[:_SAID])
    found = []
    for k, one in enumerate(_TRIES):
        verdict, said = answers.get(k, ("no", "it gave no answer"))
        found.append(Feature(one.name, one.needed_for, one.essential, verdict == "ok", said))
    return found
