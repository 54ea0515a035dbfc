"""What earlier builds of the node image left on an engine: find it, remove it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker import DockerClient

IMAGE = "hatlab.image"
"""Label on each node image: the name that it was built as."""
STAGE = "hatlab.stage"
"""Label on what the first stage of the Dockerfile leaves: nameless, kept as the next build's cache."""
KEEP = 2
"""Node images that stay: this hatlab's, and one to go back to."""


def prune(client: DockerClient, current: str, report: Callable[[str], None]) -> None:
    """Removes what a build superseded and no container uses. Never fails.

    That is: node images but the newest two, those that lost their name to a later build, and the first
    stages of earlier builds. An image under a name that somebody gave it by hand stays.

    Args:
        current: the name of the image just built; it stays however old it is.
        report: told each removal.
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
    """(id, name or nothing) of each image that a later one has replaced."""

    def found(label: str, dangling: bool) -> list[dict[str, Any]]:
        images = api.images(filters={"label": label, "dangling": dangling})
        return sorted(images, key=lambda image: float(image["Created"]), reverse=True)

    def name(image: dict[str, Any]) -> str:
        own = str(image["Labels"][IMAGE])
        return own if own in (image["RepoTags"] or ()) else ""

    named = [image for image in found(IMAGE, dangling=False) if name(image)]
    named.sort(key=lambda image: name(image) != current)
    nameless = [*found(IMAGE, dangling=True), *found(STAGE, dangling=True)[1:]]
    return [*((i["Id"], name(i)) for i in named[KEEP:]), *((i["Id"], "") for i in nameless)]
