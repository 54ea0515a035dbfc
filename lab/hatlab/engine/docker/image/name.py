"""The name of the node image: its tag is a digest of what goes into it.

So an image of another version of hatlab is never used.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.connection import plain_errors
from hatlab.errors import ImageMissing
from hatlab.util.files import read_bytes, shipped_folder

if TYPE_CHECKING:
    from docker import DockerClient

REPOSITORY = "hatlab-node"
BOOTSTRAPPED = "hatlab-base:sid"
"""The base image that debootstrap makes."""
_COPY = re.compile(r"^COPY\s+(?!.*--from=)(?:--\S+\s+)*(.+)\s\S+\s*$", re.MULTILINE)
"""A COPY line of the Dockerfile, but for those that copy from another stage."""


@cache
def build_context() -> dict[str, bytes]:
    """Return the files that go into the image, by name: the Dockerfile and what its COPY lines name."""
    folder = shipped_folder("compose")
    dockerfile = read_bytes(folder / "Dockerfile")
    copied = {name for names in _COPY.findall(dockerfile.decode()) for name in names.split()}
    files = sorted(file for name in copied for file in _list_files(folder, name))
    return {"Dockerfile": dockerfile, **{file: read_bytes(folder / file) for file in files}}


def _list_files(folder: Path, name: str) -> list[str]:
    """Return a file, or all files below a folder except those that Python compiled."""
    if not (folder / name).is_dir():
        return [name]
    paths = (path.relative_to(folder) for path in (folder / name).rglob("*") if path.is_file())
    return [path.as_posix() for path in paths if "__pycache__" not in path.parts]


def image_name() -> str:
    """Return `hatlab-node:` and twelve hex digits of the content's SHA-256."""
    digest = hashlib.sha256()
    for name, data in build_context().items():
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return f"{REPOSITORY}:{digest.hexdigest()[:12]}"


def has_node_image(client: DockerClient) -> bool:
    """True if the engine has the node image of this very hatlab."""
    return has_image(client, image_name())


def choose_image(client: DockerClient) -> str:
    """Return the name of the image to make nodes from; HATLAB_IMAGE overrides this hatlab's own.

    Raises:
        ImageMissing: the engine does not have it.
    """
    override = os.environ.get("HATLAB_IMAGE")
    if override and not has_image(client, override):
        raise ImageMissing(f"there is no image {override} (HATLAB_IMAGE)", "unset HATLAB_IMAGE")
    if not override and not has_node_image(client):
        raise ImageMissing("the node image is not on this Docker engine", "hatlab image build")
    return override or image_name()


def has_image(client: DockerClient, name: str) -> bool:
    """True if the engine has an image of this name."""
    from docker.errors import ImageNotFound

    api: Any = client.api
    with plain_errors("cannot look for the node image"):
        try:
            api.inspect_image(name)
        except ImageNotFound:
            return False
    return True
