"""Holds what a node writes on the engine's disk within a limit.

Only some engines can limit a container's disk themselves (btrfs, zfs, overlay2 on XFS with project quotas).
Everywhere a node's size is looked at now and then, too, and a node that has grown too large loses its
container, and with it its files. One that writes fast exceeds the limit by what it writes meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.labels import LAB

if TYPE_CHECKING:
    from docker import DockerClient

MOST_OF_A_NODE = 4 * 2**30
"""Bytes that all files of a node together may take, beside those of its image."""
LOOK_EVERY = 10.0
"""Seconds between two looks."""
_DRIVERS_WITH_QUOTAS = ("btrfs", "zfs")
_SAYS_IT_HAS_NONE = ("storage-opt", "storage opt", "pquota", "quota")


def disk_quota(info: Mapping[str, Any]) -> dict[str, str]:
    """Return the `StorageOpt` of a container by which the engine itself limits its disk; empty if it cannot.

    Args:
        info: what the engine tells of itself.
    """
    status = {str(pair[0]): str(pair[1]) for pair in info.get("DriverStatus") or () if len(pair) == 2}
    driver = str(info.get("Driver", ""))
    on_xfs = driver.startswith("overlay") and status.get("Backing Filesystem") == "xfs"
    return {"size": str(MOST_OF_A_NODE)} if on_xfs or driver in _DRIVERS_WITH_QUOTAS else {}


def has_no_quotas(error: Exception) -> bool:
    """True if an engine refused a container because its disk has no quotas after all."""
    return any(word in str(error).lower() for word in _SAYS_IT_HAS_NONE)


def sizes_on_disk(client: DockerClient, lab: str) -> dict[str, int]:
    """Return container id → bytes that it has written, for all containers of a lab."""
    found = client.api.containers(all=True, size=True, filters={"label": f"{LAB}={lab}"})
    return {str(each["Id"]): int(each.get("SizeRw") or 0) for each in found}


def describe_excess(size: int) -> str:
    """Return why a node is off that has written so many bytes."""
    return (
        f"its files took {size / 2**30:.1f} GiB, and a node may write {MOST_OF_A_NODE / 2**30:g} GiB; "
        "they are gone, and power on makes it afresh"
    )
