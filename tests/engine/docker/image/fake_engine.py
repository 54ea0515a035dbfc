"""A Docker engine's API with some images, which does nothing but note what it was asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from docker.errors import APIError, ImageNotFound


class FakeApi:
    """The API; `images` are the names of those that the engine has."""

    def __init__(self, *images: str, build: list[dict[str, Any]] | None = None) -> None:
        self.names = set(images)
        self.lines = build or [
            {"stream": f"{line}\n"} for line in ("Step 1/2 : FROM x", " ---> abc", "hello")
        ]
        self.built: dict[str, Any] = {}
        self.loaded = b""
        self.earlier: list[dict[str, Any]] = []
        """Images of earlier builds, as the engine lists them."""
        self.used: list[str] = []
        """Ids of the images that containers use."""
        self.unremovable = ""
        self.removed: list[str] = []

    def images(self, filters: dict[str, Any]) -> list[dict[str, Any]]:
        label, dangling = filters["label"], filters["dangling"]
        return [i for i in self.earlier if label in i["Labels"] and dangling is not bool(i["RepoTags"])]

    def containers(self, all: bool) -> list[dict[str, str]]:
        return [{"ImageID": image_id} for image_id in self.used]

    def remove_image(self, name: str) -> None:
        if name == self.unremovable:
            raise APIError("conflict: a container began to use it")
        self.removed.append(name)

    def inspect_image(self, name: str) -> dict[str, str]:
        if name not in self.names:
            raise ImageNotFound(f"No such image: {name}")
        return {"Id": name}

    def pull(self, repository: str, tag: str, **_: Any) -> list[dict[str, str]]:
        if repository == "nowhere":
            raise APIError("lookup registry-1.docker.io: no such host")
        self.names.add(f"{repository}:{tag}")
        return [{"status": "Downloading", "progress": "[=> ]"}, {"status": "Pull complete", "id": "abc"}]

    def build(self, **parameters: Any) -> list[dict[str, Any]]:
        self.built = parameters
        return self.lines

    def load_image(self, data: Any) -> list[dict[str, str]]:
        self.loaded = b"".join(data)
        return []


def fake_client(api: FakeApi, chunks: list[bytes] | None = None) -> Any:
    """A Docker client; `chunks` are the bytes of a saved image."""

    def get(name: str) -> Any:
        api.inspect_image(name)
        return SimpleNamespace(attrs={"Size": 4}, save=lambda named: iter(chunks or []))

    return SimpleNamespace(api=api, images=SimpleNamespace(get=get))
