"""[machines] of class.toml: where seats run, and what each of them is given there.

hatlab places nothing itself: Swarm or Kubernetes do, by what a seat reserves.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

import hatlab

SEAT_IMAGE = f"hatlab-seat:{hatlab.__version__}"
"""What a seat's image is called unless class.toml says otherwise."""
SEAT_MEMORY, LAB_MEMORY = 120, 300
"""MB that a seat takes, and that the containers of its lab take besides (docs/class.md)."""
BESIDES_HATLAB = 100
"""MB that a seat's server may take, on top of hatlab."""
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}=[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_CLAIM = re.compile(r"claim:[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
_IMAGE = re.compile(r"[a-z0-9][\w.:/@-]{0,254}")


def _check_label(label: str) -> str:
    if label and not _LABEL.fullmatch(label):
        raise ValueError('this should be a name and a value, such as "hatlab=seats"')
    return label


def _check_storage(storage: str) -> str:
    if storage.startswith("nfs://"):
        parts = urlsplit(storage)
        if not parts.hostname or len(parts.path) < 2 or parts.query or parts.fragment or "," in storage:
            raise ValueError("this should be such as nfs://192.0.2.7/srv/course/state/seats")
    elif storage.startswith("claim:"):
        if not _CLAIM.fullmatch(storage):
            raise ValueError("this should be such as claim:seats, the name of a PersistentVolumeClaim")
    elif storage and (not storage.startswith("/") or ".." in storage.split("/")):
        raise ValueError('this should be a whole path, "nfs://…" or "claim:…"')
    return storage.rstrip("/")


def _check_image(image: str) -> str:
    if image and not _IMAGE.fullmatch(image):
        raise ValueError("this should be the name of an image, such as hatlab-seat:1")
    return image


def nfs_export(storage: str) -> tuple[str, str] | None:
    """Return the host and the path of `nfs://HOST/PATH`; None for other storage."""
    if not storage.startswith("nfs://"):
        return None
    host, _, path = storage.removeprefix("nfs://").partition("/")
    return host, f"/{path}"


class MachinesSection(BaseModel):
    """Where seats run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    spawner: Literal["local", "swarm", "kubernetes"] = "local"
    image: Annotated[str, AfterValidator(_check_image)] = ""
    storage: Annotated[str, AfterValidator(_check_storage)] = ""
    label: Annotated[str, AfterValidator(_check_label)] = ""
    hub: str = Field("", pattern=r"^(https?://[^/?#@\s]+)?$")
    memory: int = Field(0, ge=0, le=100_000)
    processors: float = Field(0.1, ge=0, le=64)
    socket: str = Field("", pattern=r"^(/[^,\s]+)?$")
    socket_group: int | None = Field(None, ge=0, le=2**31)
    namespace: str = Field("hatlab", pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    engine_image: Annotated[str, AfterValidator(_check_image)] = "docker:28-dind"

    @model_validator(mode="after")
    def _has_storage(self) -> Self:
        if self.spawner != "local" and not self.storage:
            raise ValueError("`storage` is missing: a seat's progress must be there on each machine")
        if self.spawner == "swarm" and self.storage.startswith("claim:"):
            raise ValueError("`storage`: Swarm takes a path, or nfs://…")
        return self

    @property
    def are_several(self) -> bool:
        """True if seats run elsewhere than beside the hub."""
        return self.spawner != "local"

    @property
    def image_name(self) -> str:
        """The name of a seat's image."""
        return self.image or SEAT_IMAGE

    @property
    def hub_image_name(self) -> str:
        """The name of the image in which a class runs on Kubernetes: the seat's, with `-hub`."""
        head, colon, tag = self.image_name.rpartition(":")
        return f"{head}-hub:{tag}" if colon and "/" not in tag else f"{self.image_name}-hub"

    def reserved_memory(self, engine: str) -> int:
        """Return the MB that a seat reserves, its lab included.

        Args:
            engine: the class's, of `[seats]`.
        """
        return self.memory or SEAT_MEMORY + (LAB_MEMORY if engine == "docker" else 0)
