"""An image in a file: written whole or not at all, looked into before it is sent to an engine."""

from __future__ import annotations

import errno
import gzip
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from hatlab.errors import UserError

_EVERY = 0.05
"""Share of the whole between two reports of progress."""
_MANIFEST_LIMIT = 1_000_000


def write_image(chunks: Iterable[bytes], size: int, path: Path, report: Callable[[str], None]) -> None:
    """Writes an image's tar to `path`, gzipped if that ends in `.gz`. `size` is its size in bytes, roughly.

    Raises:
        UserError: the file cannot be written; nothing of it is left.
    """
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is no ordinary file", "give the name of a file to write")
    progress = _Progress("saved", size, report)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".hatlab-", dir=path.parent)
        with os.fdopen(handle, "wb") as raw:
            out = cast("IO[bytes]", gzip.GzipFile("", "wb", 1, raw, 0)) if path.suffix == ".gz" else raw
            for chunk in chunks:
                out.write(chunk)
                progress.add(len(chunk))
            out.close() if out is not raw else None
            raw.flush()
            os.fsync(raw.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _unwritable(path: Path, error: OSError) -> UserError:
    hint = "give a file in a folder that you may write to"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "the image needs about 500 MB; free some space, or give a name that ends in .gz"
    return UserError(f"cannot write {path}: {error.strerror or error}", hint)


def image_names(path: Path) -> list[str]:
    """Names of the images in a file that `hatlab image save` wrote; empty if it is no such file.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with tarfile.open(path) as tar:
            for entry in tar:
                if entry.name == "manifest.json" and entry.size < _MANIFEST_LIMIT:
                    found = tar.extractfile(entry)
                    return _tags(json.load(found)) if found else []
    except OSError as error:
        if error.errno is None:  # gzip's own: not a gzip file, or cut short
            return []
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except (tarfile.TarError, EOFError, zlib.error, ValueError):
        return []
    return []


def _tags(manifest: Any) -> list[str]:
    entries = manifest if isinstance(manifest, list) else []
    tags = (entry.get("RepoTags") for entry in entries if isinstance(entry, dict))
    return [str(name) for names in tags if isinstance(names, list) for name in names]


@contextmanager
def read_image(path: Path, report: Callable[[str], None]) -> Iterator[Any]:
    """The file's bytes in chunks, with progress; an engine takes gzip as it is."""
    progress = _Progress("sent", path.stat().st_size, report)

    def chunks(raw: IO[bytes]) -> Iterator[bytes]:
        while chunk := raw.read(1 << 20):
            yield chunk
            progress.add(len(chunk))

    with path.open("rb") as raw:
        yield chunks(raw)


class _Progress:
    """Reports each twentieth part of a whole."""

    def __init__(self, verb: str, size: int, report: Callable[[str], None]) -> None:
        self._verb, self._size, self._report = verb, max(1, size), report
        self._done, self._told = 0, 0.0

    def add(self, count: int) -> None:
        self._done += count
        share = min(1.0, self._done / self._size)
        if share >= self._told + _EVERY or (share == 1.0 > self._told):
            self._told = share
            self._report(f"  {self._verb} {self._done / 1e6:.0f} MB of about {self._size / 1e6:.0f} MB")
