"""The node image: named after its content, built with progress, carried in a file.

The name's tag is a digest of what goes into the image, so an image of another hatlab is never used.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker import prune
from hatlab.engine.docker.connection import told_plainly
from hatlab.errors import EngineError, ImageMissing, UserError
from hatlab.util.files import shipped_folder

if TYPE_CHECKING:
    from docker import DockerClient

Report = Callable[[str], None]
"""Takes one line of progress."""

REPOSITORY = "hatlab-node"
BASE = "debian:sid"
BOOTSTRAPPED = "hatlab-base:sid"
_COPY = re.compile(r"^COPY\s+(?!.*--from=)(?:--\S+\s+)*(.+)\s\S+\s*$", re.MULTILINE)
_STEP = re.compile(r"Step (\d+)/(\d+) : (.+)", re.DOTALL)
_NOISE = ("--->", "Removing intermediate container", "Successfully ")
_HOUR = 3600


@cache
def context() -> dict[str, bytes]:
    """The files that go into the image, by name: the Dockerfile and what its COPY lines name."""
    folder = shipped_folder("compose")
    dockerfile = (folder / "Dockerfile").read_bytes()
    named = {name for found in _COPY.findall(dockerfile.decode()) for name in found.split()}
    files = sorted(name for each in named for name in _files(folder, each))
    return {"Dockerfile": dockerfile, **{name: (folder / name).read_bytes() for name in files}}


def _files(folder: Path, name: str) -> list[str]:
    """A file, or all files below a folder but those that Python made of others."""
    if not (folder / name).is_dir():
        return [name]
    found = (path.relative_to(folder) for path in (folder / name).rglob("*") if path.is_file())
    return [path.as_posix() for path in found if "__pycache__" not in path.parts]


def tag() -> str:
    """`hatlab-node:` and twelve hex digits of the content's SHA-256."""
    digest = hashlib.sha256()
    for name, data in context().items():
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return f"{REPOSITORY}:{digest.hexdigest()[:12]}"


def present(client: DockerClient) -> bool:
    """Whether the engine has exactly this hatlab's node image."""
    return _has(client, tag())


def chosen(client: DockerClient) -> str:
    """The name of the image that nodes are made from; HATLAB_IMAGE overrides this hatlab's own.

    Raises:
        ImageMissing: the engine has not got it.
    """
    own = os.environ.get("HATLAB_IMAGE")
    if own and not _has(client, own):
        raise ImageMissing(f"there is no image {own} (HATLAB_IMAGE)", "unset HATLAB_IMAGE")
    if not own and not present(client):
        raise ImageMissing("the node image is not on this Docker engine", "hatlab image build")
    return own or tag()


def _has(client: DockerClient, name: str) -> bool:
    from docker.errors import ImageNotFound

    api: Any = client.api
    with told_plainly("cannot look for the node image"):
        try:
            api.inspect_image(name)
        except ImageNotFound:
            return False
    return True


def build(client: DockerClient, report: Report, *, base: str | None = None, bootstrap: bool = False) -> str:
    """Builds the node image and returns its name.

    Args:
        client: the engine to build on.
        report: told each step and each line that it prints.
        base: image to build on; None takes debian:sid.
        bootstrap: make the base image on this machine with debootstrap, where no registry can be reached.

    Raises:
        EngineError: the base image cannot be had, or a step failed; the hint says how to mend it.
    """
    if bootstrap and not (base and _has(client, base)):
        from hatlab.engine.docker.bootstrap import make_base

        base = BOOTSTRAPPED
        if _has(client, base):
            report(f"base image {base}: made earlier")
        else:
            make_base(client, base, report)
    base = _base(client, base, report)
    report(f"building {tag()} on {base}")
    with told_plainly("cannot build the node image"):
        # The default bridge may have no way out where a lab runs; the machine's own network has it.
        lines = client.api.build(
            fileobj=_archive(context()),
            custom_context=True,
            tag=tag(),
            buildargs={"BASE": base},
            network_mode="host",
            labels={prune.IMAGE: tag()},
            rm=True,
            forcerm=True,
            decode=True,
            timeout=_HOUR,
        )
        _follow(lines, report)
    report(f"built {tag()}")
    prune.prune(client, tag(), report)
    return tag()


