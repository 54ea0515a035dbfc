"""Removes what earlier builds of the node image left on an engine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.image.progress import Report

if TYPE_CHECKING:
    from docker import DockerClient

IMAGE_LABEL = "hatlab.image"
"""On each node image: the name that it was built as."""
STAGE_LABEL = "hatlab.stage"
"""On what the first stage of the Dockerfile leaves: it has no name and is the next build's cache."""
KEPT = 2
"""Node images that stay: this hatlab's, and one to go back to."""


def prune_images(client: DockerClient, current: str, report: Report) -> None:
    """Remove what a build superseded and no container uses. Never fails.

    That is: node images but the newest two, those that lost their name to a later build, and the first
    stages of earlier builds. An image under a name that somebody gave it by hand stays.

    Args:
        current: the name of the image just built; it stays however old it is.
        report: takes a line for each removal.
    """
    from docker.errors import DockerException

    with contextlib.suppress(DockerException, OSError):
        api: Any = client.api
        used = {container["ImageID"] for container in api.containers(all=True)}
        for image_id, name in _superseded(api, current):
            if image_id in used:
                continue
            with contextlib.suppress(DockerException, OSError):  # somebody began to use it
                api.remove_image(name or image_id)
                report(f"removed {name or f'a superseded part of the image, {image_id[7:19]}'}")


def _superseded(api: Any, current: str) -> list[tuple[str, str]]:
    """Return (id, name or nothing) of each image that a later one has replaced."""

    def list_images(label: str, dangling: bool) -> list[dict[str, Any]]:
        images = api.images(filters={"label": label, "dangling": dangling})
        return sorted(images, key=lambda image: float(image["Created"]), reverse=True)

    def built_name(image: dict[str, Any]) -> str:
        name = str(image["Labels"][IMAGE_LABEL])
        return name if name in (image["RepoTags"] or ()) else ""

    named = [image for image in list_images(IMAGE_LABEL, dangling=False) if built_name(image)]
    named.sort(key=lambda image: built_name(image) != current)
    nameless = [*list_images(IMAGE_LABEL, dangling=True), *list_images(STAGE_LABEL, dangling=True)[1:]]
    return [*((i["Id"], built_name(i)) for i in named[KEPT:]), *((i["Id"], "") for i in nameless)]
