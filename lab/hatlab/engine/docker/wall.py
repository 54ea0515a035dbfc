"""A wall between a lab on ordinary bridges and the machine that has them.

A macvlan keeps the machine off a lab's networks by itself (see `switch`). On an ordinary bridge the kernel
hands frames up to the machine's own protocols: those to the bridge's MAC, and all broadcast and multicast. A
wall is a rule in the ingress hook of each bridge that drops all of them, whatever they carry, before anything
of the machine acts on them; what the bridge forwards from port to port, adverts too, never comes by there.

The rule lies in the machine's own network namespace, so a container must be let in there, with the one
capability that it takes. It runs `nft` and nothing else, no node can reach it, and its table is owned by that
program: the kernel removes it when the program ends (`flags owner`, Linux 5.12).
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hatlab.engine.docker.agent_link import Demultiplexer
from hatlab.engine.docker.leased_container import IDLE_ROUNDS, ROUND, LeasedContainer
from hatlab.errors import EngineError
from hatlab.topology import Layout

if TYPE_CHECKING:
    from docker import DockerClient

ANSWERS_WITHIN = 20.0
"""Seconds in which it says that a rule is in force."""
_ROUNDS = f'if read -r -t {ROUND} line; then n=0; echo "$line"; else n=$((n + 1)); fi'
_PROGRAM = f"n=0; while [ $n -lt {IDLE_ROUNDS} ]; do {_ROUNDS}; done | stdbuf -oL nft -i"


class Wall(LeasedContainer):
    """The container that keeps the rules of a lab in force, started."""

    def __init__(self, client: DockerClient, lab: str, layout: Layout, image: str, owner: str) -> None:
        super().__init__(
            client,
            lab,
            layout,
            image,
            owner,
            role="wall",
            program=_PROGRAM,
            host={"NetworkMode": "host", "CapAdd": ["NET_ADMIN"]},
            config={},
        )
        self._table = f"netdev hatlab-{lab}"
        self._start()
        self._stream.sendall(f"add table {self._table} {{ flags owner; }}\n".encode())

    def close_off(self, devices: Iterable[str]) -> None:
        """Drop what these bridges hand up to the machine, and return once that is so.

        Raises:
            EngineError: it is not: no such rules in the kernel, no such bridge, or the container has ended.
        """
        wanted = set(devices)
        lines = []
        for device in sorted(wanted):
            hook = f'type filter hook ingress device "{device}" priority 0; policy drop;'
            lines += [
                f"add chain {self._table} {device} {{ {hook} }}",
                f"list chain {self._table} {device}",
            ]
        try:
            self._stream.sendall("".join(f"{line}\n" for line in lines).encode())
            self._await_rules(wanted)
        except (OSError, ValueError) as error:
            raise EngineError(f"the packet filter cannot be used ({error})") from None

    def _await_rules(self, wanted: set[str]) -> None:
        """Read what nft lists, until each device has its rule.

        Raises:
            EngineError: nft refused one, or ended.
            OSError: the stream is broken.
        """
        frames, said, refused = Demultiplexer(), "", ""
        end = time.monotonic() + ANSWERS_WITHIN
        while not all(_is_closed_off(said, device) for device in wanted):
            left = end - time.monotonic()
            if refused or left <= 0 or not select.select([self._stream], [], [], left)[0]:
                break
            if not (data := self._stream.recv(65536)):
                break
            for stream, payload in frames.feed(data):
                text = payload.decode(errors="replace")
                said, refused = (said + text, refused) if stream == 1 else (said, refused + text)
        else:
            return
        reason = refused.partition("\n")[0].strip() or "no answer"
        raise EngineError(f"the packet filter cannot be used ({reason})")


def _is_closed_off(listing: str, device: str) -> bool:
    """True if nft lists the chain of a device with its hook: `device "X"`, or `devices = { X }`."""
    return bool(
        re.search(rf"hook ingress devices? [^\n]*\b{re.escape(device)}\b[^\n]*; policy drop;", listing)
    )
