"""A file on a node's disk, and where a lab may write one."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def text_to_file(value: Any) -> Any:
    """Take a bare text in a mapping's values for `{content: text}`."""
    if isinstance(value, dict):
        return {k: {"content": v} if isinstance(v, str) else v for k, v in value.items()}
    return value


NOT_WRITABLE = (
    *("/proc", "/sys", "/dev", "/boot", "/run", "/var/run", "/lib", "/lib64", "/usr/lib", "/usr/lib64"),
    *("/usr/local/lib/hatlab", "/etc/mysql", "/var/lib/mysql", "/etc/ld.so.preload"),
    "/etc/keepalived/keepalived.conf",
)
"""What a node lives on, and all below it: the kernel's, the agent's, mysqld's; `conf` is for the last."""
MOST_FILES = 32
MOST_FILE_BYTES = 65_536
"""Of all files of a node together, so that they fit into a container's environment."""
_PATH = re.compile(r"(?:/[A-Za-z0-9._@%+=:, ~-]+)+", re.A)


def writable_path(path: str) -> str:
    """The path of a file that a lab may write.

    Raises:
        ValueError: it is none, with the reason.
    """
    if len(path) > 200 or not _PATH.fullmatch(path) or not {"", ".", ".."}.isdisjoint(path.split("/")[1:]):
        raise ValueError("a file's path must be absolute, without `..`, and at most 200 characters long")
    for place in NOT_WRITABLE:
        if path == place or path.startswith(place + "/"):
            instead = "; use `conf` for it" if path.endswith("keepalived.conf") else ""
            raise ValueError(f"a lab does not write to {place}{instead}")
    return path


FilePath = Annotated[str, AfterValidator(writable_path)]
"""Where a file of a node stands: absolute, and nothing that the node itself lives on."""


def _quoted_mode(value: Any) -> Any:
    if isinstance(value, int):  # YAML reads 0755 as 493
        raise ValueError('write permissions in quotes: "0755"')
    return value


class NodeFile(BaseModel):
    """A file on a node's disk, owned by root: a script that its keepalived.conf names, or what that reads.

    `NETWORK.OCTET` in its content stands for an address and `@NETWORK@` for an interface.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: Annotated[str, Field(max_length=MOST_FILE_BYTES, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$")]
    """Its text, byte for byte; a script begins with `#!`."""
    mode: Annotated[str, BeforeValidator(_quoted_mode), Field(pattern=r"^0?[0-7]{3}$")] | None = None
    """Its permissions in octal digits, in quotes. If not given, "0755" for a script and "0644" for others."""

    @property
    def permissions(self) -> int:
        """Its permission bits."""
        return int(self.mode, 8) if self.mode else 0o755 if self.content.startswith("#!") else 0o644
