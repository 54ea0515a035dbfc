"""Chooses an engine and sees to it that it can run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.errors import UserError

if TYPE_CHECKING:
    from lab.engine.base import Engine
    from lab.topology import Topology

ENGINES = ("auto", "docker", "sim")


def make_engine(kind: str, name: str, topology: Topology, *, context: str | None = None) -> Engine:
    """An engine, not started yet, whose needs are met: the node image is built if it is missing.

    Args:
        kind: one of `ENGINES`; `auto` is docker.
        name: the topology's.
        topology: what should exist.
        context: a Docker context's name; None for the current one.

    Raises:
        UserError: the simulator was asked for; this version has none.
        EngineUnavailable: Docker cannot be had; its own sentence and cure.
        ImageMissing: the image is not there and cannot be built here.
    """
    if kind == "sim":
        raise UserError("this version has no simulator yet", "use Docker: hatlab start --engine docker")
    from lab.engine.docker.engine import DockerEngine

    engine: Engine = DockerEngine(name, topology, context=context)
    return engine
