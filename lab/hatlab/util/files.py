"""Finds the files that ship with hatlab, and reads files of a person's.

`topologies/`, `lessons/`, `compose/` and `docs/` stand beside the package in a checkout and inside it in a
wheel (of docs/ only what the program reads); `shipped_folder` is the only code that knows which.
"""

from __future__ import annotations

from pathlib import Path

from hatlab.errors import UserError

MOST_BYTES = 1_000_000
"""The size up to which a person's file is read."""


def shipped_folder(folder: str) -> Path:
    """The folder `topologies`, `lessons`, `compose` or `docs` of this hatlab.

    Raises:
        UserError: this hatlab has been installed without it.
    """
    package = Path(__file__).parents[1]
    checkout, installed = package.parents[1], package / "_shipped"
    if (checkout / "pyproject.toml").is_file() and (checkout / folder).is_dir():
        return checkout / folder
    if (installed / folder).is_dir():
        return installed / folder
    raise UserError(f"this hatlab has no {folder}/", "install it again: pipx reinstall hatlab")


def read_bytes(path: Path, limit: int = MOST_BYTES) -> bytes:
    """Read a file, up to one byte more than `limit`: enough to see that it is too large.

    Raises:
        UserError: it cannot be read, or is no ordinary file.
    """
    try:
        if not path.is_file():  # a pipe or device could block, or never end
            raise UserError(f"{path} is not a file" if path.exists() else f"there is no file {path}")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
