"""Keeps the wall of a lab on ordinary bridges up, or says that there is none."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable

from hatlab.engine.docker.connection import one_line
from hatlab.engine.docker.networks import bridge_device
from hatlab.engine.docker.wall import Wall
from hatlab.topology import Layout

_WAY_OUT = "root in a node can send frames to this machine, and through it: {}"


class WallKeeper:
    """A lab's wall, put up again when it is gone.

    On Podman a bridge comes into being with the first node on it, and goes with the last, so a node's bridges
    are closed off whenever it starts or is attached.

    Args:
        make: starts the container.
        lab: the lab's id.
        layout: of the lab.
        obstacle: why the lab is on ordinary bridges.
        say: tells something in the lab's log.
    """

    def __init__(
        self, make: Callable[[], Wall], lab: str, layout: Layout, obstacle: str, say: Callable[[str], None]
    ) -> None:
        self._make, self._lab, self._layout = make, lab, layout
        self._obstacle, self._say = obstacle, say
        self._lock = threading.Lock()
        self._wall: Wall | None = None
        self._restoring = threading.Lock()

    def put_up(self) -> None:
        """Start it, and close off the bridges that are there."""
        with self._lock:
            try:
                self._wall = self._make()
            except Exception as error:  # noqa: BLE001 - an engine may refuse such a container for many reasons
                self._give_up(one_line(error))
                return
            with contextlib.suppress(Exception):  # a bridge that comes with its first node is closed off then
                self._wall.close_off(self._devices(self._layout.network_names))

    def close_off(self, node: str) -> None:
        """Close off the bridges that a node is on, now that they are there."""
        with self._lock:
            if self._wall is None:
                return
            try:
                self._wall.close_off(self._devices(self._layout.networks_of(node)))
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the lab goes on and says so
                self._give_up(one_line(error))

    def restore(self) -> bool:
        """Put it up again if somebody ended it; True if that was needed."""
        with self._lock:
            wall = self._wall
            if wall is None or wall.runs():
                return False
            wall.remove()
        self.put_up()
        return True

    def renew_lease(self) -> None:
        """Say that hatlab is still there; if nobody hears it, put the wall up again meanwhile."""
        if wall := self._wall:
            try:
                wall.renew_lease()
            except OSError:
                threading.Thread(target=self._restore_once, name="wall", daemon=True).start()

    def close(self) -> None:
        """End its stream."""
        if self._wall:
            self._wall.close()

    def _restore_once(self) -> None:
        if self._restoring.acquire(blocking=False):
            try:
                with contextlib.suppress(Exception):  # at a silent engine the next renewal tries again
                    self.restore()
            finally:
                self._restoring.release()

    def _give_up(self, reason: str) -> None:
        self._say(_WAY_OUT.format(f"{self._obstacle}, and no wall could be put up: {reason}"))
        if (wall := self._wall) is not None:
            self._wall = None
            with contextlib.suppress(Exception):
                wall.remove()

    def _devices(self, networks: Iterable[str]) -> list[str]:
        return [bridge_device(self._lab, network) for network in networks]
