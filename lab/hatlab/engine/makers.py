"""The engines by name: hatlab's own two, and those of extensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hatlab.engine.base import Engine
from hatlab.errors import UserError
from hatlab.registry import Extension, Kind, Table
from hatlab.registry.table import Unfit, require_kind
from hatlab.topology import Topology


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """What an engine is to run."""

    name: str
    """The topology's."""
    topology: Topology
    """What should exist."""
    reason: str = ""
    """Why this engine was chosen, for people."""
    seed: int | None = None
    """With the same one, an engine that draws does the same again; None if none was given."""
    context: str | None = None
    """A Docker context; None for the current one."""
    paced: bool = True
    """False for an engine in virtual time whose clock moves only when it is told to."""
    tell: Callable[[str], None] | None = None
    """Hears a sentence where the engine waits for long."""
    open_editor: Callable[[str, str], str | None] | None = None
    """Opens a person's editor from a simulated shell."""


@dataclass(frozen=True, slots=True)
class EngineMaker:
    """What `--engine NAME` makes."""

    name: str
    help: str
    """What it is, a few words."""
    make: Callable[[EngineRequest], Engine]
    """Returns an engine that is not started yet."""


def _make_docker(request: EngineRequest) -> Engine:
    from hatlab.engine.docker.engine import DockerEngine

    return DockerEngine(
        request.name, request.topology, context=request.context, reason=request.reason, on_slow=request.tell
    )


def _make_simulator(request: EngineRequest) -> Engine:
    from hatlab.engine.simulator.engine import SimulatorEngine

    return SimulatorEngine(
        request.name,
        request.topology,
        seed=request.seed or 0,
        reason=request.reason,
        paced=request.paced,
        open_editor=request.open_editor,
    )


def _fit(maker: EngineMaker, extension: Extension) -> EngineMaker:
    """Return the engine that an extension gives; what it makes is looked at.

    Raises:
        Unfit: it cannot be used.
    """
    require_kind(maker, EngineMaker, extension)
    if maker.name in _RESERVED:
        raise Unfit(f"`--engine {maker.name}` means something else")

    def make(request: EngineRequest) -> Engine:
        from hatlab.engine.guard import guard_engine  # which only an extension's engine needs

        return guard_engine(lambda: maker.make(request), extension)

    return replace(maker, make=make)


_RESERVED = ("auto", "both", "replay")
_OWN = (
    EngineMaker("docker", "real MySQL and keepalived, in containers", _make_docker),
    EngineMaker("sim", "the simulator, which needs nothing installed", _make_simulator),
)
ENGINES: Table[EngineMaker] = Table(Kind.ENGINE, {maker.name: maker for maker in _OWN}, _fit)


def make_engine(kind: str, request: EngineRequest) -> Engine:
    """Return an engine, not started yet.

    Raises:
        UserError: there is none of that name.
        EngineError: one of an extension could not be made.
    """
    maker = ENGINES.get(kind)
    if maker is None:
        raise UserError(f"there is no engine {kind!r}", f"use one of: {', '.join(ENGINES)}")
    return maker.make(request)
