"""Removes what earlier builds of the node image left on an engine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.image.name import BOOTSTRAPPED
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


@dataclass(frozen=True, slots=True)
class OwnImage:
    """A node image, or a part of one, that hatlab made on an engine."""

    name: str
    """As hatlab named it; its short id, if it has no name."""
    bytes: int
    used_by: tuple[str, ...]
    """Names of the containers that were made from it."""


def find_images(client: DockerClient) -> list[OwnImage]:
    """Return every image that hatlab made on an engine, but for those that somebody named by hand."""
    api: Any = client.api
    users: dict[str, list[str]] = {}
    for container in api.containers(all=True):
        name = (container.get("Names") or [container["Id"]])[0]
        users.setdefault(container["ImageID"], []).append(name.lstrip("/"))
    found = [(_built_name(image), image) for image in _named_images(api)]
    found += [
        (image["Id"][7:19], image) for label in (IMAGE_LABEL, STAGE_LABEL) for image in _nameless(api, label)
    ]
    found += [(BOOTSTRAPPED, image) for image in api.images(name=BOOTSTRAPPED)]
    return [
        OwnImage(name, int(image.get("Size", 0)), tuple(users.get(image["Id"], ()))) for name, image in found
    ]


def _superseded(api: Any, current: str) -> list[tuple[str, str]]:
    """Return (id, name or nothing) of each image that a later one has replaced."""
    named = sorted(_named_images(api), key=lambda image: _built_name(image) != current)
    nameless = [*_nameless(api, IMAGE_LABEL), *_nameless(api, STAGE_LABEL)[1:]]
    return [*((i["Id"], _built_name(i)) for i in named[KEPT:]), *((i["Id"], "") for i in nameless)]


def _named_images(api: Any) -> list[dict[str, Any]]:
    """Return the node images that still have the name that they were built as, the newest first."""
    return [image for image in _list_images(api, IMAGE_LABEL, dangling=False) if _built_name(image)]


def _nameless(api: Any, label: str) -> list[dict[str, Any]]:
    return _list_images(api, label, dangling=True)


def _list_images(api: Any, label: str, *, dangling: bool) -> list[dict[str, Any]]:
    images = api.images(filters={"label": label, "dangling": dangling})
    return sorted(images, key=lambda image: float(image["Created"]), reverse=True)


def _built_name(image: dict[str, Any]) -> str:
    name = str(image["Labels"][IMAGE_LABEL])
    return name if name in (image["RepoTags"] or ()) else ""