def _base(client: DockerClient, base: str | None, report: Report) -> str:
    """The base image's name once the engine has it: there already, pulled, or bootstrapped earlier."""
    name = base or BASE
    if _has(client, name):
        return name
    report(f"pulling {name}")
    try:
        with told_plainly(f"cannot pull {name}"):
            repository, _, version = name.rpartition(":")
            if "/" in version or not repository:
                repository, version = name, "latest"
            _pulled(client.api.pull(repository, tag=version, stream=True, decode=True), report)
    except EngineError as error:
        if base is None and _has(client, BOOTSTRAPPED):
            report(f"{error.message}; using {BOOTSTRAPPED}, which was bootstrapped earlier")
            return BOOTSTRAPPED
        raise EngineError(
            error.message,
            "where no registry can be reached: `hatlab image build --bootstrap` makes the base image from "
            "Debian's packages, or `hatlab image load FILE` takes the node image from a file",
        ) from None
    return name


def _pulled(lines: Iterable[dict[str, Any]], report: Report) -> None:
    for line in lines:
        if "error" in line:
            raise EngineError(f"cannot pull the base image: {line['error']}")
        status = str(line.get("status", ""))
        if status and "progress" not in line and status not in ("Waiting", "Downloading", "Extracting"):
            report(f"  {line['id']}: {status}" if line.get("id") else f"  {status}")


def _follow(lines: Iterable[dict[str, Any]], report: Report) -> None:
    """Reports a build's output; raises what ended it with the step and its last words."""
    step, tail = "", ""
    for line in lines:
        text = str(line.get("stream", "")).rstrip()
        if found := _STEP.match(text):
            step = f"step {found[1]}/{found[2]}"
            report(f"{step}  {' '.join(found[3].split())[:90]}")
        elif text.strip():
            for part in text.splitlines():
                if part.strip() and not part.strip().startswith(_NOISE):
                    tail = part.strip()
                    report(f"  {part}")
        if "error" in line:
            words = " ".join(str(line["error"]).split())[:200]
            raise EngineError(
                f"the node image could not be built: {step} failed: {words}", _cure(f"{tail} {words}")
            )


def _cure(text: str) -> str:
    lower = text.lower()
    if "no space left" in lower:
        return "free some disk space where Docker keeps its data (`docker system df` shows what takes it)"
    if any(
        word in lower
        for word in ("could not resolve", "unable to fetch", "failed to fetch", "connect", "unable to locate")
    ):
        return "the build needs a Debian mirror: is the network up? or `hatlab image load FILE`"
    return "the lines above say why"


def _archive(files: dict[str, bytes]) -> io.BytesIO:
    """A build context: the same bytes for the same content."""
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


def save(client: DockerClient, path: Path, report: Report) -> None:
    """Writes the node image to a file, compressed if its name ends in `.gz`; whole or not at all.

    Raises:
        EngineError: the image is not there.
        UserError: the file cannot be written.
    """
    from hatlab.engine.docker.image_archive import write_image

    with told_plainly("cannot save the node image"):
        image = client.images.get(tag())
        size = int(image.attrs["Size"])
        write_image(image.save(named=tag()), size, path, report)
    report(f"saved {tag()} to {path} ({path.stat().st_size / 1e6:.0f} MB)")


def load(client: DockerClient, path: Path, report: Report) -> None:
    """Puts the node image from a file that `save` wrote onto the engine.

    Raises:
        UserError: no such file, or it holds no node image of this hatlab.
        EngineError: the engine did not take it.
    """
    from hatlab.engine.docker.image_archive import image_names, read_image

    names = image_names(path)
    if tag() not in names:
        others = ", ".join(n for n in names if n.startswith(f"{REPOSITORY}:"))
        if others:
            raise UserError(
                f"{path} holds {others}, this hatlab needs {tag()}",
                "save it again with the same version of hatlab",
            )
        raise UserError(f"{path} holds no node image of hatlab", "`hatlab image save FILE` writes one")
    api: Any = client.api
    with told_plainly("cannot load the node image"), read_image(path, report) as stream:
        for line in api.load_image(stream):
            if "error" in line:
                raise EngineError(
                    f"the engine did not take the image: {line['error']}", _cure(str(line["error"]))
                )
    report(f"loaded {tag()}")
