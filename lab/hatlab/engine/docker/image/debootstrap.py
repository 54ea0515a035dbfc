"""Makes a base image without a registry: Debian sid by debootstrap, from this machine's own apt mirror."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.engine.docker.connection import plain_errors
from hatlab.engine.docker.image.progress import Report
from hatlab.errors import EngineError, UserError
from hatlab.util.files import read_bytes

if TYPE_CHECKING:
    from docker import DockerClient

SUITE = "sid"
_APT = Path("/etc/apt")
_ONE_LINE = re.compile(r"^\s*deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+\S+")


def find_mirrors(apt: Path = _APT) -> list[str]:
    """Return the Debian mirrors in this machine's apt settings: sources.list, then sources.list.d."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    uris = (uri for file in files for uri in _uris(file))
    return list(dict.fromkeys(uri.rstrip("/") for uri in uris if _is_debian(uri)))


def _uris(file: Path) -> Iterator[str]:
    try:
        text = read_bytes(file).decode("utf-8", "replace")
    except UserError:
        return
    if file.suffix == ".list":
        for line in text.splitlines():
            if match := _ONE_LINE.match(line):
                yield match["uri"]
    elif file.suffix == ".sources":
        for stanza in re.split(r"\n\s*\n", text):
            yield from _stanza_uris(stanza)


def _stanza_uris(text: str) -> Iterator[str]:
    """Yield the URIs of one deb822 stanza, if it is enabled and of type deb."""
    fields: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in (" ", "\t"):
            fields[key] = f"{fields.get(key, '')} {line.strip()}"
        elif ":" in line:
            key, _, value = line.partition(":")
            key = key.strip().lower()
            fields[key] = value.strip()
    if (
        fields.get("enabled", "yes").lower() not in ("no", "false", "off", "0")
        and "deb" in fields.get("types", "").split()
    ):
        yield from fields.get("uris", "").split()


def _is_debian(uri: str) -> bool:
    """True for a whole Debian archive: not security, not another distribution's or vendor's."""
    return re.match(r"(https?|ftp|file):", uri) is not None and re.search(r"/debian/?$", uri) is not None


def make_base_image(client: DockerClient, name: str, report: Report) -> None:
    """Make Debian sid in a temporary folder and import it as `name`.

    Raises:
        EngineError: not root, no debootstrap, no mirror, or it failed; the hint says what helps.
    """
    _check_tools()
    mirror = next(iter(find_mirrors()), None)
    if mirror is None:
        raise EngineError(
            "this machine's apt settings name no Debian mirror to bootstrap from",
            "build on a Debian machine and move the image: hatlab image save, hatlab image load",
        )
    report(f"bootstrapping Debian {SUITE} from {mirror}")
    with tempfile.TemporaryDirectory(prefix="hatlab-base-") as folder:
        root = Path(folder, "root")
        command = ["debootstrap", "--variant=minbase"]
        if mirror.startswith("https:"):
            command.append("--include=ca-certificates")
        _run([*command, SUITE, str(root), mirror], report)
        for leftover in (root / "var/cache/apt/archives").glob("*.deb"):
            leftover.unlink()
        report(f"importing {name}")
        _import(client, root, name)


def _check_tools() -> None:
    if shutil.which("debootstrap", path=_search_path()) is None:
        raise EngineError(
            "debootstrap is not installed on this machine",
            "install it (sudo apt install debootstrap), or build where a registry can be reached",
        )
    if os.geteuid() != 0:
        raise EngineError(
            "debootstrap needs root to make a Debian system in a folder",
            "run this one command as root: sudo hatlab image build --bootstrap",
        )


def _search_path() -> str:
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


def _run(command: list[str], report: Report) -> None:
    environment = {**os.environ, "PATH": _search_path(), "LC_ALL": "C"}
    tail: deque[str] = deque(maxlen=3)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    ) as process:
        for line in map(str.rstrip, process.stdout or ()):
            if line:
                tail.append(line)
                report(f"  {line}")
    if process.returncode:
        words = " / ".join(tail) or f"exit code {process.returncode}"
        raise EngineError(
            f"debootstrap failed: {words[:300]}",
            "check that the mirror answers and that the disk is not full",
        )


def _import(client: DockerClient, root: Path, name: str) -> None:
    repository, _, version = name.partition(":")
    with (
        subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as tar,
        plain_errors("cannot import the base image"),
    ):
        answer = client.api.import_image(src=tar.stdout, repository=repository, tag=version, stream_src=True)
    if tar.returncode or '"error"' in str(answer):
        raise EngineError("the base image could not be packed and imported", "check that no disk is full")
