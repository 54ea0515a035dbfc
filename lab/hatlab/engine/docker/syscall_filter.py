"""The filter of system calls that a node's container gets where the engine's own lets too much through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatlab.util.files import read_bytes

_PROFILE = Path(__file__).with_name("seccomp.json")
"""Docker's own (moby/profiles, seccomp/default.json at cd3bed80, Apache License 2.0)."""
_FIRST_WITHOUT_VSOCK = 23


def syscall_filter(version: Mapping[str, Any], info: Mapping[str, Any]) -> list[str]:
    """Return the security option for engines before Docker 23; empty for others.

    Their own filter lets a container open a socket of AF_VSOCK, which no network namespace confines: it
    reaches the hypervisor of the machine, and what listens so on the machine itself.

    Args:
        version: what the engine says of its version.
        info: what it tells of itself.
    """
    major = str(version["Version"]).partition(".")[0]
    if not major.isdecimal() or int(major) >= _FIRST_WITHOUT_VSOCK or is_podman(version):
        return []
    if "name=seccomp" not in " ".join(info.get("SecurityOptions") or ()):
        return []
    return [f"seccomp={json.dumps(json.loads(read_bytes(_PROFILE)))}"]


def is_podman(version: Mapping[str, Any]) -> bool:
    """True if what an engine says of its version is Podman's."""
    return "podman" in str(version.get("Components", "")).lower()
