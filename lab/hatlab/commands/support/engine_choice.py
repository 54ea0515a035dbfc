"""Chooses an engine and makes sure that it can run: builds the node image if it is missing."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import closing
from typing import TYPE_CHECKING

from hatlab.commands.support.file_editor import edit_text
from hatlab.commands.support.output import print_progress
from hatlab.commands.support.progress import progress_bar
from hatlab.errors import EngineError, UserError
from hatlab.settings.effective import current_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from docker import DockerClient

    from hatlab.engine.base import Engine
    from hatlab.topology import Topology


def make_engine(
    kind: str, name: str, topology: Topology, *, context: str | None = None, seed: int | None = None
) -> Engine:
    """Return an engine, not started yet, that can run; build the node image if it is missing.

    Args:
        kind: `auto`, or one of `hatlab.engine.makers.ENGINES`; `auto` is docker where it can be had, else the
            simulator.
        name: the topology's.
        topology: what should exist.
        context: a Docker context's name; None for the current one.
        seed: the simulator's. Naming one asks for the simulator: real servers follow no seed.

    Raises:
        UserError: a seed was given for Docker.
        EngineUnavailable: Docker was asked for and cannot be had; its own sentence and cure.
        EngineError: Docker was asked for, and the node image is not there and cannot be built here.
    """
    from hatlab.engine import makers

    if seed is not None and kind == "docker":
        raise UserError("--seed has no meaning on Docker: real servers follow no seed", "use --engine sim")

    def make(kind: str, reason: str) -> Engine:
        if kind == "docker":
            prepare_docker(context)
        tell, edit = print_progress, edit_text
        request = makers.EngineRequest(
            name, topology, reason=reason, seed=seed, context=context, tell=tell, open_editor=edit
        )
        return makers.make_engine(kind, request)

    if kind == "auto" and seed is not None:
        return make("sim", "chosen with --seed")
    if kind != "auto":
        by_context = _chosen_by("docker_context") if kind == "docker" else ""
        return make(kind, by_context or _chosen_by("engine") or f"chosen with --engine {kind}")
    try:
        return make("docker", "a Docker engine is available")
    except EngineError as error:
        print_progress(f"hatlab: no Docker lab here: {error.in_one_line}")
        print_progress("hatlab: using the simulator instead")
        return make("sim", f"{error.message}; `hatlab doctor` explains")


def _chosen_by(key: str) -> str:
    """Return where a setting was given, in words; "" for its default."""
    given = current_settings().given(key)
    match given.origin:
        case "default":
            return ""
        case "file":
            return f"chosen in {os.path.basename(given.place)}"  # the screen has little room
        case _:
            return f"chosen with {given.place} {given.value}".replace("HATLAB_ENGINE ", "HATLAB_ENGINE=")


def prepare_docker(context: str | None) -> None:
    """Build the node image on a Docker engine that lacks it; raises as `make_engine` does."""
    from hatlab.engine.docker.connection import connect

    with closing(connect(context, on_slow=print_progress)) as client:
        ensure_image(client, print_progress)


def ensure_image(client: DockerClient, report: Callable[[str], None]) -> None:
    """Build the node image if the engine lacks it: on a pulled base, else on a bootstrapped one.

    Raises:
        EngineError: neither can be had here; the hint says what can be done.
    """
    from hatlab.engine.docker.image.build import build_image
    from hatlab.engine.docker.image.name import has_node_image

    if has_node_image(client):
        return
    report("Building the node image. This happens once and takes a minute or two.")
    began = time.monotonic()
    with progress_bar() as bar:
        tell = bar.print_line if bar.drawn else report
        try:
            build_image(client, tell, on_work=bar.show)
        except EngineError as error:
            if not error.message.startswith("cannot pull") or not can_bootstrap():
                raise
            tell(f"{error.message}.")
            tell("Making the base image with debootstrap from this machine's own Debian mirror instead.")
            build_image(client, tell, bootstrap=True, on_work=bar.show)
    report(f"The node image is ready ({time.monotonic() - began:.0f} s).")


def can_bootstrap() -> bool:
    """Return True if debootstrap can be run here: it is installed, and we are root."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("debootstrap", path=path) is not None
