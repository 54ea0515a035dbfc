"""What hatlab leaves on a machine once no lab runs: folders of its user, and what it made on a Docker engine.

Each remnant says whether it is to be removed, or why it stays: it is in use, or it is not ours alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hatlab.util.paths import own_folders

if TYPE_CHECKING:
    from docker import DockerClient

    from hatlab.engine.docker.cleanup import LabRemains, OwnLab
    from hatlab.engine.docker.lab_records import EnginePlace, LabRecord

_DOES = {"running": "is running", "being made": "is being made"}


@dataclass(frozen=True, slots=True)
class Remnant:
    """One thing that is left."""

    kind: Literal["folder", "lab", "image"]
    name: str
    detail: str
    """What it holds, in words."""
    remove: Callable[[], str]
    """Removes it and returns why it could not, or nothing."""
    bytes: int | None = None
    """Its size, where it is known."""
    kept: str = ""
    """Why it stays; empty if it is to be removed."""


def folder_remnants(elsewhere: Sequence[LabRecord]) -> Iterator[Remnant]:
    """Yield the folders of this user that are there.

    Args:
        elsewhere: records of labs on engines that cannot be looked at now; the folder that has them stays.
    """
    needed = ""
    if elsewhere:
        labs = ", ".join(record.lab for record in elsewhere)
        needed = (
            f"nothing else knows where to look for what is left of {labs}; `hatlab down` says how to end it"
        )
    for path in own_folders():
        if not path.is_dir() or path.is_symlink():
            continue
        names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in path.iterdir())
        foreign = hasattr(os, "getuid") and path.stat().st_uid != os.getuid()
        reason = "it belongs to someone else" if foreign else needed if (path / "labs").is_dir() else ""
        yield Remnant(
            "folder", str(path), ", ".join(names) or "empty", _removal_of(path), _size(path), reason
        )


def _removal_of(path: Path) -> Callable[[], str]:
    def remove() -> str:
        try:
            shutil.rmtree(path)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    return remove


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder; links are not followed."""
    files = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in files)


def lab_remnants(client: DockerClient, place: EnginePlace, labs: Sequence[OwnLab]) -> Iterator[Remnant]:
    """Yield what dead labs of this user left on an engine."""
    for own in labs:
        if own.remains is not None and own.is_dead():
            names = (*own.remains.containers, *own.remains.networks)
            yield Remnant("lab", own.record.lab, ", ".join(names), _lab_removal(client, own, place))


def _lab_removal(client: DockerClient, own: OwnLab, place: EnginePlace) -> Callable[[], str]:
    def remove() -> str:
        from hatlab.engine.docker.cleanup import remove_own_lab

        return remove_own_lab(client, own, place).problem

    return remove


def image_remnants(
    client: DockerClient, labs: Sequence[LabRemains], going: Sequence[Remnant]
) -> Iterator[Remnant]:
    """Yield the images that hatlab made on an engine; they stay while a lab may use them.

    Args:
        client: the engine.
        labs: all that are on it, of whomever.
        going: those that are removed before the images are.
    """
    from hatlab.engine.docker.image.prune import find_images

    doomed = {remnant.name for remnant in going}
    busy = [lab for lab in labs if lab.lab not in doomed and lab.state in ("running", "being made")]
    containers = {name for lab in labs if lab.lab in doomed for name in lab.containers}
    for image in find_images(client):
        users = [name for name in image.used_by if name not in containers]
        kept = f"the container {users[0]} uses it" if users else ""
        kept = f"lab {busy[0].lab} {_DOES[busy[0].state]}, and may need it" if busy else kept
        detail = (
            "made by `hatlab image build`" if ":" in image.name else "a part of a node image, without a name"
        )
        yield Remnant("image", image.name, detail, _image_removal(client, image.name), image.bytes, kept)


def _image_removal(client: DockerClient, name: str) -> Callable[[], str]:
    def remove() -> str:
        from docker.errors import APIError, ImageNotFound

        from hatlab.engine.docker.connection import one_line

        try:
            client.api.remove_image(name)
        except ImageNotFound:  # it went with another name of it
            return ""
        except APIError as error:
            return one_line(error)
        return ""

    return remove
