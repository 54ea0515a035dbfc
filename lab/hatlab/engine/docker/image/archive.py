"""Carries the node image in a file: saved whole or not at all, checked before it is sent to an engine."""

from __future__ import annotations

import errno
import gzip
import json
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from hatlab.engine.docker.connection import plain_errors
from hatlab.engine.docker.image.build import advice
from hatlab.engine.docker.image.name import REPOSITORY, image_name
from hatlab.engine.docker.image.progress import ByteProgress, Report
from hatlab.errors import EngineError, UserError
from hatlab.util.files import open_input, replacing
from hatlab.util.work import OnWork, ignore_work

if TYPE_CHECKING:
    from docker import DockerClient

_MANIFEST_LIMIT = 1_000_000
"""Bytes of a manifest that are read at most."""


def save_image(client: DockerClient, path: Path, report: Report, on_work: OnWork = ignore_work) -> None:
    """Write the node image to a file, compressed if its name ends in `.gz`; whole or not at all.

    Raises:
        EngineError: the image is not there.
        UserError: the file cannot be written.
    """
    name = image_name()
    with plain_errors("cannot save the node image"):
        image = client.images.get(name)
        write_archive(image.save(named=name), int(image.attrs["Size"]), path, on_work)
    report(f"saved {name} to {path} ({path.stat().st_size / 1e6:.0f} MB)")


def load_image(client: DockerClient, path: Path, report: Report, on_work: OnWork = ignore_work) -> None:
    """Put the node image from a file that `save_image` wrote onto the engine.

    Raises:
        UserError: no such file, or it holds no node image of this hatlab.
        EngineError: the engine did not take it.
    """
    name, names = image_name(), read_image_names(path)
    if name not in names:
        others = ", ".join(other for other in names if other.startswith(f"{REPOSITORY}:"))
        if others:
            raise UserError(
                f"{path} contains {others}, but this hatlab needs {name}",
                "save it again with the same version of hatlab",
            )
        raise UserError(
            f"{path} does not contain a node image of hatlab", "`hatlab image save FILE` writes one"
        )
    api: Any = client.api
    with plain_errors("cannot load the node image"), open_archive(path, on_work) as stream:
        for line in api.load_image(stream):
            if "error" in line:
                raise EngineError(
                    f"the engine did not accept the image: {line['error']}", advice(str(line["error"]))
                )
    report(f"loaded {name}")


def write_archive(chunks: Iterable[bytes], size: int, path: Path, on_work: OnWork = ignore_work) -> None:
    """Write an image's tar to `path`, gzipped if that ends in `.gz`.

    Args:
        size: of the whole in bytes, roughly.

    Raises:
        UserError: the file cannot be written; nothing of it is left.
    """
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not an ordinary file", "name a file to write")
    progress = ByteProgress(f"saving {path}", size, on_work)
    try:
        with replacing(path) as raw:
            out = cast("IO[bytes]", gzip.GzipFile("", "wb", 1, raw, 0)) if path.suffix == ".gz" else raw
            for chunk in chunks:
                out.write(chunk)
                progress.add(len(chunk))
            out.close() if out is not raw else None
            raw.flush()
            os.fsync(raw.fileno())
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> UserError:
    hint = "name a file in a folder where you may write"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "the image needs about 500 MB; free some space, or choose a name that ends in .gz"
    return UserError(f"cannot write {path}: {error.strerror or error}", hint)


def read_image_names(path: Path) -> list[str]:
    """Return the names of the images in a file that `hatlab image save` wrote; empty if it is no such file.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with open_input(path) as raw:
            is_gzip = raw.read(2) == b"\x1f\x8b"  # other compressions hatlab does not write
            raw.seek(0)
            with tarfile.open(fileobj=raw, mode="r:gz" if is_gzip else "r:") as tar:
                for entry in tar:
                    if entry.name == "manifest.json" and entry.size < _MANIFEST_LIMIT:
                        manifest = tar.extractfile(entry)
                        return _tags(json.loads(manifest.read(_MANIFEST_LIMIT))) if manifest else []
    except OSError as error:
        if error.errno is None:  # gzip's own: not a gzip file, or cut short
            return []
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except (tarfile.TarError, EOFError, zlib.error, ValueError, RecursionError):
        return []
    return []


def _tags(manifest: Any) -> list[str]:
    entries = manifest if isinstance(manifest, list) else []
    tags = (entry.get("RepoTags") for entry in entries if isinstance(entry, dict))
    return [str(name) for names in tags if isinstance(names, list) for name in names]


@contextmanager
def open_archive(path: Path, on_work: OnWork = ignore_work) -> Iterator[Iterator[bytes]]:
    """Give the file's bytes in chunks, with progress; a Docker engine takes gzip as it is."""
    progress = ByteProgress(f"loading {path}", path.stat().st_size, on_work)

    def chunks(raw: IO[bytes]) -> Iterator[bytes]:
        while chunk := raw.read(1 << 20):
            yield chunk
            progress.add(len(chunk))

    with open_input(path) as raw:
        yield chunks(raw)
