"""A container of a lab that is no node: it serves the lab's networks, and ends when hatlab is gone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.labels import lab_labels
from hatlab.engine.docker.sockets import close_socket, unwrap_socket
from hatlab.topology import Layout

if TYPE_CHECKING:
    from docker import DockerClient

IDLE_ROUNDS, ROUND = 12, 5
"""Rounds without a line from hatlab after which it ends, and the seconds of one; a standstill of the machine
is one round, however long it was."""
_MEMORY = 32 * 2**20


class LeasedContainer:
    """A container that reads lines on its standard input, and ends by itself when none comes any more.

    Args:
        client: the engine.
        lab: the lab's id.
        layout: of the lab.
        image: what it is made from.
        owner: the token of the lab's record.
        role: what it is to the lab; its name's end.
        program: for bash; it takes `ROUND` and `IDLE_ROUNDS` into account.
        host: its `HostConfig`, beside what all of these have.
        config: the rest of its configuration.
    """

    def __init__(
        self,
        client: DockerClient,
        lab: str,
        layout: Layout,
        image: str,
        owner: str,
        *,
        role: str,
        program: str,
        host: dict[str, Any],
        config: dict[str, Any],
    ) -> None:
        self._api: Any = client.api
        api: Any = self._api
        self._container = str(
            api.create_container_from_config(
                {
                    "Image": image,
                    "Entrypoint": ["/bin/bash", "-c", program],
                    "OpenStdin": True,
                    "AttachStdin": True,
                    "Labels": lab_labels(lab, layout.name, owner),
                    "WorkingDir": "/",
                    **config,
                    "HostConfig": {
                        "CapDrop": ["ALL"],
                        "SecurityOpt": ["no-new-privileges"],
                        "ReadonlyRootfs": True,
                        "PidsLimit": 16,
                        "Memory": _MEMORY,
                        "MemorySwap": _MEMORY,
                        "LogConfig": {"Type": "none"},
                        **host,
                    },
                },
                name=f"hatlab-{lab}.{role}",
            )["Id"]
        )

    def _start(self) -> None:
        """Attach to its streams and start it."""
        # its output, too: a stream on which nothing is ever said is ended, and through ssh in both ways
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
        self._stream = unwrap_socket(self._api.attach_socket(self._container, params=streams))
        self._api.start(self._container)

    def runs(self) -> bool:
        """True if it runs and is not paused."""
        from docker.errors import NotFound

        try:
            state = self._api.inspect_container(self._container)["State"]
        except NotFound:
            return False
        return bool(state["Running"] and not state["Paused"])

    def remove(self) -> None:
        """Remove what is left of it."""
        from docker.errors import NotFound

        self.close()
        with contextlib.suppress(NotFound):
            self._api.remove_container(self._container, force=True)

    def renew_lease(self) -> None:
        """Say that hatlab is still there.

        Raises:
            OSError: it has ended.
        """
        self._stream.sendall(b"\n")

    def close(self) -> None:
        """End the stream; what renews the lease is over."""
        close_socket(self._stream)
