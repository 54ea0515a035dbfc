"""What kind of engine answers, and where: what `hatlab doctor` names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.connection import engine_address
from hatlab.engine.docker.syscall_filter import is_podman

if TYPE_CHECKING:
    from docker import DockerClient

_LOCAL = ("unix://", "npipe://")


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """An engine as it describes itself, and how it is reached."""

    kind: str
    """`Docker`, `Docker Desktop` or `Podman`."""
    version: str
    api: str
    """Version of the Docker API that it speaks."""
    kernel: str
    system: str
    """`linux`, or what else its containers are."""
    rootless: bool
    """True if it runs without root's rights."""
    address: str
    """Such as `unix:///var/run/docker.sock`."""
    context: str
    """The Docker context's name; empty if DOCKER_HOST gives the address."""

    @property
    def remote(self) -> bool:
        """True if it is not reached on this machine itself."""
        return not self.address.startswith(_LOCAL)

    def __str__(self) -> str:
        how = [self.kind, self.version, *(["rootless"] if self.rootless else [])]
        route = self.address.partition("://")[0]
        if self.remote:
            route = {"tcp": "TCP", "http": "TCP", "https": "TLS"}.get(route, route)
        place = f"remote by {route}" if self.remote else "on this machine"
        source = f"context {self.context}" if self.context else "DOCKER_HOST"
        return f"{' '.join(how)}, {place} ({source}: {self.address}), API {self.api}, kernel {self.kernel}"


def read_engine_facts(client: DockerClient, context: str | None) -> EngineFacts:
    """Ask an engine what it is; `context` as `connect` took it."""
    version: dict[str, Any] = client.version()
    info: dict[str, Any] = client.info()
    kind, number = "Docker", str(version.get("Version", "unknown"))
    if is_podman(version):
        kind = "Podman"
        engines = (
            part for part in version.get("Components", ()) if "podman" in str(part.get("Name")).lower()
        )
        number = next((str(part.get("Version")) for part in engines), number)
    elif "Docker Desktop" in str(info.get("OperatingSystem", "")):
        kind = "Docker Desktop"
    options = " ".join(map(str, info.get("SecurityOptions") or ()))
    uses_tls = client.api.base_url.startswith("https://")
    address = engine_address(context)
    return EngineFacts(
        kind=kind,
        version=number,
        api=str(version.get("ApiVersion", "unknown")),
        kernel=str(version.get("KernelVersion", "unknown")),
        system=str(version.get("Os", "unknown")),
        rootless="name=rootless" in options,
        address=address.replace("tcp://", "https://") if uses_tls else address,
        context=_context_name(context),
    )


def _context_name(context: str | None) -> str:
    if context is not None:
        return context
    if os.environ.get("DOCKER_HOST"):
        return ""
    from docker.context import ContextAPI

    try:
        chosen = ContextAPI.get_current_context()
    except Exception:  # noqa: BLE001 - the SDK raises bare exceptions here
        return "default"
    return str(chosen.name) if chosen is not None else "default"
