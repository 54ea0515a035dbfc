"""Builds the node image, and other images of hatlab, on a base image that is pulled or made here."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.connection import plain_errors
from hatlab.engine.docker.image import debootstrap
from hatlab.engine.docker.image.name import BOOTSTRAPPED, build_context, has_image, image_name
from hatlab.engine.docker.image.progress import Report
from hatlab.engine.docker.image.prune import IMAGE_LABEL, prune_images
from hatlab.errors import EngineError
from hatlab.util.work import OnWork, Work, ignore_work

if TYPE_CHECKING:
    from docker import DockerClient

BASE = "debian:sid"
_STEP = re.compile(r"Step (\d+)/(\d+) : (.+)", re.DOTALL)
_NOISE = ("--->", "Removing intermediate container", "Successfully ")
_NO_MIRROR = ("could not resolve", "unable to fetch", "failed to fetch", "connect", "unable to locate")
_HOUR = 3600


def build_image(
    client: DockerClient,
    report: Report,
    *,
    base: str | None = None,
    bootstrap: bool = False,
    on_work: OnWork = ignore_work,
) -> str:
    """Build the node image and return its name.

    Args:
        client: the engine to build on.
        report: takes each step and each line that it prints.
        base: image to build on; None means debian:sid.
        bootstrap: make the base image on this machine with debootstrap, where no registry can be reached.
        on_work: hears how far it is: bytes of a base image that is pulled, then steps of the build.

    Raises:
        EngineError: there is no base image, or a step failed; the hint says what helps.
    """
    name = image_name()
    if bootstrap and not (base and has_image(client, base)):
        base = BOOTSTRAPPED
        if has_image(client, base):
            report(f"using the base image {base}, made earlier")
        else:
            debootstrap.make_base_image(client, base, report)
    base = ensure_base(client, base, report, on_work)
    build_from(client, name, build_context(), base, report, on_work, label=IMAGE_LABEL)
    with plain_errors("cannot remove images of earlier versions"):
        prune_images(client, name, report)
    return name


def build_from(
    client: DockerClient,
    name: str,
    files: Mapping[str, bytes],
    base: str,
    report: Report,
    on_work: OnWork,
    *,
    label: str,
) -> None:
    """Build an image from files, the Dockerfile among them.

    Args:
        client: the engine to build on.
        name: what the image is called.
        files: the build's context, by name.
        base: the image to build on, which the engine has.
        report: takes each step and each line that it prints.
        on_work: hears how far it is.
        label: the image's label that carries its name.

    Raises:
        EngineError: a step failed; the hint says what helps.
    """
    report(f"building {name} on {base}")
    with plain_errors(f"cannot build {name}"):
        # The default bridge may have no way out where a lab runs; the machine's own network has it.
        lines = client.api.build(
            fileobj=_pack(files),
            custom_context=True,
            tag=name,
            buildargs={"BASE": base},
            network_mode="host",
            labels={label: name},
            rm=True,
            forcerm=True,
            decode=True,
            timeout=_HOUR,
        )
        _report_build(lines, name, report, on_work)
    report(f"built {name}")


def ensure_base(
    client: DockerClient, base: str | None, report: Report, on_work: OnWork, default: str = ""
) -> str:
    """Return the name of a base image that the engine has: there already, pulled, or bootstrapped earlier.

    Raises:
        EngineError: it cannot be had; the hint says what helps.
    """
    name = base or default or BASE
    if has_image(client, name):
        return name
    report(f"pulling {name}")
    try:
        with plain_errors(f"cannot pull {name}"):
            repository, _, version = name.rpartition(":")
            if "/" in version or not repository:
                repository, version = name, "latest"
            lines = client.api.pull(repository, tag=version, stream=True, decode=True)
            _report_pull(lines, report, on_work, name)
    except EngineError as error:
        if base is None and has_image(client, BOOTSTRAPPED):
            report(f"{error.message}; using {BOOTSTRAPPED}, which was bootstrapped earlier")
            return BOOTSTRAPPED
        raise EngineError(
            error.message,
            "if no registry can be reached, `hatlab image build --bootstrap` makes the base image "
            "from Debian's "
            "packages, and `hatlab image load FILE` loads the node image from a file",
        ) from None
    return name


def _report_pull(lines: Iterable[dict[str, Any]], report: Report, on_work: OnWork, name: str) -> None:
    layers: dict[str, tuple[int, int]] = {}
    for line in lines:
        detail = line.get("progressDetail") or {}
        if line.get("status") == "Downloading" and detail.get("total"):
            layers[str(line.get("id"))] = (int(detail.get("current", 0)), int(detail["total"]))
            done, total = (sum(numbers) for numbers in zip(*layers.values(), strict=True))
            on_work(Work(f"pulling {name}", done, total, "bytes"))
        if "error" in line:
            raise EngineError(f"cannot pull the base image: {line['error']}")
        status = str(line.get("status", ""))
        if status and "progress" not in line and status not in ("Waiting", "Downloading", "Extracting"):
            report(f"  {line['id']}: {status}" if line.get("id") else f"  {status}")


def _report_build(lines: Iterable[dict[str, Any]], name: str, report: Report, on_work: OnWork) -> None:
    """Report a build's output; an error is raised with the step and its last line."""
    step, last_line = "", ""
    for line in lines:
        text = str(line.get("stream", "")).rstrip()
        if match := _STEP.match(text):
            step = f"step {match[1]}/{match[2]}"
            on_work(Work(" ".join(match[3].split())[:60], int(match[1]) - 1, int(match[2])))
            report(f"{step}  {' '.join(match[3].split())[:90]}")
        elif text.strip():
            for part in text.splitlines():
                if part.strip() and not part.strip().startswith(_NOISE):
                    last_line = part.strip()
                    report(f"  {part}")
        if "error" in line:
            words = " ".join(str(line["error"]).split())[:200]
            raise EngineError(
                f"{name} could not be built: {step} failed: {words}", advice(f"{last_line} {words}")
            )


def advice(text: str) -> str:
    """Return what helps against an error of the Docker engine."""
    lower = text.lower()
    if "no space left" in lower:
        return "free some disk space where Docker keeps its data (`docker system df` shows what takes it)"
    if any(sign in lower for sign in _NO_MIRROR):
        return "the build needs a Debian mirror: check the network, or use `hatlab image load FILE`"
    return "the lines above say why"


def _pack(files: Mapping[str, bytes]) -> io.BytesIO:
    """Pack a build context: the same bytes for the same content."""
    raw = io.BytesIO()
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents} - {"."}
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name in sorted(folders):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    raw.seek(0)
    return raw
