"""Builds the images for classes on several machines: of a seat, and of a whole class on Kubernetes.

What goes in is what runs here, in the same versions: hub and seat agree on how a login works.
"""

from __future__ import annotations

import re
from importlib.metadata import distributions, requires
from pathlib import Path
from typing import TYPE_CHECKING

import hatlab
from hatlab.classroom.setup import NODE_PARTS, parts_folder, require_parts
from hatlab.engine.docker.image.build import build_from, ensure_base
from hatlab.util.files import read_bytes, shipped_folder

if TYPE_CHECKING:
    from docker import DockerClient

    from hatlab.engine.docker.image.progress import Report
    from hatlab.util.work import OnWork

BASE = "debian:trixie-slim"
LABEL = "hatlab.seat"
PARTS_IN_IMAGE = "/opt/hatlab/parts"
"""Where the terminal for the browser stands in the image."""
PORT = 8888
"""On which a seat's server listens there."""
_EXTRA = re.compile(r""";\s*extra\s*==\s*['"]class['"]\s*$""")
_LEFT_OUT = {".map", ".ts", ".png", ".gif", ".svg"}
"""Ends of names of what a seat never reads."""
_NODE = frozenset(NODE_PARTS.values())
"""Node for this machine, if it was fetched; the image takes its own system's."""
_MOST_BYTES = 20_000_000


def build_seat_image(
    client: DockerClient, name: str, report: Report, on_work: OnWork, base: str | None = None
) -> None:
    """Build the image of a seat.

    Args:
        client: the engine to build on.
        name: what the image is called.
        report: takes each step.
        on_work: hears how far it is.
        base: the image to build on, a Debian's; None for the usual one.

    Raises:
        EngineError: it cannot be built.
        UserError: the browser's terminal has not been fetched.
    """
    require_parts()
    base = ensure_base(client, base, report, on_work, BASE)
    build_from(client, name, seat_files(), base, report, on_work, label=LABEL)


def build_hub_image(client: DockerClient, name: str, seat: str, report: Report, on_work: OnWork) -> None:
    """Build the image in which a class runs on Kubernetes, on that of a seat; arguments as above."""
    build_from(client, name, hub_files(), seat, report, on_work, label=LABEL)


def hub_files() -> dict[str, bytes]:
    """Return what goes into the image of a class besides: the proxy, as it was fetched here."""
    dockerfile = read_bytes(shipped_folder("compose") / "class" / "hub.Dockerfile")
    return {"Dockerfile": dockerfile, **_files_below(parts_folder() / "node_modules", "node_modules", _NODE)}


def seat_files() -> dict[str, bytes]:
    """Return what goes into the image, by name."""
    files = {
        "Dockerfile": read_bytes(shipped_folder("compose") / "class" / "Dockerfile"),
        "requirements.txt": "\n".join(requirements()).encode() + b"\n",
        "constraints.txt": "\n".join(installed_versions()).encode() + b"\n",
    }
    package = Path(hatlab.__file__).parent
    files |= _files_below(package, "lib/hatlab")
    for folder in ("topologies", "lessons", "compose", "docs"):
        files |= _files_below(shipped_folder(folder), f"lib/hatlab/_shipped/{folder}")
    return files | _files_below(parts_folder() / "node_modules" / "@xterm", "parts/node_modules/@xterm")


def requirements() -> list[str]:
    """Return what hatlab and its extra `class` need from pip."""
    lines = requires("hatlab") or []
    return [_EXTRA.sub("", line) for line in lines if "extra ==" not in line or _EXTRA.search(line)]


def installed_versions() -> list[str]:
    """Return what is installed here, as constraints for pip."""
    found = {dist.metadata["Name"]: dist.version for dist in distributions()}
    return [f"{name}=={version}" for name, version in sorted(found.items()) if name and name != "hatlab"]


def _files_below(folder: Path, to: str, left_out: frozenset[str] = frozenset()) -> dict[str, bytes]:
    never = {"__pycache__", "_shipped"} | left_out
    found = ((path.relative_to(folder), path) for path in sorted(folder.rglob("*")))
    files = ((name, path) for name, path in found if path.is_file() and not path.is_symlink())
    return {
        f"{to}/{name.as_posix()}": read_bytes(path, _MOST_BYTES)
        for name, path in files
        if not never & set(name.parts) and name.suffix not in _LEFT_OUT
    }
